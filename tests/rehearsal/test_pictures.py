"""Pictures with pixels, drawn by code: valid files, other ones each time, fingerprinted as any picture."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from PIL import Image

from rempart.desk.registers.bank import alarms
from rempart.desk.rehearsal.pictures import ABOUT, FRAMES, GOOD, KNOWN, SIZE, make_well_known, new_picture, sent_file
from rempart.desk.rules.protection import MOST_PDQS, Kind
from rempart.engine import Pdq, fingerprint_file


def test_the_picture_for_the_visitor_is_a_file_and_never_the_same(tmp_path: Path) -> None:
    drawn = [new_picture() for _ in range(5)]
    found = []
    for one in drawn:
        image = Image.open(io.BytesIO(one.content))
        image.verify()
        assert (image.format, image.size) == ("PNG", SIZE)
        assert image.info["Description"] == ABOUT
        path = tmp_path / f"{one.number}.png"
        path.write_bytes(one.content)
        found.append(pdq_of(path))
    assert len({one.content for one in drawn}) == 5
    pairs = [(one, other) for at, one in enumerate(found) for other in found[:at]]
    assert min(one.distance(other) for one, other in pairs) > 60


def pdq_of(path: Path) -> Pdq:
    whole = fingerprint_file(path).pdqs[0]
    assert whole.quality >= GOOD
    return whole.pdq


def test_the_same_word_is_the_same_picture() -> None:
    assert sent_file("quay") == sent_file("quay") != sent_file("pier")
    assert len(sent_file("quay").pdqs) <= MOST_PDQS
    film = sent_file("film-1")
    assert (film.kind, len(film.pdqs)) == (Kind.VIDEO, FRAMES)


@pytest.mark.parametrize(
    ("word", "doubt"),
    [
        ("quay", None),
        ("film-1", None),
        ("stripes", alarms.DEGENERATE),
        ("nothing", alarms.NOTHING_TO_SEE),
        *((word, alarms.WELL_KNOWN) for word in KNOWN),
    ],
)
def test_what_makes_the_bank_doubt(word: str, doubt: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "REMPART_WELL_KNOWN", tmp_path / "known")
    make_well_known(tmp_path / "known")
    assert alarms.doubt_about(sent_file(word)) == doubt

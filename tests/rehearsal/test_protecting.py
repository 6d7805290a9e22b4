"""The second story of the tour: a drawing to save, as it is and changed, and codes to try."""

from __future__ import annotations

import io
import urllib.request

import numpy as np
import pytest
from PIL import Image

from rempart.desk.rehearsal.copies import Change, file_of
from rempart.desk.rehearsal.photos import DRAWN
from rempart.desk.rehearsal.pictures import new_picture, sent_file
from rempart.desk.rehearsal.protected import MATCHED, RENEWAL, code_of
from rempart.engine import bank_views, fingerprint_file, query_views
from rempart.engine.index.interface import USUAL_RADIUS
from tests.rehearsal.conftest import Invented


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def distance(listed: bytes, posted: bytes) -> int:
    """In bits, from the nearest view of what is posted to the nearest of what is listed."""
    asked, known = query_views(pixels(posted)).hashes, bank_views(pixels(listed)).hashes
    return int(np.bitwise_count(asked[:, None] ^ known[None]).sum(axis=2).min())


@pytest.mark.parametrize("change", [one for one in Change if one is not Change.SAME])
def test_every_changed_copy_is_recognised_and_the_other_picture_is_not(change: Change) -> None:
    drawn = new_picture()
    file = file_of(drawn.number, change)
    assert file.content != drawn.content
    assert (distance(drawn.content, file.content) <= USUAL_RADIUS) == (change is not Change.OTHER)
    assert file_of(drawn.number, change) == file


def test_the_same_file_is_the_saved_one_byte_for_byte() -> None:
    drawn = new_picture()
    assert file_of(drawn.number, Change.SAME).content == drawn.content


def test_copies_are_of_the_drawing_saved_last(invented: Invented) -> None:
    answer, _ = invented.ask("127.0.0.1", "/copy/mirrored", "fr")
    assert (answer.status, answer.headers["Location"]) == (303, "/fr/protect/")
    base = f"http://127.0.0.1:{invented.config.rehearsal_port}"
    urllib.request.urlopen(f"{base}/picture.png", timeout=10).close()
    with urllib.request.urlopen(f"{base}/copy/mirrored", timeout=10) as answer:
        assert answer.headers["Content-Disposition"].endswith('-mirrored.jpg"')
        assert answer.read() == file_of(int(invented.world.note(DRAWN)), Change.MIRRORED).content
    assert invented.ask("127.0.0.1", "/copy/burnt")[0].status == 303


def test_each_saved_drawing_is_another_file(invented: Invented) -> None:
    address = f"http://127.0.0.1:{invented.config.rehearsal_port}/picture.png"
    files = []
    for _ in range(2):
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.headers["Content-Type"] == "image/png"
            assert answer.headers["Content-Disposition"].startswith('attachment; filename="rehearsal-')
            files.append(answer.read())
    assert all(content.startswith(b"\x89PNG") for content in files)
    assert files[0] != files[1]


def test_the_flag_is_the_one_that_everybody_knows(invented: Invented) -> None:
    address = f"http://127.0.0.1:{invented.config.rehearsal_port}/flag.png"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert fingerprint_file(answer.read()).pdqs[0].pdq == sent_file("flag").pdqs[0].pdq


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_story_shows_the_two_codes(invented: Invented, language: str) -> None:
    page = invented.ask("127.0.0.1", f"/{language}/protect/", language)[1]
    assert str(code_of(MATCHED)) in page
    assert str(code_of(RENEWAL)) in page
    assert f'href="http://127.0.0.1:18000/{language}/image/"' in page

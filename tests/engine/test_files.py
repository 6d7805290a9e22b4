"""One call for one file: digests beside hashlib's, fingerprints beside those of the parts."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from rempart.engine.errors import UnreadablePicture
from rempart.engine.files import digest, digest_file, fingerprint_file, pdq_of_file
from rempart.engine.fingerprint import Md5, PdqFingerprint, Pipeline, Sha256
from rempart.engine.pdq import pdq, pdq_dihedral
from rempart.engine.picture import Limits, open_picture
from rempart.engine.pixels import Pixels
from tests.engine import drawn

JPEG = drawn.as_file(drawn.waves(700, 1100), "JPEG", exif=drawn.turned_by_exif(3))


def test_digests_are_those_of_the_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000  # more than one piece
    path = tmp_path / "any"
    path.write_bytes(data)
    for found in (digest(data), digest_file(path), digest_file(io.BytesIO(data))):
        assert found.sha256 == Sha256(hashlib.sha256(data).digest())
        assert found.md5 == Md5(hashlib.md5(data).digest())
        assert found.file_bytes == len(data)


def test_all_that_is_known_of_one_file() -> None:
    found = fingerprint_file(JPEG, pipelines=tuple(Pipeline))
    whole, fast = open_picture(JPEG).pixels, open_picture(JPEG, fast=True).pixels
    assert found.pdqs == (pdq(whole), pdq(whole, Pipeline.C512), pdq(fast, Pipeline.FULL_FAST))
    assert (found.format, found.width, found.height, found.was_turned, found.is_animated) == ("JPEG", 1100, 700, True, False)
    assert found.digests == digest(JPEG)
    assert "…" in repr(found)
    assert found.digests.sha256.hex() not in repr(found)


def test_a_pipeline_gives_the_same_whatever_else_is_asked() -> None:
    for pipeline in Pipeline:
        (alone,) = fingerprint_file(JPEG, pipelines=[pipeline]).pdqs
        assert alone in fingerprint_file(JPEG, pipelines=tuple(Pipeline)).pdqs
        assert alone == pdq_of_file(JPEG, pipeline)
    assert len(fingerprint_file(JPEG, pipelines=[Pipeline.FULL] * 3).pdqs) == 1


def test_eight_forms_and_views_come_after() -> None:
    def corner(pixels: Pixels) -> list[PdqFingerprint]:
        return [pdq(pixels.crop(0, 0, 300, 300))]

    found = fingerprint_file(JPEG, is_dihedral=True, views=corner).pdqs
    whole = open_picture(JPEG).pixels
    assert found == (*pdq_dihedral(whole).values(), *corner(whole))
    assert fingerprint_file(JPEG, pipelines=[], views=corner).pdqs == tuple(corner(whole))


def test_a_picture_that_cannot_be_opened_is_refused_and_can_still_be_digested() -> None:
    for broken in (b"", b"no picture", JPEG[:2000]):
        for function in (fingerprint_file, pdq_of_file):
            with pytest.raises(UnreadablePicture):
                function(broken)
        assert digest(broken).file_bytes == len(broken)
    with pytest.raises(UnreadablePicture, match="opened safely"):
        fingerprint_file(JPEG, limits=Limits(pixels=100))


def test_an_empty_list_of_pipelines_gives_digests_and_size() -> None:
    found = fingerprint_file(JPEG, pipelines=[])
    assert found.pdqs == ()
    assert found.width == 1100

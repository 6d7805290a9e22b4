"""The manifest is read as it was written, or refused with the name of its file."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.errors import IndexDamaged, IndexNotFound
from rempart.engine.index.manifest import Manifest, SegmentEntry, WithdrawnEntry, decode, read_manifest

NUMBER = st.integers(0, 2**64 - 1)
MANIFESTS = st.builds(
    Manifest,
    generation=NUMBER,
    next_number=NUMBER,
    entries=NUMBER,
    sequence=NUMBER,
    log=NUMBER,
    segments=st.lists(st.builds(SegmentEntry, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER), max_size=4).map(tuple),
    withdrawn=st.none() | st.builds(WithdrawnEntry, NUMBER, NUMBER, NUMBER, NUMBER),
)
PATH = Path("index/CURRENT")


@given(MANIFESTS)
def test_read_as_written(manifest: Manifest) -> None:
    assert decode(manifest.encode(), PATH) == manifest


@given(MANIFESTS, st.data())
def test_any_other_byte_is_refused(manifest: Manifest, data: st.DataObject) -> None:
    text = bytearray(manifest.encode())
    text[data.draw(st.integers(0, len(text) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(IndexDamaged, match="CURRENT"):
        decode(bytes(text), PATH)


@given(st.binary(max_size=300))
def test_rubbish_is_refused(text: bytes) -> None:
    for hostile in (text, text + b"check %d\n" % zlib.crc32(text)):
        with pytest.raises(IndexDamaged, match="CURRENT"):
            decode(hostile, PATH)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b"segment 1\n",
        lambda text: text.replace(b"generation 1\n", b"generation 01\n"),
        lambda text: text.replace(b"entries 3", b"entries " + b"9" * 5000),
        lambda text: text.replace(b"log", b"lag"),
        lambda text: b"\n" + text,
    ],
)
def test_what_no_manifest_says_is_refused_though_its_checksum_is_right(change: object) -> None:
    good = Manifest(1, 2, 3, 4, 5).encode().rpartition(b"check")[0]
    assert decode(good + b"check %d\n" % zlib.crc32(good), PATH)
    text = change(good)  # type: ignore[operator]
    with pytest.raises(IndexDamaged, match="CURRENT"):
        decode(text + b"check %d\n" % zlib.crc32(text), PATH)


def test_a_file_of_any_length_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "CURRENT").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(IndexDamaged, match="CURRENT"):
        read_manifest(tmp_path)


def test_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(IndexNotFound, match="no index in the folder"):
            read_manifest(folder)

"""One layout for memory and file; any damage is told in a sentence, and read as nothing."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.engine.errors import EngineError, IndexDamaged, IndexNotFound, RadiusRefused
from rempart.engine.index.layout import HEADER_SIZE, Header, Layout, Table
from rempart.engine.index.segment import PLAIN_ROWS, Segment, cores, scan
from rempart.engine.native.library import Kernel, kernels
from tests.engine.index.hashes import keys_for, planted, uniform

SOME = 300  # rows; with tables where a test says so
BANK = uniform(SOME, seed=3)
KEYS = keys_for(SOME)
every_kernel = pytest.mark.parametrize("kernel", kernels())


def written(folder: Path, *, rows: int = SOME, tables: bool | None = True) -> Path:
    path = folder / "one.segment"
    Segment.write(path, BANK[:rows], KEYS[:rows], tables=tables)
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a segment with tables."""
    return written(tmp_path_factory.mktemp("segment")).read_bytes()


@pytest.mark.parametrize("tables", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 2, SOME])
def test_what_was_written_is_read(tmp_path: Path, rows: int, tables: bool) -> None:
    path = written(tmp_path, rows=rows, tables=tables)
    segment = Segment.open(path)
    assert (len(segment), segment.has_tables, segment.nbytes) == (rows, tables, path.stat().st_size)
    np.testing.assert_array_equal(segment.hashes, BANK[:rows])
    np.testing.assert_array_equal(segment.keys, KEYS[:rows])
    segment.verify()
    for row in range(min(rows, 20)):
        assert [part.tolist() for part in segment.lookup(BANK[row], 31)] == [[row], [0]]
    assert segment.lookup(bytes(32), 31).row.tolist() == []


def test_a_small_segment_is_small_and_a_large_one_has_tables(tmp_path: Path) -> None:
    assert written(tmp_path, rows=1, tables=None).stat().st_size <= 1024
    assert not Segment.build(uniform(PLAIN_ROWS - 1), keys_for(PLAIN_ROWS - 1)).has_tables
    large = Segment.build(uniform(PLAIN_ROWS), keys_for(PLAIN_ROWS))
    assert large.has_tables
    assert large.nbytes < 168 * PLAIN_ROWS + 4_300_000


def test_a_segment_cannot_be_changed(tmp_path: Path) -> None:
    for segment in (Segment.open(written(tmp_path)), Segment.build(BANK, KEYS)):
        for array in (segment.hashes, segment.keys):
            assert not array.flags.writeable


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    assert written(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("threads", [1, 2, 5])
@every_kernel
def test_the_bytes_do_not_depend_on_who_wrote_them(tmp_path: Path, good: bytes, kernel: Kernel, threads: int) -> None:
    path = tmp_path / "other"
    Segment.write(path, BANK, KEYS, tables=True, kernel=kernel, threads=threads)
    assert path.read_bytes() == good


def test_mapped_arrays_are_written_as_others(tmp_path: Path, good: bytes) -> None:
    np.save(tmp_path / "hashes.npy", BANK)
    path = tmp_path / "other"
    Segment.write(path, np.load(tmp_path / "hashes.npy", mmap_mode="r"), KEYS, tables=True)
    assert path.read_bytes() == good


def test_progress_goes_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    Segment.write(tmp_path / "one", BANK, KEYS, tables=True, progress=progress)
    Segment.build(BANK, KEYS, tables=True, progress=progress)
    Segment.open(tmp_path / "one").verify(progress)
    ends = [number for number, (done, total) in enumerate(told) if done == total]
    assert len(ends) == 3
    assert told == sorted(told[: ends[0] + 1]) + sorted(told[ends[0] + 1 : ends[1] + 1]) + sorted(told[ends[1] + 1 :])


def test_a_file_that_was_not_finished_is_taken_away(tmp_path: Path) -> None:
    def interrupted(done: int, total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Segment.write(tmp_path / "one", BANK, KEYS, tables=True, progress=interrupted)
    assert list(tmp_path.iterdir()) == []


def test_no_segment_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match=r"^There is no segment here\.$"):
        Segment.open(tmp_path / "here")


def test_a_big_endian_processor_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    monkeypatch.setattr(sys, "byteorder", "big")
    for ask in (lambda: Segment.open(path), lambda: Segment.build(BANK, KEYS), lambda: Segment.write(path, BANK, KEYS)):
        with pytest.raises(EngineError, match="little-endian"):
            ask()


def opening(folder: Path, content: bytes) -> Segment:
    path = folder / "harmed"
    path.write_bytes(content)
    return Segment.open(path)


@settings(max_examples=150)
@given(place=st.integers(0, HEADER_SIZE - 1), harm=st.integers(1, 255))
def test_no_byte_of_the_header_may_change(place: int, harm: int) -> None:
    layout = Layout(SOME, has_tables=True)
    content = bytearray(Header(layout, tuple(range(18))).pack())
    assert Header.unpack(bytes(content), layout.size).checksums[17] == 17
    content[place] ^= harm
    with pytest.raises(IndexDamaged, match=r"^its? "):
        Header.unpack(bytes(content), layout.size)


@given(content=st.binary(max_size=2 * HEADER_SIZE), is_sealed=st.booleans())
def test_no_bytes_crash_the_reader(content: bytes, is_sealed: bool) -> None:
    """Not even those that come with the right checksum."""
    packed = (b"RMPTSEG\n\1\0\0\0" + content).ljust(HEADER_SIZE, b"\0")
    if is_sealed:
        body = packed[: HEADER_SIZE - 4]
        packed = body + zlib.crc32(body).to_bytes(4, "little")
    with pytest.raises(IndexDamaged):
        Header.unpack(packed, len(packed))


def test_a_header_that_lies_about_its_places_is_refused() -> None:
    layout = Layout(5, has_tables=False)
    packed = bytearray(Header(layout, (1, 2)).pack())
    assert Header.unpack(bytes(packed), layout.size) == Header(layout, (1, 2))
    packed[40] ^= 64  # the size of the hashes
    packed[-4:] = zlib.crc32(packed[:-4]).to_bytes(4, "little")
    with pytest.raises(IndexDamaged, match="what no segment can be"):
        Header.unpack(bytes(packed), layout.size)


@pytest.mark.parametrize("kept", [0, 1, 8, HEADER_SIZE - 1, HEADER_SIZE, -1])
def test_a_file_cut_short_is_refused(tmp_path: Path, good: bytes, kept: int) -> None:
    with pytest.raises(IndexDamaged, match=r"^The segment harmed is damaged: .*\.$"):
        opening(tmp_path, good[:kept])


def test_another_version_is_named(tmp_path: Path, good: bytes) -> None:
    with pytest.raises(IndexDamaged, match="version 2 of the format, and this Rempart reads version 1"):
        opening(tmp_path, good[:8] + b"\2" + good[9:])


def places_of_every_part() -> list[tuple[str, int]]:
    """One byte in the midst of each part: its name, and where it is."""
    layout = Layout(SOME, has_tables=True)
    buffer = np.zeros(layout.size, np.uint8)
    start = buffer.ctypes.data
    found = [("hashes", layout.hashes.start + 16 * SOME), ("keys", layout.keys.start + 4 * SOME)]
    for number in (0, 15):
        section = layout.table(number)
        table = Table(buffer[section.start : section.end], SOME)
        for name in Table.__slots__:
            part = getattr(table, name)
            found.append((f"{name} {number}", part.ctypes.data - start + part.nbytes // 2))
    return found


@pytest.mark.parametrize(("part", "place"), places_of_every_part(), ids=str)
def test_verify_reads_every_part(tmp_path: Path, good: bytes, part: str, place: int) -> None:
    harmed = bytearray(good)
    harmed[place] ^= 1
    with pytest.raises(IndexDamaged, match=r"^The segment harmed is damaged: a part of it does not match its checksum\.$"):
        opening(tmp_path, bytes(harmed)).verify()


def test_verify_compares_the_tables_with_the_hashes(tmp_path: Path, good: bytes) -> None:
    """A table that was written wrong, checksum and all."""
    harmed = bytearray(good)
    layout = Layout(SOME, has_tables=True)
    section = layout.table(3)
    harmed[section.end - 64 - 4 * SOME % 64] ^= 1
    header = Header.unpack(bytes(harmed[:HEADER_SIZE]), len(harmed))
    sums = list(header.checksums)
    sums[5] = zlib.crc32(harmed[section.start : section.end])
    harmed[:HEADER_SIZE] = Header(layout, tuple(sums)).pack()
    with pytest.raises(IndexDamaged, match="does not say what its fingerprints say"):
        opening(tmp_path, bytes(harmed)).verify()


@every_kernel
@pytest.mark.parametrize("part", Table.__slots__)
@pytest.mark.parametrize("value", [1, 2**32 - 1])
def test_a_damaged_table_never_reads_elsewhere(
    tmp_path: Path, good: bytes, kernel: Kernel, part: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong answers, at worst; where it would leave its rows, a refusal."""
    harmed = np.frombuffer(good, np.uint8).copy()
    for number in range(16):
        section = Layout(SOME, has_tables=True).table(number)
        array = getattr(Table(harmed[section.start : section.end], SOME), part)
        array[1:] = min(value, np.iinfo(array.dtype).max)
    path = tmp_path / "harmed"
    path.write_bytes(harmed)
    segment = Segment.open(path, kernel=kernel)
    monkeypatch.setattr("rempart.engine.index.segment.JOIN_QUESTIONS", 0)
    many = BANK[:3]
    leaves = part in ("offsets", "rows") and value >= SOME
    for ask in (lambda: segment.lookup(BANK[0], 31), lambda: segment.lookup_many(many, 47), lambda: segment.join(many, 47)):
        if leaves:
            with pytest.raises(IndexDamaged, match="points outside its rows"):
                ask()
        else:
            assert (ask().row < SOME).all()


@every_kernel
def test_scanning_a_bare_array(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMPART_KERNEL", kernel)
    asked, rows, distances = planted(BANK, 60, farthest=48)
    for question, row, distance in zip(asked, rows.tolist(), distances.tolist(), strict=True):
        wanted = [[row], [distance]] if distance <= 31 else [[], []]
        assert [part.tolist() for part in scan(BANK, question, 31)] == wanted
        assert [part.tolist() for part in scan(BANK, question.tobytes(), 31)] == wanted
    assert scan(BANK[:0], asked[0], 31).row.tolist() == []
    assert len(scan(np.repeat(BANK[:1], 5000, axis=0), BANK[0], 31).row) == 5000
    with pytest.raises(RadiusRefused):
        scan(BANK, asked[0], 48)


def test_threads_are_all_cores_or_a_number() -> None:
    assert cores(0) >= 1
    assert cores(3) == 3
    with pytest.raises(ValueError, match="0, for all cores, or more"):
        cores(-1)


def test_a_segment_shows_no_fingerprint() -> None:
    assert repr(Segment.build(BANK, KEYS)) == "Segment(300 entries)"

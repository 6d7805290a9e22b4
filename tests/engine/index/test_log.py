"""The log: whole batches, in order, shown by one word; anything else is told apart."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.errors import IndexDamaged
from rempart.engine.index import log
from rempart.engine.index.log import PAGE, RECORD, SHOWN, Kind, Log
from tests.engine.index.stores import POOL, arrays, keys_of

SIZE = RECORD.itemsize


def batch(count: int, first: int = 0) -> log.Records:
    return log.additions(*arrays((number, number) for number in range(first, first + count)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log-3"


@pytest.fixture
def writing(path: Path) -> Log:
    return Log.create(path, 3, 100, np.empty(0, RECORD))


def test_what_is_appended_is_read(path: Path, writing: Log) -> None:
    reading = Log.open(path, 3, 100)
    assert reading.state()[1:] == (0, False)
    before = reading.words[SHOWN]
    writing.append(batch(3))
    writing.append(batch(2, first=7))
    word, count, is_superseded = reading.state()
    assert (count, is_superseded) == (5, False)
    assert before != word == reading.words[SHOWN]
    records = reading.read(0, 5)
    assert records["key"].tolist() == [0, 1, 2, 7, 8]
    assert records["sequence"].tolist() == [101, 102, 103, 104, 105]
    assert records["remaining"].tolist() == [2, 1, 0, 1, 0]
    assert (records["pdq"] == POOL[[0, 1, 2, 7, 8]]).all()
    assert reading.read(3, 5)["key"].tolist() == [7, 8]
    writing.supersede()
    assert reading.state()[1:] == (5, True)


def test_the_count_of_entries(writing: Log) -> None:
    records = np.concatenate(
        (batch(5), log.key_withdrawals(keys_of([1, 2]), np.array([3, 1000])), log.pair_withdrawals(*arrays([(1, 1)])))
    )
    assert log.change_in_entries(records) == 5 - 1003 - 1
    assert log.change_in_entries(records[:0]) == 0
    assert set(records["kind"].tolist()) == set(Kind)


@given(count=st.integers(1, 6), place=st.integers(0, 6 * SIZE * 8 - 1))
def test_a_changed_bit_is_seen(count: int, place: int) -> None:
    records = log.number(batch(count), 1)
    data = bytearray(records.tobytes())
    place %= len(data) * 8
    data[place // 8] ^= 1 << place % 8
    read = np.frombuffer(bytes(data), RECORD)
    assert log.count_whole(records, 1) == count
    assert log.count_whole(read, 1) == 0
    assert not len(records) or log.count_whole(records, 2) == 0


@given(st.binary(max_size=5 * SIZE))
def test_bytes_that_nobody_wrote_are_no_records(data: bytes) -> None:
    size = len(data) // SIZE * SIZE
    assert log.count_whole(np.frombuffer(data[:size], RECORD), 1) == 0


def test_zeros_are_no_record() -> None:
    assert log.count_whole(np.zeros(3, RECORD), 0) == 0


@pytest.mark.parametrize("kept", [0, 1, SIZE - 1, SIZE, 3 * SIZE + 5])
def test_a_batch_cut_short_is_forgotten(path: Path, writing: Log, kept: int) -> None:
    writing.append(batch(2))
    late = log.number(batch(4, first=10), 103)
    os.pwrite(os.open(path, os.O_RDWR), late.tobytes()[:kept], PAGE + 2 * SIZE)
    assert Log.open(path, 3, 100).state()[1] == 2
    mended = Log.open(path, 3, 100, to_write=True)
    mended.recover()
    assert (mended.state()[1], path.stat().st_size) == (2, PAGE + 2 * SIZE)
    mended.append(batch(1, first=30))
    assert Log.open(path, 3, 100).read(0, 3)["key"].tolist() == [0, 1, 30]


def test_a_batch_written_but_not_shown_is_kept(path: Path, writing: Log) -> None:
    writing.append(batch(2))
    late = log.number(batch(4, first=10), 103)
    os.pwrite(os.open(path, os.O_RDWR), late.tobytes() + late[:1].tobytes(), PAGE + 2 * SIZE)
    mended = Log.open(path, 3, 100, to_write=True)
    mended.recover()
    assert mended.read(0, 6)["key"].tolist() == [0, 1, 10, 11, 12, 13]
    assert path.stat().st_size == PAGE + 6 * SIZE


def test_records_that_were_shown_and_are_rotten(path: Path, writing: Log) -> None:
    writing.append(batch(2))
    with path.open("r+b") as file:
        file.seek(PAGE + SIZE + 30)
        file.write(b"!")
    for act in (lambda: Log.open(path, 3, 100).read(0, 2), lambda: Log.open(path, 3, 100, to_write=True).recover()):
        with pytest.raises(IndexDamaged, match=r"a record is not what was written \(.*log-3\)\."):
            act()


@pytest.mark.parametrize(("number", "base"), [(4, 100), (3, 99)])
def test_the_log_of_another_version_is_refused(path: Path, writing: Log, number: int, base: int) -> None:
    with pytest.raises(IndexDamaged, match="its header"):
        Log.open(path, number, base)


def test_a_count_that_was_not_written_is_refused(path: Path, writing: Log) -> None:
    writing.append(batch(2))
    reading = Log.open(path, 3, 100)
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), PAGE)
        mapped[SHOWN * 8] ^= 1
        mapped.close()
    with pytest.raises(IndexDamaged, match="the count in the header"):
        reading.state()
    with pytest.raises(IndexDamaged, match="the count in the header"):
        Log.open(path, 3, 100)


def test_a_log_left_behind_is_superseded_whatever_its_state(path: Path, writing: Log) -> None:
    writing.append(batch(2))
    reading = Log.open(path, 3, 100)
    log.supersede_any(path)
    assert reading.state()[1:] == (2, True)
    for rubbish in (b"", b"x" * 5000):
        path.write_bytes(rubbish)
        log.supersede_any(path)
        assert path.read_bytes() == rubbish

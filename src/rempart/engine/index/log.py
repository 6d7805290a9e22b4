"""The log: what was added and withdrawn since the last manifest, in records of 64 bytes behind one page of header.

Writing a batch takes three steps: its records are written, put on the disk, and shown by one store of 64 bits in the
header. So a batch is on the disk before anyone sees it, and is seen whole or not at all. Readers map the header: looking
for news costs them one load from memory.

The shown word says how many records count, and whether a newer manifest exists; half of it is a checksum of the other.
Every record carries its place in the history and a checksum, so that a log cut short, mixed up or rotten is told from a
whole one. What lies beyond the records shown is a batch that somebody is writing, or was when the power was cut; the store
that showed it may be lost with the power, though not the batch. Whoever opens the log when nobody writes trusts what is
whole; a writer cuts off what is not.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from enum import IntEnum
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import IndexDamaged
from rempart.engine.index.disk import DISK, Disk
from rempart.engine.index.interface import HashArray, KeyArray

PAGE = 4096
CAPACITY = 1 << 16
"""Records; a log never grows beyond (4 MiB)."""

MAGIC = b"RempLog\x01"
SHOWN = 8  # the place of the shown word in the page, in words of 64 bits: a line of the cache for itself
COUNT_BITS = 31


class Kind(IntEnum):
    """What a record does."""

    ADD = 1
    """The entry (``pdq``, ``key``) exists from here on."""

    WITHDRAW_KEY = 2
    """Every older entry with this ``key`` is gone. ``pdq`` begins with how many those were."""

    WITHDRAW_PAIR = 3
    """The older entry (``pdq``, ``key``) is gone."""


RECORD = np.dtype(
    [("check", "<u8"), ("sequence", "<u8"), ("kind", "<u4"), ("remaining", "<u4"), ("key", "<u8"), ("pdq", "u1", (32,))]
)
Records = NDArray[np.void]
"""Shape (n,) of RECORD. ``remaining``: how many records of the same batch follow."""


def additions(hashes: HashArray, keys: KeyArray) -> Records:
    """Unnumbered records that add these entries."""
    records = np.zeros(len(keys), RECORD)
    records["kind"], records["key"], records["pdq"] = Kind.ADD, keys, hashes
    return records


def key_withdrawals(keys: KeyArray, counts: NDArray[np.int64]) -> Records:
    """Unnumbered records that withdraw all entries of these keys; ``counts``: how many live entries each has."""
    records = np.zeros(len(keys), RECORD)
    records["kind"], records["key"] = Kind.WITHDRAW_KEY, keys
    records["pdq"][:, :8] = counts.astype("<u8")[:, None].view(np.uint8)
    return records


def pair_withdrawals(hashes: HashArray, keys: KeyArray) -> Records:
    """Unnumbered records that withdraw these entries."""
    records = additions(hashes, keys)
    records["kind"] = Kind.WITHDRAW_PAIR
    return records


def change_in_entries(records: Records) -> int:
    """By how many the live entries grow or shrink."""
    by_key = records["pdq"][records["kind"] == Kind.WITHDRAW_KEY][:, :8]
    withdrawn = int(np.ascontiguousarray(by_key).view("<u8").sum())
    return int((records["kind"] == Kind.ADD).sum()) - withdrawn - int((records["kind"] == Kind.WITHDRAW_PAIR).sum())


def number(records: Records, first: int) -> Records:
    """The same records as one batch that starts at this sequence, checksums included; changed in place."""
    records["sequence"] = np.arange(first, first + len(records), dtype=np.uint64)
    records["remaining"] = np.arange(len(records) - 1, -1, -1, dtype=np.uint32)
    records["check"] = checksums(records)
    return records


MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9)


def checksums(records: Records) -> NDArray[np.uint64]:
    """One for each record. Each step can be undone, so a change within one word of 64 bits never goes unseen."""
    words = np.ascontiguousarray(records).view("<u8").reshape(len(records), RECORD.itemsize // 8)
    mixed = np.full(len(records), MIX[0], np.uint64)
    for column in range(1, words.shape[1]):
        mixed = (mixed ^ words[:, column]) * np.uint64(MIX[1])
        mixed ^= mixed >> np.uint64(32)
    return mixed


def count_whole(records: Records, first: int) -> int:
    """How many of these records, from the first on, check, follow each other, and make whole batches."""
    if not len(records):
        return 0
    expected = np.arange(first, first + len(records), dtype=np.uint64)
    good = (records["check"] == checksums(records)) & (records["sequence"] == expected)
    good &= (records["kind"] >= Kind.ADD) & (records["kind"] <= Kind.WITHDRAW_PAIR)
    checked = len(good) if good.all() else int(good.argmin())
    ends = np.flatnonzero(records["remaining"][:checked] == 0)
    return int(ends[-1]) + 1 if len(ends) else 0


def shown_word(log: int, count: int, is_superseded: bool) -> int:
    """What the header shows of this log."""
    said = count | (is_superseded << COUNT_BITS)
    return said | zlib.crc32(struct.pack("<QI", log, said)) << 32


class Log:
    """An open log. Reading is safe from several threads and after a fork; one process at a time appends."""

    def __init__(self, path: Path, descriptor: int, number: int, base: int) -> None:
        self.path, self.number, self.base = path, number, base
        self._descriptor = descriptor
        self._writes = True
        self.words = memoryview(b"")

    @classmethod
    def create(cls, path: Path, number: int, base: int, records: Records, disk: Disk = DISK) -> Self:
        """A new log whose first records are these, already numbered from ``base`` + 1. On the disk when this returns."""
        log = cls(path, disk.create(path), number, base)
        page = header(number, base)
        page[SHOWN * 8 : SHOWN * 8 + 8] = struct.pack("<Q", shown_word(number, len(records), is_superseded=False))
        disk.write(log._descriptor, bytes(page) + records.tobytes(), 0)
        disk.sync(log._descriptor)
        log._map()
        return log

    @classmethod
    def open(cls, path: Path, number: int, base: int, *, to_write: bool = False) -> Self:
        """Raises IndexDamaged, FileNotFoundError. ``number`` and ``base``: what the manifest says of it."""
        log = cls(path, os.open(path, (os.O_RDWR if to_write else os.O_RDONLY) | os.O_CLOEXEC), number, base)
        log._writes = to_write
        page = bytearray(os.pread(log._descriptor, PAGE, 0))
        page[SHOWN * 8 : SHOWN * 8 + 8] = bytes(8)
        if page != header(number, base):
            raise log._damaged("its header is not what was written")
        log._map()
        log.state()
        return log

    def _map(self) -> None:
        access = mmap.PROT_READ | (mmap.PROT_WRITE if self._writes else 0)
        self.words = memoryview(mmap.mmap(self._descriptor, PAGE, mmap.MAP_SHARED, access)).cast("Q")

    def __del__(self) -> None:
        os.close(self._descriptor)

    def _damaged(self, what: str) -> IndexDamaged:
        return IndexDamaged(f"The index cannot be read: {what} ({self.path}).")

    def state(self) -> tuple[int, int, bool]:
        """The word shown, how many records it shows, and whether a newer manifest exists. Raises IndexDamaged."""
        word = self.words[SHOWN]
        count, is_superseded = word & ((1 << COUNT_BITS) - 1), bool(word >> COUNT_BITS & 1)
        if word != shown_word(self.number, count, is_superseded) or count > CAPACITY:
            raise self._damaged("the count in the header is not one that was written")
        return word, count, is_superseded

    def read(self, start: int, stop: int) -> Records:
        """Records from ``start`` up to ``stop``, all of which were shown. Raises IndexDamaged."""
        records = self._read(start, stop)
        if len(records) != stop - start or count_whole(records, self.base + 1 + start) != len(records):
            raise self._damaged("a record is not what was written")
        return records

    def _read(self, start: int, stop: int) -> Records:
        size = RECORD.itemsize
        data = os.pread(self._descriptor, (stop - start) * size, PAGE + start * size)
        return np.frombuffer(data, RECORD, len(data) // size)

    def append(self, records: Records, disk: Disk = DISK) -> None:
        """One batch: numbered here, all visible at once when it is on the disk."""
        _, count, _ = self.state()
        number(records, self.base + 1 + count)
        disk.write(self._descriptor, records.tobytes(), PAGE + count * RECORD.itemsize)
        self._show(count + len(records), disk)

    def _show(self, count: int, disk: Disk) -> None:
        disk.sync(self._descriptor)
        disk.show(self._descriptor, self.words, SHOWN, shown_word(self.number, count, is_superseded=False))

    def recover(self, disk: Disk = DISK) -> None:
        """Keep what was written whole, forget what was not. Raises IndexDamaged if records that were shown are not there."""
        _, count, _ = self.state()
        self.read(0, count)
        whole = self.whole_from(count)
        disk.cut(self._descriptor, PAGE + whole * RECORD.itemsize)
        self._show(whole, disk)

    def goes_on(self, count: int) -> bool:
        """Is there something behind so many records?"""
        return os.fstat(self._descriptor).st_size > PAGE + count * RECORD.itemsize

    def whole_from(self, count: int) -> int:
        """How many records there are with the whole batches behind so many."""
        return count + count_whole(self._read(count, CAPACITY), self.base + 1 + count)

    def supersede(self, disk: Disk = DISK) -> None:
        """Tell readers that a newer manifest exists. No need to wait for the disk: nobody opens this log again."""
        _, count, _ = self.state()
        disk.show(self._descriptor, self.words, SHOWN, shown_word(self.number, count, is_superseded=True))


def header(number: int, base: int) -> bytearray:
    """The first page of a log that shows nothing yet."""
    page = bytearray(PAGE)
    struct.pack_into("<8sQQ", page, 0, MAGIC, number, base)
    return page


def supersede_any(path: Path, disk: Disk = DISK) -> None:
    """Tell readers of a log left behind, whatever its state, that a newer manifest exists."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        page = os.pread(descriptor, PAGE, 0)
        if len(page) == PAGE and page[:8] == MAGIC:
            (log,) = struct.unpack_from("<Q", page, 8)
            count = struct.unpack_from("<Q", page, SHOWN * 8)[0] & ((1 << COUNT_BITS) - 1)
            disk.write(descriptor, struct.pack("<Q", shown_word(log, count, is_superseded=True)), SHOWN * 8)
    finally:
        os.close(descriptor)

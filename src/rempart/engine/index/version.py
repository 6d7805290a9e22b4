"""One version of an index, as a question sees it: segments, additions since, withdrawals. It never changes.

A reader holds one and asks it; when there is news it makes the next one, which shares all that stayed the same. So a
question that has begun ends on the version it began with, whatever a writer does meanwhile.
"""

from __future__ import annotations

import mmap
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import IndexDamaged, IndexNotFound
from rempart.engine.index import log as log_module
from rempart.engine.index import tombstones as tombstones_module
from rempart.engine.index.compiled import Searcher
from rempart.engine.index.disk import Disk
from rempart.engine.index.interface import HashArray, KeyArray, Match, Matches
from rempart.engine.index.locking import without_a_writer
from rempart.engine.index.log import Kind, Log, Records
from rempart.engine.index.manifest import Manifest, SegmentEntry, WithdrawnEntry, read_manifest
from rempart.engine.index.segment import Segment, searcher
from rempart.engine.index.tombstones import Table, Tombstones

Hits = tuple[NDArray[np.int64], KeyArray, NDArray[np.uint16]]
"""Rows of the questions, keys and distances: three arrays of one length."""

HEAD_BYTES = 4096


@dataclass(frozen=True)
class Held:
    """An open segment and what the manifest says of it."""

    entry: SegmentEntry
    segment: Segment

    @property
    def sequence(self) -> int:
        """How old its entries are."""
        return self.entry.sequence


class Room(NamedTuple):
    """Columns with more rows than are filled yet."""

    hashes: HashArray
    keys: KeyArray
    sequences: NDArray[np.uint64]

    @classmethod
    def of(cls, rows: int) -> Room:
        """Unfilled."""
        return cls(np.empty((rows, 32), np.uint8), np.empty(rows, np.uint64), np.empty(rows, np.uint64))

    def fill(self, start: int, hashes: HashArray, keys: KeyArray, sequences: NDArray[np.uint64]) -> None:
        """Write these rows from ``start`` on."""
        stop = start + len(keys)
        self.hashes[start:stop], self.keys[start:stop], self.sequences[start:stop] = hashes, keys, sequences


class Additions:
    """Entries of the log, in the order they came: ``hashes`` (n, 32), ``keys`` and ``sequences`` (n,)."""

    __slots__ = ("_room", "_segment", "hashes", "keys", "sequences")

    def __init__(self, room: Room, count: int) -> None:
        # Rows of the room beyond `count` belong to later versions: they may be written while this one is read.
        self._room = room
        self.hashes, self.keys, self.sequences = room.hashes[:count], room.keys[:count], room.sequences[:count]
        self._segment: Segment | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def segment(self) -> Segment:
        """An index of them, in memory. Made once, for many questions."""
        made = self._segment or Segment.build(self.hashes, self.keys)
        self._segment = made
        return made

    def extended(self, records: Records) -> Additions:
        """With what these records add, written behind the rows of this version if there is room."""
        added = records[records["kind"] == Kind.ADD]
        if not len(added):
            return self
        count, room = len(self) + len(added), self._room
        if count > len(room.keys):
            room = Room.of(2 * count)
            room.fill(0, self.hashes, self.keys, self.sequences)
        room.fill(len(self), added["pdq"], added["key"], added["sequence"])
        return Additions(room, count)


NO_ADDITIONS = Additions(Room.of(0), 0)


class Version:
    """What one question is asked of. ``word``: what the log showed when it was made."""

    __slots__ = ("_searcher", "additions", "count", "entries", "held", "log", "manifest", "tombstones", "word")

    def __init__(
        self, manifest: Manifest, held: tuple[Held, ...], log: Log, tombstones: Tombstones, scans: Searcher | None = None
    ) -> None:
        self.manifest, self.held, self.log, self.tombstones = manifest, held, log, tombstones
        self.additions = NO_ADDITIONS
        self._searcher = scans or searcher()
        self.entries = manifest.entries
        self.count = 0
        self.word = 0

    @property
    def sequence(self) -> int:
        """That of the last change in it."""
        return self.manifest.sequence + self.count

    def with_news(self) -> Version | None:
        """With what the log shows by now, or None if a newer manifest must be read. Raises IndexDamaged."""
        word, count, is_superseded = self.log.state()
        if is_superseded:
            return None
        if count < self.count:
            raise IndexDamaged(f"The index cannot be read: the log lost what it had shown ({self.log.path}).")
        return self.extended(self.log.read(self.count, count), word)

    def extended(self, records: Records, word: int) -> Version:
        """With these records of its log, which then shows ``word``."""
        version = Version(self.manifest, self.held, self.log, self.tombstones.extended(records), self._searcher)
        version.additions = self.additions.extended(records)
        version.entries = self.entries + log_module.change_in_entries(records)
        version.count = self.count + len(records)
        version.word = word
        return version

    def lookup(self, pdq: bytes, radius: int) -> list[Match]:
        """Every live entry within ``radius`` bits of these 32 bytes, sorted by distance, then key."""
        found: list[Match] = []
        for held in self.held:
            rows, distances = held.segment.lookup(pdq, radius)
            if len(rows):
                found += self._live(held.segment.hashes, held.segment.keys, rows, distances, held.sequence)
        if len(self.additions):
            rows, distances = self._searcher.scan(self.additions.hashes, pdq, radius)
            if len(rows):
                ages = self.additions.sequences[rows]
                found += self._live(self.additions.hashes, self.additions.keys, rows, distances, ages)
        found.sort(key=_by_distance)
        return found

    def _live(
        self,
        hashes: HashArray,
        keys: KeyArray,
        rows: NDArray[np.uint32],
        distances: NDArray[np.uint16],
        ages: NDArray[np.uint64] | int,
    ) -> list[Match]:
        found = keys[rows]
        if len(self.tombstones):
            alive = ~self.tombstones.are_dead(hashes[rows], found, ages)
            found, distances = found[alive], distances[alive]
        return [Match(*pair) for pair in zip(found.tolist(), distances.tolist(), strict=True)]

    def lookup_many(self, pdqs: HashArray, radius: int, threads: int, *, by_join: bool) -> Matches:
        """The same for many questions; ``by_join``: read each segment once for all of them."""
        parts: list[Hits] = []
        for held in self.held:
            ask = held.segment.join if by_join else held.segment.lookup_many
            parts.append(self._live_hits(held.segment.hashes, held.segment.keys, *ask(pdqs, radius, threads), held.sequence))
        if len(self.additions):
            ask = self.additions.segment.join if by_join else self.additions.segment.lookup_many
            question, rows, distances = ask(pdqs, radius, threads)
            ages = self.additions.sequences[rows]
            parts.append(self._live_hits(self.additions.hashes, self.additions.keys, question, rows, distances, ages))
        parts.append((np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint16)))
        question, keys, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Matches.sorted(question, keys, distances)

    def _live_hits(
        self,
        hashes: HashArray,
        keys: KeyArray,
        question: NDArray[np.int64],
        rows: NDArray[np.uint32],
        distances: NDArray[np.uint16],
        ages: NDArray[np.uint64] | int,
    ) -> Hits:
        found = keys[rows]
        if not len(self.tombstones):
            return question, found, distances
        alive = ~self.tombstones.are_dead(hashes[rows], found, ages)
        return question[alive], found[alive], distances[alive]


def _by_distance(match: Match) -> tuple[int, int]:
    return match.distance, match.key


def load(folder: Path, before: Version | None = None, *, writing_on: Disk | None = None) -> Version:
    """What the folder holds now; segments that ``before`` holds already are not opened again.

    ``writing_on``: the disk, for a writer: the log is opened to write and mended if its last batch was cut short.
    Raises IndexNotFound, IndexDamaged.
    """
    manifest = read_manifest(folder)
    while True:
        try:
            return _load(folder, manifest, before, writing_on)
        except IsADirectoryError:
            raise IndexDamaged(f"The index cannot be opened: a folder lies in {folder} in the place of a file.") from None
        except (FileNotFoundError, IndexNotFound):
            # Either a newer version has just replaced this one and its files are gone, or a file is missing.
            seen, manifest = manifest.generation, read_manifest(folder)
            if manifest.generation == seen:
                missing = ", ".join(sorted(name for name in manifest.names if not (folder / name).exists()))
                raise IndexDamaged(f"Files of the index in {folder} are missing: {missing}.") from None


def _load(folder: Path, manifest: Manifest, before: Version | None, writing_on: Disk | None) -> Version:
    known = {held.entry.number: held.segment for held in before.held} if before else {}
    held = tuple(open_segment(folder, entry, known.get(entry.number)) for entry in manifest.segments)
    table = read_withdrawn(folder, manifest.withdrawn)
    log = Log.open(folder / manifest.log_name, manifest.log, manifest.sequence, to_write=writing_on is not None)
    if writing_on is not None:
        log.recover(writing_on)
    version = Version(manifest, held, log, Tombstones(table))
    word, count = _trusted(folder, log)
    # A log already superseded is read like any other: the next question will see that there is news.
    return version.extended(log.read(0, count), word & ~(1 << log_module.COUNT_BITS))


def _trusted(folder: Path, log: Log) -> tuple[int, int]:
    """The word shown, and how many records count: those shown, and where nobody writes, all whole batches behind them."""
    word, count, _ = log.state()
    if not log.goes_on(count):
        return word, count
    with without_a_writer(folder) as is_still:
        word, count, _ = log.state()
        return word, log.whole_from(count) if is_still else count


def open_segment(folder: Path, entry: SegmentEntry, known: Segment | None = None) -> Held:
    """``known``: the same segment, already open. Raises IndexDamaged, FileNotFoundError."""
    if known is not None:
        return Held(entry, known)
    path = folder / entry.name
    if identity(path) != (entry.size, entry.check):
        raise IndexDamaged(f"The index cannot be opened: {path} is not the file that was written.")
    segment = Segment.open(path)
    if len(segment) != entry.rows:
        raise IndexDamaged(f"The index cannot be opened: {path} does not hold the entries it should.")
    return Held(entry, segment)


def identity(path: Path) -> tuple[int, int]:
    """The size of a segment's file in bytes, and the CRC-32 of its first page, where its own checksums are."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.fstat(descriptor).st_size, zlib.crc32(os.pread(descriptor, HEAD_BYTES, 0))
    finally:
        os.close(descriptor)


def read_withdrawn(folder: Path, entry: WithdrawnEntry | None) -> Table:
    """The file is mapped, and all of it checked. Raises IndexDamaged, FileNotFoundError."""
    if entry is None:
        return tombstones_module.EMPTY
    path = folder / entry.name
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) if os.fstat(file.fileno()).st_size else b""
    table = tombstones_module.decode(memoryview(data), entry.keys, entry.pairs, entry.check)
    if table is None:
        raise IndexDamaged(f"The index cannot be opened: {path} is not what was written.")
    return table

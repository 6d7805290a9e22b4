"""What was withdrawn, and until when: looked at for hits only, never for what a question passes over.

A tombstone says: entries of this key (or this one entry) that are older than sequence t are gone. So withdrawing writes
one record whatever the size of the index, and adding again later simply is younger. Those of the manifest's file stay
there, sorted, shared by all processes; those of the log are in dictionaries. Objects never change: ``extended`` makes
the next one.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.entries import Mask, expand, find, rows_of_keys
from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.log import Kind, Records

Sequences = NDArray[np.uint64]
Pair = tuple[int, bytes]
"""A key and the 32 bytes of a PDQ."""

FEW = 16
"""Hits up to which asking one by one is faster than asking for all at once."""

MAGIC = b"RempGon\x01"
HEADER = struct.Struct("<8sQQQ")


@dataclass(frozen=True)
class Table:
    """Sorted tombstones: ``keys`` with ``key_sequences``, and entries (``hashes``, ``pair_keys``) with ``pair_sequences``."""

    keys: KeyArray
    key_sequences: Sequences
    hashes: HashArray
    pair_keys: KeyArray
    pair_sequences: Sequences

    def __len__(self) -> int:
        return len(self.keys) + len(self.pair_keys)

    def latest(self, hashes: HashArray, keys: KeyArray) -> Sequences:
        """For each of these entries, the sequence of the last withdrawal that names it, or 0."""
        latest = np.zeros(len(keys), np.uint64)
        if len(self.keys):
            places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            latest = np.where(self.keys[places] == keys, self.key_sequences[places], latest)
        if len(self.pair_keys):
            rows = find(self.hashes, self.pair_keys, hashes, keys)
            latest = np.maximum(latest, np.where(rows >= 0, self.pair_sequences[rows], np.uint64(0)))
        return latest

    def after(self, sequence: int) -> Table:
        """Only those younger than this."""
        keys, pairs = self.key_sequences > sequence, self.pair_sequences > sequence
        return Table(
            self.keys[keys], self.key_sequences[keys], self.hashes[pairs], self.pair_keys[pairs], self.pair_sequences[pairs]
        )

    def encode(self) -> bytes:
        """The file: a header of 32 bytes, then the five arrays."""
        head = HEADER.pack(MAGIC, len(self.keys), len(self.pair_keys), 0)
        parts = (self.keys, self.key_sequences, self.hashes, self.pair_keys, self.pair_sequences)
        return head + b"".join(part.tobytes() for part in parts)


NONE = np.empty(0, np.uint64)
EMPTY = Table(NONE, NONE, np.empty((0, 32), np.uint8), NONE, NONE)


def decode(data: memoryview, keys: int, pairs: int, check: int) -> Table | None:
    """The table in this file, nothing copied, or None if it is not the one whose counts and CRC-32 are given."""
    sizes = (keys * 8, keys * 8, pairs * 32, pairs * 8, pairs * 8)
    if len(data) != HEADER.size + sum(sizes) or zlib.crc32(data) != check:
        return None
    if HEADER.unpack_from(data) != (MAGIC, keys, pairs, 0):
        return None
    ends = np.cumsum((HEADER.size, *sizes)).tolist()
    parts = [np.frombuffer(data[start:stop], np.uint8) for start, stop in pairwise(ends)]
    numbers = [part.view(np.uint64) for part in parts]
    return Table(numbers[0], numbers[1], parts[2].reshape(-1, 32), numbers[3], numbers[4])


def merged(newer: Table, older: Table) -> Table:
    """Both; of two tombstones for the same thing the newer counts."""
    keys, first = np.unique(np.concatenate((newer.keys, older.keys)), return_index=True)
    key_sequences = np.concatenate((newer.key_sequences, older.key_sequences))[first]
    hashes = np.concatenate((newer.hashes, older.hashes))
    pair_keys = np.concatenate((newer.pair_keys, older.pair_keys))
    # Sorting is stable: of two equal pairs the newer stays first, and the second is dropped.
    order = np.lexsort((*(hashes.view(np.uint64)[:, column] for column in (3, 2, 1, 0)), pair_keys))
    hashes, pair_keys = hashes[order], pair_keys[order]
    once = np.ones(len(order), np.bool_)
    once[1:] = (pair_keys[1:] != pair_keys[:-1]) | (hashes[1:] != hashes[:-1]).any(axis=1)
    pair_sequences = np.concatenate((newer.pair_sequences, older.pair_sequences))[order]
    return Table(keys, key_sequences, hashes[once], pair_keys[once], pair_sequences[once])


class Tombstones:
    """All withdrawals of one version: a table, and those that came after in dictionaries."""

    __slots__ = ("_recent", "keys", "pairs", "table")

    def __init__(self, table: Table, keys: dict[int, int] | None = None, pairs: dict[Pair, int] | None = None) -> None:
        self.table, self.keys, self.pairs = table, keys or {}, pairs or {}
        self._recent: Table | None = None

    def __len__(self) -> int:
        return len(self.table) + len(self.keys) + len(self.pairs)

    def extended(self, records: Records) -> Tombstones:
        """With the withdrawals among these records of a log."""
        gone = records[records["kind"] != Kind.ADD]
        if not len(gone):
            return self
        keys, pairs = self.keys.copy(), self.pairs.copy()
        for kind, key, pdq, sequence in zip(
            gone["kind"].tolist(), gone["key"].tolist(), gone["pdq"], gone["sequence"].tolist(), strict=True
        ):
            if kind == Kind.WITHDRAW_KEY:
                keys[key] = sequence
            else:
                pairs[key, pdq.tobytes()] = sequence
        return Tombstones(self.table, keys, pairs)

    def are_dead(self, hashes: HashArray, keys: KeyArray, sequences: Sequences | int) -> Mask:
        """Which of these entries, as old as ``sequences`` say, are withdrawn."""
        latest = self.table.latest(hashes, keys) if len(self.table) else np.zeros(len(keys), np.uint64)
        if len(keys) > FEW:
            latest = np.maximum(latest, self.recent.latest(hashes, keys))
        elif self.keys or self.pairs:
            recent = [self._latest(row, key) for row, key in zip(hashes, keys.tolist(), strict=True)]
            latest = np.maximum(latest, np.array(recent, np.uint64))
        return np.asarray(latest > sequences)

    def _latest(self, row: NDArray[np.uint8], key: int) -> int:
        by_pair = self.pairs.get((key, row.tobytes()), 0) if self.pairs else 0
        return max(self.keys.get(key, 0), by_pair)

    @property
    def recent(self) -> Table:
        """The dictionaries, sorted. Made once, when many hits are asked about."""
        made = self._recent or self._sorted()
        self._recent = made
        return made

    def _sorted(self) -> Table:
        keys = np.fromiter(self.keys, np.uint64, len(self.keys))
        key_sequences = np.fromiter(self.keys.values(), np.uint64, len(self.keys))
        hashes = np.frombuffer(b"".join(pdq for _, pdq in self.pairs), np.uint8).reshape(-1, 32)
        pair_keys = np.fromiter((key for key, _ in self.pairs), np.uint64, len(self.pairs))
        pair_sequences = np.fromiter(self.pairs.values(), np.uint64, len(self.pairs))
        return merged(Table(keys, key_sequences, hashes, pair_keys, pair_sequences), EMPTY)

    @property
    def whole(self) -> Table:
        """Everything in one sorted table."""
        return merged(self.recent, self.table) if self.keys or self.pairs else self.table

    def dead_rows(self, hashes: HashArray, keys: KeyArray, sequence: int) -> NDArray[np.int64]:
        """Which rows of a whole segment, sorted and as old as ``sequence``, are withdrawn: looked for from the tombstones."""
        table = self.whole.after(sequence)
        by_key = expand(*rows_of_keys(keys, table.keys))
        by_pair = find(hashes, keys, table.hashes, table.pair_keys)
        return np.union1d(by_key, by_pair[by_pair >= 0])

"""The ring without a compiler: NumPy reads and builds the same tables. `compiled.py` says what each function answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.compiled import DAMAGE, NOTHING, Found, FoundRows
from rempart.engine.index.interface import HashArray
from rempart.engine.index.layout import Damaged, Table
from rempart.engine.index.ring import BUCKETS, FLIPPED, FLIPS, Budgets, Words, chunk_of, reporting_table, words_of
from rempart.engine.native.library import Kernel

PIECE = 1 << 16  # rows compared at a time: what is made on the way stays in the processor's cache


class Interpreted:
    """The same as ``Compiled``; ``threads`` changes nothing here."""

    kernel = Kernel.NUMPY

    def tables(self, hashes: HashArray, tables: Sequence[Table]) -> InterpretedTables:
        return InterpretedTables(hashes, tables)

    def scan(self, hashes: HashArray, question: bytes, radius: int) -> FoundRows:
        asked = np.frombuffer(question, np.uint64)
        words = words_of(hashes)
        pieces = []
        for start in range(0, len(words), PIECE):
            distance = np.bitwise_count(words[start : start + PIECE] ^ asked).sum(axis=1, dtype=np.uint16)
            near = np.flatnonzero(distance <= radius)
            pieces.append(FoundRows((near + start).astype(np.uint32), distance[near]))
        return _joined(pieces)

    def scan_many(self, hashes: HashArray, questions: HashArray, radius: int, threads: int) -> Found:
        return _numbered(self.scan(hashes, question.tobytes(), radius) for question in questions)

    def build(self, hashes: HashArray, number: int, threads: int, table: Table, scratch: NDArray[np.uint8]) -> None:
        words = words_of(hashes)
        chunk = chunk_of(words, number)
        order = np.argsort(chunk, kind="stable")
        table.offsets[0] = 0
        np.cumsum(np.bincount(chunk, minlength=BUCKETS), out=table.offsets[1:], dtype=np.uint32)
        table.near[:] = chunk_of(words, number + 1)[order]
        table.far[:] = chunk_of(words, number + 2)[order]
        table.rows[:] = order


class InterpretedTables:
    """See ``compiled.Tables``."""

    def __init__(self, hashes: HashArray, tables: Sequence[Table]) -> None:
        self._words = words_of(hashes)
        self._tables = tables

    def lookup(self, question: bytes, radius: int) -> FoundRows:
        asked = np.frombuffer(question, np.uint64).reshape(1, 4)
        return _joined([self._ask(number, table, asked, radius) for number, table in enumerate(self._tables)])

    def lookup_many(self, hashes: HashArray, radius: int, threads: int) -> Found:
        return _numbered(self.lookup(question.tobytes(), radius) for question in hashes)

    def join(self, hashes: HashArray, radius: int, threads: int) -> Found:
        return self.lookup_many(hashes, radius, threads)

    def _ask(self, number: int, table: Table, asked: Words, radius: int) -> FoundRows:
        budgets = Budgets.of(radius)
        positions, flipped = self._positions(table, chunk_of(asked, number), budgets.flips())
        for part, chunk, budget in ((table.near, number + 1, budgets.second), (table.far, number + 2, budgets.third)):
            flipped = flipped + np.bitwise_count(part[positions] ^ chunk_of(asked, chunk))
            kept = flipped <= budget
            positions, flipped = positions[kept], flipped[kept]
        rows = table.rows[positions]
        if rows.size and rows.max() >= len(self._words):
            raise Damaged(DAMAGE)
        difference = self._words[rows] ^ asked
        distance = np.bitwise_count(difference).sum(axis=1, dtype=np.uint16)
        told = (distance <= radius) & (reporting_table(difference, radius) == number)
        return FoundRows(rows[told], distance[told])

    def _positions(self, table: Table, chunk: NDArray[np.uint16], flips: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Where the rows of these buckets are, one after the other, and by how many bits their first chunk differs."""
        buckets = (chunk ^ FLIPS[:flips]).astype(np.int64)
        begin, end = table.offsets[buckets].astype(np.int64), table.offsets[buckets + 1].astype(np.int64)
        if (begin > end).any() or (end > len(self._words)).any():
            raise Damaged(DAMAGE)
        sizes = end - begin
        before = np.cumsum(sizes) - sizes
        return np.arange(sizes.sum()) + np.repeat(begin - before, sizes), np.repeat(FLIPPED[:flips], sizes)


def _joined(pieces: Sequence[FoundRows]) -> FoundRows:
    return FoundRows(*(np.concatenate(parts) for parts in zip(NOTHING, *pieces, strict=True)))


def _numbered(answers: Iterable[FoundRows]) -> Found:
    answers = list(answers)
    counts = [len(answer.row) for answer in answers]
    return Found(np.repeat(np.arange(len(answers), dtype=np.int64), counts), *_joined(answers))

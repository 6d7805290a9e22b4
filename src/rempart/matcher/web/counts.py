"""What is counted, in a file for each worker process that all of them can read: totals for machines, a day of it for people.

The numbers are 64 bits wide and lie in memory that the file mirrors; only their own process writes them, so none waits. They
outlive a restart. Nothing of an upload, an entry or a fingerprint is in them.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path

from rempart.matcher.policy import Because, Outcome

KINDS = ("single", "batch", "upload", "hma", "other")
STATUSES = (200, 400, 401, 403, 404, 405, 408, 411, 413, 415, 422, 500, 503)
OUTCOMES = tuple(Outcome)
REASONS = tuple(Because)
LIMITS = tuple(0.0001 * 1.25**step for step in range(64))
"""Seconds up to which a request falls in each bucket: from 0.1 ms to two minutes, each a quarter wider."""
BUCKETS = len(LIMITS) + 1
SLOT_SECONDS = 900
SLOTS = 96
"""A day."""
WORD = 8
HEAD = 8


class Layout:
    """Where each number lies, for these lists."""

    def __init__(self, lists: Sequence[str]) -> None:
        self.lists = tuple(lists)
        self.hits = HEAD
        self.requests = self.hits + len(self.lists) * len(OUTCOMES) * len(REASONS)
        self.seconds = self.requests + len(KINDS) * len(STATUSES)
        self.asked = self.seconds + len(KINDS) * (BUCKETS + 1)
        self.slots = self.asked + 1
        self.in_slot_of_kinds = 1 + len(self.lists) * len(OUTCOMES)
        self.slot_words = self.in_slot_of_kinds + len(KINDS) * BUCKETS
        self.words = self.slots + SLOTS * self.slot_words

    @property
    def mark(self) -> bytes:
        """A file with other lists or other buckets is not read as if it had these."""
        told = repr((2, self.lists, KINDS, STATUSES, OUTCOMES, REASONS, BUCKETS, SLOTS, SLOT_SECONDS))
        return hashlib.sha256(told.encode()).digest()


class Counts:
    """The numbers of one process. Not for several threads."""

    def __init__(self, folder: Path, slot: int, lists: Sequence[str]) -> None:
        self.layout = Layout(lists)
        self._lists = {name: place for place, name in enumerate(lists)}
        self._map = _mapped(folder / f"{slot}.counts", self.layout)
        self._words = memoryview(self._map).cast("Q")

    def close(self) -> None:
        """The file stays."""
        self._words.release()
        self._map.close()

    def request(self, kind: str, status: int, seconds: float, now: float) -> None:
        """One request was answered; ``now`` in seconds since 1970."""
        words, layout, place = self._words, self.layout, KINDS.index(kind)
        words[layout.requests + place * len(STATUSES) + _status(status)] += 1
        bucket = bisect_left(LIMITS, seconds)
        first = layout.seconds + place * (BUCKETS + 1)
        words[first + bucket] += 1
        words[first + BUCKETS] += int(seconds * 1e6)
        words[self._slot(now) + layout.in_slot_of_kinds + place * BUCKETS + bucket] += 1

    def questions(self, count: int) -> None:
        """So many uploads or fingerprints were asked."""
        self._words[self.layout.asked] += count

    def hit(self, list_name: str, outcome: Outcome, because: Because, now: float) -> None:
        """One entry was met by one upload."""
        place = self._lists.get(list_name)
        if place is None:
            return
        told = OUTCOMES.index(outcome)
        self._words[self.layout.hits + (place * len(OUTCOMES) + told) * len(REASONS) + REASONS.index(because)] += 1
        self._words[self._slot(now) + 1 + place * len(OUTCOMES) + told] += 1

    def _slot(self, now: float) -> int:
        number = int(now // SLOT_SECONDS)
        first = self.layout.slots + number % SLOTS * self.layout.slot_words
        if self._words[first] != number:
            for word in range(first + 1, first + self.layout.slot_words):
                self._words[word] = 0
            self._words[first] = number
        return first


class Totals:
    """The numbers of all processes together, as they are now."""

    def __init__(self, folder: Path, lists: Sequence[str]) -> None:
        self.layout = Layout(lists)
        each = (_read(path, self.layout) for path in sorted(folder.glob("*.counts")))
        self._each = [words for words in each if words is not None]

    def hits(self) -> Iterator[tuple[str, Outcome, Because, int]]:
        """Entries met since the counting began, those that are not zero."""
        labels = product(self.layout.lists, OUTCOMES, REASONS)
        for word, (name, outcome, because) in enumerate(labels, start=self.layout.hits):
            count = self._sum(word)
            if count:
                yield name, outcome, because, count

    def requests(self) -> Iterator[tuple[str, int, int]]:
        """By kind and status, those that are not zero."""
        for word, (kind, status) in enumerate(product(KINDS, STATUSES), start=self.layout.requests):
            count = self._sum(word)
            if count:
                yield kind, status, count

    def durations(self, kind: str) -> tuple[list[int], float]:
        """How many requests fell in each bucket, and seconds in all."""
        first = self.layout.seconds + KINDS.index(kind) * (BUCKETS + 1)
        return [self._sum(first + bucket) for bucket in range(BUCKETS)], self._sum(first + BUCKETS) / 1e6

    def asked(self) -> int:
        """Uploads and fingerprints."""
        return self._sum(self.layout.asked)

    def hits_by_slot(self, list_name: str, now: float) -> list[dict[Outcome, int]]:
        """Of the last day, the oldest first; the last one is not over."""
        place = self.layout.lists.index(list_name)
        return [
            {outcome: self._in_slot(number, 1 + place * len(OUTCOMES) + told) for told, outcome in enumerate(OUTCOMES)}
            for number in _numbers(now, SLOTS)
        ]

    def lately(self, kind: str, now: float) -> list[int]:
        """Buckets of the last hour."""
        first = self.layout.in_slot_of_kinds + KINDS.index(kind) * BUCKETS
        hour = _numbers(now, 3_600 // SLOT_SECONDS + 1)
        return [sum(self._in_slot(number, first + bucket) for number in hour) for bucket in range(BUCKETS)]

    def _in_slot(self, number: int, word: int) -> int:
        first = self.layout.slots + number % SLOTS * self.layout.slot_words
        return sum(words[first + word] for words in self._each if words[first] == number)

    def _sum(self, word: int) -> int:
        return sum(words[word] for words in self._each)


def percentile(buckets: Sequence[int], share: float) -> float | None:
    """Seconds within which this share of the requests was answered, at most a quarter too long; None where there were none."""
    wanted, seen = sum(buckets) * share, 0
    for limit, count in zip((*LIMITS, LIMITS[-1] * 1.25), buckets, strict=True):
        seen += count
        if count and seen >= wanted:
            return limit
    return None


def _numbers(now: float, count: int) -> Iterable[int]:
    last = int(now // SLOT_SECONDS)
    return range(last - count + 1, last + 1)


def _status(status: int) -> int:
    return STATUSES.index(status) if status in STATUSES else STATUSES.index(500)


def _mapped(path: Path, layout: Layout) -> mmap.mmap:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = layout.words * WORD
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(file).st_size != size or os.pread(file, 32, 0) != layout.mark:
            os.ftruncate(file, 0)
            os.ftruncate(file, size)
            os.pwrite(file, layout.mark, 0)
        return mmap.mmap(file, size)
    finally:
        os.close(file)


def _read(path: Path, layout: Layout) -> memoryview | None:
    """A copy, or None for a file of other lists."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return memoryview(data).cast("Q") if len(data) == layout.words * WORD and data[:32] == layout.mark else None

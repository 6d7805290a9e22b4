"""The fast index, in memory. `linear.py` says what it answers; `ring.py` why nothing is missed."""

from __future__ import annotations

from typing import Self

import numpy as np

from rempart.engine.fingerprint import Pdq
from rempart.engine.index.compiled import Found
from rempart.engine.index.interface import USUAL_RADIUS, HashArray, KeyArray, Match, Matches, rows_of
from rempart.engine.index.segment import Segment
from rempart.engine.native.library import Kernel


class ExactIndex:
    """Every entry within 0 to 47 bits, at about 170 bytes an entry. Built at once, never changed; safe from any thread.

    ``hashes``: shape (n, 32); ``keys``: shape (n,); ``threads``: for building, 0 for all cores.
    Raises NotAFingerprint, ValueError.
    """

    def __init__(self, hashes: HashArray, keys: KeyArray, threads: int = 0, *, kernel: Kernel | None = None) -> None:
        self._segment = Segment.build(hashes, keys, threads=threads, kernel=kernel)

    @classmethod
    def of(cls, entries: list[tuple[Pdq, int]]) -> Self:
        """From pairs of a PDQ and a key."""
        return cls(rows_of([pdq for pdq, _ in entries]), np.array([key for _, key in entries], dtype=np.uint64))

    def __len__(self) -> int:
        return len(self._segment)

    def lookup(self, pdq: Pdq, radius: int = USUAL_RADIUS) -> list[Match]:
        """See Index."""
        rows, distances = self._segment.lookup(pdq.value, radius)
        if not len(rows):
            return []
        found = sorted(zip(distances.tolist(), self._segment.keys[rows].tolist(), strict=True))
        return [Match(key, distance) for distance, key in found]

    def lookup_many(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 1) -> Matches:
        """See Index."""
        return self._matches(self._segment.lookup_many(pdqs, radius, threads))

    def join(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 0) -> Matches:
        """See Index."""
        return self._matches(self._segment.join(pdqs, radius, threads))

    def _matches(self, found: Found) -> Matches:
        return Matches.sorted(found.question, self._segment.keys[found.row], found.distance)

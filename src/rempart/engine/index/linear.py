"""The specification: compare with every entry. Slow, short, and plainly right."""

from __future__ import annotations

from typing import Self

import numpy as np

from rempart.engine.errors import RadiusRefused
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.interface import USUAL_RADIUS, HashArray, KeyArray, Match, Matches, as_hashes, as_keys, rows_of

BITS = 256


class LinearIndex:
    """Every distance from 0 to 256 bits is allowed. Built at once; ``hashes`` has shape (n, 32), ``keys`` shape (n,)."""

    def __init__(self, hashes: HashArray, keys: KeyArray) -> None:
        self._hashes = as_hashes(hashes)
        self._keys = as_keys(keys, len(self._hashes))

    @classmethod
    def of(cls, entries: list[tuple[Pdq, int]]) -> Self:
        """From pairs of a PDQ and a key."""
        return cls(rows_of([pdq for pdq, _ in entries]), np.array([key for _, key in entries], dtype=np.uint64))

    def __len__(self) -> int:
        return len(self._hashes)

    def lookup(self, pdq: Pdq, radius: int = USUAL_RADIUS) -> list[Match]:
        """See Index."""
        return [match for _, match in self.lookup_many(rows_of([pdq]), radius)]

    def lookup_many(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 1) -> Matches:
        """See Index; ``threads`` changes nothing here."""
        if not 0 <= radius <= BITS:
            raise RadiusRefused(f"Two PDQ differ by 0 to {BITS} bits.")
        questions, keys, distances = [np.empty(0, np.int64)], [np.empty(0, np.uint64)], [np.empty(0, np.uint16)]
        words = self._hashes.view(np.uint64)
        for number, asked in enumerate(as_hashes(pdqs).view(np.uint64)):
            distance = np.bitwise_count(words ^ asked).sum(axis=1, dtype=np.uint16)
            near = np.flatnonzero(distance <= radius)
            questions.append(np.full(len(near), number, np.int64))
            keys.append(self._keys[near])
            distances.append(distance[near])
        return Matches.sorted(np.concatenate(questions), np.concatenate(keys), np.concatenate(distances))

    def join(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 0) -> Matches:
        """See Index."""
        return self.lookup_many(pdqs, radius)

"""What every index answers, and how it says it. `linear.py` is the specification; the others give the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import NotAFingerprint, RadiusRefused
from rempart.engine.fingerprint import Pdq

HashArray = NDArray[np.uint8]  # shape (n, 32): one PDQ a row, bytes in printed order
KeyArray = NDArray[np.uint64]  # shape (n,): whose each row is

USUAL_RADIUS = 31  # bits; what Meta recommends, and what lists are made for
WIDEST_RADIUS = 47  # bits; beyond it the ring would be asked about a sixth of all rows, and promises nothing


class Match(NamedTuple):
    """One entry within the radius of what was asked."""

    key: int
    distance: int


@dataclass(frozen=True, slots=True)
class Matches:
    """Entries found for many questions: three arrays of one length, sorted by question, then distance, then key.

    ``question`` (int64) is the row of the question asked; ``key`` (uint64) the entry's; ``distance`` (uint16) in bits.
    An entry that was stored twice is found twice.
    """

    question: NDArray[np.int64]
    key: KeyArray
    distance: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.question)

    def __iter__(self) -> Iterator[tuple[int, Match]]:
        for question, key, distance in zip(self.question.tolist(), self.key.tolist(), self.distance.tolist(), strict=True):
            yield question, Match(key, distance)

    @classmethod
    def sorted(cls, question: NDArray[np.int64], key: KeyArray, distance: NDArray[np.uint16]) -> Self:
        """The same matches in the order promised."""
        order = np.lexsort((key, distance, question))
        return cls(question[order], key[order], distance[order])


class Index(Protocol):
    """Entries are pairs of a PDQ and a key: a whole number of the caller's, 0 to 2⁶⁴ − 1, which many PDQ may share."""

    def __len__(self) -> int:
        """How many entries a question is asked of."""

    def lookup(self, pdq: Pdq, radius: int = USUAL_RADIUS) -> list[Match]:
        """Every entry at most ``radius`` bits from this PDQ, sorted by distance, then key.

        Raises RadiusRefused.
        """

    def lookup_many(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 1) -> Matches:
        """The same for many, one after the other. ``threads``: 0 for all cores. Raises RadiusRefused, NotAFingerprint."""

    def join(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 0) -> Matches:
        """The same answers, for thousands of questions or millions: reads the whole index once, whatever their number."""


def check_radius(radius: object) -> int:
    """Give it back, or raise RadiusRefused with a sentence."""
    if isinstance(radius, bool) or not isinstance(radius, (int, np.integer)) or not 0 <= radius <= WIDEST_RADIUS:
        raise RadiusRefused(f"The index is exact for distances from 0 to {WIDEST_RADIUS} bits; use LinearIndex beyond.")
    return int(radius)


def as_hashes(pdqs: HashArray) -> HashArray:
    """Rows of 32 bytes, contiguous in memory; copied only if needed. Raises NotAFingerprint."""
    array = np.asarray(pdqs)
    if array.dtype != np.uint8 or array.ndim != 2 or array.shape[1] != Pdq.SIZE:
        raise NotAFingerprint("PDQ are given as an array of bytes (uint8) of shape (n, 32).")
    return np.ascontiguousarray(array)


def as_keys(keys: KeyArray, count: int) -> KeyArray:
    """One key for each of ``count`` rows, as uint64. Raises ValueError."""
    array = np.asarray(keys)
    if array.shape != (count,) or array.dtype.kind not in "iu" or (array.dtype.kind == "i" and array.size and array.min() < 0):
        raise ValueError(f"There must be one key for each of the {count} fingerprints, a whole number from 0 to 2⁶⁴ − 1.")
    return np.ascontiguousarray(array, dtype=np.uint64)


def rows_of(pdqs: list[Pdq]) -> HashArray:
    """An array of shape (n, 32) of these."""
    return np.frombuffer(b"".join(pdq.value for pdq in pdqs), dtype=np.uint8).reshape(len(pdqs), Pdq.SIZE)

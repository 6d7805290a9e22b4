"""The ring: what one chunk near the question says about the whole PDQ. NumPy's side of ``native/ring.h``.

The 256 bits are cut into sixteen chunks on a ring. Let d₀ … d₁₅ be the distances of two PDQ chunk by chunk, their sum at
most r. Lemma: from some start s every running sum keeps its share, ``d[s] + … + d[s+l−1] ≤ l·r/16`` for every l, indices
modulo 16. Proof: take s after the highest of the partial sums ``P[i] = d₀ + … + d[i−1] − i·r/16``. From there the path never
rises above where it starts; and once round the ring it is no higher, since the whole sum is at most r. So each of sixteen
tables is asked only about chunks at most ⌊r/16⌋ bits away, and of those rows only the ones that keep ⌊2r/16⌋ over two chunks
and ⌊3r/16⌋ over three are compared whole. Nothing is missed, whatever the radius; beyond 47 it is only no longer quick.

A pair is told by the one table that starts at s (the first highest sum): no set of what was already told is needed.

Source: Qin and Xiao, "Pigeonring: A Principle for Faster Thresholded Similarity Search", VLDB 2018.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.interface import HashArray

CHUNKS = 16
BUCKETS = 1 << 16

Words = NDArray[np.uint64]  # shape (n, 4): hashes as four little-endian words
Chunks = NDArray[np.uint16]  # shape (n,)


def _masks() -> NDArray[np.uint64]:
    """Which bits of the four words make each chunk: column ``(5i + t) mod 16`` of printed word i, for chunk t.

    The sixteen printed words are rows of PDQ's cosine transform, and the bits of one row go together: as chunks they would
    fill some buckets three times too much. One bit of each row, each from another column, are as good as independent.
    """
    masks = np.zeros((CHUNKS, 4), np.uint64)
    for chunk in range(CHUNKS):
        for row in range(16):
            masks[chunk, row // 4] |= np.uint64(1 << (16 * (row % 4) + (5 * row + chunk) % 16))
    return masks


def _flips() -> NDArray[np.uint16]:
    """Every way to flip 0, 1, then 2 bits of a chunk."""
    single = [1 << one for one in range(16)]
    double = [1 << one | 1 << other for one in range(16) for other in range(one)]
    return np.array([0, *single, *double], np.uint16)


MASKS = _masks()
FLIPS = _flips()
FLIPPED = np.bitwise_count(FLIPS)  # how many bits each flips


class Budgets(NamedTuple):
    """How many bits may differ in the first chunk, the first two, the first three."""

    first: int
    second: int
    third: int

    @classmethod
    def of(cls, radius: int) -> Budgets:
        return cls(radius // CHUNKS, 2 * radius // CHUNKS, 3 * radius // CHUNKS)

    def flips(self) -> int:
        """How many buckets of each table are asked: the first so many of FLIPS."""
        return int(np.count_nonzero(self.first >= FLIPPED))


def words_of(hashes: HashArray) -> Words:
    """The same bytes, seen as four words a row."""
    return np.ascontiguousarray(hashes).view(np.uint64)


def chunk_of(words: Words, chunk: int) -> Chunks:
    """Chunk ``chunk`` (any number, modulo 16) of every row. The sixteen columns differ, so that masked words are only ORed."""
    folded = np.bitwise_or.reduce(words & MASKS[chunk % CHUNKS], axis=1)
    folded |= folded >> np.uint64(32)
    chunks: Chunks = (folded | folded >> np.uint64(16)).astype(np.uint16)
    return chunks


def reporting_table(difference: Words, radius: int) -> NDArray[np.int64]:
    """For each row of differing bits, the table that reports it: after the first highest partial sum."""
    distances = np.stack([np.bitwise_count(chunk_of(difference, chunk)) for chunk in range(CHUNKS - 1)], axis=1)
    heights = np.zeros((len(difference), CHUNKS), np.int64)
    np.cumsum(CHUNKS * distances.astype(np.int64) - radius, axis=1, out=heights[:, 1:])
    highest: NDArray[np.int64] = heights.argmax(axis=1)
    return highest

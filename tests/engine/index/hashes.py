"""Banks and questions for the tests of indexes: uniform, degenerate, and neighbours placed where an index would miss them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.compiled import Found
from rempart.engine.index.interface import HashArray, KeyArray, Matches

Places = NDArray[np.int64]  # shape (n, 256): for each row, all bits in the order in which they are flipped

AS_PRINTED = np.arange(256).reshape(16, 16)
ON_THE_RING = np.array([[16 * row + (5 * row + chunk) % 16 for row in range(16)] for chunk in range(16)])
"""The bits of each chunk: as the sixteen-bit words are printed, and as the index deals them."""

PLACINGS = ("random", "run", "run on the ring", "spread", "spread on the ring")


def uniform(count: int, seed: int = 0) -> HashArray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def keys_for(count: int) -> KeyArray:
    """Not the rows' own numbers, and not in their order."""
    return np.random.default_rng(99).permutation(np.arange(count, dtype=np.uint64)) * np.uint64(2**40 + 1)


def flipped(hashes: HashArray, places: Places, counts: NDArray[np.int64]) -> HashArray:
    """The first ``counts`` bits of ``places`` flipped, row by row."""
    flips = np.zeros((len(hashes), 256), np.uint8)
    np.put_along_axis(flips, places, (np.arange(256) < counts[:, None]).astype(np.uint8), axis=1)
    return hashes ^ np.packbits(flips, axis=1, bitorder="little")


def placing(how: str, count: int, chance: np.random.Generator) -> Places:
    """``run``: neighbouring bits, which fill one chunk after the other. ``spread``: one bit of every chunk, then a second…"""
    chunks = ON_THE_RING if how.endswith("ring") else AS_PRINTED
    if how == "random":
        return np.argsort(chance.random((count, 256)), axis=1)
    if how.startswith("run"):
        starts = chance.integers(0, 256, (count, 1))
        return chunks.reshape(-1)[(np.arange(256) + starts) % 256]
    within = np.argsort(chance.random((count, 16, 16)), axis=2)
    turn = np.argsort(chance.random((count, 16)), axis=1)
    inside = np.take_along_axis(np.broadcast_to(chunks, (count, 16, 16)), within, axis=2)
    return np.take_along_axis(inside, turn[:, :, None], axis=1).transpose(0, 2, 1).reshape(count, 256)


def planted(bank: HashArray, count: int, farthest: int, seed: int = 1) -> tuple[HashArray, Places, NDArray[np.int64]]:
    """``count`` neighbours of rows of the bank, at distances 0 … ``farthest``, in every placing: them, their rows, distances."""
    chance = np.random.default_rng(seed)
    rows = chance.integers(0, len(bank), count)
    distances = np.arange(count) % (farthest + 1)
    chance.shuffle(distances)
    near = np.empty((count, 32), np.uint8)
    for number, how in enumerate(PLACINGS):
        mine = slice(number, None, len(PLACINGS))
        near[mine] = flipped(bank[rows[mine]], placing(how, len(rows[mine]), chance), distances[mine])
    return near, rows, distances


def degenerate() -> HashArray:
    """All zeros, all ones, stripes of every width, both ways: hashes that fill few buckets."""
    rows = [np.zeros(32, np.uint8), np.full(32, 255, np.uint8)]
    rows += [np.full(32, pattern, np.uint8) for pattern in (0x55, 0xAA, 0x33, 0x0F, 0xF0)]
    rows += [np.tile(np.array(pair, np.uint8), 16) for pair in ((0, 255), (255, 0))]
    rows += [np.tile(np.array([0] * width + [255] * width, np.uint8), 16 // width) for width in (2, 4, 8, 16)]
    return np.stack(rows)


def matches(found: Found, keys: KeyArray) -> Matches:
    """What a segment found, as an index tells it."""
    return Matches.sorted(found.question, keys[found.row], found.distance)


def assert_same(answer: Matches, wanted: Matches) -> None:
    """The same entries, in the same order, in arrays of the same kinds."""
    for name in ("question", "key", "distance"):
        mine, theirs = getattr(answer, name), getattr(wanted, name)
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)

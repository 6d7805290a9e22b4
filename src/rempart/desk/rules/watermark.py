"""The watermark: four bits of each PDQ that stand otherwise on the copy of each client. A copy that leaks names whose it was.

Two of its ones are turned off and two of its zeros on, so that a fingerprint keeps its number of ones: PDQs have 128, and one
with another number would show that it was touched. Which bits: a keyed function of the entry and the part, uniform over all
pairs. Without the key nobody tells them from the bits that an edit of the picture turns; with the key, ``evidence`` weighs a
leaked copy.

SHA-256 bear no mark: one bit of it changed is the name of another file, which nobody has. They show nothing of a picture either.
"""

import hashlib
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rempart.engine import HashArray

BITS = 256
TURNED_OF_A_KIND = 2
"""Ones turned off, and as many zeros turned on."""
TURNED = 2 * TURNED_OF_A_KIND

_AT_ONCE = 1 << 12
_PLACE = struct.Struct(">QI")  # entry, part

Floats = NDArray[np.float64]


def _nth_ones() -> HashArray:
    """For each byte, the bit that is its first one from above, its second…: shape (256, 8); zero where it has fewer."""
    table = np.zeros((256, 8), np.uint8)
    for byte in range(256):
        ones = [1 << bit for bit in range(7, -1, -1) if byte >> bit & 1]
        table[byte, : len(ones)] = ones
    return table


_NTH_ONE = _nth_ones()


def masks(hashes: HashArray, key: bytes, entries: Sequence[int], parts: Sequence[int]) -> HashArray:
    """The bits to turn, for each of these originals: shape (n, 32), to be combined by exclusive or.

    ``key``: the client's, 32 bytes. The same for ever for one key, entry, part and original. A fingerprint that has fewer than
    two ones or two zeros is of no picture and is not marked.
    """
    drawn = _drawn(key, entries, parts)
    made = np.empty((len(hashes), BITS // 8), np.uint8)
    for first in range(0, len(hashes), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        made[some] = _masks(hashes[some], drawn[some])
    return made


def _drawn(key: bytes, entries: Sequence[int], parts: Sequence[int]) -> NDArray[np.uint64]:
    """Two numbers below 2⁶⁴ for each place: shape (n, 2)."""
    start = hashlib.blake2b(key=key, digest_size=16)
    digests = bytearray()
    for entry, part in zip(entries, parts, strict=True):
        one = start.copy()
        one.update(_PLACE.pack(entry, part))
        digests += one.digest()
    return np.frombuffer(bytes(digests), ">u8").reshape(-1, 2).astype(np.uint64)


def _masks(hashes: HashArray, drawn: NDArray[np.uint64]) -> HashArray:
    chosen = np.zeros_like(hashes)
    rows = np.arange(len(hashes))
    for column, standing in ((0, hashes), (1, ~hashes)):
        reached = np.cumsum(np.bitwise_count(standing), axis=1, dtype=np.int16)
        count = reached[:, -1].astype(np.uint64)
        for rank in _two_ranks(drawn[:, column], count):
            # The byte in which so many are passed, then the bit in it. Of too few there is none: taken back below.
            wanted = rank.astype(np.int16)
            byte = np.minimum(np.count_nonzero(reached <= wanted[:, None], axis=1), BITS // 8 - 1)
            before = np.where(byte > 0, reached[rows, byte - 1], 0)
            chosen[rows, byte] |= _NTH_ONE[standing[rows, byte], (wanted - before) & 7]
    ones = np.bitwise_count(hashes).sum(axis=1, dtype=np.int16)
    chosen[(ones < TURNED_OF_A_KIND) | (ones > BITS - TURNED_OF_A_KIND)] = 0
    return chosen


def _two_ranks(drawn: NDArray[np.uint64], count: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two different ranks below ``count``: every pair as often, but for less than one part in 2⁴⁷."""
    others = np.maximum(count, np.uint64(2)) - np.uint64(1)
    index = drawn % (others * (others + np.uint64(1)))
    first, second = index // others, index % others
    return first, second + (second >= first)


def mark(original: bytes, key: bytes, entry: int, part: int) -> bytes:
    """The 32 bytes of one PDQ as the client of this key is given it."""
    row = np.frombuffer(original, np.uint8)[None]
    return bytes(row[0] ^ masks(row, key, [entry], [part])[0])


# --- reading it back ----------------------------------------------------------------------------------------------------------

# What the leaker may have done to a file, as pairs: how many times likelier a bit is turned because it is the mark's than for
# another reason, and the share of fingerprints that bear another's mark or none. The first is a copy given away as it is.
_WAYS = ((1e4, 0.01), (1e4, 0.5), (300.0, 0.1), (40.0, 0.3), (6.0, 0.3))
_WEIGHTS = np.array([0.5, 0.125, 0.125, 0.125, 0.125])


def evidence(turned: HashArray, originals: HashArray, marks: HashArray, groups: NDArray[np.int64], weights: Floats) -> Floats:
    """How much the leaked copies speak for one client, once for each way of leaking: shape (5,), natural logarithms.

    A row is a leaked PDQ beside one original that it may be a copy of: ``turned`` are the bits in which they differ, ``marks``
    the client's for this original. Rows of one group tell of one event, with weights that sum to one; ``groups`` is sorted.

    Whatever the leaker did, the exponential is 1 on average, or less, for a client that had no part in it: her bits were drawn
    by a key that nobody but us has, so that how many of them are among ``turned`` is hypergeometric. That is all
    ``chance_of_error`` of ``collusion`` needs; it does not rest on a model of leakers.
    """
    hits = np.bitwise_count(turned & marks).sum(axis=1)
    downs, ones = (np.bitwise_count(rows).sum(axis=1).astype(np.float64) for rows in (turned & originals, originals))
    ups = np.bitwise_count(turned & ~originals).sum(axis=1).astype(np.float64)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    sums = []
    for odds, others in _WAYS:
        ratios = odds**hits / (_expected(odds, ones, downs) * _expected(odds, BITS - ones, ups))
        together = np.add.reduceat(weights * ratios, starts) if len(starts) else np.empty(0)
        sums.append(float(np.log(others + (1 - others) * together).sum()))
    return np.array(sums)


def joint(sums: Floats) -> float:
    """The ways of leaking weighed together: one logarithm, from those of ``evidence`` added up over all there is."""
    most = float(sums.max())
    return most + float(np.log(_WEIGHTS @ np.exp(sums - most)))


def _expected(odds: float, standing: Floats, turned: Floats) -> Floats:
    """Mean of ``odds ** hits``, where two of so many standing bits are drawn by chance and so many of them were turned."""
    kept = standing - turned
    pairs = np.maximum(standing * (standing - 1), 1)
    mean: Floats = (kept * (kept - 1) + 2 * odds * turned * kept + odds**2 * turned * (turned - 1)) / pairs
    return np.where(standing < TURNED_OF_A_KIND, 1.0, mean)

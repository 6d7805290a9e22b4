"""Fingerprints that say too little: their table of signs is a pattern. Found from the 256 bits alone.

A PDQ is a table of 16 × 16 signs. That of most photographs looks like chance. That of checks, of fabric, of calm water under an
even sky, of anything whose light is nearly one wave times another, repeats itself, and resembles thousands of unrelated ones.
PDQ's quality does not see it: it counts contrast, not variety. Such fingerprints make nearly all false alarms.

The test compares the table with itself, shifted by up to three rows and columns. For each of the 24 shifts, the number of signs
that agree is a coin toss for distinct fingerprints; how far it is from half, in standard deviations, is squared, and the
degeneracy is the square root of the mean: 1 for pure chance, 1.3 to 3.1 for four fifths of photographs, 10 or more for checks.

A fingerprint above ``LIMIT`` should be looked at by a person before anybody acts on a match with it. It should not be dropped:
it still finds copies of its own picture. What the bits cannot tell: a picture of exactly one colour, or that changes along one
axis only, has rounding noise for a fingerprint, which looks like chance; PDQ's quality is low for the former.

Measured by benchmarks/recall.py; figures in docs/en/reference/variants.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Pdq

LIMIT = 4.5  # flags about 1 % of photographs, and nineteen in twenty of those that match an unrelated one
SIDE = 16  # signs each way
REACH = 3  # rows and columns a table is shifted by
SHIFTS = tuple((down, right) for down in range(REACH + 1) for right in range(-REACH, REACH + 1) if (down, right) > (0, 0))
AT_ONCE = 1 << 15  # rows: what is computed from them stays in the cache

Words = NDArray[np.uint64]  # shape (4, n): four rows of signs in each word, the upper row in the high bits


@dataclass(frozen=True, slots=True)
class Audit:
    """What a list of fingerprints is worth. ``rows`` are the numbers of those to be looked at, the worst first."""

    count: int
    rows: NDArray[np.int64] = field(repr=False)

    def __str__(self) -> str:
        if not len(self.rows):
            return f"None of {self.count:,} fingerprints is degenerate."
        share = f"{100 * len(self.rows) / self.count:.2g} %"
        return f"{len(self.rows):,} of {self.count:,} ({share}) are degenerate: a person should look at their matches."


def is_degenerate(pdq: Pdq) -> bool:
    """Whether this fingerprint says too little for a match with it to be trusted unseen."""
    return bool(is_degenerate_many(np.frombuffer(pdq.value, np.uint8)[None])[0])


def is_degenerate_many(hashes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The same of many: shape (n, 32) to shape (n,). Raises NotAFingerprint."""
    return degeneracy(hashes) > LIMIT


def audit(hashes: NDArray[np.uint8]) -> Audit:
    """Look through a list, such as one that was imported: ten million rows take some seconds. Raises NotAFingerprint."""
    scores = degeneracy(hashes)
    flagged = np.flatnonzero(scores > LIMIT)
    return Audit(len(scores), flagged[np.argsort(-scores[flagged], kind="stable")])


def degeneracy(hashes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each table of signs repeats itself: shape (n, 32), bytes in printed order, to shape (n,). About 1 is chance.

    Nearly the same for the eight ways to turn and mirror a picture. Raises NotAFingerprint.
    """
    rows = np.asarray(hashes)
    if rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != Pdq.SIZE:
        raise NotAFingerprint("PDQ are given as an array of bytes (uint8) of shape (n, 32).")
    scores = np.empty(len(rows), np.float32)
    for first in range(0, len(rows), AT_ONCE):
        some = np.ascontiguousarray(rows[first : first + AT_ONCE])
        scores[first : first + AT_ONCE] = _scores(some.view(">u8").T.astype(np.uint64, order="C"))
    return scores


def _scores(words: Words) -> NDArray[np.float32]:
    total = np.zeros(words.shape[1], np.float32)
    for down, right in SHIFTS:
        compared = (SIDE - down) * (SIDE - abs(right))
        agreeing = compared - _differing(words, down, right)
        total += np.square(2 * agreeing.astype(np.float32) - compared) / np.float32(compared)
    return np.sqrt(total / len(SHIFTS))


def _differing(words: Words, down: int, right: int) -> NDArray[np.uint16]:
    """How many signs differ from the one so many rows below and columns aside; those that have none there do not count."""
    aside = np.uint64(abs(right))
    columns = (1 << SIDE) - 1 >> abs(right)  # of one row, once it is shifted to the right
    mask = np.uint64(columns * 0x0001_0001_0001_0001)
    below = _rows_below(words, down)
    here, there = (words >> aside, below) if right >= 0 else (words, below >> aside)
    differing = (here ^ there) & mask
    if down:
        differing[-1] &= np.uint64((1 << 64) - (1 << SIDE * down))  # the last rows have none below
    count: NDArray[np.uint16] = np.bitwise_count(differing).sum(axis=0, dtype=np.uint16)
    return count


def _rows_below(words: Words, down: int) -> Words:
    """Each row replaced by the one so many below; zeros come in at the end."""
    if not down:
        return words
    bits = np.uint64(SIDE * down)
    shifted = words << bits
    shifted[:-1] |= words[1:] >> (np.uint64(64) - bits)
    return shifted

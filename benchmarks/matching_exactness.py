"""Nothing missed, nothing made up: neighbours planted where a search by chunks finds them hardest, each answer checked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure, plain, say
from benchmarks.matching_setting import FIRST_KEY, PLANTED_SEED, Setting
from benchmarks.natural import WORDS, How, planted
from rempart.engine.index.interface import USUAL_RADIUS, HashArray, Matches
from rempart.engine.index.ring import MASKS

RING = np.stack([np.flatnonzero(bits) for bits in np.unpackbits(MASKS.view(np.uint8), axis=1)])  # shape (16, 16)
CHUNKS = {"printed words": WORDS, "ring": RING}
PLACEMENTS: tuple[tuple[How, str], ...] = (("random", "printed words"), *product(("run", "even"), CHUNKS))
BEYOND = 40  # one question in nine is planted out of reach, from 32 to 40 bits away
AT_ONCE = 100_000


def exactness(setting: Setting) -> Iterator[Figure]:
    """Both ways to ask many, each asked everything."""
    store, count = setting.open(), setting.size.planted
    missed = false = reachable = 0
    for number, (how, chunks) in enumerate(PLACEMENTS):
        distances = distances_of(number, count // len(PLACEMENTS))
        questions, rows = planted(setting.bank, distances, how, PLANTED_SEED + number, CHUNKS[chunks])
        reachable += int((distances <= USUAL_RADIUS).sum())
        for first in range(0, len(questions), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            wanted = np.where(distances[part] <= USUAL_RADIUS, rows[part], -1)
            for matches in (store.lookup_many(questions[part], threads=0), store.join(questions[part], threads=0)):
                missed += missing(matches, wanted)
                false += wrong(matches, questions[part], setting.bank)
        say(f"planted {how} over the {chunks}: {missed} missed and {false} false so far")
    yield plain("missed", missed, f"of {reachable:,} planted, each way", at_most=0)
    yield plain("false_answers", false, "beyond 31, twice, or wrong", at_most=0)


def distances_of(seed: int, reachable: int) -> NDArray[np.intp]:
    """As many of each distance from 0 to 31 as makes ``reachable``, one in eight more beyond, in no order."""
    within = np.arange(reachable) % (USUAL_RADIUS + 1)
    beyond = USUAL_RADIUS + 1 + np.arange(reachable // 8) % (BEYOND - USUAL_RADIUS)
    return np.random.default_rng(seed).permutation(np.concatenate((within, beyond)))


def missing(matches: Matches, wanted: NDArray[np.intp]) -> int:
    """How many wanted rows (−1 for none) are not among the answers to their question."""
    asked = np.flatnonzero(wanted >= 0)
    found = pairs(matches.question, matches.key.astype(np.int64) - FIRST_KEY)
    return int((~np.isin(pairs(asked, wanted[asked]), found)).sum())


def wrong(matches: Matches, questions: HashArray, bank: HashArray) -> int:
    """How many answers are too far, name a wrong distance, come twice, or name what is not there."""
    row = matches.key.astype(np.int64) - FIRST_KEY
    is_there = (row >= 0) & (row < len(bank))
    differing = bank[np.where(is_there, row, 0)].view(np.uint64) ^ questions[matches.question].view(np.uint64)
    distance = np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
    is_good = is_there & (distance <= USUAL_RADIUS) & (distance == matches.distance)
    named = pairs(matches.question, row)
    return int((~is_good).sum()) + len(named) - len(np.unique(named))


def pairs(question: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each pair of a question and a row."""
    return (question << 32) + row

"""Canaries: entries of no person, each on the copies of some clients only, chosen so that a few who compare theirs still betray
themselves.

The watermark alone fails against three who vote bit by bit: each mark stands on one copy of three. Canaries are coded after
G. Tardos, *Optimal probabilistic fingerprint codes* (2003): each has a bias of its own, drawn from the arcsine density with its
ends cut off, and stands on a client's copy with that chance, by a keyed function. Colluders see which entries differ between them
and may keep or drop those as they like; what they cannot see is which of those that they share are canaries.

Accusations are the sums of the symmetric score of B. Škorić (2008), in the form of likelihood ratios of T. Laarhoven (2014),
which is as good as any decoder can be while nobody knows how the colluders chose.
"""

import hashlib
import hmac
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FORESEEN = 3
"""Colluders that the code is made for."""
ERROR = 1e-6
"""Chance to accuse one innocent client that the length is made for."""
LENGTH = math.ceil(4.93 * FORESEEN**2 * math.log(1 / ERROR))
"""Canaries that this takes: 613."""
BIAS_UNIT = 10_000
LEAST_BIAS = 11
"""The ends of the arcsine density are cut off at 1 / (300 × colluders), Tardos's choice."""

FIRST = 60
"""Made before a list is read for the first time."""
MOST_SOON = 900
"""Longer than the theory asks: by then one of three is always named, whatever they do, and of four as a rule (measured)."""
SOON_ONE_IN = 5
LATER_ONE_IN = 500
"""Entries of protections for each canary, on average: until there are many, and after."""

Floats = NDArray[np.float64]


def canaries_due(entries: int, key: bytes) -> int:
    """How many canaries a list of so many entries has. After which entries they come is chance, drawn from the key.

    One after every fifth would be told by counting.
    """
    count, reached = FIRST, 0.0
    while True:
        digest = hmac.digest(key, count.to_bytes(8), "sha256")
        mean = SOON_ONE_IN if count < MOST_SOON else LATER_ONE_IN
        reached += -math.log(1 - int.from_bytes(digest[:6]) / 2**48) * mean
        if reached > entries:
            return count
        count += 1


def bias_of(chance: float) -> int:
    """The bias of a canary, of 10,000; ``chance``: drawn evenly from 0 to 1, by whoever has a source of it."""
    cut = math.asin(math.sqrt(LEAST_BIAS / BIAS_UNIT))
    return round(BIAS_UNIT * math.sin(cut + chance * (math.pi / 2 - 2 * cut)) ** 2)


def stands_on(key: bytes, canary: int, bias: int) -> bool:
    """Whether this canary stands on the copy of the client of this key."""
    digest = hashlib.blake2b(canary.to_bytes(8, "big"), key=key, digest_size=8).digest()
    return int.from_bytes(digest) * BIAS_UNIT >> 64 < bias


# --- reading it back ----------------------------------------------------------------------------------------------------------

# How many colluded, and which canaries are believed: those that are in the file, those that are not, or both. One who leaks a
# part of a list leaves out most canaries for no reason; colluders who drop whatever differs leave in only what all of them had.
_COLLUDERS = (1.02, 2.0, 3.0, 4.0, 6.0)
_BELIEVED = ((True, True), (True, False), (False, True))


def evidence(stands: NDArray[np.bool_], biases: Sequence[int], seen: NDArray[np.bool_]) -> Floats:
    """How much the canaries speak for each client: natural logarithms, shape (clients,).

    ``stands``: shape (clients, canaries), on whose copies each stands. ``seen``: which of them are in the leaked file. The
    exponential is 1 on average for a client that had no part in it, whatever the others did: her canaries were drawn without
    them.
    """
    bias = np.array(biases, np.float64) / BIAS_UNIT
    with_it, without = [], []
    for believes_seen, believes_missing in _BELIEVED:
        believed = np.where(seen, believes_seen, believes_missing)
        for colluders in _COLLUDERS:
            present, absent = _ratios(bias, seen, colluders)
            with_it.append(np.where(believed, np.log(present), 0.0))
            without.append(np.where(believed, np.log(absent), 0.0))
    base, more = np.array(without), np.array(with_it) - np.array(without)
    sums = stands.astype(np.float64) @ more.T + base.sum(axis=1)
    most: Floats = sums.max(axis=1)
    together: Floats = most + np.log(np.exp(sums - most[:, None]).mean(axis=1))
    return together


def _ratios(bias: Floats, seen: NDArray[np.bool_], colluders: float) -> tuple[Floats, Floats]:
    """How much likelier a colluder has, or lacks, each canary than anybody, where each was kept as often as colluders had it."""
    has = np.where(seen, 1 + (1 - bias) / (colluders * bias), 1 - 1 / colluders)
    lacks = np.where(seen, 1 - 1 / colluders, 1 + bias / (colluders * (1 - bias)))
    return has, lacks


# --- naming -------------------------------------------------------------------------------------------------------------------

NAMED_BELOW = 1e-4
"""Nobody is named unless the chance that any innocent client would be is below this."""


_MOST = 600.0


def chance_of_error(evidence: float, suspects: int) -> float:
    """At most this chance that one of so many innocent clients would look as guilty: Markov's inequality, for all of them at
    once.

    ``evidence``: the logarithms of the watermark and of the canaries, added: the two were drawn apart.
    """
    # Never zero: it is a bound.
    return min(1.0, suspects * math.exp(-min(evidence, _MOST)))

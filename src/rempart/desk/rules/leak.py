"""Leaked fingerprints beside the originals they may be copies of, and what that says of each client.

Which original, which fingerprints, which group: all is chosen without a look at any client's key, so that what is promised of
``watermark.evidence`` holds whatever the leaker did.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rempart.desk.rules import watermark
from rempart.engine import ExactIndex, HashArray

RADIUS = 39
"""Bits: the usual 31, the mark's own, and a few that the leaker turned."""
TIED = 2
"""Bits: originals that are nearly as near as the nearest are believed too. Several people may protect one picture."""
MOST_READ = 5_000
"""Fingerprints whose marks are read, of a longer file: as many leave no doubt that more would take away."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Originals:
    """Every PDQ that stands on a list, unmarked, with its entry and part: columns of one length."""

    hashes: HashArray
    entries: Numbers
    parts: Numbers


class Pairs(NamedTuple):
    """A leaked fingerprint (its row), an original (its row), and the bits between them; sorted by the former."""

    leaked: Numbers
    original: Numbers
    distance: Numbers


@dataclass(frozen=True, slots=True, repr=False)
class Copies:
    """What is read of the marks: pairs by group, as ``watermark.evidence`` takes them."""

    turned: HashArray
    originals: HashArray
    entries: list[int]
    parts: list[int]
    groups: Numbers
    weights: NDArray[np.float64]

    def speak_for(self, key: bytes) -> float:
        """How much they speak for the client of this key for watermarks: a natural logarithm."""
        marks = watermark.masks(self.originals, key, self.entries, self.parts)
        return watermark.joint(watermark.evidence(self.turned, self.originals, marks, self.groups, self.weights))


def beside(leaked: HashArray, bank: Originals) -> Pairs:
    """The originals that are nearest to each leaked fingerprint, or nearly, within the radius."""
    if not len(leaked) or not len(bank.hashes):
        return Pairs(*(np.empty(0, np.int64) for _ in range(3)))
    index = ExactIndex(bank.hashes, np.arange(len(bank.hashes), dtype=np.uint64))
    matches = index.join(leaked, RADIUS)
    distance = matches.distance.astype(np.int64)
    starts = np.flatnonzero(np.diff(matches.question, prepend=-1))
    nearest = np.repeat(distance[starts], np.diff(starts, append=len(distance)))
    kept = distance <= nearest + TIED
    return Pairs(matches.question[kept], matches.key[kept].astype(np.int64), distance[kept])


def copies(leaked: HashArray, bank: Originals, pairs: Pairs) -> Copies:
    """The pairs whose marks are read, of evenly chosen leaked fingerprints.

    Pairs that share a leaked fingerprint, or an original, tell of one event: they are one group and are weighed by their
    distance.
    """
    different = np.unique(pairs.leaked)
    chosen = different[:: max(1, -(-len(different) // MOST_READ))]
    some = np.flatnonzero(np.isin(pairs.leaked, chosen))
    groups = _grouped(pairs.leaked[some].tolist(), pairs.original[some].tolist())
    order = np.argsort(groups, kind="stable")
    some, groups = some[order], groups[order]
    nearness = 0.5 ** pairs.distance[some].astype(np.float64)
    weights: NDArray[np.float64] = nearness / np.bincount(groups, nearness)[groups] if len(some) else nearness
    originals = bank.hashes[pairs.original[some]]
    turned = leaked[pairs.leaked[some]] ^ originals
    entries, parts = (column[pairs.original[some]].tolist() for column in (bank.entries, bank.parts))
    return Copies(turned, originals, entries, parts, groups, weights)


def _grouped(leaked: Iterable[int], originals: Iterable[int]) -> Numbers:
    """A number for each pair, the same for those that hang together."""
    links = [(2 * one, 2 * other + 1) for one, other in zip(leaked, originals, strict=True)]
    above: dict[int, int] = {}

    def top(node: int) -> int:
        while (higher := above.setdefault(node, node)) != node:
            above[node] = above[higher]
            node = higher
        return node

    for one, other in links:
        above[top(one)] = top(other)
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(top(one), len(numbers)) for one, _ in links], np.int64)

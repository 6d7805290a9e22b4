"""What a writer must know before it writes: is this entry stored already, and how many entries does this key have?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.entries import Mask, expand, find, rows_of_keys
from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.log import Kind, Records
from rempart.engine.index.version import Held, Version


class Recent:
    """The live entries among a log's additions: for each key, its PDQ."""

    def __init__(self, version: Version) -> None:
        self._pdqs: dict[int, set[bytes]] = {}
        added = version.additions
        alive = ~version.tombstones.are_dead(added.hashes, added.keys, added.sequences)
        for key, row in zip(added.keys[alive].tolist(), added.hashes[alive], strict=True):
            self._pdqs.setdefault(key, set()).add(row.tobytes())

    def apply(self, records: Records) -> None:
        """Follow the log."""
        for kind, key, row in zip(records["kind"].tolist(), records["key"].tolist(), records["pdq"], strict=True):
            if kind == Kind.ADD:
                self._pdqs.setdefault(key, set()).add(row.tobytes())
            elif kind == Kind.WITHDRAW_KEY:
                self._pdqs.pop(key, None)
            else:
                self._pdqs.get(key, set()).discard(row.tobytes())

    def has(self, hashes: HashArray, keys: KeyArray) -> Mask:
        """Which of these entries are among them."""
        if not self._pdqs:
            return np.zeros(len(keys), np.bool_)
        asked = zip(hashes, keys.tolist(), strict=True)
        return np.array([row.tobytes() in self._pdqs.get(key, ()) for row, key in asked], np.bool_)

    def count(self, keys: KeyArray) -> NDArray[np.int64]:
        """How many each key has."""
        return np.array([len(self._pdqs.get(key, ())) for key in keys.tolist()], np.int64)


def are_stored(version: Version, hashes: HashArray, keys: KeyArray) -> Mask:
    """Which of these entries live in a segment."""
    stored = np.zeros(len(keys), np.bool_)
    for held in version.held:
        asked = np.flatnonzero(~stored)
        rows = find(held.segment.hashes, held.segment.keys, hashes[asked], keys[asked])
        asked = asked[rows >= 0]
        stored[asked] = ~version.tombstones.are_dead(hashes[asked], keys[asked], held.sequence)
    return stored


def count_stored(version: Version, keys: KeyArray) -> NDArray[np.int64]:
    """How many live entries each of these keys has in segments."""
    counts = np.zeros(len(keys), np.int64)
    for held in version.held:
        counts += _count_in(held, version, keys)
    return counts


def _count_in(held: Held, version: Version, keys: KeyArray) -> NDArray[np.int64]:
    starts, stops = rows_of_keys(held.segment.keys, keys)
    if not len(version.tombstones) or not bool((starts < stops).any()):
        return stops - starts
    rows = expand(starts, stops)
    alive = ~version.tombstones.are_dead(held.segment.hashes[rows], held.segment.keys[rows], held.sequence)
    asked = np.repeat(np.arange(len(keys)), stops - starts)
    return np.bincount(asked[alive], minlength=len(keys))

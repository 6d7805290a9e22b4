"""Which segments to merge, and what lives in them.

Every segment costs each question some five microseconds, so they are kept few: a segment not more than three times as large
as all smaller ones together is merged with them, and small ones always. Up to sixteen million entries that leaves six at
most, and an entry is rewritten some twenty times in its life, always off the path of questions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rempart.engine.index.entries import sorted_once
from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.tombstones import Tombstones
from rempart.engine.index.version import Held

FACTOR = 3
SMALL_ROWS = 1 << 15
"""Segments that come to no more than this together are merged whatever their sizes: it takes a few hundredths of a second."""

MOST_ROWS = 1 << 24
"""Entries of one segment: what can be built or merged in some 2 GiB of memory. An index of more has several."""

MOST_TOMBSTONES = 1 << 16
SHARE_OF_TOMBSTONES = 64
"""Beyond so many withdrawals, and one for so many entries, everything is rewritten without what was withdrawn."""


def worth_merging(rows: Sequence[int]) -> list[int]:
    """Places, in this list of sizes, of the segments that should become one; empty, or two at least."""
    order = sorted(range(len(rows)), key=lambda place: rows[place])
    total = wanted = 0
    for count, place in enumerate(order, start=1):
        if count > 1 and total + rows[place] > MOST_ROWS:
            break
        if count > 1 and (rows[place] <= FACTOR * total or total + rows[place] <= SMALL_ROWS):
            wanted = count
        total += rows[place]
    return order[:wanted]


def has_many(tombstones: int, entries: int) -> bool:
    """So many withdrawals that opening and hits would suffer from them."""
    return tombstones > MOST_TOMBSTONES and tombstones * SHARE_OF_TOMBSTONES > entries


def groups(held: Sequence[Held]) -> list[list[Held]]:
    """All segments, in as few groups as the largest size allows when they are taken from the smallest on."""
    grouped: list[list[Held]] = []
    total = MOST_ROWS + 1
    for one in sorted(held, key=lambda held: held.entry.rows):
        if total + one.entry.rows > MOST_ROWS:
            grouped.append([])
            total = 0
        grouped[-1].append(one)
        total += one.entry.rows
    return grouped


def live_entries(held: Sequence[Held], tombstones: Tombstones) -> tuple[HashArray, KeyArray]:
    """What lives in these segments, in order."""
    hashes, keys = [np.empty((0, 32), np.uint8)], [np.empty(0, np.uint64)]
    for one in held:
        dead = tombstones.dead_rows(one.segment.hashes, one.segment.keys, one.sequence)
        hashes.append(np.delete(one.segment.hashes, dead, axis=0) if len(dead) else one.segment.hashes)
        keys.append(np.delete(one.segment.keys, dead) if len(dead) else one.segment.keys)
    return sorted_once(np.concatenate(hashes), np.concatenate(keys))


def is_clean(held: Held, tombstones: Tombstones) -> bool:
    """Is nothing of this segment withdrawn?"""
    return not len(tombstones.dead_rows(held.segment.hashes, held.segment.keys, held.sequence))

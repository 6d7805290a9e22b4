"""The order of entries in a segment, and finding one by its key or whole: by halving, never by reading everything.

Entries are sorted by key, then by the four words of 64 bits of their PDQ as this machine reads them. The order of the
words means nothing; what counts is that there is one, so that two equal entries lie side by side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rempart.engine.index.interface import HashArray, KeyArray

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


def words_of(hashes: HashArray) -> NDArray[np.uint64]:
    """Shape (n, 4): the same bytes. Nothing is copied."""
    return hashes.view(np.uint64)


def sorted_once(hashes: HashArray, keys: KeyArray) -> tuple[HashArray, KeyArray]:
    """The same entries in order, each once. What is in order already is not copied."""
    if len(keys) > 1 and not bool((keys[1:] >= keys[:-1]).all()):
        order = np.argsort(keys, kind="stable")
        hashes, keys = hashes[order], keys[order]
    for columns in (1, 4):
        hashes, keys = _sort_within_keys(hashes, keys, columns)
    same = _same_as_previous(hashes, keys)
    return (hashes[~same], keys[~same]) if same.any() else (hashes, keys)


def _sort_within_keys(hashes: HashArray, keys: KeyArray, columns: int) -> tuple[HashArray, KeyArray]:
    """Sort by the first ``columns`` words the runs of equal keys that are not in order, and touch no other."""
    wrong = _misplaced(hashes, keys, columns)
    if not len(wrong):
        return hashes, keys
    starts = np.searchsorted(keys, np.unique(keys[wrong]), "left")
    stops = np.searchsorted(keys, np.unique(keys[wrong]), "right")
    rows = expand(starts, stops)
    words = words_of(hashes)
    order = rows[np.lexsort((*(words[rows, column] for column in reversed(range(columns))), keys[rows]))]
    sorted_hashes = hashes.copy()
    sorted_hashes[rows] = hashes[order]
    return sorted_hashes, keys


def _misplaced(hashes: HashArray, keys: KeyArray, columns: int) -> Rows:
    """Rows that come, within one key, after a row they should come before."""
    tied = np.flatnonzero(keys[1:] == keys[:-1]) + 1
    words = words_of(hashes)
    return tied[is_before(words[tied, :columns], words[tied - 1, :columns])]


def is_before(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Mask:
    """Row by row, for two arrays of shape (n, columns): is the first strictly before the second?"""
    before = np.zeros(len(one), np.bool_)
    for column in reversed(range(one.shape[1])):
        before = (one[:, column] < other[:, column]) | ((one[:, column] == other[:, column]) & before)
    return before


def _same_as_previous(hashes: HashArray, keys: KeyArray) -> Mask:
    same = np.zeros(len(keys), np.bool_)
    tied = np.flatnonzero(keys[1:] == keys[:-1]) + 1
    same[tied] = (words_of(hashes)[tied] == words_of(hashes)[tied - 1]).all(axis=1)
    return same


def is_sorted_once(hashes: HashArray, keys: KeyArray) -> bool:
    """Is every entry strictly after the one before?"""
    if bool((keys[1:] < keys[:-1]).any()):
        return False
    tied = np.flatnonzero(keys[1:] == keys[:-1]) + 1
    return bool(is_before(words_of(hashes)[tied - 1], words_of(hashes)[tied]).all())


def expand(starts: Rows, stops: Rows) -> Rows:
    """All the rows of these runs, one run after the other."""
    lengths = stops - starts
    ends = np.cumsum(lengths)
    rows: Rows = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
    return rows


def rows_of_keys(sorted_keys: KeyArray, keys: KeyArray) -> tuple[Rows, Rows]:
    """Where the entries of each key begin and end: two arrays as long as ``keys``."""
    return np.searchsorted(sorted_keys, keys, "left"), np.searchsorted(sorted_keys, keys, "right")


def find(sorted_hashes: HashArray, sorted_keys: KeyArray, hashes: HashArray, keys: KeyArray) -> Rows:
    """The row of each entry (``hashes``, ``keys``) among the sorted ones, or −1."""
    found = np.full(len(keys), -1, np.int64)
    starts, stops = rows_of_keys(sorted_keys, keys)
    asked = np.flatnonzero(starts < stops)
    if not len(asked):
        return found
    words, wanted = words_of(sorted_hashes), words_of(hashes)[asked]
    low, high = starts[asked].copy(), stops[asked].copy()
    while bool((low < high).any()):
        # Where low has met high, the middle may lie just past the run: it is not looked at.
        open_ = np.flatnonzero(low < high)
        middle = (low[open_] + high[open_]) // 2
        before = is_before(words[middle], wanted[open_])
        low[open_] = np.where(before, middle + 1, low[open_])
        high[open_] = np.where(before, high[open_], middle)
    inside = np.flatnonzero(low < stops[asked])
    is_it = (words[low[inside]] == wanted[inside]).all(axis=1)
    found[asked[inside[is_it]]] = low[inside[is_it]]
    return found

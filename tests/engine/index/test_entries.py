"""Entries in order, and finding them by halving, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.index import entries
from rempart.engine.index.interface import HashArray, KeyArray

# Few different words and keys, so that ties are everywhere.
WORDS = st.tuples(*[st.integers(0, 2)] * 4)
ENTRIES = st.lists(st.tuples(st.integers(0, 3) | st.just(2**64 - 1), WORDS), max_size=40)
Entry = tuple[int, tuple[int, ...]]


def arrays(pairs: list[Entry]) -> tuple[HashArray, KeyArray]:
    words = np.array([words for _, words in pairs], np.uint64).reshape(-1, 4)
    return words.view(np.uint8), np.array([key for key, _ in pairs], np.uint64)


def pairs_of(hashes: HashArray, keys: KeyArray) -> list[Entry]:
    return list(zip(keys.tolist(), map(tuple, hashes.view(np.uint64).tolist()), strict=True))


@given(ENTRIES)
def test_sorted_and_each_once(pairs: list[Entry]) -> None:
    found = entries.sorted_once(*arrays(pairs))
    assert pairs_of(*found) == sorted(set(pairs))
    assert entries.is_sorted_once(*found)
    assert entries.is_sorted_once(*arrays(pairs)) == (pairs == sorted(set(pairs)))


@given(ENTRIES)
def test_what_is_in_order_is_not_copied(pairs: list[Entry]) -> None:
    hashes, keys = arrays(sorted(set(pairs)))
    found = entries.sorted_once(hashes, keys)
    assert found[0] is hashes
    assert found[1] is keys


@given(ENTRIES, ENTRIES)
def test_each_entry_is_found_where_it_lies(pairs: list[Entry], asked: list[Entry]) -> None:
    ordered = sorted(set(pairs))
    rows = entries.find(*arrays(ordered), *arrays(asked)).tolist()
    assert rows == [ordered.index(one) if one in ordered else -1 for one in asked]


@given(ENTRIES, st.lists(st.integers(0, 5) | st.just(2**64 - 1), max_size=8))
def test_all_rows_of_keys(pairs: list[Entry], keys: list[int]) -> None:
    ordered = sorted(set(pairs))
    runs = entries.rows_of_keys(arrays(ordered)[1], np.array(keys, np.uint64))
    assert entries.expand(*runs).tolist() == [row for key in keys for row, (other, _) in enumerate(ordered) if other == key]

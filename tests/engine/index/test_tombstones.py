"""What was withdrawn, and until when, against a dictionary."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.index import log, tombstones
from rempart.engine.index.entries import sorted_once
from rempart.engine.index.tombstones import EMPTY, Tombstones
from tests.engine.index.stores import POOL, arrays, keys_of

WITHDRAWALS = st.lists(st.tuples(st.none() | st.integers(0, 5), st.integers(0, 5)), max_size=30)
"""Pairs of the number of a PDQ, or None for all of a key, and a key; their place is their sequence."""


def records(withdrawals: list[tuple[int | None, int]], first: int) -> log.Records:
    parts = [np.empty(0, log.RECORD)]
    for number, key in withdrawals:
        one = (
            log.key_withdrawals(keys_of([key]), np.ones(1, np.int64))
            if number is None
            else log.pair_withdrawals(*arrays([(number, key)]))
        )
        parts.append(one)
    return log.number(np.concatenate(parts), first)


def is_dead(withdrawals: list[tuple[int | None, int]], entry: tuple[int, int], age: int) -> bool:
    return any(
        sequence > age and key == entry[1] and number in (None, entry[0])
        for sequence, (number, key) in enumerate(withdrawals, start=1)
    )


EVERY = [(number, key) for number in range(6) for key in range(7)]


@given(old=WITHDRAWALS, new=WITHDRAWALS, age=st.integers(0, 62), is_many=st.booleans())
def test_the_youngest_withdrawal_counts(
    old: list[tuple[int | None, int]], new: list[tuple[int | None, int]], age: int, is_many: bool
) -> None:
    table = Tombstones(EMPTY).extended(records(old, 1)).whole
    held = Tombstones(table).extended(records(new, 1 + len(old)))
    asked = EVERY if is_many else EVERY[:: len(EVERY) // 3]
    assert (len(asked) > tombstones.FEW) == is_many
    wanted = [is_dead(old + new, entry, age) for entry in asked]
    assert held.are_dead(*arrays(asked), age).tolist() == wanted
    assert held.are_dead(*arrays(asked), np.full(len(asked), age, np.uint64)).tolist() == wanted


@given(WITHDRAWALS, st.integers(0, 31))
def test_rows_are_found_from_the_withdrawals(withdrawals: list[tuple[int | None, int]], age: int) -> None:
    held = Tombstones(EMPTY).extended(records(withdrawals, 1))
    assert held.dead_rows(*arrays([]), age).tolist() == []
    hashes, keys = sorted_once(*arrays(EVERY))
    dead = held.are_dead(hashes, keys, age)
    assert held.dead_rows(hashes, keys, age).tolist() == np.flatnonzero(dead).tolist()


@given(WITHDRAWALS, st.integers(0, 31))
def test_the_file_says_the_same(withdrawals: list[tuple[int | None, int]], oldest: int) -> None:
    table = Tombstones(EMPTY).extended(records(withdrawals, 1)).whole.after(oldest)
    data = table.encode()
    read = tombstones.decode(memoryview(data), len(table.keys), len(table.pair_keys), zlib.crc32(data))
    assert read is not None
    for age in (0, oldest, 31):
        assert Tombstones(read).are_dead(*arrays(EVERY), age).tolist() == [
            is_dead(withdrawals, entry, max(age, oldest)) for entry in EVERY
        ]


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-1], lambda data: data + b"\0", lambda data: data[:40] + b"!" + data[41:], lambda _: b""]
)
def test_another_file_is_refused(spoil: object) -> None:
    table = Tombstones(EMPTY).extended(records([(None, 1), (2, 3)], 1)).whole
    data = table.encode()
    assert tombstones.decode(memoryview(data), 1, 1, zlib.crc32(data)) is not None
    spoilt = spoil(data)  # type: ignore[operator]
    assert tombstones.decode(memoryview(spoilt), 1, 1, zlib.crc32(data)) is None
    assert tombstones.decode(memoryview(data), 1, 2, zlib.crc32(data)) is None
    assert POOL[2].tobytes() in data

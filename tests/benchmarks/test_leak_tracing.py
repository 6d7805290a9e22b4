"""The benchmark of leaks counts what it says."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import leak_tracing
from benchmarks.leak_tracing import VOTES, Count, World, kept_by, turned


@pytest.fixture
def world() -> World:
    return World(np.random.default_rng(1))


def bits(rows: np.ndarray) -> list[int]:
    return [int(count) for count in np.bitwise_count(rows).sum(axis=-1)]


def test_so_many_bits_are_turned(world: World) -> None:
    rows = world.originals(30)
    assert bits(rows) == [128] * 30
    assert bits(rows ^ turned(rows, 8, world.chance)) == [8] * 30


def test_votes_do_what_their_names_say(world: World) -> None:
    bank = world.bank(50)
    copies = np.array([world.copy_of(client, bank) for client in range(3)])
    voted = {name: bits(vote(copies, world.chance) ^ bank.hashes) for name, vote in VOTES.items()}
    assert sum(voted["bit_majority"]) < 30
    assert set(voted["whole_of_one"]) == {4}
    assert sum(voted["bit_minority"]) > 500


def test_colluders_leave_in_what_all_of_them_have(world: World) -> None:
    theirs = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]], bool)
    for kept in kept_by(theirs, world.chance).values():
        assert kept[0]
        assert not kept[3]
    assert kept_by(theirs, world.chance)["any"].tolist() == [True, True, True, False]
    assert kept_by(theirs, world.chance)["common"].tolist() == [True, False, False, False]


def test_a_leak_is_traced_through_the_functions_of_the_desk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leak_tracing, "CLIENTS", 20)
    bank = world.bank(3)
    assert leak_tracing.named(world.copy_of(7, bank), bank) == {7}
    assert leak_tracing.named(bank.hashes, bank) == set()


def test_counts() -> None:
    count = Count()
    count.add({1, 2}, {2, 5})
    count.add({1, 2}, {1, 2})
    assert (count.leaks, count.some, count.all, count.named, count.accused) == (2, 2, 1, 3, 1)
    assert count.innocent == 2 * (leak_tracing.CLIENTS - 2)

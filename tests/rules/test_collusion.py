"""Which copies a canary stands on, and what canaries prove of those who leaked theirs together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules import collusion
from rempart.desk.rules.collusion import BIAS_UNIT, LEAST_BIAS

CLIENTS = 60


def code(canaries: int, seed: int) -> tuple[np.ndarray, list[int]]:
    chance = np.random.default_rng(seed)
    biases = [collusion.bias_of(one) for one in chance.random(canaries)]
    return chance.random((CLIENTS, canaries)) < np.array(biases) / BIAS_UNIT, biases


def chances(stands: np.ndarray, biases: list[int], seen: np.ndarray) -> list[float]:
    return [collusion.chance_of_error(float(one), CLIENTS) for one in collusion.evidence(stands, biases, seen)]


def named(found: list[float]) -> set[int]:
    return {client for client, chance in enumerate(found) if chance < collusion.NAMED_BELOW}


@given(st.floats(0, 1))
def test_biases_are_never_beyond_the_cut(chance: float) -> None:
    assert LEAST_BIAS <= collusion.bias_of(chance) <= BIAS_UNIT - LEAST_BIAS


def test_biases_follow_the_arcsine_density() -> None:
    """A third of them below a quarter, a third above three quarters."""
    biases = [collusion.bias_of(step / 3_000) for step in range(3_000)]
    assert sum(bias < BIAS_UNIT / 4 for bias in biases) == pytest.approx(1_000, abs=25)
    assert sum(bias > 3 * BIAS_UNIT / 4 for bias in biases) == pytest.approx(1_000, abs=25)


@pytest.mark.parametrize("bias", [11, 2_500, 5_000, 9_989])
def test_a_canary_stands_on_as_many_copies_as_its_bias_says(bias: int) -> None:
    count = sum(collusion.stands_on(client.to_bytes(32), 5, bias) for client in range(20_000))
    spread = (20_000 * bias * (BIAS_UNIT - bias)) ** 0.5 / BIAS_UNIT
    assert abs(count - 2 * bias) < 5 * spread


def test_copies_that_were_given_stay() -> None:
    """A copy read years ago must still be told: never change this."""
    assert [collusion.stands_on(b"k" * 32, canary, 5_000) for canary in range(12)] == [
        True,
        True,
        False,
        True,
        True,
        False,
        True,
        True,
        False,
        False,
        True,
        True,
    ]


def test_a_whole_copy_names_its_client() -> None:
    stands, biases = code(120, 1)
    assert named(chances(stands, biases, stands[7])) == {7}


@pytest.mark.parametrize("kept", ["majority", "common", "any", "chance"])
@pytest.mark.parametrize("together", [(3, 20), (3, 20, 41)])
def test_two_or_three_who_compare_their_copies_are_named_and_nobody_else(kept: str, together: tuple[int, ...]) -> None:
    stands, biases = code(2 * collusion.LENGTH, 2)
    theirs = stands[list(together)]
    strategies = {
        "majority": theirs.sum(axis=0) * 2 > len(together),
        "common": theirs.all(axis=0),
        "any": theirs.any(axis=0),
        "chance": theirs[np.random.default_rng(3).integers(len(together), size=theirs.shape[1]), np.arange(theirs.shape[1])],
    }
    found = named(chances(stands, biases, strategies[kept]))
    assert found
    assert found <= set(together)


@given(st.integers(LEAST_BIAS, BIAS_UNIT - LEAST_BIAS), st.booleans(), st.sampled_from(collusion._COLLUDERS))
def test_innocence_is_worth_one_on_average(bias: int, is_seen: bool, colluders: float) -> None:
    share = np.array([bias / BIAS_UNIT])
    has, lacks = collusion._ratios(share, np.array([is_seen]), colluders)
    assert float(share[0] * has[0] + (1 - share[0]) * lacks[0]) == pytest.approx(1)


def test_without_canaries_nobody_is_suspected() -> None:
    stands, biases = code(0, 1)
    assert set(collusion.evidence(stands, biases, np.zeros(0, bool))) == {0.0}


def test_a_chance_is_a_chance() -> None:
    assert collusion.chance_of_error(-3, 1_000) == 1
    assert collusion.chance_of_error(0, 1) == 1
    assert collusion.chance_of_error(20, 10) == pytest.approx(10 * np.exp(-20))
    assert 0 < collusion.chance_of_error(1e6, 10) < 1e-200

"""Fingerprints that say too little are seen from their bits; those of pictures are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import drawn as scenes
from rempart.engine.degenerate import AT_ONCE, LIMIT, SHIFTS, audit, degeneracy, is_degenerate, is_degenerate_many
from rempart.engine.errors import NotAFingerprint
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.interface import HashArray, rows_of
from rempart.engine.pdq import pdq, pdq_dihedral
from tests.engine import drawn
from tests.engine.variants.scenes import separable

CHANCE = np.random.default_rng(5).integers(0, 256, (3000, 32), dtype=np.uint8)


def table(signs: np.ndarray) -> HashArray:
    return np.packbits(signs.astype(np.uint8)).reshape(1, 32)


def by_hand(row: HashArray) -> float:
    """The definition, sign by sign."""
    signs = np.unpackbits(row).reshape(16, 16).astype(int)
    total = 0.0
    for down, right in SHIFTS:
        pairs = [
            (signs[y, x], signs[y + down, x + right])
            for y in range(16)
            for x in range(16)
            if 0 <= y + down < 16 and 0 <= x + right < 16
        ]
        agreeing = sum(one == other for one, other in pairs)
        total += (2 * agreeing - len(pairs)) ** 2 / len(pairs)
    return float(np.sqrt(total / len(SHIFTS)))


@settings(deadline=None, max_examples=15)
@given(st.binary(min_size=32, max_size=32))
def test_the_score_is_its_definition(value: bytes) -> None:
    row = np.frombuffer(value, np.uint8).reshape(1, 32)
    assert degeneracy(row)[0] == pytest.approx(by_hand(row), rel=1e-5)


def test_24_shifts_each_once() -> None:
    assert len(SHIFTS) == 24
    assert not {(-down, -right) for down, right in SHIFTS} & set(SHIFTS)


@pytest.mark.parametrize("period", [1, 2, 3])
def test_patterns_are_flagged(period: int) -> None:
    rows, columns = np.mgrid[:16, :16] // period
    for signs in (rows % 2, columns % 2, (rows + columns) % 2, rows < 8, rows * 0, rows * 0 + 1):
        assert is_degenerate_many(table(np.asarray(signs))).all()


def test_a_pattern_with_many_signs_turned_is_still_flagged() -> None:
    rows, columns = np.mgrid[:16, :16]
    chance = np.random.default_rng(1)
    spoiled = ((rows + columns) % 2) ^ (chance.random((16, 16)) < 0.15)
    assert is_degenerate_many(table(spoiled)).all()


def test_chance_is_not_flagged() -> None:
    scores = degeneracy(CHANCE)
    assert float(scores.max()) < LIMIT / 2
    assert float(scores.mean()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("seed", range(8))
def test_scenes_are_not_flagged(seed: int) -> None:
    assert not is_degenerate(pdq(np.asarray(scenes.scene(seed))).pdq)


@pytest.mark.parametrize("cell", [3, 10, 20])
def test_checkerboards_are_flagged(cell: int) -> None:
    assert is_degenerate(pdq(drawn.checkers(480, 640, cell)).pdq)


def test_waves_on_calm_water_are_flagged_though_their_quality_is_good() -> None:
    made = pdq(separable(480, 640))
    assert made.quality == 100
    assert is_degenerate(made.pdq)


@pytest.mark.parametrize("seed", range(3))
def test_turning_changes_little(seed: int) -> None:
    forms = pdq_dihedral(np.asarray(scenes.scene(seed)))
    scores = degeneracy(rows_of([one.pdq for one in forms.values()]))
    assert float(np.ptp(scores)) < 0.3  # the median of the turned table falls elsewhere


def test_an_audit_names_the_rows_the_worst_first() -> None:
    rows, columns = np.mgrid[:16, :16]
    listed = CHANCE.copy()
    listed[7] = table((rows + columns) % 2)
    spoiled = (rows % 2) ^ (np.random.default_rng(2).random((16, 16)) < 0.1)
    listed[2000] = table(spoiled)
    found = audit(listed)
    assert found.rows.tolist() == [7, 2000]
    assert str(found) == "2 of 3,000 (0.067 %) are degenerate: a person should look at their matches."
    assert repr(found) == "Audit(count=3000)"


def test_an_audit_of_a_clean_list_and_of_none() -> None:
    assert str(audit(CHANCE)) == "None of 3,000 fingerprints is degenerate."
    assert audit(CHANCE[:0]).count == 0


def test_many_are_scored_in_pieces() -> None:
    many = np.tile(CHANCE, (AT_ONCE // 3000 + 2, 1))
    assert (degeneracy(many)[-3000:] == degeneracy(CHANCE)).all()


@pytest.mark.parametrize("wrong", [np.zeros((3, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((3, 32), np.int64)])
def test_what_is_no_list_of_pdq_is_refused(wrong: HashArray) -> None:
    for ask in (degeneracy, audit, is_degenerate_many):
        with pytest.raises(NotAFingerprint, match="array of bytes"):
            ask(wrong)


def test_one_alone() -> None:
    assert is_degenerate(Pdq(b"\xaa" * 32))
    assert not is_degenerate(Pdq(CHANCE[0].tobytes()))

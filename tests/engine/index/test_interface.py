"""What every index promises about its input and its answers."""

from __future__ import annotations

import numpy as np
import pytest

from rempart.engine.errors import NotAFingerprint, RadiusRefused
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.interface import Match, Matches, as_hashes, as_keys, check_radius, rows_of


@pytest.mark.parametrize("radius", [-1, 48, 257, 2**70, True, 31.0, "31", None])
def test_a_radius_out_of_reach_is_refused_in_a_sentence(radius: object) -> None:
    with pytest.raises(RadiusRefused, match=r"from 0 to 47 bits; use LinearIndex beyond\."):
        check_radius(radius)


@pytest.mark.parametrize("radius", [0, 31, 47, np.int64(31), np.uint8(5)])
def test_a_radius_within_reach_is_given_back(radius: int) -> None:
    assert check_radius(radius) == radius
    assert type(check_radius(radius)) is int


@pytest.mark.parametrize("wrong", [np.zeros((2, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((2, 32), np.int8), [[0] * 32]])
def test_what_is_no_array_of_pdq_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(NotAFingerprint, match="shape"):
        as_hashes(wrong)


def test_hashes_are_copied_only_if_needed() -> None:
    whole = np.zeros((6, 32), np.uint8)
    assert as_hashes(whole) is whole
    assert as_hashes(whole[::2]).flags.c_contiguous


@pytest.mark.parametrize("wrong", [[1, 2], [1, -1, 2], [1.0, 2.0, 3.0], [[1, 2, 3]]])
def test_keys_are_whole_numbers_one_for_each(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="one key for each of the 3"):
        as_keys(np.array(wrong), 3)


def test_keys_keep_their_sixty_four_bits() -> None:
    assert as_keys(np.array([2**64 - 1, 0], np.uint64), 2).tolist() == [2**64 - 1, 0]
    assert as_keys(np.array([3, 4], np.int8), 2).dtype == np.uint64


def test_rows_of_no_pdq_have_the_shape_of_some() -> None:
    assert rows_of([]).shape == (0, 32)
    assert rows_of([Pdq(bytes(range(32)))]).tolist() == [list(range(32))]


def test_matches_are_sorted_by_question_then_distance_then_key() -> None:
    question, key, distance = [1, 0, 0, 0, 1], [5, 9, 2**63, 1, 5], [3, 7, 2, 7, 0]
    answer = Matches.sorted(np.array(question), np.array(key, np.uint64), np.array(distance, np.uint16))
    assert len(answer) == 5
    assert list(answer) == [(0, Match(2**63, 2)), (0, Match(1, 7)), (0, Match(9, 7)), (1, Match(5, 0)), (1, Match(5, 3))]

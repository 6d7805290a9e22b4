"""The fast index gives the answers of the linear one: every kernel, every radius, every bank."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.engine.errors import NotAFingerprint, RadiusRefused
from rempart.engine.fingerprint import Pdq
from rempart.engine.index import segment as segments
from rempart.engine.index.exact import ExactIndex
from rempart.engine.index.interface import WIDEST_RADIUS, HashArray, Match
from rempart.engine.index.linear import LinearIndex
from rempart.engine.index.segment import PLAIN_ROWS, Segment
from rempart.engine.native.library import Kernel, kernels
from tests.engine.index.hashes import (
    PLACINGS,
    assert_same,
    degenerate,
    flipped,
    keys_for,
    matches,
    placing,
    planted,
    uniform,
)

RADII = (0, 1, 15, 16, 30, 31, 32, 46, WIDEST_RADIUS)
COMPILED = [kernel for kernel in kernels() if kernel is not Kernel.NUMPY]
every_kernel = pytest.mark.parametrize("kernel", kernels())


@st.composite
def banks(draw: st.DrawFn) -> HashArray:
    """Some fingerprints at random and some of the degenerate ones; neighbours of both, some on the very edge; all shuffled."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.sampled_from([0, 1, 2, 3, 20, 90]))
    seeds = np.concatenate([degenerate(), uniform(10, draw(st.integers(0, 2**32)))])
    rows = seeds[chance.integers(0, len(seeds), size)]
    edges = np.array([0, 0, 1, 2, 15, 16, 17, 30, 31, 32, 33, 46, 47, 48, 49])
    return flipped(rows, placing(draw(st.sampled_from(PLACINGS)), size, chance), edges[chance.integers(0, len(edges), size)])


@every_kernel
@settings(max_examples=20)
@given(bank=banks(), asked=banks(), radius=st.sampled_from(RADII), has_tables=st.booleans())
def test_same_answers_as_the_linear_index(
    kernel: Kernel, bank: HashArray, asked: HashArray, radius: int, has_tables: bool
) -> None:
    keys = keys_for(len(bank))
    segment = Segment.build(bank, keys, kernel=kernel, tables=has_tables, threads=1)
    wanted = LinearIndex(bank, keys).lookup_many(asked, radius)
    assert_same(matches(segment.lookup_many(asked, radius), keys), wanted)
    for number, question in enumerate(asked):
        rows, distances = segment.lookup(question, radius)
        alone = sorted(zip(distances.tolist(), keys[rows].tolist(), strict=True))
        assert alone == [(match.distance, match.key) for asker, match in wanted if asker == number]


@pytest.mark.parametrize("kernel", COMPILED)
@settings(max_examples=20)
@given(bank=banks(), asked=banks(), radius=st.sampled_from(RADII), threads=st.integers(1, 3))
def test_a_join_gives_them_too(kernel: Kernel, bank: HashArray, asked: HashArray, radius: int, threads: int) -> None:
    keys = keys_for(len(bank))
    segment = Segment.build(bank, keys, kernel=kernel, tables=True, threads=threads)
    with patch.object(segments, "JOIN_QUESTIONS", 0):
        answer = matches(segment.join(asked, radius, threads), keys)
    assert_same(answer, LinearIndex(bank, keys).lookup_many(asked, radius))


def test_a_large_join_of_a_segment_without_tables_makes_them() -> None:
    bank, keys = uniform(20), keys_for(20)
    segment = Segment.build(bank, keys)
    assert not segment.has_tables
    asked = np.resize(bank, (segments.JOIN_QUESTIONS, 32))
    assert_same(matches(segment.join(asked, 31, 2), keys), LinearIndex(bank, keys).lookup_many(asked, 31))


@pytest.mark.parametrize(
    ("kernel", "radius", "count"),
    [(kernel, *asked) for kernel in COMPILED for asked in ((31, 20_000), (WIDEST_RADIUS, 5_000))]
    + [(Kernel.NUMPY, 31, 100), (Kernel.NUMPY, WIDEST_RADIUS, 50)],
    ids=str,
)
def test_planted_neighbours_are_found_and_nothing_else(kernel: Kernel, radius: int, count: int) -> None:
    """Placed against the index: run together in one chunk, or spread evenly over all, printed or on the ring."""
    bank = uniform(PLAIN_ROWS, seed=5)
    index = ExactIndex(bank, np.arange(len(bank)), kernel=kernel)
    asked, rows, distances = planted(bank, count, farthest=WIDEST_RADIUS + 1)
    near = np.flatnonzero(distances <= radius)
    assert len(near) > count // 2
    for answer in (index.lookup_many(asked, radius), index.join(asked, radius)):
        np.testing.assert_array_equal(answer.question, near)
        np.testing.assert_array_equal(answer.key, rows[near])
        np.testing.assert_array_equal(answer.distance, distances[near])


@every_kernel
def test_a_bank_of_one_entry_matches(kernel: Kernel) -> None:
    pdq = Pdq(bytes(range(32)))
    index = ExactIndex(np.frombuffer(pdq.value, np.uint8).reshape(1, 32), np.array([2**64 - 1], np.uint64), kernel=kernel)
    assert len(index) == 1
    assert index.lookup(pdq) == [Match(2**64 - 1, 0)]
    assert index.lookup(Pdq(bytes(32))) == []


def test_of_pairs_and_of_none() -> None:
    pdqs = [Pdq(bytes([number] * 32)) for number in (1, 3, 1)]
    index = ExactIndex.of([(pdq, number) for number, pdq in enumerate(pdqs)])
    assert index.lookup(pdqs[0], 32) == [Match(0, 0), Match(2, 0), Match(1, 32)]
    assert ExactIndex.of([]).lookup(pdqs[0]) == []
    assert len(ExactIndex.of([]).join(np.zeros((3, 32), np.uint8))) == 0


@every_kernel
def test_thousands_of_equal_entries_are_all_told(kernel: Kernel) -> None:
    """More than any room kept ready, and more rows in one bucket than are looked at in one go."""
    count = PLAIN_ROWS
    index = ExactIndex(np.repeat(uniform(1), count, axis=0), np.arange(count)[::-1], kernel=kernel)
    wanted = [Match(key, 0) for key in range(count)]
    assert index.lookup(Pdq(uniform(1).tobytes())) == wanted
    assert [match for _, match in index.lookup_many(uniform(1))] == wanted


@pytest.mark.slow
@pytest.mark.parametrize("kernel", COMPILED)
def test_a_million_equal_entries_are_all_told(kernel: Kernel) -> None:
    count = 1_000_000
    index = ExactIndex(np.repeat(uniform(1), count, axis=0), np.arange(count), kernel=kernel)
    answer = index.lookup_many(uniform(1))
    np.testing.assert_array_equal(answer.key, np.arange(count))
    assert not answer.distance.any()


@pytest.mark.parametrize("radius", [-1, 48, True])
def test_a_radius_the_ring_promises_nothing_about_is_refused(radius: int) -> None:
    index = ExactIndex(uniform(2), np.arange(2))
    for ask in (index.lookup_many, index.join):
        with pytest.raises(RadiusRefused):
            ask(uniform(1), radius)
    with pytest.raises(RadiusRefused):
        index.lookup(Pdq(bytes(32)), radius)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(NotAFingerprint):
        ExactIndex(np.zeros((2, 16), np.uint8), np.arange(2))
    with pytest.raises(ValueError, match="one key for each of the 2"):
        ExactIndex(uniform(2), np.arange(3))
    index = ExactIndex(uniform(2), np.arange(2))
    with pytest.raises(NotAFingerprint):
        index.lookup_many(np.zeros((2, 33), np.uint8))
    with pytest.raises(ValueError, match="number of threads"):
        index.lookup_many(uniform(2), threads=-1)

"""The lemma, the chunks and the buckets: that looking at one chunk is enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.index.interface import WIDEST_RADIUS
from rempart.engine.index.ring import CHUNKS, FLIPPED, FLIPS, Budgets, chunk_of, reporting_table, words_of
from tests.engine.index.hashes import ON_THE_RING, uniform

DISTANCES = st.lists(st.integers(0, 16), min_size=CHUNKS, max_size=CHUNKS)


def differing(distances: list[int]) -> np.ndarray:
    """Words whose chunk t holds ``distances[t]`` ones."""
    bits = np.zeros(256, np.uint8)
    for chunk, distance in enumerate(distances):
        bits[ON_THE_RING[chunk][:distance]] = 1
    return words_of(np.packbits(bits, bitorder="little")[None])


def test_a_chunk_is_one_bit_of_each_printed_word_each_from_another_column() -> None:
    assert sorted(ON_THE_RING.reshape(-1)) == list(range(256)), "every bit is in one chunk"
    for bits in ON_THE_RING:
        assert len({bit // 16 for bit in bits}) == len({bit % 16 for bit in bits}) == 16


def test_chunks_read_bit_by_bit() -> None:
    hashes = uniform(50)
    bits = np.unpackbits(hashes, axis=1, bitorder="little")
    for chunk in range(CHUNKS):
        mine = bits[:, ON_THE_RING[chunk]].astype(np.int64) << (ON_THE_RING[chunk] % 16)
        np.testing.assert_array_equal(chunk_of(words_of(hashes), chunk), mine.sum(axis=1))
        np.testing.assert_array_equal(chunk_of(words_of(hashes), chunk), chunk_of(words_of(hashes), chunk + CHUNKS))


def test_flips_are_all_there_are_the_lightest_first() -> None:
    assert len(set(FLIPS.tolist())) == len(FLIPS) == 1 + 16 + 120
    assert FLIPPED.tolist() == sorted(FLIPPED.tolist())
    assert [Budgets.of(radius).flips() for radius in (0, 15, 16, 31, 32, 47)] == [1, 1, 17, 17, 137, 137]


@pytest.mark.parametrize("radius", [0, 1, 15, 16, 30, 31, 32, 46, WIDEST_RADIUS])
@given(distances=DISTANCES)
def test_the_reporting_table_keeps_every_budget(radius: int, distances: list[int]) -> None:
    while sum(distances) > radius:
        distances[int(np.argmax(distances))] -= 1
    start = int(reporting_table(differing(distances), radius)[0])
    turned = distances[start:] + distances[:start]
    sums = np.cumsum(turned)
    assert all(16 * total <= length * radius for length, total in enumerate(sums.tolist(), 1))
    budgets = Budgets.of(radius)
    assert (sums[:3] <= budgets).all(), "so the three budgets that the tables look at are kept"


@given(distances=DISTANCES, radius=st.integers(0, WIDEST_RADIUS))
def test_the_reporting_table_is_one_for_each_pair(distances: list[int], radius: int) -> None:
    """After the first highest partial sum, as the words say it."""
    sums = [16 * sum(distances[:start]) - start * radius for start in range(CHUNKS)]
    assert reporting_table(differing(distances), radius)[0] == sums.index(max(sums))

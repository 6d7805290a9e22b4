"""The specification, beside counting the bits of one pair after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.errors import RadiusRefused
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.interface import Match, rows_of
from rempart.engine.index.linear import LinearIndex

PDQS = st.binary(min_size=32, max_size=32).map(Pdq)


@given(entries=st.lists(st.tuples(PDQS, st.integers(0, 2**64 - 1)), max_size=6), asked=PDQS, radius=st.integers(0, 256))
def test_every_entry_within_the_radius_and_no_other(entries: list[tuple[Pdq, int]], asked: Pdq, radius: int) -> None:
    wanted = sorted((pdq.distance(asked), key) for pdq, key in entries if pdq.distance(asked) <= radius)
    index = LinearIndex.of(entries)
    assert len(index) == len(entries)
    assert index.lookup(asked, radius) == [Match(key, distance) for distance, key in wanted]


def test_many_questions_are_numbered() -> None:
    pdqs = [Pdq(bytes([number] * 32)) for number in range(4)]
    index = LinearIndex.of([(pdq, 10 + number) for number, pdq in enumerate(pdqs)])
    answer = index.lookup_many(rows_of(pdqs), 0)
    assert list(answer) == [(number, Match(10 + number, 0)) for number in range(4)]
    assert list(index.join(rows_of(pdqs), 0)) == list(answer)


@pytest.mark.parametrize("radius", [-1, 257])
def test_distances_that_do_not_exist_are_refused(radius: int) -> None:
    index = LinearIndex(np.zeros((1, 32), np.uint8), np.zeros(1, np.uint64))
    with pytest.raises(RadiusRefused, match="0 to 256"):
        index.lookup_many(np.zeros((1, 32), np.uint8), radius)

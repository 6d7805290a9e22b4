from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.video.sampling import WIDEST_GAP, Sampler

RATES = st.fractions(min_value=Fraction(1, 10), max_value=240, max_denominator=1001)


def taken(sampler: Sampler, times: list[float]) -> list[int]:
    return [number for number, time in enumerate(times) if sampler.takes(number, time)]


def test_thirty_a_second_gives_the_first_of_each_second() -> None:
    assert taken(Sampler(1, Fraction(30)), [n / 30 for n in range(91)]) == [0, 30, 60, 90]


def test_a_broken_rate_is_rounded_down() -> None:
    rate = Fraction(30000, 1001)
    assert taken(Sampler(1, rate), [float(n / rate) for n in range(90)]) == [0, 29, 58, 87]


def test_nothing_between_takes_every_frame() -> None:
    assert taken(Sampler(0, Fraction(30)), [n / 30 for n in range(5)]) == [0, 1, 2, 3, 4]


def test_slower_than_one_frame_a_second_takes_every_frame() -> None:
    assert taken(Sampler(1, Fraction(1, 3)), [0.0, 3.0, 6.0]) == [0, 1, 2]


def test_a_header_that_lies_about_the_rate_hides_nothing() -> None:
    """Counting alone would take the first of these 600 frames, and no other."""
    assert taken(Sampler(1, Fraction(90_000)), [n / 10 for n in range(100)]) == [0, 20, 40, 60, 80]


@given(RATES, st.integers(1, 300))
def test_a_constant_rate_gives_the_published_frames_and_no_other(rate: Fraction, count: int) -> None:
    step = max(1, int(float(rate)))
    times = [float(n / rate) for n in range(count)]
    expected = list(range(0, count, step)) if rate >= 1 else list(range(count))
    assert taken(Sampler(1, rate), times) == expected


@given(RATES, st.lists(st.floats(0, 5), max_size=100))
def test_published_frames_are_all_taken_and_gaps_are_narrow(rate: Fraction, gaps: list[float]) -> None:
    times = [sum(gaps[:n]) for n in range(len(gaps))]
    sampler = Sampler(1, rate)
    chosen = taken(sampler, times)
    assert set(range(0, len(times), sampler.step)) <= set(chosen)
    last = 0.0
    for number, time in enumerate(times):
        if number in chosen:
            last = time
        assert time - last < WIDEST_GAP or number in chosen


@pytest.mark.parametrize("every", [-1, float("nan"), float("inf")])
def test_an_interval_is_a_number_of_seconds(every: float) -> None:
    with pytest.raises(ValueError, match="every so many seconds"):
        Sampler(every, None)

"""The steps of PDQ one by one, beside their definitions in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.native.library import Kernel, kernels
from rempart.engine.pdq import arithmetic, compiled


@given(length=st.integers(1, 120), width=st.integers(1, 30), seed=st.integers(0, 99))
def test_the_box_filter_is_the_mean_of_what_the_window_holds(length: int, width: int, seed: int) -> None:
    width = min(width, length)
    values = np.random.default_rng(seed).random((length, 2), np.float32) * np.float32(255)
    filtered = arithmetic.box_filter(values, width)
    ahead = (width + 2) // 2
    for line in range(length):
        window = values[max(0, line - (width - ahead)) : line + ahead].astype(np.float64)
        assert filtered[line] == pytest.approx(window.mean(axis=0), abs=1e-2)


def test_windows_and_centres() -> None:
    assert [arithmetic.window(length) for length in (1, 128, 129, 1080, 1920)] == [1, 1, 2, 9, 15]
    assert arithmetic.centres(64).tolist() == list(range(64))
    assert arithmetic.centres(1920)[:3].tolist() == [15, 45, 75]


def test_the_cosine_transform_is_orthogonal_to_the_mean() -> None:
    flat = np.full((64, 64), 200, np.float32)
    assert np.abs(arithmetic.transform(flat)).max() < 1e-2
    row = np.cos(np.pi / 128 * 3 * (2 * np.arange(64) + 1)).astype(np.float32)
    frequency = arithmetic.transform(np.outer(row, row).astype(np.float32))
    assert np.unravel_index(np.abs(frequency).argmax(), (16, 16)) == (2, 2)
    assert frequency[2, 2] == pytest.approx(32, rel=1e-4)


def test_quality_counts_whole_hundredths_and_stops_at_a_hundred() -> None:
    steps = np.zeros((64, 64), np.float32)
    steps[:, 32:] = 2.54  # less than a hundredth of the range
    assert arithmetic.quality(steps) == 0
    steps[:, 32:] = 255
    assert arithmetic.quality(steps) == 64 * 100 // 90
    assert arithmetic.quality(np.indices((64, 64)).sum(axis=0).astype(np.float32) % 2 * 255) == 100


@given(spread=st.integers(0, 300), seed=st.integers(0, 999))
def test_bits_are_above_the_lower_median_and_ties_are_not(spread: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(-spread, spread + 1, 256).tolist()
    frequency = np.array(values, np.float32).reshape(1, 16, 16)
    median = sorted(values)[127]
    expected = "".join("1" if value > median else "0" for value in reversed(values))
    rows = [arithmetic.bits(frequency)] + ([compiled.bits(frequency)] if kernels()[0] is not Kernel.NUMPY else [])
    for row in rows:
        assert format(int.from_bytes(row[0].tobytes()), "0256b") == expected


@pytest.mark.slow
def test_long_sums_round_alike_in_every_kernel() -> None:
    chance = np.random.default_rng(7)
    for height, width in ((6, 20_000), (20_000, 6), (300, 2_000)):
        luma = chance.random((height, width), np.float32) * np.float32(255)
        expected, quality = arithmetic.frequencies(luma)
        for kernel in kernels()[:-1]:
            found, found_quality = compiled.frequencies(luma, kernel)
            assert np.array_equal(found, expected)
            assert found_quality == quality

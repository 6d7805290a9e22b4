"""Which arrays are pictures."""

from __future__ import annotations

import numpy as np
import pytest

from rempart.engine.pixels import Pixels
from tests.engine import drawn


@pytest.mark.parametrize(
    "array",
    [np.zeros((3, 4, 3), np.uint8), np.zeros((3, 4), np.uint8), np.zeros((3, 4), np.float32)],
)
def test_colour_grey_and_luminance_are_pictures(array: np.ndarray) -> None:  # type: ignore[type-arg]
    pixels = Pixels.of(array)
    assert (pixels.height, pixels.width, pixels.is_colour) == (3, 4, array.ndim == 3)
    assert Pixels.of(pixels) is pixels
    assert repr(pixels) == "Pixels(4 × 3)"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 4, 4), np.uint8),
        np.zeros((3, 4, 3), np.float32),
        np.zeros((3, 4), np.float64),
        np.zeros((3, 4), np.uint16),
        np.zeros((0, 4), np.uint8),
        np.zeros((3, 0, 3), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((3, 4), bool),
    ],
)
def test_other_arrays_are_not(array: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match="Pixels are an array"):
        Pixels.of(array)


def test_a_crop_is_a_view_of_the_same_kind() -> None:
    whole = Pixels(drawn.noise(30, 40)[:, :, 0], is_reduced=True)
    part = whole.crop(5, 6, 15, 26)
    assert (part.width, part.height, part.is_reduced) == (10, 20, True)
    assert np.shares_memory(part.array, whole.array)

"""The grey picture is what docs/en/reference/variants.md says, but for one level: a page in a browser computes the same."""

from __future__ import annotations

import numpy as np
import pytest

from rempart.engine.pixels import Pixels
from rempart.engine.variants.plane import Grey, plane_of
from tests.engine import drawn


def by_hand(picture: drawn.Picture, factor: int) -> Grey:
    """Means of blocks, a half upwards, then weights in 65,536ths."""
    height, width = (-(-side // factor) for side in picture.shape[:2])
    grey = np.zeros((height, width), np.uint8)
    for row in range(height):
        for column in range(width):
            block = picture[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor].reshape(-1, 3).astype(int)
            red, green, blue = ((2 * total + len(block)) // (2 * len(block)) for total in block.sum(axis=0).tolist())
            grey[row, column] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    return grey


@pytest.mark.parametrize(
    ("height", "width", "factor"),
    [(40, 768, 1), (40, 769, 2), (31, 1537, 3), (1600, 25, 3), (17, 2400, 4), (23, 4500, 6), (9, 7000, 10)],
)
def test_levels_are_those_of_the_rule(height: int, width: int, factor: int) -> None:
    picture = drawn.noise(height, width)
    made, wanted = plane_of(Pixels.of(picture)).astype(int), by_hand(picture, factor).astype(int)
    assert made.shape == wanted.shape
    assert np.abs(made - wanted).max() <= (0 if factor <= 2 else 1)


@pytest.mark.parametrize("longest", [767, 768, 769, 1537, 4000])
def test_the_longest_side_is_768_at_most(longest: int) -> None:
    plane = plane_of(Pixels.of(np.zeros((longest, 10), np.uint8)))
    assert 384 < plane.shape[0] <= 768


def test_luminance_is_taken_as_it_is() -> None:
    levels = np.array([[0.4, 0.6, 254.6, 300, -5, np.nan]], np.float32)
    assert plane_of(Pixels.of(levels)).tolist() == [[0, 1, 255, 255, 0, 0]]

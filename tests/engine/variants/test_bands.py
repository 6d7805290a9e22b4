"""A photograph on a page or beside another is found by its straight edges; a photograph alone is left alone."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from benchmarks.edits import EDITS
from rempart.engine.variants.bands import bands, cuts, levels
from rempart.engine.variants.boxes import Box
from rempart.engine.variants.plane import box_of
from tests.engine.variants.scenes import grey, scene


@pytest.mark.parametrize("seed", range(3))
def test_the_photograph_in_a_screenshot(seed: int) -> None:
    picture = scene(seed)
    screen = EDITS["screenshot"](picture, picture, random.Random(seed))
    plane = grey(screen)
    ratio = plane.shape[0] / screen.height
    top, bottom = 240 * ratio, (240 + int(picture.height * 1080 / picture.width)) * ratio
    found = bands(plane, box_of(plane), across=True, most=2)
    assert any(abs(band.top - top) <= 2 and abs(band.bottom - bottom) <= 2 for band in found)


def test_two_pictures_side_by_side_are_told_apart() -> None:
    left, right = scene(0), scene(4).resize((300, scene(0).height))
    together = Image.new("RGB", (left.width + right.width, left.height))
    together.paste(left, (0, 0))
    together.paste(right, (left.width, 0))
    plane = grey(together)
    seam = round(left.width * plane.shape[1] / together.width)
    assert any(abs(cut - seam) <= 1 for cut in cuts(np.ascontiguousarray(plane.T)))
    found = bands(plane, box_of(plane), across=False, most=2)
    assert {(band.left == 0, abs(band.left - seam) <= 1) for band in found} == {(True, False), (False, True)}


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5])
def test_a_picture_alone_has_no_bands(seed: int) -> None:
    plane = grey(scene(seed))
    assert bands(plane, box_of(plane), across=True, most=2) == bands(plane, box_of(plane), across=False, most=2) == []


def test_levels_of_lines() -> None:
    page, text, photograph = np.full((3, 200), 250, np.uint8)
    text[:80] = 40
    photograph[:] = np.arange(200)
    assert levels(np.stack([page, text, photograph])).tolist() == [1, 2, 25]


def test_few_lines_have_no_cuts() -> None:
    plane = np.zeros((23, 100), np.uint8)
    plane[10:] = 255
    assert cuts(plane) == []
    assert bands(plane, Box(0, 0, 100, 23), across=True, most=2) == []

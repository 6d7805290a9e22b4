"""What was turned by some degrees, with its corners filled, is turned back; nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from rempart.engine.variants.levelling import corner_colour, levelled, size_before
from tests.engine.variants.scenes import grey, is_found, names_found, scene


def tilted(picture: Image.Image, degrees: float, fill: str) -> Image.Image:
    return picture.rotate(degrees, expand=True, resample=Image.Resampling.BILINEAR, fillcolor=fill)


@pytest.mark.parametrize(("degrees", "fill"), [(5, "black"), (-15, "white"), (33, "#406080")])
def test_turned_back_it_has_its_size_again(degrees: float, fill: str) -> None:
    picture = scene(0)
    turned = tilted(picture, degrees, fill)
    plane = grey(turned)
    level = levelled(plane)
    assert level is not None
    ratio = plane.shape[1] / turned.width
    assert abs(level.shape[1] - picture.width * ratio) <= 6
    assert abs(level.shape[0] - picture.height * ratio) <= 6


def test_turned_back_it_is_found() -> None:
    assert is_found(scene(0), tilted(scene(0), 7, "black"))
    assert {name.split("/")[0] for name in names_found(scene(0), tilted(scene(0), 7, "black"))} == {"level"}


@pytest.mark.parametrize("seed", range(6))
def test_an_upright_picture_is_not_turned(seed: int) -> None:
    assert levelled(grey(scene(seed))) is None


def test_a_border_is_no_turn() -> None:
    assert levelled(grey(ImageOps.expand(scene(1), border=40, fill="black"))) is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (64, 64), (300, 200)])
def test_one_colour_is_no_turn(shape: tuple[int, int]) -> None:
    assert levelled(np.full(shape, 9, np.uint8)) is None


def test_corners_must_agree() -> None:
    plane = np.zeros((100, 100), np.uint8)
    assert corner_colour(plane) == 0
    plane[:50] = 90
    assert corner_colour(plane) is None


@pytest.mark.parametrize("degrees", [-30, -1, 3, 40])
def test_size_before_is_the_inverse_of_turning(degrees: float) -> None:
    across, along = abs(np.sin(np.radians(degrees))), np.cos(np.radians(degrees))
    width, height = size_before(300 * along + 200 * across, 300 * across + 200 * along, degrees)
    assert (width, height) == pytest.approx((300, 200))

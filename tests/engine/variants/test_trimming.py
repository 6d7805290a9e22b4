"""Borders come off to the pixel, and nothing else does."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont, ImageOps

from rempart.engine.variants.boxes import Box
from rempart.engine.variants.plane import box_of
from rempart.engine.variants.trimming import even, has_one_colour, is_worth_it, trimmed, without_captions
from tests.engine import drawn
from tests.engine.variants.scenes import grey, scene


def within(found: Box, wanted: Box, pixels: int) -> bool:
    return all(abs(one - other) <= pixels for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("colour", ["white", "black", "#7f3020"])
@pytest.mark.parametrize("share", [0.02, 0.05, 0.14])
def test_a_border_comes_off(colour: str, share: float) -> None:
    picture = scene(0)
    border = int(share * min(picture.size))
    framed = grey(ImageOps.expand(picture, border=border, fill=colour))
    wanted = Box(border, border, border + picture.width, border + picture.height)
    assert within(trimmed(framed), wanted, 1)


def test_a_border_saved_as_a_poor_jpeg_comes_off() -> None:
    framed = ImageOps.expand(scene(2), border=48, fill="white")
    file = io.BytesIO()
    framed.save(file, "JPEG", quality=30)
    assert within(trimmed(grey(Image.open(file))), Box(48, 48, framed.width - 48, framed.height - 48), 2)


def test_borders_inside_borders_come_off() -> None:
    picture = scene(1)
    framed = ImageOps.expand(ImageOps.expand(picture, border=20, fill="black"), border=30, fill="white")
    wanted = Box(50, 50, 50 + picture.width, 50 + picture.height)
    assert within(trimmed(grey(framed)), wanted, 1)


def captioned(picture: Image.Image, paper: str, ink: str, *, is_above: bool) -> Image.Image:
    """On a strip beside it, as jokes are posted."""
    strip = picture.height // 5
    made = Image.new("RGB", (picture.width, picture.height + strip), paper)
    made.paste(picture, (0, strip if is_above else 0))
    place = (picture.width // 2, strip // 2 + (0 if is_above else picture.height))
    ImageDraw.Draw(made).text(place, "ELLE A OSÉ", fill=ink, font=ImageFont.load_default(strip // 2), anchor="mm")
    return made


@pytest.mark.parametrize("is_above", [True, False])
@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("black", "yellow")])
@pytest.mark.parametrize("seed", [0, 2])
def test_a_strip_with_a_caption_comes_off(seed: int, paper: str, ink: str, is_above: bool) -> None:
    picture = scene(seed)
    top = picture.height // 5 if is_above else 0
    made = captioned(picture, paper, ink, is_above=is_above)
    wanted = Box(0, top, picture.width, top + picture.height)
    assert within(without_captions(grey(made)), wanted, 1)
    assert within(without_captions(grey(ImageOps.expand(made, border=30, fill=paper))), Box(*(one + 30 for one in wanted)), 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_without_caption_stays_whole(seed: int) -> None:
    plane = grey(scene(seed))
    assert without_captions(plane) == box_of(plane)


def test_a_page_of_text_is_left_to_what_trims_borders() -> None:
    page = Image.new("L", (300, 200), 255)
    ImageDraw.Draw(page).text((20, 20), "Rien\nque\ndu texte", fill=0)
    assert without_captions(np.asarray(page)) == trimmed(np.asarray(page))


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_without_border_stays_whole(seed: int) -> None:
    plane = grey(scene(seed))
    assert trimmed(plane) == box_of(plane)


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (200, 300)])
def test_a_picture_of_one_colour_stays_whole(shape: tuple[int, int]) -> None:
    assert trimmed(np.full(shape, 200, np.uint8)) == Box(0, 0, shape[1], shape[0])


def test_a_line_has_one_colour_up_to_eight_levels_and_two_per_cent() -> None:
    line = np.full(100, 100, np.uint8)
    near, stained, too_stained, too_far = (line.copy() for _ in range(4))
    near[::2] = 108
    stained[:2], too_stained[:3] = 255, 255
    too_far[::3] = 109
    assert has_one_colour(np.stack([line, near, stained, too_stained, too_far])).tolist() == [True, True, True, False, False]


def test_even_keeps_what_one_side_alone_lost() -> None:
    assert even(Box(0, 0, 100, 80), Box(10, 30, 88, 75)) == Box(10, 5, 90, 75)


def test_scraps_and_trifles_are_not_worth_it() -> None:
    whole = Box(0, 0, 640, 480)
    assert is_worth_it(whole, Box(10, 0, 640, 480))
    assert not is_worth_it(whole, Box(9, 7, 640, 480))  # less than 1/64 of each side
    assert not is_worth_it(whole, Box(0, 0, 640, 79))  # less than a sixth of the height
    assert not is_worth_it(Box(0, 0, 100, 100), Box(0, 0, 31, 90))  # less than 32 pixels


@settings(deadline=None, max_examples=30)
@given(drawn.pictures(longest=200), st.integers(0, 40))
def test_the_box_lies_inside_and_trimming_again_changes_nothing_much(picture: drawn.Picture, border: int) -> None:
    plane = grey(ImageOps.expand(Image.fromarray(picture), border=border, fill="white"))
    whole, found = box_of(plane), trimmed(plane)
    assert whole.left <= found.left < found.right <= whole.right
    assert whole.top <= found.top < found.bottom <= whole.bottom

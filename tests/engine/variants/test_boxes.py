"""Rectangles are whole pixels, inside the picture, and named once."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.variants.boxes import HALVES, KEPT_PARTS, Box, nearest, windows

SIDES = st.integers(1, 5000)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_nearest_rounds_halves_up(numerator: int, denominator: int) -> None:
    assert nearest(numerator, denominator) == floor(Fraction(numerator, denominator) + Fraction(1, 2))


@given(SIDES, SIDES, st.integers(0, 100), st.integers(0, 100))
def test_parts_lie_inside(width: int, height: int, left: int, top: int) -> None:
    box = Box(left, top, left + width, top + height)
    for part in (KEPT_PARTS | HALVES).values():
        cut = box.part(*part)
        assert box.left <= cut.left <= cut.right <= box.right
        assert box.top <= cut.top <= cut.bottom <= box.bottom


def test_quarters_and_halves_share_out_the_picture() -> None:
    box = Box(0, 0, 101, 77)
    quarters = [box.part(*KEPT_PARTS[f"{down}-{across}"]) for down in ("top", "bottom") for across in ("left", "right")]
    assert sum(part.width * part.height for part in quarters) == 101 * 77
    halves = {name: box.part(*part) for name, part in HALVES.items()}
    assert halves["left-half"].width + halves["right-half"].width == 101
    assert halves["top-half"].height + halves["bottom-half"].height == 77


def test_a_part_by_hand() -> None:
    """What docs/en/reference/variants.md gives as an example, for whoever computes it elsewhere."""
    assert Box(0, 0, 641, 427).part(*KEPT_PARTS["centre-90"]) == (32, 21, 609, 406)
    assert Box(10, 20, 650, 447).part(*KEPT_PARTS["bottom-right"]) == (330, 234, 650, 447)


@given(st.integers(64, 768), st.integers(64, 768))
def test_windows_lie_inside_and_reach_every_edge(width: int, height: int) -> None:
    names = []
    for sliding in windows(width, height):
        assert sliding.lefts[0] == sliding.tops[0] == 0
        assert sliding.lefts[-1] + sliding.width == width
        assert sliding.tops[-1] + sliding.height == height
        assert sliding.lefts == sorted(sliding.lefts)
        names += sliding.names()
    assert len(set(names)) == len(names) == 324

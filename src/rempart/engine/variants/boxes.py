"""Rectangles of whole pixels, and the named parts and windows of one. All arithmetic is on whole numbers, so that a page in a
browser cuts the same rectangles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

FORTIETHS = 40  # parts are given in fortieths of a side


class Box(NamedTuple):
    """Pixels from (left, top) up to but without (right, bottom)."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def part(self, left: int, top: int, right: int, bottom: int, of: int = FORTIETHS) -> Box:
        """The part between these fractions of the sides, ``left / of`` and so on, rounded to the nearest pixel, a half up."""
        return Box(
            self.left + nearest(self.width * left, of),
            self.top + nearest(self.height * top, of),
            self.left + nearest(self.width * right, of),
            self.top + nearest(self.height * bottom, of),
        )


def nearest(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest whole number, a half upwards. For numbers that are not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


# The order matters: a bank keeps the first ones when there is no room for all.
KEPT_PARTS = {
    "centre-90": (2, 2, 38, 38),
    "centre-80": (4, 4, 36, 36),
    "centre-60": (8, 8, 32, 32),
    "top-left": (0, 0, 20, 20),
    "top-right": (20, 0, 40, 20),
    "bottom-left": (0, 20, 20, 40),
    "bottom-right": (20, 20, 40, 40),
    "centre-45": (11, 11, 29, 29),
}
"""What is stored of a picture beside the whole, in fortieths of its sides: left, top, right, bottom."""

HALVES = {
    "left-half": (0, 0, 20, 40),
    "right-half": (20, 0, 40, 40),
    "top-half": (0, 0, 40, 20),
    "bottom-half": (0, 20, 40, 40),
}
"""What is asked besides: an upload may be two pictures side by side."""

WINDOWS = {95: (38, 5), 90: (36, 7), 85: (34, 5), 75: (30, 15)}
"""Windows that slide over an upload which may be cut from a bigger picture. Per cent of the sides: (fortieths, places each way).

Stored centres are found again in what remains of a picture: 90 % of it is 95 % of what is left when 5 % of each side is cut off,
80 % is 90 % of what is left of 10 %, and 60 % is 75 % of what is left of 20 %. PDQ bears about 2 % of displacement.
"""


class Sliding(NamedTuple):
    """One size of window and its places, in pixels: every pair of a left and a top."""

    percent: int
    width: int
    height: int
    lefts: list[int]
    tops: list[int]

    def names(self) -> list[str]:
        """Such as ``window-75-3-14`` (size, place across, place down, from 0), the places down varying fastest."""
        places = [(across, down) for across in range(len(self.lefts)) for down in range(len(self.tops))]
        return [f"window-{self.percent}-{across}-{down}" for across, down in places]


def windows(width: int, height: int) -> Iterator[Sliding]:
    """WINDOWS on a picture of this size."""
    for percent, (size, places) in WINDOWS.items():
        wide, high = nearest(width * size, FORTIETHS), nearest(height * size, FORTIETHS)
        lefts = [nearest((width - wide) * place, places - 1) for place in range(places)]
        tops = [nearest((height - high) * place, places - 1) for place in range(places)]
        yield Sliding(percent, wide, high, lefts, tops)

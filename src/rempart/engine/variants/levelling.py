"""A picture that was turned by a few degrees, its corners filled with one colour: turned back, the corners cut off.

The size of what was turned follows from the angle and from the size of the canvas, so only the angle is looked for: the one for
which just outside the picture's four sides there is the corners' colour, and just inside there is not.
"""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rempart.engine.variants.plane import Grey

LEAST_ANGLE, MOST_ANGLE = 1.0, 40.0  # degrees
COARSE, FINE = 0.5, 0.05  # degrees
CORNER = 64  # a corner is a 64th of the shorter side
CORNER_TOLERANCE, EDGE_TOLERANCE = 10, 14  # grey levels
OUTSIDE, INSIDE = 1.75, -2.5  # pixels from the side
SAMPLES = np.linspace(-0.46, 0.46, 48)  # along each side, from its middle, the corners left out
LEAST_OUTSIDE, LEAST_CONTRAST = 0.85, 0.35
LEAST_SIDE = 32


def levelled(grey: Grey) -> Grey | None:
    """The picture turned back, or None where nothing says that it was turned."""
    colour = corner_colour(grey)
    if colour is None or min(grey.shape) < 2 * LEAST_SIDE:
        return None
    coarse = np.arange(LEAST_ANGLE, MOST_ANGLE + COARSE / 2, COARSE)
    angle, _, _ = _best(grey, colour, np.concatenate([-coarse[::-1], coarse]))
    angle, contrast, outside = _best(grey, colour, angle + np.arange(-COARSE, COARSE + FINE / 2, FINE))
    if contrast < LEAST_CONTRAST or outside < LEAST_OUTSIDE or abs(angle) < LEAST_ANGLE / 2:
        return None
    return _turned_back(grey, angle)


def corner_colour(grey: Grey) -> int | None:
    """The grey level of the four corners, if each is flat and they agree."""
    side = max(3, min(grey.shape) // CORNER)
    corners = [grey[:side, :side], grey[:side, -side:], grey[-side:, :side], grey[-side:, -side:]]
    medians = [int(np.median(corner)) for corner in corners]
    if max(medians) - min(medians) > 2 * CORNER_TOLERANCE:
        return None
    near = [
        np.mean(np.abs(corner.astype(np.int16) - median) <= CORNER_TOLERANCE)
        for corner, median in zip(corners, medians, strict=True)
    ]
    return sorted(medians)[1] if min(near) > 0.9 else None


def size_before(width: float, height: float, degrees: float) -> tuple[float, float]:
    """Width and height of what, turned by so many degrees, just fits in a canvas of this size. Angles below 45 only."""
    along, across = cos(radians(degrees)), sin(abs(radians(degrees)))
    shrunk = along * along - across * across
    return (width * along - height * across) / shrunk, (height * along - width * across) / shrunk


def _best(grey: Grey, colour: int, angles: NDArray[np.float64]) -> tuple[float, float, float]:
    """Of these angles, the one with the greatest contrast between outside and inside: angle, contrast, share outside."""
    found = (0.0, -1.0, 0.0)
    for angle in angles.tolist():
        width, height = size_before(grey.shape[1], grey.shape[0], angle)
        if width < LEAST_SIDE or height < LEAST_SIDE:
            continue
        outside = _share_of_colour(grey, colour, angle, width + 2 * OUTSIDE, height + 2 * OUTSIDE)
        inside = _share_of_colour(grey, colour, angle, width + 2 * INSIDE, height + 2 * INSIDE)
        if outside - inside > found[1]:
            found = (angle, outside - inside, outside)
    return found


def _share_of_colour(grey: Grey, colour: int, degrees: float, width: float, height: float) -> float:
    """How much of the outline of a rectangle, turned about the middle of the canvas, has this colour."""
    ends = np.full_like(SAMPLES, 0.5)
    x = width * np.concatenate([SAMPLES, SAMPLES, -ends, ends])
    y = height * np.concatenate([-ends, ends, SAMPLES, SAMPLES])
    along, across = cos(radians(degrees)), sin(radians(degrees))
    column = np.rint(grey.shape[1] / 2 - 0.5 + along * x + across * y).astype(np.intp)
    row = np.rint(grey.shape[0] / 2 - 0.5 - across * x + along * y).astype(np.intp)
    is_in = (column >= 0) & (column < grey.shape[1]) & (row >= 0) & (row < grey.shape[0])
    if not is_in.any():
        return 0.0
    return float(np.mean(np.abs(grey[row[is_in], column[is_in]].astype(np.int16) - colour) <= EDGE_TOLERANCE))


def _turned_back(grey: Grey, degrees: float) -> Grey | None:
    width, height = size_before(grey.shape[1], grey.shape[0], degrees)
    left, top = round((grey.shape[1] - width) / 2), round((grey.shape[0] - height) / 2)
    right, bottom = round((grey.shape[1] + width) / 2), round((grey.shape[0] + height) / 2)
    if min(right - left, bottom - top) < LEAST_SIDE or left < 0 or top < 0:
        return None
    turned = Image.fromarray(grey).rotate(-degrees, resample=Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(turned)[top:bottom, left:right])

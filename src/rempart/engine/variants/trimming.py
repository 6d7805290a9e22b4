"""Borders, letterbox, strips with a caption: lines of one colour at the edges, and lines of text on that colour, taken off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rempart.engine.variants.boxes import Box
from rempart.engine.variants.plane import Grey, box_of

TOLERANCE = 8  # grey levels; JPEG at quality 30 leaves that much on a flat border
SHARE = 98  # per cent of a line's pixels
AT_ONCE = 16  # lines
ROUNDS = 3  # an outer border, and one or two frames inside it
LEAST_SIDE = 32  # pixels: what is smaller is a scrap
LEAST_SHARE = 6  # nor may a side be less than a sixth of the picture's
PAPER = 40  # per cent of a line of text that has the colour of the strip it is written on
MARGIN = 64  # and a 64th of it at either end, all of that colour
NOTICED = 64  # a change of less than 1/64 of a side is none: PDQ does not see it


def trimmed(grey: Grey, box: Box | None = None) -> Box:
    """The box without the lines of one colour at its edges: top and bottom, then left and right, and again until none is left.

    A line has one colour when 98 % of its pixels are at most 8 grey levels from its median (of an even number of pixels: the
    lower one). A box that has nothing else is given back as it is.
    """
    start = box or box_of(grey)
    now = start
    for _ in range(ROUNDS):
        before = now
        top, bottom = _span(grey[now.top : now.bottom, now.left : now.right])
        now = Box(now.left, now.top + top, now.right, now.top + bottom)
        left, right = _span(grey[now.top : now.bottom, now.left : now.right].T)
        now = Box(now.left + left, now.top, now.left + right, now.bottom)
        if now == before:
            break
    return now


def without_captions(grey: Grey) -> Box:
    """The box without a strip of text above or below the picture: each begins with a line of one colour, and goes on for as long
    as the ends of the lines have that colour and letters leave some of it between them. What borders are left come off too."""
    box = box_of(grey)
    top, bottom = _strip(grey), _strip(grey[::-1])
    inner = Box(box.left, box.top + top, box.right, box.bottom - bottom)
    return trimmed(grey, inner) if is_no_scrap(box, inner) else box


def even(outer: Box, inner: Box) -> Box:
    """What is left when opposite sides lose the same: borders and letterboxes do so, and a bright sky at one edge does not."""
    across = min(inner.left - outer.left, outer.right - inner.right)
    down = min(inner.top - outer.top, outer.bottom - inner.bottom)
    return Box(outer.left + across, outer.top + down, outer.right - across, outer.bottom - down)


def is_worth_it(whole: Box, part: Box) -> bool:
    """False for what PDQ could not tell from the whole, and for a scrap: too small to be distinct."""
    is_other = NOTICED * (whole.width - part.width) >= whole.width or NOTICED * (whole.height - part.height) >= whole.height
    return is_other and is_no_scrap(whole, part)


def is_no_scrap(whole: Box, part: Box) -> bool:
    """At least 32 pixels, and at least a sixth of the whole, each way."""
    return (
        min(part.width, part.height) >= LEAST_SIDE
        and LEAST_SHARE * part.width >= whole.width
        and LEAST_SHARE * part.height >= whole.height
    )


def _span(lines: Grey) -> tuple[int, int]:
    """First line that is not of one colour, and the one after the last; all lines if there is none."""
    first = _flat_at_the_start(lines)
    if first == len(lines):
        return 0, len(lines)
    return first, len(lines) - _flat_at_the_start(lines[::-1])


def _flat_at_the_start(lines: Grey) -> int:
    """How many lines of one colour come first. Most pictures have none, so only a few lines are looked at."""
    for first in range(0, len(lines), AT_ONCE):
        flat = has_one_colour(lines[first : first + AT_ONCE])
        if not flat.all():
            return first + int(np.argmin(flat))
    return len(lines)


def has_one_colour(lines: Grey) -> NDArray[np.bool_]:
    """Which of these lines have one colour."""
    length = lines.shape[1]
    middle = (length - 1) // 2
    median = np.partition(lines, middle, axis=1)[:, middle, None].astype(np.int16)
    near = np.abs(lines.astype(np.int16) - median) <= TOLERANCE
    return np.asarray(100 * np.count_nonzero(near, axis=1) >= SHARE * length)


def _strip(lines: Grey) -> int:
    """How many lines at the start are a strip with text, or without any."""
    if not has_one_colour(lines[:1])[0]:
        return 0
    margin = max(1, lines.shape[1] // MARGIN)
    colour = int(np.median(lines[0]))
    for first in range(0, len(lines), AT_ONCE):
        near = np.abs(lines[first : first + AT_ONCE].astype(np.int16) - colour) <= 2 * TOLERANCE
        is_paper = 100 * np.count_nonzero(near, axis=1) >= PAPER * lines.shape[1]
        is_strip = is_paper & near[:, :margin].all(axis=1) & near[:, -margin:].all(axis=1)
        if not is_strip.all():
            return first + int(np.argmin(is_strip))
    return 0

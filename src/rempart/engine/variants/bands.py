"""The photograph inside a screenshot, a collage or a card: found by the straight edges that go right across the picture.

A photograph's own edges are broken. Where it is pasted on a page, or beside another, one line of pixels differs from the next
nearly everywhere. Between two such lines, the most promising bands are those whose lines hold many grey levels: a page has few.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from rempart.engine.variants.boxes import Box
from rempart.engine.variants.plane import Grey

STEP = 12  # grey levels between a pixel and its neighbour across a cut
LEAST_CUT = 0.5  # of the line's pixels make such a step
LEAST_RISE = 0.3  # and so much more than on the lines around it
AROUND = 6  # lines on each side
APART = 2  # lines: two cuts nearer than that are one
MOST_CUTS = 14
BINS = 32  # grey levels are counted eight by eight
LEAST_OF_LINE = 50  # a level counts when it holds a fiftieth of the line
MANY_LEVELS = 8
LEVELS_OF_A_PAGE = 3.5  # between what a line of text has and what a line of a photograph has
LEAST_BAND = 0.12  # of the height
LEAST_LINES = 24


def bands(grey: Grey, box: Box, *, across: bool, most: int) -> list[Box]:
    """The likeliest photographs among the bands of this box that lie between two cuts, the best first.

    ``across``: bands from the left edge to the right one, stacked; otherwise from top to bottom, side by side.
    """
    lines = grey[box.top : box.bottom, box.left : box.right]
    if not across:
        lines = np.ascontiguousarray(lines.T)
    edges = [0, *cuts(lines), len(lines)]
    if len(edges) == 2:
        return []
    promise = np.concatenate([[0.0], np.cumsum(np.minimum(levels(lines), MANY_LEVELS) - LEVELS_OF_A_PAGE)])
    least = max(LEAST_LINES, LEAST_BAND * len(lines))
    found = [
        (promise[first] - promise[last], first, last)
        for position, first in enumerate(edges)
        for last in edges[position + 1 :]
        if least <= last - first < len(lines) and promise[last] > promise[first]
    ]
    return [_band(box, first, last, across) for _, first, last in sorted(found)[:most]]


def _band(box: Box, first: int, last: int, across: bool) -> Box:
    if across:
        return Box(box.left, box.top + first, box.right, box.top + last)
    return Box(box.left + first, box.top, box.left + last, box.bottom)


def cuts(lines: Grey) -> list[int]:
    """Where a straight edge goes right across: numbers of the first line after each, in order, at most fourteen."""
    if len(lines) < LEAST_LINES:
        return []
    share = _share_of_steps(lines)
    around = sliding_window_view(np.pad(share, AROUND, mode="edge"), 2 * AROUND + 1)
    is_cut = (share >= LEAST_CUT) & (share - np.median(around, axis=1) >= LEAST_RISE)
    found: list[int] = []
    for line in np.argsort(-share, kind="stable").tolist():
        if len(found) == MOST_CUTS or share[line] < LEAST_CUT:
            break
        if is_cut[line] and all(abs(line - known) > APART for known in found):
            found.append(line)
    return sorted(found)


def _share_of_steps(lines: Grey) -> NDArray[np.float64]:
    """For each line, how much of it is a step away from the line before."""
    signed = lines.astype(np.int16)
    share = np.zeros(len(lines))
    share[1:] = np.mean(np.abs(signed[1:] - signed[:-1]) >= STEP, axis=1)
    return share


def levels(lines: Grey) -> NDArray[np.intp]:
    """How many grey levels, eight by eight, hold at least a fiftieth of each line."""
    count, length = lines.shape
    places = (lines >> 3).astype(np.intp) + BINS * np.arange(count)[:, None]
    held = np.bincount(places.ravel(), minlength=BINS * count).reshape(count, BINS)
    return np.asarray(np.count_nonzero(LEAST_OF_LINE * held >= max(2 * LEAST_OF_LINE, length), axis=1))

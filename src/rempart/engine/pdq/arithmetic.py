"""PDQ with NumPy, one rounding after the other as the reference rounds: what the compiled half must agree with.

Sources: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019; for the order of operations,
the behaviour of ``pdqhash`` 0.2.8. Every number is a float32 and every operation rounds once, so that ties fall the same way.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

SIDE = 64  # the picture is brought down to SIDE × SIDE
FREQUENCIES = 16  # of which the FREQUENCIES × FREQUENCIES lowest are kept, the mean left out
SMALLEST = 5  # pixels; below, a picture has no fingerprint
PASSES = 2


def luminance(rgb: NDArray[np.uint8]) -> Plane:
    """From shape (height, width, 3) to (height, width), in float64 and rounded once, as ``pdqhash`` does."""
    red, green, blue = (rgb[:, :, channel] for channel in range(3))
    return np.asarray(red * 0.299 + green * 0.587 + blue * 0.114, dtype=np.float32)


def luminance_in_singles(rgb: NDArray[np.uint8]) -> Plane:
    """The same in float32 from end to end, as Meta's tool does: up to an ulp or two away."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    red, green, blue = (rgb[:, :, channel] * weights[channel] for channel in range(3))
    return np.asarray((red + green) + blue, dtype=np.float32)


def squeeze(array: NDArray[Any], side: int) -> NDArray[Any]:
    """Nearest pixel, to ``side × side``: row r of the result is row ⌊r · height / side⌋."""
    rows = np.arange(side) * array.shape[0] // side
    columns = np.arange(side) * array.shape[1] // side
    return np.asarray(array[rows[:, None], columns[None, :]])


def frequencies(luma: Plane, *, skips_filter: bool = False) -> tuple[Plane, int]:
    """The 16 × 16 lowest frequencies and the quality (0 to 100), of a luminance of any size from 5 × 5.

    ``skips_filter``: the reference takes 64 × 64 pixels as they are, except for dihedral forms.
    """
    small = luma if skips_filter else decimated(luma)
    return transform(small), quality(small)


def decimated(luma: Plane) -> Plane:
    """Blurred by two box filters along each axis, then sampled at 64 × 64 centres."""
    blurred = luma
    for _ in range(PASSES):
        blurred = box_filter(blurred.T, window(luma.shape[1])).T
        blurred = box_filter(blurred, window(luma.shape[0]))
    return blurred[np.ix_(centres(luma.shape[0]), centres(luma.shape[1]))]


def window(length: int) -> int:
    """Width of the box filter along an axis of ``length`` pixels: half a block, since there are two passes."""
    return (length + 2 * SIDE - 1) // (2 * SIDE)


def centres(length: int) -> NDArray[np.intp]:
    """Which of ``length`` pixels are kept."""
    return (2 * np.arange(SIDE) + 1) * length // (2 * SIDE)


def box_filter(values: Plane, width: int) -> Plane:
    """Running mean down the columns; at the ends, of what there is. The sum is carried along, and so are its roundings."""
    lines = np.ascontiguousarray(values)
    length, ahead = len(lines), (width + 2) // 2
    filtered, total = np.empty_like(lines), np.zeros(lines.shape[1], np.float32)
    behind = width - ahead
    for entering in range(length + ahead - 1):
        if entering < length:
            total += lines[entering]
        leaving = entering - width
        if leaving >= 0:
            total -= lines[leaving]
        here = entering - ahead + 1
        if here >= 0:
            inside = min(length, here + ahead) - max(0, here - behind)
            np.divide(total, np.float32(inside), out=filtered[here])
    return filtered


def quality(small: Plane) -> int:
    """How much there is to see: steps between neighbours, in hundredths of the full range, each cut to a whole number."""
    steps = [small[:-1] - small[1:], small[:, :-1] - small[:, 1:]]
    total = sum(int(np.abs((step * np.float32(100) / np.float32(255)).astype(np.int32)).sum()) for step in steps)
    return min(100, total // 90)


@cache
def cosines() -> Plane:
    """Rows 1 to 16 of the 64-point cosine transform (DCT-II), shape (16, 64)."""
    scale = float(np.float32(math.sqrt(2 / SIDE)))
    rows = range(1, FREQUENCIES + 1)
    return np.array(
        [[scale * math.cos(math.pi / 2 / SIDE * row * (2 * column + 1)) for column in range(SIDE)] for row in rows], np.float32
    )


def transform(small: Plane) -> Plane:
    """Two-dimensional cosine transform of a 64 × 64 luminance, shape (16, 16). Sums are taken from the first term to the last."""
    matrix = cosines()
    half, whole = np.zeros((FREQUENCIES, SIDE), np.float32), np.zeros((FREQUENCIES, FREQUENCIES), np.float32)
    for term in range(SIDE):
        half += matrix[:, term, None] * small[None, term, :]
    for term in range(SIDE):
        whole += half[:, term, None] * matrix[None, :, term]
    return whole


def bits(frequency: Plane) -> NDArray[np.uint8]:
    """Rows of 32 bytes in printed order, of an array (n, 16, 16): a bit is set where the frequency is above the lower median."""
    flat = frequency.reshape(len(frequency), FREQUENCIES * FREQUENCIES)
    median = np.partition(flat, flat.shape[1] // 2 - 1, axis=1)[:, flat.shape[1] // 2 - 1]
    return np.packbits((flat > median[:, None])[:, ::-1], axis=1)

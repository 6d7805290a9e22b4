"""The small grey picture that all views but the whole are cut from: half a millisecond to look at, however big the upload."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rempart.engine.pixels import Pixels
from rempart.engine.variants.boxes import Box

Grey = NDArray[np.uint8]  # shape (height, width)

LONGEST_SIDE = 768


def plane_of(pixels: Pixels) -> Grey:
    """Grey levels of the picture, reduced by the smallest whole number that brings its longest side to 768 pixels or less.

    Each channel of a pixel is the mean of a square block (of what there is of one, at the right and lower edges), rounded to the
    nearest by Pillow, which may be one level below; the grey level is (19595 red + 38470 green + 7471 blue + 32768) >> 16.
    """
    array = pixels.array
    if array.dtype != np.uint8:
        array = np.clip(np.rint(np.nan_to_num(array, nan=0.0)), 0, 255).astype(np.uint8)
    return np.asarray(_reduced(Image.fromarray(array), LONGEST_SIDE).convert("L"))


def box_of(grey: Grey) -> Box:
    """All of it."""
    return Box(0, 0, grey.shape[1], grey.shape[0])


def _reduced(picture: Image.Image, longest: int) -> Image.Image:
    factor = -(-max(picture.size) // longest)
    return picture.reduce(factor) if factor > 1 else picture

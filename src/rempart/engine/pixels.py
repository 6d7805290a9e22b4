"""What is fingerprinted: an array of pixels, upright, and what it is allowed to become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

PixelArray = NDArray[Any]  # uint8 or float32: checked when Pixels are made


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """One picture, as it is meant to be looked at: ``array`` has the first row at the top, orientation already applied.

    ``array`` is one of

    - shape (height, width, 3), uint8: red, green, blue, 0 to 255;
    - shape (height, width), uint8 or float32: luminance, 0 to 255.

    ``is_reduced``: decoded at a fraction of its size, or straight to luminance. Only ``Pipeline.FULL_FAST`` may be made of it.
    """

    array: PixelArray
    is_reduced: bool = False

    def __post_init__(self) -> None:
        array = self.array
        is_colour = array.ndim == 3 and array.shape[2] == 3 and array.dtype == np.uint8
        is_luminance = array.ndim == 2 and array.dtype in (np.uint8, np.float32)
        if not (is_colour or is_luminance) or 0 in array.shape:
            raise ValueError(
                "Pixels are an array of shape (height, width, 3), of bytes, or of shape (height, width), of bytes or float32."
            )

    @classmethod
    def of(cls, given: Pixels | PixelArray) -> Pixels:
        """The same pixels, or this array as pixels. Raises ValueError."""
        return given if isinstance(given, Pixels) else cls(np.asarray(given))

    @property
    def height(self) -> int:
        return int(self.array.shape[0])

    @property
    def width(self) -> int:
        return int(self.array.shape[1])

    @property
    def is_colour(self) -> bool:
        return self.array.ndim == 3

    def crop(self, left: int, top: int, right: int, bottom: int) -> Self:
        """The rectangle from (left, top) up to but without (right, bottom), in pixels. A view: nothing is copied."""
        return type(self)(self.array[top:bottom, left:right], self.is_reduced)

    def __repr__(self) -> str:
        return f"Pixels({self.width} × {self.height})"

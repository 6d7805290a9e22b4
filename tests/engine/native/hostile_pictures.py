"""PDQ of pictures of many sizes and shapes, each at the very edge of its memory, beside NumPy's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from rempart.engine.native.library import Kernel
from rempart.engine.pdq import arithmetic, compiled
from rempart.engine.pixels import PixelArray

Trial = Callable[[Kernel, np.random.Generator], None]
# Height and width: nothing, less than the filter needs, thin, just beside a vector's width, just beside the 64 kept.
SIZES = ((1, 1), (4, 4), (5, 5), (1, 300), (300, 1), (5, 130), (131, 5), (17, 33), (63, 65), (64, 64), (65, 63), (128, 257))


def pictures(chance: np.random.Generator) -> Iterator[PixelArray]:
    """Colour, grey and luminance; whole, or seen through a window of a larger one, so that rows have gaps between them."""
    for height, width in SIZES:
        yield chance.integers(0, 256, (height, width, 3), np.uint8)
        yield chance.integers(0, 256, (height, width), np.uint8)
        yield chance.random((height, width), np.float32) * np.float32(255)
        yield chance.integers(0, 256, (height, width + 3, 3), np.uint8)[:, 3:]
        yield np.full((height, width, 3), 255 * int(chance.integers(2)), np.uint8)


def by_numpy(array: PixelArray, *, is_dihedral: bool) -> tuple[bytes, int]:
    luma = array.astype(np.float32) if array.ndim == 2 else arithmetic.luminance(array)
    if min(luma.shape) < arithmetic.SMALLEST:
        return bytes(32), 0
    frequency, quality = arithmetic.frequencies(luma, skips_filter=luma.shape == (64, 64) and not is_dihedral)
    return arithmetic.bits(frequency[None]).tobytes(), quality


def same_bits(kernel: Kernel, chance: np.random.Generator) -> None:
    for array in pictures(chance):
        for is_dihedral in (False, True):
            frequency, quality = compiled.frequencies(array, kernel, is_dihedral=is_dihedral)
            bits = compiled.bits(frequency[None]).tobytes()
            assert (bits, quality) == by_numpy(array, is_dihedral=is_dihedral), array.shape
        if array.ndim == 3:
            assert np.array_equal(compiled.luminance(array, kernel), arithmetic.luminance(array))


def regions(kernel: Kernel, chance: np.random.Generator) -> None:
    """Boxes that touch every edge, one pixel wide, and none at all."""
    luma = chance.random((97, 131), np.float32) * np.float32(255)
    corners = np.sort(chance.integers(0, (132, 98), (40, 2, 2)), axis=1)
    random = corners.reshape(-1, 4)
    random = random[(random[:, 0] < random[:, 2]) & (random[:, 1] < random[:, 3])]
    edges = np.array([[0, 0, 131, 97], [130, 96, 131, 97], [0, 0, 1, 1], [126, 92, 131, 97], [67, 33, 131, 97]])
    boxes = np.ascontiguousarray(np.concatenate([edges, random]), np.int32)
    frequency, qualities = compiled.frequencies_of_regions(luma, boxes, kernel)
    for row, quality, (left, top, right, bottom) in zip(
        compiled.bits(frequency), qualities.tolist(), boxes.tolist(), strict=True
    ):
        assert (row.tobytes(), quality) == by_numpy(luma[top:bottom, left:right], is_dihedral=False)
    assert len(compiled.frequencies_of_regions(luma, boxes[:0], kernel)[1]) == 0


def numbers_that_are_none(kernel: Kernel, chance: np.random.Generator) -> None:
    """Luminance that no picture has: any answer, but an answer."""
    for strange in (np.nan, np.inf, -np.inf, np.float32(3e38), -1):
        luma = chance.random((80, 90), np.float32)
        luma[chance.random(luma.shape) < 0.01] = strange
        frequency, quality = compiled.frequencies(luma, kernel)
        assert compiled.bits(frequency[None]).shape == (1, 32)
        assert isinstance(quality, int)


TRIALS: tuple[Trial, ...] = (same_bits, regions, numbers_that_are_none)

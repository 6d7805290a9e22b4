"""The same arithmetic by the compiled half: one pass over the pixels, the same bits."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from rempart.engine.native.library import BITS, Kernel, best_kernel, load
from rempart.engine.pdq.arithmetic import FREQUENCIES, Plane
from rempart.engine.pixels import PixelArray

RGB, GREY, LUMINANCE = 0, 1, 2  # as pdq.h numbers them


def kernel() -> Kernel | None:
    """The kernel to use, or None where NumPy does the work."""
    best = best_kernel()
    return None if best is Kernel.NUMPY else best


def frequencies(array: PixelArray, with_kernel: Kernel, *, is_dihedral: bool = False) -> tuple[Plane, int]:
    """Of a whole picture, in any shape that Pixels allow. Raises MemoryError."""
    pixels = in_rows(array)
    frequency, quality = np.empty((FREQUENCIES, FREQUENCIES), np.float32), ctypes.c_int32()
    height, width = pixels.shape[:2]
    failed = library().rempart_pdq(
        pointer(pixels),
        kind_of(pixels),
        height,
        width,
        ctypes.c_int64(pixels.strides[0]),
        is_dihedral,
        BITS[with_kernel],
        pointer(frequency),
        ctypes.byref(quality),
    )
    if failed:
        raise MemoryError
    return frequency, quality.value


def frequencies_of_regions(array: PixelArray, boxes: NDArray[np.int32], with_kernel: Kernel) -> tuple[Plane, NDArray[np.int32]]:
    """Of rectangles, all inside the picture: shapes (k, 16, 16) and (k,). Raises MemoryError."""
    pixels = in_rows(array)
    frequency, quality = np.empty((len(boxes), FREQUENCIES, FREQUENCIES), np.float32), np.empty(len(boxes), np.int32)
    failed = library().rempart_pdq_regions(
        pointer(pixels),
        kind_of(pixels),
        ctypes.c_int64(pixels.strides[0]),
        pointer(boxes),
        len(boxes),
        BITS[with_kernel],
        pointer(frequency),
        pointer(quality),
    )
    if failed:
        raise MemoryError
    return frequency, quality


def luminance(rgb: NDArray[np.uint8], with_kernel: Kernel) -> Plane:
    """Shape (height, width), of a picture of shape (height, width, 3)."""
    pixels = in_rows(rgb)
    height, width = pixels.shape[:2]
    luma = np.empty((height, width), np.float32)
    stride = ctypes.c_int64(pixels.strides[0])
    library().rempart_pdq_luminance(pointer(pixels), height, width, stride, BITS[with_kernel], pointer(luma))
    return luma


def bits(frequency: Plane) -> NDArray[np.uint8]:
    """Rows of 32 bytes of an array (k, 16, 16)."""
    given = np.ascontiguousarray(frequency, np.float32)
    rows = np.empty((len(given), FREQUENCIES * FREQUENCIES // 8), np.uint8)
    library().rempart_pdq_bits(pointer(given), len(given), pointer(rows))
    return rows


def library() -> ctypes.CDLL:
    loaded = load()
    if loaded is None:
        raise RuntimeError("There is no compiled engine.")
    return loaded


def kind_of(array: PixelArray) -> int:
    if array.ndim == 3:
        return RGB
    return GREY if array.dtype == np.uint8 else LUMINANCE


def in_rows(array: PixelArray) -> PixelArray:
    """Each row without gaps and the rows in order, copied only where they are not: a crop is not copied."""
    inner = (3, 1) if array.ndim == 3 else (array.itemsize,)
    return array if array.strides[1:] == inner and array.strides[0] > 0 else np.ascontiguousarray(array)


def pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)

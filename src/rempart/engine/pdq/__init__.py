"""PDQ: 256 bits that stay almost the same when a picture is compressed again, resized or recoloured.

``pdq`` makes one, ``pdq_dihedral`` the eight of a picture turned and mirrored, ``pdq_regions`` those of many of its rectangles.
Source: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rempart.engine.fingerprint import Pdq, PdqFingerprint, Pipeline
from rempart.engine.pdq import arithmetic, compiled
from rempart.engine.pdq.arithmetic import Plane
from rempart.engine.pixels import PixelArray, Pixels

__all__ = [
    "Turn",
    "drift_at_most",
    "frequencies_of_regions",
    "luma_of",
    "pdq",
    "pdq_dihedral",
    "pdq_regions",
    "pdqs_of",
    "turned",
]

SQUEEZED = 512  # pixels: the side to which C512 brings whatever is larger


class Turn(StrEnum):
    """The eight ways to lay a picture on a table, named and ordered as ``pdqhash.compute_dihedral`` gives them."""

    ORIGINAL = "original"
    ROTATE_90 = "rotate90"
    """Counterclockwise."""
    ROTATE_180 = "rotate180"
    ROTATE_270 = "rotate270"
    FLIP_X = "flipx"
    """Top and bottom change places."""
    FLIP_Y = "flipy"
    """Left and right change places: the mirror image."""
    FLIP_PLUS_1 = "flip-plus-1"
    """Over the diagonal from upper left to lower right."""
    FLIP_MINUS_1 = "flip-minus-1"


def pdq(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> PdqFingerprint:
    """The fingerprint of these pixels. FULL: the same bits and quality as ``pdqhash.compute``, on every picture.

    A picture with a side below 5 pixels has 256 bits at zero and quality 0, as in the reference. Raises ValueError for an array
    that is no picture, and for reduced pixels with another pipeline than FULL_FAST.
    """
    frequency, quality = _frequencies(prepared(pixels, pipeline))
    return PdqFingerprint(_first(pdqs_of(frequency[None])), quality, pipeline)


def pdq_dihedral(pixels: Pixels | PixelArray, pipeline: Pipeline = Pipeline.FULL) -> dict[Turn, PdqFingerprint]:
    """The eight fingerprints of the picture turned and mirrored, at the price of one: same bits as ``pdqhash.compute_dihedral``.

    They are read off the frequencies, so they may differ by a bit or two from those of the turned pixels. Raises ValueError.
    """
    frequency, quality = _frequencies(prepared(pixels, pipeline), is_dihedral=True)
    found = {}
    for turn in Turn:
        variant = "whole" if turn is Turn.ORIGINAL else turn.value
        found[turn] = PdqFingerprint(_first(pdqs_of(turned(frequency[None], turn))), quality, pipeline, variant)
    return found


def pdq_regions(pixels: Pixels | PixelArray, boxes: NDArray[np.integer]) -> list[tuple[Pdq, int]]:
    """PDQ and quality of many rectangles of one picture, the luminance being computed once.

    ``boxes`` has shape (k, 4): left, top, right, bottom, in pixels; the right column and the bottom row are outside. Each answer
    is that of ``pdq`` on the pixels cropped. Raises ValueError for a box that is empty or leaves the picture.
    """
    frequency, qualities = frequencies_of_regions(pixels, boxes)
    return [(Pdq(row.tobytes()), quality) for row, quality in zip(pdqs_of(frequency), qualities.tolist(), strict=True)]


def frequencies_of_regions(pixels: Pixels | PixelArray, boxes: NDArray[np.integer]) -> tuple[Plane, NDArray[np.int32]]:
    """The same before the bits are cut: frequencies of shape (k, 16, 16), float32, and qualities of shape (k,).

    ``pdqs_of`` makes rows of PDQ of them, ``turned`` their dihedral forms. Raises ValueError.
    """
    luma = luma_of(pixels)
    wanted, kernel = checked_boxes(boxes, luma), compiled.kernel()
    if kernel:
        return compiled.frequencies_of_regions(luma, wanted, kernel)
    answers = [_frequencies(luma[top:bottom, left:right]) for left, top, right, bottom in wanted.tolist()]
    frequency = np.stack([frequency for frequency, _ in answers]) if answers else np.empty((0, 16, 16), np.float32)
    return frequency, np.array([quality for _, quality in answers], np.int32)


def pdqs_of(frequency: Plane) -> NDArray[np.uint8]:
    """Frequencies of shape (k, 16, 16) to rows of 32 bytes, shape (k, 32)."""
    return compiled.bits(frequency) if compiled.kernel() else arithmetic.bits(frequency)


def turned(frequency: Plane, turn: Turn) -> Plane:
    """The frequencies, shape (k, 16, 16), that the turned pictures would have."""
    odd = np.arange(arithmetic.FREQUENCIES) & 1
    rows, columns = np.where(odd, 1, -1)[:, None], np.where(odd, 1, -1)[None, :]
    sign = {
        Turn.ROTATE_90: columns,
        Turn.ROTATE_180: rows * columns,
        Turn.ROTATE_270: rows,
        Turn.FLIP_X: rows,
        Turn.FLIP_Y: columns,
        Turn.FLIP_MINUS_1: rows * columns,
    }.get(turn, np.ones((1, 1), int))
    signed = frequency * sign.astype(np.float32)
    is_transposed = turn in {Turn.ROTATE_90, Turn.ROTATE_270, Turn.FLIP_PLUS_1, Turn.FLIP_MINUS_1}
    return np.asarray(signed.transpose(0, 2, 1) if is_transposed else signed)


def luma_of(pixels: Pixels | PixelArray) -> Plane:
    """Luminance as FULL computes it: shape (height, width), float32, 0 to 255. An array of float32 is given back as it is."""
    array = Pixels.of(pixels).array
    if array.ndim == 2:
        return array.astype(np.float32, copy=False)
    kernel = compiled.kernel()
    return compiled.luminance(array, kernel) if kernel else arithmetic.luminance(array)


def prepared(pixels: Pixels | PixelArray, pipeline: Pipeline) -> PixelArray:
    """The array that this pipeline looks at. Raises ValueError."""
    picture = Pixels.of(pixels)
    if picture.is_reduced and pipeline is not Pipeline.FULL_FAST:
        raise ValueError("These pixels were decoded the fast way: only the pipeline full-fast may be used on them.")
    array = picture.array
    if pipeline is not Pipeline.C512:
        return array
    if max(array.shape[:2]) > SQUEEZED:
        array = arithmetic.squeeze(array, SQUEEZED)
    return arithmetic.luminance_in_singles(array) if array.ndim == 3 else array.astype(np.float32)


def drift_at_most(pipeline: Pipeline) -> int:
    """How many bits a fingerprint of this pipeline may differ from that of its reference: 0, or for FULL_FAST 16.

    FULL_FAST is measured against FULL, on photographs: see benchmarks/hashing.py.
    """
    return 16 if pipeline is Pipeline.FULL_FAST else 0


def checked_boxes(boxes: NDArray[np.integer], luma: Plane) -> NDArray[np.int32]:
    """As int32, contiguous. Raises ValueError."""
    given = np.asarray(boxes)
    if given.ndim != 2 or given.shape[1] != 4 or given.dtype.kind not in "iu":
        raise ValueError("Boxes are an array of whole numbers of shape (k, 4): left, top, right, bottom.")
    left, top, right, bottom = given.T
    is_inside = (left >= 0) & (top >= 0) & (left < right) & (top < bottom) & (right <= luma.shape[1]) & (bottom <= luma.shape[0])
    if not is_inside.all():
        raise ValueError("A box is empty or leaves the picture.")
    return np.ascontiguousarray(given, np.int32)


def _frequencies(array: PixelArray, *, is_dihedral: bool = False) -> tuple[Plane, int]:
    kernel = compiled.kernel()
    if kernel:
        return compiled.frequencies(array, kernel, is_dihedral=is_dihedral)
    luma = luma_of(array)
    if min(luma.shape) < arithmetic.SMALLEST:
        return np.zeros((arithmetic.FREQUENCIES, arithmetic.FREQUENCIES), np.float32), 0
    return arithmetic.frequencies(luma, skips_filter=luma.shape == (64, 64) and not is_dihedral)


def _first(rows: Iterable[NDArray[np.uint8]]) -> Pdq:
    return Pdq(next(iter(rows)).tobytes())

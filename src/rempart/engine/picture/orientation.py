"""Which way up: the orientation that a camera wrote in the EXIF of a file, and its undoing.

Source: CIPA DC-008 (Exif 2.32), tag 0x0112. Only that number is read: the rest of the EXIF says where and when, and is nobody's
business here.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

UPRIGHT = 1
ORIENTATION, SHORT, LONG = 0x0112, 3, 4
PREFIX = b"Exif\0\0"


def orientation_of(exif: bytes) -> int:
    """1 to 8, and 1 for whatever cannot be read: an EXIF in disorder does not hide a picture."""
    try:
        return _read(exif.removeprefix(PREFIX))
    except struct.error:
        return UPRIGHT


def _read(tiff: bytes) -> int:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    for number in range(count):
        place = directory + 2 + 12 * number
        tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
        if tag == ORIENTATION and kind in (SHORT, LONG):
            (value,) = struct.unpack_from(order + ("H" if kind == SHORT else "I"), tiff, place + 8)
            return int(value) if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT


def upright(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Rows and columns of ``array`` put back as the picture is meant to be seen; contiguous in memory."""
    if orientation == UPRIGHT:
        return array
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    rows = slice(None, None, -1) if orientation in (3, 4, 7, 8) else slice(None)
    columns = slice(None, None, -1) if orientation in (2, 3, 6, 7) else slice(None)
    return np.ascontiguousarray(array[rows, columns])

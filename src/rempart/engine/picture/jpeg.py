"""JPEG: its header read here, its pixels by libjpeg-turbo, straight where that is safe and through Pillow where it is odd.

Source: ITU-T T.81 for the markers. Pixels are those that Pillow gives, bit for bit, whichever way they came.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from threading import local

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import JpegImagePlugin

from rempart.engine.errors import UnreadablePicture
from rempart.engine.picture.limits import MOST_SCANS, broken, truncated
from rempart.engine.picture.orientation import PREFIX, UPRIGHT, orientation_of
from rempart.engine.picture.raster import array_of

SIGNATURE = b"\xff\xd8\xff"
MOST_KEPT = 64 << 20  # bytes a thread keeps for its next picture
SMALLEST_SIDE = 512  # pixels that the short side keeps when a picture is decoded at a fraction of its size

START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SEQUENTIAL = {0xC0, 0xC1}
ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers that no segment follows
APPLICATION = frozenset(range(0xE0, 0xF0))
JFIF, EXIF, ADOBE, COMMENT = 0xE0, 0xE1, 0xEE, 0xFE


@dataclass(frozen=True, slots=True)
class Header:
    """What a JPEG says of itself before its first scan."""

    width: int
    height: int
    components: int
    precision: int
    orientation: int
    bare: bytes
    """The same segments without EXIF, colour profiles and comments: what decoding needs, and nothing to trip over."""
    scans_at: int
    """Where the first scan starts, in the file."""


def read_header(data: bytes) -> Header:
    """Walk the segments up to the first scan. Raises UnreadablePicture."""
    frame, is_sequential, orientation, kept = None, False, UPRIGHT, [data[:2]]
    place = 2
    while True:
        marker, start, end = next_segment(data, place)
        if marker == START_OF_SCAN:
            break
        payload = data[start + 4 : end]
        if marker in START_OF_FRAME and frame is None:
            frame = read_frame(payload)
            is_sequential = marker in SEQUENTIAL
        if marker == EXIF and payload.startswith(PREFIX) and orientation == UPRIGHT:
            orientation = orientation_of(payload)
        if marker not in APPLICATION | {COMMENT} or marker in (JFIF, ADOBE):
            kept.append(data[start:end])
        place = end
    if frame is None:
        raise broken()
    has_one_scan = is_sequential and data[start + 4] == frame[2]  # all components in the first: no other is decoded
    if not has_one_scan and data.count(b"\xff\xda", start) > MOST_SCANS:
        raise UnreadablePicture(f"This JPEG has more than {MOST_SCANS} scans: it was made to take too long.")
    return Header(*frame, orientation, b"".join(kept), start)


def next_segment(data: bytes, place: int) -> tuple[int, int, int]:
    """The next marker that a segment follows, where it starts, and where its segment ends. Raises UnreadablePicture."""
    while True:
        start = data.find(b"\xff", place)
        if start < 0 or start + 4 > len(data):
            raise truncated()
        marker = data[start + 1]
        if marker in (0x00, 0xFF) or marker in ALONE:
            place = start + (1 if marker == 0xFF else 2)
            continue
        if marker == END_OF_IMAGE:
            raise truncated()
        length = int.from_bytes(data[start + 2 : start + 4])
        if length < 2:
            raise broken()
        if start + 2 + length > len(data):
            raise truncated()
        return marker, start, start + 2 + length


def read_frame(payload: bytes) -> tuple[int, int, int, int]:
    """Width, height, number of components and bits of each."""
    if len(payload) < 6:
        raise broken()
    return int.from_bytes(payload[3:5]), int.from_bytes(payload[1:3]), payload[5], payload[0]


class _Scratch(local):
    """Memory for the pixels of the picture at hand, one for each thread: fresh memory would cost as much as hashing it."""

    memory: NDArray[np.uint8] = np.empty(0, np.uint8)


_scratch = _Scratch()


def decode(data: bytes, header: Header, *, fast: bool, is_passing: bool) -> tuple[NDArray[np.uint8], bool]:
    """Pixels as stored, (height, width, 3) or (height, width), and whether they were reduced. Raises UnreadablePicture.

    ``fast``: luminance only, at the smallest size whose short side keeps 512 pixels. ``is_passing``: the pixels are good only
    until this thread decodes another picture the same way.
    """
    if header.precision == 8 and header.components in (1, 3):
        try:
            return decode_straight(data, header, fast=fast, is_passing=is_passing)
        except ValueError as refused:
            if "premature end" in str(refused).lower():
                raise truncated() from None
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(header.bare + data[header.scans_at :]))
    return array_of(image), False


def decode_straight(data: bytes, header: Header, *, fast: bool, is_passing: bool) -> tuple[NDArray[np.uint8], bool]:
    """By simplejpeg: the pixels of Pillow, in half the time. Raises ValueError at the slightest warning of libjpeg."""
    if fast:
        side = SMALLEST_SIDE if min(header.width, header.height) >= SMALLEST_SIDE else 0
        luminance = simplejpeg.decode_jpeg(data, colorspace="GRAY", min_height=side, min_width=side)
        return luminance[:, :, 0], True
    if header.components == 1:
        return simplejpeg.decode_jpeg(data, colorspace="GRAY")[:, :, 0], False
    buffer = _lent(header.width * header.height * 3) if is_passing else None
    return simplejpeg.decode_jpeg(data, colorspace="RGB", buffer=buffer), False


def _lent(count: int) -> NDArray[np.uint8] | None:
    """This thread's memory, made longer if need be; none for a picture so large that keeping its memory would be a burden."""
    if count > MOST_KEPT:
        return None
    if len(_scratch.memory) < count:
        _scratch.memory = np.empty(count, np.uint8)
    return _scratch.memory[:count]

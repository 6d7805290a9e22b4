"""From a file to upright pixels. What cannot be opened safely and whole is refused with a sentence.

The norm is *oriented pixels*: the orientation that a camera wrote beside them is applied, as every viewer does. Colours are
those of the file: profiles are not applied, transparency is left out (see ``raster``). Of an animation, the first picture.
Nothing of Pillow's settings is changed, and calls from many threads do not disturb each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rempart.engine.errors import EngineError, UnreadablePicture
from rempart.engine.picture.decoding import Decoded, decode
from rempart.engine.picture.limits import Limits, broken, truncated
from rempart.engine.picture.orientation import UPRIGHT, upright
from rempart.engine.pixels import Pixels

__all__ = ["Limits", "Picture", "Pixels", "open_picture", "read_bytes"]

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was opened: its pixels, and what a reader may want to know of where they come from."""

    pixels: Pixels
    width: int
    """Pixels across, as it is looked at; of the whole picture, even where ``pixels`` were reduced."""
    height: int
    format: str
    """JPEG, PNG, GIF, WEBP, AVIF, HEIC, TIFF, BMP, JPEG2000 or PPM."""
    was_turned: bool
    """Whether the file asked for its pixels to be turned or mirrored, which was done. Not known of a HEIC."""
    is_animated: bool
    """Whether the file holds more pictures than this one, its first."""


def open_picture(
    source: bytes | Path | BinaryIO, *, fast: bool = False, limits: Limits | None = None, is_passing: bool = False
) -> Picture:
    """Open one picture: the bytes of a file, its path, or a stream open for reading bytes.

    ``fast``: of a JPEG, only the luminance, at half, a quarter or an eighth of its size while the short side keeps 512 pixels;
    such pixels are for ``Pipeline.FULL_FAST``. ``is_passing``: the caller is done with the pixels before this thread opens
    another picture, and their memory may then serve again; a large JPEG opens faster. Raises UnreadablePicture, PartMissing
    (HEIC without its part), and OSError where the file itself cannot be read.
    """
    limits = limits or Limits()
    data = read_bytes(source, limits)
    if not data:
        raise UnreadablePicture("This file is empty.")
    try:
        decoded = decode(data, limits, fast=fast, is_passing=is_passing)
    except EngineError:
        raise
    except MemoryError:
        raise UnreadablePicture("There is not enough memory to open this picture.") from None
    except Exception as refused:  # decoders raise almost anything at a hostile file; what they say is not for people
        raise (truncated() if "truncated" in str(refused) else broken()) from None
    return oriented(decoded)


def oriented(decoded: Decoded) -> Picture:
    """Upright, with the size as it is looked at."""
    height, width = decoded.array.shape[:2]
    if decoded.is_reduced:
        width, height = decoded.size
    if decoded.orientation >= 5:
        width, height = height, width
    pixels = Pixels(upright(decoded.array, decoded.orientation), decoded.is_reduced)
    was_turned = decoded.was_turned or decoded.orientation != UPRIGHT
    return Picture(pixels, width, height, decoded.format, was_turned, decoded.is_animated)


def read_bytes(source: bytes | Path | BinaryIO, limits: Limits) -> bytes:
    """All of the source, unless it is longer than the limits allow. Raises UnreadablePicture and OSError."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return read_bytes(stream, limits)
    if not isinstance(source, bytes):
        source = read_stream(source, limits)
    limits.check_bytes(len(source))
    return source


def read_stream(stream: BinaryIO, limits: Limits) -> bytes:
    """A stream may give less than it is asked for; it is asked until it gives nothing, or too much."""
    pieces, length = [], 0
    while length <= limits.file_bytes and (piece := stream.read(min(CHUNK, limits.file_bytes + 1 - length))):
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)

"""Which decoder opens which file. Only the formats listed here are tried: each of the others is a door nobody needs."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    Jpeg2KImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from rempart.engine.errors import PartMissing, UnreadablePicture
from rempart.engine.picture import containers, jpeg
from rempart.engine.picture.containers import Container
from rempart.engine.picture.limits import Limits
from rempart.engine.picture.orientation import UPRIGHT, orientation_of
from rempart.engine.picture.raster import array_of

Opener = Callable[[io.BytesIO], ImageFile.ImageFile]

# Some decoders warn about metadata, through a filter that is the whole program's. One at a time sets it aside.
_quiet = Lock()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pixels as the decoder gave them: the orientation, if it is not 1, is still to be applied."""

    array: NDArray[np.uint8]
    format: str
    orientation: int = UPRIGHT
    is_animated: bool = False
    is_reduced: bool = False
    was_turned: bool = False
    """Whether the decoder turned it already."""
    size: tuple[int, int] = (0, 0)
    """Width and height that the file says, where ``array`` is smaller."""


def decode(data: bytes, limits: Limits, *, fast: bool, is_passing: bool = False) -> Decoded:
    """Raises UnreadablePicture, PartMissing, and whatever a decoder raises at a broken file."""
    if data.startswith(jpeg.SIGNATURE):
        return decode_jpeg(data, limits, fast=fast, is_passing=is_passing)
    if data.startswith(containers.PNG_SIGNATURE):
        return decode_contained("PNG", containers.read_png(data), PngImagePlugin.PngImageFile, limits)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return decode_contained("WEBP", containers.read_webp(data), WebPImagePlugin.WebPImageFile, limits)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return decode_contained("GIF", containers.read_gif(data), GifImagePlugin.GifImageFile, limits)
    brands = containers.brands_of(data)
    if brands & containers.AVIF_BRANDS:
        return decode_warning("AVIF", data, AvifImagePlugin.AvifImageFile, limits)
    if brands & containers.HEIC_BRANDS:
        return decode_heic(data, limits)
    return decode_plain(data, limits)


def decode_plain(data: bytes, limits: Limits) -> Decoded:
    """Formats without a container worth reading first."""
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return decode_warning("TIFF", data, TiffImagePlugin.TiffImageFile, limits)
    if data.startswith(b"BM"):
        return decode_contained("BMP", Container(data), BmpImagePlugin.BmpImageFile, limits)
    if data.startswith((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")):
        return decode_contained("JPEG2000", Container(data), Jpeg2KImagePlugin.Jpeg2KImageFile, limits)
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3].isspace():
        return decode_contained("PPM", Container(data), PpmImagePlugin.PpmImageFile, limits)
    raise UnreadablePicture(
        "This file is none of the pictures that can be opened: JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF, BMP, JPEG 2000, PPM."
    )


def decode_jpeg(data: bytes, limits: Limits, *, fast: bool, is_passing: bool) -> Decoded:
    header = jpeg.read_header(data)
    limits.check_size(header.width, header.height)
    array, is_reduced = jpeg.decode(data, header, fast=fast, is_passing=is_passing)
    return Decoded(array, "JPEG", header.orientation, is_reduced=is_reduced, size=(header.width, header.height))


def decode_contained(name: str, container: Container, opener: Opener, limits: Limits) -> Decoded:
    """Its size checked twice: as its container says it, then as its decoder understood it."""
    if container.width or container.height:
        limits.check_size(container.width, container.height)
    with opener(io.BytesIO(container.data)) as image:
        limits.check_size(*image.size)
        array = array_of(image)
    return Decoded(array, name, container.orientation, container.is_animated)


def decode_warning(name: str, data: bytes, opener: Opener, limits: Limits) -> Decoded:
    """The same for decoders that warn about metadata, which is of no interest here."""
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = opener(io.BytesIO(data))
        limits.check_size(*image.size)
        is_animated = name == "AVIF" and getattr(image, "n_frames", 1) > 1
        orientation, was_turned = orientation_of(image.info.get("exif") or b""), False
        if isinstance(image, TiffImagePlugin.TiffImageFile):  # Pillow turns it as it decodes it
            orientation, was_turned = UPRIGHT, image.tag_v2.get(0x0112) in range(2, 9)
        with image:
            array = array_of(image)
    return Decoded(array, name, orientation, is_animated, was_turned=was_turned)


def decode_heic(data: bytes, limits: Limits) -> Decoded:
    """By libheif, which turns the picture upright itself. Raises PartMissing where pillow-heif is not installed."""
    try:
        import pillow_heif  # the extra "heic"
    except ImportError:
        raise PartMissing('To open HEIC pictures, install the part for them: pip install ".[heic]" in the clone.') from None
    container = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    picture = container[container.primary_index]
    limits.check_size(*picture.size)
    return Decoded(array_of(picture.to_pillow()), "HEIC", is_animated=len(container) > 1)

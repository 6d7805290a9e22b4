"""What the files of other formats say of themselves, read before any decoder is asked.

Sizes, so that nothing giant is opened; whether they are animated; orientation; and a copy without the parts that only trip
decoders. Sources: PNG (Third Edition), WebP Container Specification, GIF89a, ISO/IEC 23008-12 for the brands of HEIC and AVIF.
"""

from __future__ import annotations

from dataclasses import dataclass

from rempart.engine.picture.limits import broken, truncated
from rempart.engine.picture.orientation import UPRIGHT, orientation_of

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


@dataclass(frozen=True, slots=True)
class Container:
    """``data`` is what the decoder is given; ``width`` and ``height`` are 0 where only the decoder can tell."""

    data: bytes
    width: int = 0
    height: int = 0
    is_animated: bool = False
    orientation: int = UPRIGHT


def read_png(data: bytes) -> Container:
    """Only the chunks that make pixels are kept; of an animated PNG, that is its still picture. Raises UnreadablePicture."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise truncated()
    kept, orientation, is_animated = [data[:8]], UPRIGHT, False
    place = 8
    while place + 8 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        name = data[place + 4 : place + 8]
        if name in PNG_KEPT:
            kept.append(data[place:end])
        is_animated |= name == b"acTL" and int.from_bytes(data[place + 8 : place + 12]) > 1
        if name == b"eXIf":
            orientation = orientation_of(data[place + 8 : end - 4])
        if name == b"IEND":
            break
        place = end
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    return Container(b"".join(kept), width, height, is_animated, orientation)


def read_webp(data: bytes) -> Container:
    """Raises UnreadablePicture."""
    if len(data) < 30:
        raise truncated()
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        return Container(data, width, height, bool(data[20] & 2), webp_orientation(data))
    if kind == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        return Container(data, (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        return Container(data, int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF)
    raise broken()


def webp_orientation(data: bytes) -> int:
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"EXIF":
            return orientation_of(data[place + 8 : place + 8 + length])
        place += 8 + length + (length & 1)
    return UPRIGHT


def read_gif(data: bytes) -> Container:
    """Width and height are of the whole canvas. Raises UnreadablePicture."""
    if len(data) < 13:
        raise truncated()
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return Container(data, width, height, has_second_frame(data))


def has_second_frame(data: bytes) -> bool:
    """Walk the blocks of a GIF up to its second picture. A file cut short has none."""
    place, pictures = 13 + colours_after(data, 10), 0
    while place < len(data):
        block = data[place : place + 1]
        if block == b",":
            pictures += 1
            if pictures == 2:
                return True
            place += 11 + colours_after(data, place + 9)
        elif block == b"!":
            place += 2
        else:
            return False
        place = after_sub_blocks(data, place)
    return False


def colours_after(data: bytes, flags_at: int) -> int:
    """Length in bytes of the table of colours that these flags announce."""
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def after_sub_blocks(data: bytes, place: int) -> int:
    while place < len(data) and data[place]:
        place += 1 + data[place]
    return place + 1


def brands_of(data: bytes) -> set[bytes]:
    """Of a file in boxes (ISO base media): the kinds of file that it says it is. Empty for any other file."""
    if data[4:8] != b"ftyp":
        return set()
    box = data[8 : min(max(int.from_bytes(data[:4]), 16), 256)]
    return {box[:4]} | {box[start : start + 4] for start in range(8, len(box) - 3, 4)}

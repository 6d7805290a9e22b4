"""Pictures drawn by code, as files; and files that are no pictures, or too much of one."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def photograph(seed: int, width: int = 640, height: int = 480, form: str = "JPEG") -> bytes:
    """Soft shapes with some detail: a picture of good quality, like no other seed's."""
    drawn = np.random.default_rng(seed)
    small = drawn.integers(0, 256, (12, 16, 3), np.uint8)
    soft = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    detail = Image.fromarray(drawn.integers(0, 256, (48, 64, 3), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    return saved(Image.blend(soft, detail, 0.3), form)


def saved(image: Image.Image, form: str = "JPEG") -> bytes:
    file = io.BytesIO()
    image.save(file, form, quality=90)
    return file.getvalue()


def edited(data: bytes, *, mirror: bool = False, border: int = 0, quality: int = 60) -> bytes:
    """As a re-uploader would."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    if mirror:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if border:
        framed = Image.new("RGB", (image.width + 2 * border, image.height + 2 * border), "white")
        framed.paste(image, (border, border))
        image = framed
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of one colour: a few kilobytes that say they are a wall."""
    line = b"\0" * (1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

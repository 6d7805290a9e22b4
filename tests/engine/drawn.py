"""Pictures drawn by code: of every size and kind that PDQ must get right, and files made of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

PICTURES = Path(__file__).resolve().parents[1] / "data" / "pictures"
FILES = sorted(PICTURES.glob("*/*.jpg"))

Picture = NDArray[np.uint8]


@cache
def waves(height: int, width: int, seed: int = 0) -> Picture:
    """Smooth hills of colour: what a photograph is to PDQ."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    drawn = np.zeros((height, width, 3))
    for _ in range(6):
        slope, lean, start, colour = chance.uniform(-9, 9), chance.uniform(-9, 9), chance.uniform(0, 6), chance.uniform(5, 40, 3)
        drawn += np.sin(rows * slope / height + columns * lean / width + start)[:, :, None] * colour
    picture = np.clip(drawn + 128, 0, 255).astype(np.uint8)
    picture.flags.writeable = False  # drawn once, shared by all tests
    return picture


def noise(height: int, width: int, seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def flat(height: int, width: int, seed: int = 0) -> Picture:
    return np.full((height, width, 3), np.random.default_rng(seed).integers(0, 256, 3), np.uint8)


def gradient(height: int, width: int, seed: int = 0) -> Picture:
    """From dark to light along one axis: every frequency of the other is a tie."""
    line = np.linspace(seed % 7, 255 - seed % 5, width if seed % 2 else height).astype(np.uint8)
    plane = np.broadcast_to(line if seed % 2 else line[:, None], (height, width))
    return np.repeat(plane[:, :, None], 3, axis=2)


def checkers(height: int, width: int, seed: int = 0) -> Picture:
    rows, columns = np.mgrid[:height, :width] // (1 + seed % 40)
    return np.repeat(((rows + columns) % 2 * 255).astype(np.uint8)[:, :, None], 3, axis=2)


KINDS: dict[str, Callable[[int, int, int], Picture]] = {
    "waves": waves,
    "noise": noise,
    "flat": flat,
    "gradient": gradient,
    "checkers": checkers,
}


@st.composite
def pictures(draw: st.DrawFn, longest: int = 700) -> Picture:
    """Any kind, of 1 to ``longest`` pixels a side; edges of the arithmetic (64, 128 and their neighbours) come often."""
    edges = [side for side in (4, 5, 63, 64, 65, 127, 128, 129, 256) if side <= longest]
    side = st.one_of(st.integers(1, longest), st.sampled_from(edges))
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    return kind(draw(side), draw(side), draw(st.integers(0, 1000)))


def as_file(picture: Picture | Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a file of this kind: JPEG, PNG, …"""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned_by_exif(orientation: int) -> bytes:
    """An EXIF that says this orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()

"""Scenes to cut views of, drawn once, and how near two pictures are."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import drawn
from rempart.engine.pixels import Pixels
from rempart.engine.variants import Views, bank_views, query_views
from rempart.engine.variants.plane import Grey, plane_of

Picture = NDArray[np.uint8]
RADIUS = 31


@cache
def scene(seed: int, longest: int = 640) -> Image.Image:
    """RGB, as busy as a photograph."""
    picture = drawn.scene(seed)
    picture.thumbnail((longest, longest), Image.Resampling.BOX)
    return picture


def grey(picture: Image.Image) -> Grey:
    return plane_of(Pixels.of(np.asarray(picture)))


def distance(stored: Views, asked: Views) -> int:
    """The least distance between any of these and any of those, in bits."""
    ours, theirs = (np.ascontiguousarray(views.hashes).view(np.uint64) for views in (stored, asked))
    return int(np.bitwise_count(ours[:, None] ^ theirs[None]).sum(axis=2).min())


def is_found(original: Image.Image, upload: Image.Image) -> bool:
    """Whether any question about the upload is near enough to any view stored of the original."""
    return distance(bank_views(np.asarray(original)), query_views(np.asarray(upload))) <= RADIUS


def names_found(original: Image.Image, upload: Image.Image) -> set[str]:
    """Which questions find it."""
    stored, asked = bank_views(np.asarray(original)), query_views(np.asarray(upload))
    apart = np.bitwise_count(stored.hashes[:, None] ^ asked.hashes[None]).sum(axis=2).min(axis=0)
    return {name for name, bits in zip(asked.names, apart.tolist(), strict=True) if bits <= RADIUS}


def separable(height: int, width: int) -> Grey:
    """Waves down times waves across, as on calm water: PDQ's quality is 100, and its table of signs repeats itself."""
    down, across = np.sin(np.arange(height) / height * 9), np.cos(np.arange(width) / width * 4)
    return np.asarray(128 + 100 * np.outer(down, across)).astype(np.uint8)

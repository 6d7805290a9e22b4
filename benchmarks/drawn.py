"""Scenes drawn by code, one for each seed: a stand-in where no photograph can be had."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIZES = ((960, 640), (640, 960), (1024, 576), (800, 800))
COLOURS = 256


def scene(seed: int) -> Image.Image:
    """RGB: clouds of light at several scales, as photographs have, with some thirty shapes in front."""
    chance = np.random.default_rng(seed)
    width, height = SIZES[seed % len(SIZES)]
    ground = Image.fromarray(clouds(chance, width, height))
    canvas = ImageDraw.Draw(ground)
    for _ in range(30):
        shape(chance, canvas, width, height)
    grain = chance.normal(0, 4, (height, width, 1))
    softened = np.asarray(ground.filter(ImageFilter.GaussianBlur(1)), dtype=np.float64) + grain
    return Image.fromarray(np.clip(softened, 0, 255).astype(np.uint8))


def clouds(chance: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Noise whose strength falls with its fineness, three channels."""
    total = np.zeros((height, width, 3))
    for cells in (2, 4, 8, 16, 32):
        coarse = chance.integers(0, COLOURS, (cells, cells, 3), dtype=np.uint8)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        total += (np.asarray(smooth, dtype=np.float64) - 128) * 2 / np.sqrt(cells)
    return np.clip(128 + total / 1.5, 0, 255).astype(np.uint8)


def shape(chance: np.random.Generator, canvas: ImageDraw.ImageDraw, width: int, height: int) -> None:
    x, y = chance.uniform(0, width), chance.uniform(0, height)
    size = chance.uniform(0.03, 0.25) * min(width, height)
    fill = tuple(int(part) for part in chance.integers(0, COLOURS, 3))
    kind = chance.integers(3)
    if kind == 0:
        canvas.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.7), fill=fill)
    elif kind == 1:
        canvas.rectangle((x - size, y - size * 0.5, x + size, y + size * 0.5), fill=fill)
    else:
        angles = np.sort(chance.uniform(0, 2 * np.pi, 5))
        canvas.polygon([(x + size * np.cos(angle), y + size * np.sin(angle)) for angle in angles], fill=fill)

"""Harmless pictures for canaries, drawn from chance and thrown away: skies, hills, leaves of light that lie upon each other.

Never a person. They are only looked at by PDQ, so what counts is that their low frequencies are those of photographs: noise whose
strength falls with its fineness, and opaque shapes of all sizes in front of each other (the *dead leaves* model of Lee, Mumford
and Huang, *Occlusion models for natural images*, 2001), under a light that comes from one side.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from rempart.desk.rules.protection import LEAST_QUALITY
from rempart.engine import PdqFingerprint, bank_variants, is_degenerate

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float64]

_SIDES = ((768, 1024), (1024, 768), (720, 960), (576, 1024), (1024, 576), (800, 800), (810, 1080), (1000, 667))
_DOTS = 20
"""Corners of a leaf."""
_LEAST_VIEWS = 3


def draw(chance: np.random.Generator) -> Rgb:
    """One picture: shape (height, width, 3)."""
    width, height = _SIDES[chance.integers(len(_SIDES))]
    canvas = Image.fromarray(_colours(_ground(chance, width, height), chance))
    if chance.random() < 0.55:
        _below(canvas, chance)
    for size in _sizes(chance):
        _leaf(canvas, chance, size * min(width, height))
    # Some are out of focus.
    soft = canvas.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 2) * (1 if chance.random() < 0.85 else 8)))
    grain = chance.normal(0, chance.uniform(0.2, 4), (height, width, 1))
    return np.clip(np.asarray(soft, np.float64) + grain, 0, 255).astype(np.uint8)


def fingerprints(chance: np.random.Generator) -> list[PdqFingerprint]:
    """What a bank would store of one picture drawn now; one that shows too little is drawn again."""
    while True:
        views = bank_variants(draw(chance))
        if views[0].quality >= LEAST_QUALITY and len(views) >= _LEAST_VIEWS and not is_degenerate(views[0].pdq):
            return views


def _ground(chance: np.random.Generator, width: int, height: int) -> Floats:
    rough = _noise(chance, width, height, fall=chance.uniform(1.2, 2.3), stretch=chance.uniform(0.5, 4))
    return rough * chance.uniform(0.4, 1.1) + _light(chance, width, height)


def _below(canvas: Image.Image, chance: np.random.Generator) -> None:
    """Under a horizon, or beside an edge: another ground, with a border as straight as a wall's or as a hill's."""
    width, height = canvas.size
    level = chance.uniform(0.15, 0.85) + chance.normal(0, 0.02) * np.linspace(-1, 1, 256)
    if chance.random() < 0.5:
        level += sum(
            chance.normal(0, 0.1 / wave) * np.sin(wave * np.linspace(0, 3, 256) + chance.uniform(0, 7)) for wave in range(1, 8)
        )
    outline = Image.new("L", (256, 256))
    dots = [(float(x), float(256 * y)) for x, y in enumerate(level)]
    ImageDraw.Draw(outline).polygon([*dots, (255.0, 256.0), (0.0, 256.0)], fill=255)
    outline = outline.rotate(90 * int(chance.choice(4, p=(0.55, 0.2, 0.05, 0.2)))).resize((width, height))
    canvas.paste(Image.fromarray(_colours(_ground(chance, width, height), chance)), (0, 0), outline)


def _noise(chance: np.random.Generator, width: int, height: int, *, fall: float, stretch: float) -> Floats:
    """Standard deviation 1; ``fall``: the power by which the strength falls with frequency; stretched across."""
    side = 128
    down, across = np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij")
    frequency = np.maximum(np.hypot(down, across * stretch), 0.7 / side)
    spectrum = np.exp(2j * np.pi * chance.random(frequency.shape)) * frequency**-fall
    spectrum[0, 0] = 0
    plain = np.fft.irfft2(spectrum, (side, side))
    # A window of it, so that its left side is not its right.
    part = Image.fromarray((plain[: side * 3 // 4, : side * 3 // 4] / plain.std()).astype(np.float32))
    return np.asarray(part.resize((width, height), Image.Resampling.BICUBIC), np.float64)


def _light(chance: np.random.Generator, width: int, height: int) -> Floats:
    """Brighter towards one side, most often above; darker in the corners."""
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope: Floats = chance.normal(-0.5, 0.6) * down + chance.normal(0, 0.4) * across
    light: Floats = slope - chance.uniform(0, 0.5) * (down**2 + across**2)
    return light


def _colours(plain: Floats, chance: np.random.Generator) -> Rgb:
    tint = chance.normal(0, 14, 3)
    bright, contrast = chance.uniform(60, 180), chance.uniform(18, 60)
    return np.clip(bright + contrast * plain[..., None] + tint, 0, 255).astype(np.uint8)


def _sizes(chance: np.random.Generator) -> Floats:
    """Of the leaves, as parts of the shorter side: few large ones, many small ones; the large ones lie behind."""
    count = int(2 ** chance.uniform(2.5, 6))
    least, most = 0.08, chance.uniform(0.4, 1.1)
    # Their number falls with the cube of the size.
    even = chance.random(count)
    return np.sort((least**-2 - even * (least**-2 - most**-2)) ** -0.5)[::-1]


def _leaf(canvas: Image.Image, chance: np.random.Generator, size: float) -> None:
    """An opaque shape with a soft edge and a light of its own, anywhere."""
    side = max(8, int(2.4 * size))
    angles = np.linspace(0, 2 * np.pi, _DOTS, endpoint=False)
    waves = sum(chance.normal(0, 0.35 / wave) * np.cos(wave * angles + chance.uniform(0, 7)) for wave in range(1, 6))
    radius = np.clip(size * (1 + waves) / 2 * np.where(chance.random() < 0.3, 1.6, 1.0), 1, side / 2 - 1)
    flat, turn = chance.uniform(0.4, 1), chance.uniform(0, 2 * np.pi)
    across, down = radius * np.cos(angles), radius * np.sin(angles) * flat
    x, y = side / 2 + across * np.cos(turn) - down * np.sin(turn), side / 2 + across * np.sin(turn) + down * np.cos(turn)
    outline = Image.new("L", (side, side))
    ImageDraw.Draw(outline).polygon(list(zip(x.tolist(), y.tolist(), strict=True)), fill=255)
    filled = Image.fromarray(_colours(_ground(chance, side, side), chance))
    place = (int(chance.uniform(-side / 2, canvas.width - side / 2)), int(chance.uniform(-side / 2, canvas.height - side / 2)))
    canvas.paste(filled, place, outline.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 2))))

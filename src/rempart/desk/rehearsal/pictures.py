"""Harmless pictures with pixels, drawn by code from a word: a coast, stripes, a flag, a film. The same word, the same picture.

The pages of the invented hosts need no pixels (``drawings``); to be fingerprinted, a picture must have some.
"""

import hashlib
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from rempart.desk.rules.protection import Kind, SentFile, SentPdq
from rempart.engine import IndexStore, Pdq, Sha256, bank_views, is_degenerate
from rempart.engine.pdq import pdq
from rempart.engine.pixels import PixelArray

SIZE = WIDTH, HEIGHT = 640, 480
FRAMES = 8
"""Seconds of a film."""
GOOD = 80
"""A coast shows at least that much, of 100: it stays recognisable once it was cut or sent on."""
ABOUT = "A drawing made by code for a rehearsal. It shows nobody."

Colour = tuple[int, int, int]
KNOWN = ("flag", "logo", "card", "map")
"""What everybody of the invented world knows."""


def picture(word: str) -> Image.Image:
    """The picture of this word: ``flag``, ``stripes-3``, ``nothing``; any other word is a coast."""
    kind = word.partition("-")[0]
    return DRAWN.get(kind, coast)(word)


def png(image: Image.Image) -> bytes:
    """As a file that says what it is."""
    told, file = PngInfo(), io.BytesIO()
    told.add_text("Description", ABOUT)
    image.save(file, "PNG", pnginfo=told)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn for the visitor, as a file to save."""

    number: int
    content: bytes


def new_picture() -> Drawn:
    """One that nobody protects yet: another at each call."""
    while True:
        number = secrets.randbelow(900_000) + 100_000
        image = coast(f"visitor-{number}")
        seen = pdq(_pixels(image))
        if seen.quality >= GOOD and not is_degenerate(seen.pdq):
            return Drawn(number, png(image))


def sent_file(word: str) -> SentFile:
    """What the page would send of it: ``film-2`` is a video, anything else a picture."""
    if word.startswith("film"):
        return _sent_film(word)
    pixels = _pixels(picture(word))
    views = bank_views(pixels)
    rows = zip(views.names, views.hashes, views.qualities.tolist(), strict=True)
    pdqs = tuple(SentPdq(Pdq(row.tobytes()), quality, name) for name, row, quality in rows)
    return SentFile(Kind.PICTURE, _sha256(pixels), pdqs)


def _sent_film(word: str) -> SentFile:
    frames = [_pixels(coast(f"{word} at {second}")) for second in range(FRAMES)]
    seen = [pdq(frame) for frame in frames]
    pdqs = tuple(SentPdq(one.pdq, one.quality, "whole", second) for second, one in enumerate(seen))
    return SentFile(Kind.VIDEO, _sha256(*frames), pdqs)


def _pixels(image: Image.Image) -> PixelArray:
    return np.asarray(image)


def _sha256(*parts: PixelArray) -> Sha256:
    """Of the pixels: nobody will ever look for the file of an invented picture of the past."""
    return Sha256(hashlib.sha256(b"".join(part.tobytes() for part in parts)).digest())


def coast(word: str) -> Image.Image:
    """A sky, a sun, hills, houses and boats, placed by chance."""
    chance = Random(word)  # noqa: S311 - a drawing, not a secret
    image = Image.new("RGB", SIZE, _light(chance))
    draw = ImageDraw.Draw(image)
    _sky(draw, chance)
    for row in range(4):
        _hill(draw, chance, 190 + 70 * row)
    for _ in range(9):
        _house(draw, chance)
    for _ in range(4):
        _boat(draw, chance)
    return image


def _light(chance: Random) -> Colour:
    return chance.randint(170, 250), chance.randint(170, 250), chance.randint(170, 250)


def _dark(chance: Random) -> Colour:
    return chance.randint(10, 110), chance.randint(10, 110), chance.randint(10, 110)


def _sky(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    x, y, radius = chance.randrange(WIDTH), chance.randrange(40, 160), chance.randint(28, 70)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 224, 130))
    for _ in range(5):
        x, y, wide = chance.randrange(WIDTH), chance.randrange(20, 200), chance.randint(40, 130)
        draw.ellipse((x, y, x + wide, y + wide // 3), fill=_dark(chance))


def _hill(draw: ImageDraw.ImageDraw, chance: Random, ground: int) -> None:
    edge = [(x, ground + chance.randint(-55, 55)) for x in range(0, WIDTH + 1, 80)]
    fill = _dark(chance) if chance.random() < 0.5 else _light(chance)
    draw.polygon([(0, HEIGHT), *edge, (WIDTH, HEIGHT)], fill=fill)


def _house(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    x, y, size = chance.randrange(WIDTH), chance.randrange(180, HEIGHT), chance.randint(24, 70)
    draw.rectangle((x, y, x + size, y + size), fill=_light(chance))
    draw.polygon([(x - 8, y), (x + size // 2, y - size // 2), (x + size + 8, y)], fill=_dark(chance))
    draw.rectangle((x + size // 3, y + size // 3, x + size // 2, y + size), fill=_dark(chance))


def _boat(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    x, y, tall = chance.randrange(WIDTH), chance.randrange(300, HEIGHT), chance.randint(40, 110)
    draw.polygon([(x, y), (x, y - tall), (x + tall // 2, y - 8)], fill=_light(chance))
    draw.polygon([(x - 30, y + 4), (x + 50, y + 4), (x + 34, y + 24), (x - 18, y + 24)], fill=_dark(chance))


def _flag(_word: str) -> Image.Image:
    """The flag of a country that does not exist."""
    image = Image.new("RGB", SIZE, (20, 90, 110))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 0), (330, 240), (0, 480)], fill=(250, 244, 225))
    draw.rectangle((330, 170, WIDTH, 310), fill=(230, 150, 40))
    draw.ellipse((40, 180, 160, 300), fill=(160, 40, 50))
    draw.polygon([(450, 30), (480, 110), (560, 110), (500, 150), (420, 150)], fill=(250, 244, 225))
    return image


def _logo(_word: str) -> Image.Image:
    """The sign of a shop that does not exist."""
    image = Image.new("RGB", SIZE, (245, 240, 230))
    draw = ImageDraw.Draw(image)
    draw.ellipse((150, 70, 490, 410), fill=(190, 60, 90))
    draw.polygon([(320, 110), (440, 350), (200, 350)], fill=(250, 230, 120))
    draw.rectangle((260, 250, 300, 430), fill=(40, 40, 90))
    draw.arc((90, 20, 550, 460), 200, 320, fill=(40, 40, 90), width=26)
    return image


def _card(word: str) -> Image.Image:
    """A postcard that everybody was sent."""
    image = coast(f"the {word} of everybody")
    ImageDraw.Draw(image).rectangle((0, 380, WIDTH, HEIGHT), fill=(240, 236, 220))
    return image


def _map(word: str) -> Image.Image:
    chance = Random(word)  # noqa: S311 - a drawing, not a secret
    image = Image.new("RGB", SIZE, (200, 222, 236))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        points = [(x + chance.randint(-110, 110), y + chance.randint(-90, 90)) for _ in range(6)]
        draw.polygon(points, fill=_dark(chance))
    return image


def _stripes(word: str) -> Image.Image:
    """Nothing but oblique stripes: a fingerprint that means nothing. The word says how wide they are."""
    wide = {"stripes": 40, "stripes-2": 24}.get(word, 60)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = np.where((across + down) // wide % 2, 235, 30).astype(np.uint8)
    return Image.fromarray(np.repeat(light[:, :, None], 3, 2))


def _nothing(_word: str) -> Image.Image:
    """One colour."""
    return Image.new("RGB", SIZE, (120, 130, 140))


DRAWN: dict[str, Callable[[str], Image.Image]] = {
    "flag": _flag,
    "logo": _logo,
    "card": _card,
    "map": _map,
    "stripes": _stripes,
    "nothing": _nothing,
}


def make_well_known(folder: Path) -> None:
    """The index of what everybody knows, in this folder; one that is there already stays."""
    if folder.exists():
        return
    views = [bank_views(_pixels(picture(word))).hashes for word in KNOWN]
    keys = [number for number, hashes in enumerate(views, start=1) for _ in hashes]
    IndexStore.build(folder, np.concatenate(views), np.array(keys, np.uint64))

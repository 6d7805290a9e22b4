"""Thirty things that people and platforms do to a picture before they post it again. The same picture always gets the same edit.

Each is a function ``(picture, other, chance) → picture`` of RGB pictures; ``other`` is a second picture, for collages, and
``chance`` a generator that is seeded by the names of the picture and of the edit.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

Picture = Image.Image
Edit = Callable[[Picture, Picture, random.Random], Picture]

SCREEN = 1080, 1920  # pixels of the telephone that screenshots are taken on
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def edited(name: str, picture: Picture, other: Picture, picture_name: str) -> Picture:
    """This picture after the edit of that name."""
    seed = hashlib.sha256(f"{name}/{picture_name}".encode()).digest()
    return EDITS[name](picture, other, random.Random(seed))


def simple(change: Callable[[Picture], Picture]) -> Edit:
    """An edit that needs neither another picture nor chance."""
    return lambda picture, other, chance: change(picture)


def jpeg(quality: int) -> Callable[[Picture], Picture]:
    def change(picture: Picture) -> Picture:
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=quality)
        return Image.open(written).convert("RGB")

    return change


def scaled(across: float, down: float) -> Callable[[Picture], Picture]:
    return lambda picture: picture.resize((int(picture.width * across), int(picture.height * down)))


def cropped(share: float) -> Edit:
    """``share`` of each side is lost, the window lies anywhere."""

    def change(picture: Picture, other: Picture, chance: random.Random) -> Picture:
        width, height = int(picture.width * (1 - share)), int(picture.height * (1 - share))
        left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
        return picture.crop((left, top, left + width, top + height))

    return change


def mirrored_and_cropped(picture: Picture, other: Picture, chance: random.Random) -> Picture:
    return ImageOps.mirror(cropped(0.1)(picture, other, chance))


def caption_bar(picture: Picture) -> Picture:
    """A black bar across the lower part, with three white words."""
    changed = picture.copy()
    canvas, (width, height) = ImageDraw.Draw(changed), picture.size
    canvas.rectangle((0, int(height * 0.80), width, int(height * 0.92)), fill=BLACK)
    for word in range(3):
        left = 0.1 + 0.27 * word
        canvas.rectangle((int(width * left), int(height * 0.83), int(width * (left + 0.2)), int(height * 0.89)), fill=WHITE)
    return changed


def two_emoji(picture: Picture) -> Picture:
    changed = picture.copy()
    canvas, (width, height) = ImageDraw.Draw(changed), picture.size
    radius = int(min(width, height) * 0.11)
    for across, down in ((0.3, 0.35), (0.68, 0.6)):
        x, y = int(width * across), int(height * down)
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 205, 40))
        canvas.ellipse((x - radius // 2, y - radius // 3, x - radius // 4, y), fill=(60, 40, 0))
        canvas.ellipse((x + radius // 4, y - radius // 3, x + radius // 2, y), fill=(60, 40, 0))
    return changed


def bordered(share: float, colour: tuple[int, int, int]) -> Callable[[Picture], Picture]:
    return lambda picture: ImageOps.expand(picture, border=int(min(picture.size) * share), fill=colour)


def letterbox(picture: Picture) -> Picture:
    """A black square with the picture in its middle."""
    side = max(picture.size)
    changed = Image.new("RGB", (side, side))
    changed.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return changed


def rotated(degrees: int) -> Callable[[Picture], Picture]:
    return lambda picture: picture.rotate(degrees, expand=True, resample=Image.Resampling.BILINEAR)


def photo_filter(picture: Picture) -> Picture:
    """Contrast, colour, a warm tint and darker corners."""
    vivid = ImageEnhance.Color(ImageEnhance.Contrast(picture).enhance(1.25)).enhance(1.4)
    warm = np.asarray(vivid).astype(np.float32) * [1.08, 1.0, 0.85] + [12, 5, 10]
    height, width = warm.shape[:2]
    y, x = np.ogrid[:height, :width]
    corners = 1 - 0.45 * (((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2) / 2
    return Image.fromarray(np.clip(warm * corners[..., None], 0, 255).astype(np.uint8))


def screenshot(picture: Picture, other: Picture, chance: random.Random) -> Picture:
    """The picture as one post of a social network: status bar, face, name, buttons, lines of text."""
    width = SCREEN[0]
    shown = picture.resize((width, int(picture.height * width / picture.width)))
    screen = Image.new("RGB", (width, max(SCREEN[1], shown.height + 560)), (250, 250, 250))
    canvas, foot, below = ImageDraw.Draw(screen), screen.height - 130, 240 + shown.height
    canvas.rectangle((0, 0, width, 70), fill=(20, 20, 20))
    canvas.ellipse((30, 100, 130, 200), fill=(120, 150, 220))
    canvas.rectangle((160, 120, 520, 150), fill=(40, 40, 40))
    canvas.rectangle((160, 165, 400, 185), fill=(150, 150, 150))
    screen.paste(shown, (0, 240))
    for button in range(4):
        left = 40 + button * 110
        canvas.ellipse((left, below + 25, left + 70, below + 95), outline=(40, 40, 40), width=6)
    for line in range(6):
        top = below + 130 + line * 60
        if top < foot - 30:
            canvas.rectangle((40, top, chance.randint(500, 1000), top + 24), fill=(90, 90, 90))
    canvas.rectangle((0, foot, width, screen.height), fill=(240, 240, 240))
    return screen


def screenshot_as_jpeg(picture: Picture, other: Picture, chance: random.Random) -> Picture:
    return jpeg(30)(screenshot(picture, other, chance))


def beside_another(picture: Picture, other: Picture, chance: random.Random) -> Picture:
    changed = Image.new("RGB", (picture.width * 2, picture.height))
    changed.paste(picture, (0, 0))
    changed.paste(other.resize(picture.size), (picture.width, 0))
    return changed


def among_four(picture: Picture, other: Picture, chance: random.Random) -> Picture:
    changed = Image.new("RGB", (picture.width * 2, picture.height * 2))
    second = other.resize(picture.size)
    changed.paste(picture, (0, 0))
    changed.paste(second, (picture.width, 0))
    changed.paste(ImageOps.mirror(second), (0, picture.height))
    changed.paste(ImageOps.flip(second), picture.size)
    return changed


def perspective(picture: Picture) -> Picture:
    """Photographed from a screen, a little from the side."""
    width, height = picture.size
    corners = (int(0.04 * width), int(0.03 * height), 0, height, width, int(0.97 * height), int(0.95 * width), 0)
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)


EDITS: dict[str, Edit] = {
    "jpeg_30": simple(jpeg(30)),
    "jpeg_10": simple(jpeg(10)),
    "resize_50": simple(scaled(1 / 2, 1 / 2)),
    "resize_12": simple(scaled(1 / 8, 1 / 8)),
    "stretch_15": simple(scaled(1.15, 1)),
    "blur_4": simple(lambda picture: picture.filter(ImageFilter.GaussianBlur(4))),
    "bright_40": simple(lambda picture: ImageEnhance.Brightness(picture).enhance(1.4)),
    "dark_50": simple(lambda picture: ImageEnhance.Brightness(picture).enhance(0.5)),
    "grayscale": simple(lambda picture: picture.convert("L").convert("RGB")),
    "photo_filter": simple(photo_filter),
    "caption_bar": simple(caption_bar),
    "two_emoji": simple(two_emoji),
    "border_5": simple(bordered(0.05, WHITE)),
    "border_10_black": simple(bordered(0.10, BLACK)),
    "border_20": simple(bordered(0.20, WHITE)),
    "letterbox": simple(letterbox),
    "crop_5": cropped(0.05),
    "crop_10": cropped(0.10),
    "crop_20": cropped(0.20),
    "crop_30": cropped(0.30),
    "rotate_5": simple(rotated(5)),
    "rotate_15": simple(rotated(15)),
    "rotate_90": simple(rotated(90)),
    "mirror": simple(ImageOps.mirror),
    "screenshot": screenshot,
    "collage_2": beside_another,
    "collage_4": among_four,
    "perspective": simple(perspective),
    "mirror_crop_10": mirrored_and_cropped,
    "screenshot_jpeg_30": screenshot_as_jpeg,
}

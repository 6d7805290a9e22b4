"""What people do to a picture before they post it again: made of the drawing that the visitor saved last."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageDraw, ImageFont, ImageOps

from rempart.desk.rehearsal.pictures import HEIGHT, WIDTH, coast, png

CAPTION = "look at this"
PAPER, INK = (244, 240, 230), (20, 20, 20)
SMALL = (WIDTH * 3 // 5, HEIGHT * 3 // 5)


class Change(StrEnum):
    """One way to post it; ``OTHER`` is another picture, which nobody protects."""

    SAME = "same"
    MIRRORED = "mirrored"
    BORDERED = "bordered"
    CAPTIONED = "captioned"
    RECOMPRESSED = "recompressed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class File:
    """A picture as a browser receives it."""

    name: str
    kind: str
    content: bytes


def file_of(number: int, change: Change) -> File:
    """The drawing of this number, changed. ``SAME`` is the saved file, byte for byte."""
    image = coast(f"visitor-{number}")
    name = f"rehearsal-{number}" if change is Change.SAME else f"rehearsal-{number}-{change}"
    if change is Change.SAME:
        return File(f"{name}.png", "image/png", png(image))
    file = io.BytesIO()
    changed = coast(f"another-{number}") if change is Change.OTHER else MADE[change](image)
    changed.save(file, "JPEG", quality=30 if change is Change.RECOMPRESSED else 88)
    return File(f"{name}.jpg", "image/jpeg", file.getvalue())


def _captioned(image: Image.Image) -> Image.Image:
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(32)
    place = (WIDTH // 2, HEIGHT - 40)
    draw.text(place, CAPTION, fill=(255, 255, 255), stroke_fill=INK, stroke_width=2, font=font, anchor="mm")
    return image


MADE: dict[Change, Callable[[Image.Image], Image.Image]] = {
    Change.MIRRORED: ImageOps.mirror,
    Change.BORDERED: lambda image: ImageOps.expand(image, 48, PAPER),
    Change.CAPTIONED: _captioned,
    Change.RECOMPRESSED: lambda image: image.resize(SMALL),
}

"""Every format and every mode, beside what Pillow makes of the same file."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from rempart.engine.errors import PartMissing, UnreadablePicture
from rempart.engine.picture import Limits, open_picture
from tests.engine import drawn

WAVES = drawn.waves(120, 90)
FORMATS = {
    "JPEG": {},
    "PNG": {},
    "WEBP": {"lossless": True},
    "AVIF": {},
    "TIFF": {},
    "BMP": {},
    "GIF": {},
    "JPEG2000": {},
    "PPM": {},
}
TURNED = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")


def as_seen(data: bytes) -> np.ndarray:  # type: ignore[type-arg]
    """What Pillow shows, turned upright, in colour."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        image.info.pop("transparency", None)  # Pillow warns about some, and leaves all of them out
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def in_colour(array: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return array if array.ndim == 3 else np.repeat(array[:, :, None], 3, axis=2)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_pixels_that_pillow_gives(kind: str) -> None:
    data = drawn.as_file(WAVES, kind, **FORMATS[kind])
    picture = open_picture(data)
    assert np.array_equal(picture.pixels.array, as_seen(data))
    assert (picture.format, picture.width, picture.height) == (kind, 90, 120)
    assert not picture.was_turned
    assert not picture.is_animated


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"subsampling": 0}, {"subsampling": 1}, {"quality": 5}, {"restart_marker_rows": 1}]
)
def test_every_kind_of_jpeg_gives_the_pixels_that_pillow_gives(options: dict[str, int]) -> None:
    data = drawn.as_file(drawn.waves(121, 93), "JPEG", **options)
    assert np.array_equal(open_picture(data).pixels.array, as_seen(data))


@pytest.mark.parametrize("path", drawn.FILES[::4], ids=lambda path: path.name)
def test_photographs_give_the_pixels_that_pillow_gives(path: Path) -> None:
    assert np.array_equal(open_picture(path).pixels.array, as_seen(path.read_bytes()))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", mode) for mode in ("1", "L", "LA", "P", "RGBA")]
    + [("TIFF", mode) for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "LAB")]
    + [("GIF", "1"), ("GIF", "L"), ("GIF", "P"), ("WEBP", "RGBA"), ("BMP", "1"), ("BMP", "P"), ("PPM", "1"), ("JPEG", "L")],
)
def test_every_mode_follows_one_rule(kind: str, mode: str) -> None:
    image = Image.fromarray(np.dstack([WAVES, WAVES[:, :, 0]]))
    image = image.convert("RGB").convert(mode) if mode == "LAB" else image.convert(mode)
    data = drawn.as_file(image, kind, **FORMATS[kind])
    assert np.array_equal(in_colour(open_picture(data).pixels.array), as_seen(data))


def test_transparency_is_left_out_not_painted_over() -> None:
    colours = np.dstack([WAVES, np.zeros(WAVES.shape[:2], np.uint8)])
    assert np.array_equal(open_picture(drawn.as_file(colours, "PNG")).pixels.array, WAVES)


def test_a_palette_with_transparency_is_opened_without_a_warning() -> None:
    image = Image.fromarray(WAVES).quantize(16)
    data = drawn.as_file(image, "PNG", transparency=bytes(range(16)))
    assert np.array_equal(open_picture(data).pixels.array, np.asarray(image.convert("RGB")))


def test_inks_become_colours() -> None:
    data = drawn.as_file(Image.fromarray(WAVES).convert("CMYK"), "JPEG")
    assert np.array_equal(open_picture(data).pixels.array, as_seen(data))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM", "JPEG2000"])
def test_grey_of_sixteen_bits_keeps_its_upper_eight(kind: str) -> None:
    deep = np.random.default_rng(1).integers(0, 65_536, (40, 30)).astype(np.uint16)
    assert np.array_equal(open_picture(drawn.as_file(Image.fromarray(deep), kind)).pixels.array, deep >> 8)


def test_whole_numbers_and_fractions_are_cut_to_a_byte() -> None:
    for dtype in (np.int32, np.float32):
        values = np.array([[-5, 0, 1, 254, 255, 300]] * 5, dtype)
        data = drawn.as_file(Image.fromarray(values), "TIFF")
        assert open_picture(data).pixels.array[0].tolist() == [0, 0, 1, 254, 255, 255]


@pytest.mark.parametrize("kind", TURNED)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_file_asks(kind: str, orientation: int) -> None:
    data = drawn.as_file(WAVES, kind, exif=drawn.turned_by_exif(orientation))
    picture = open_picture(data)
    assert np.array_equal(picture.pixels.array, as_seen(data))
    assert (picture.height, picture.width) == picture.pixels.array.shape[:2]
    assert picture.was_turned == (orientation != 1)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_picture(kind: str) -> None:
    frames = [Image.fromarray(drawn.waves(50, 60, seed)) for seed in range(3)]
    data = drawn.as_file(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **FORMATS[kind])
    picture = open_picture(data)
    assert picture.is_animated
    assert np.array_equal(picture.pixels.array, as_seen(data))


def test_a_still_gif_is_not_animated() -> None:
    assert not open_picture(drawn.as_file(WAVES, "GIF", comment=b"x" * 400)).is_animated


def test_heic_is_opened_by_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PartMissing, match=r"\.\[heic\]"):
        open_picture(heic)


def heic(picture: Image.Image, **more: Any) -> bytes:
    written = io.BytesIO()
    pillow_heif.from_pillow(picture).save(written, quality=95, **more)
    return written.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_upright(orientation: int) -> None:
    upright = drawn.waves(96, 160, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = ImageOps.exif_transpose(with_exif(upright, orientation))
    found = open_picture(heic(Image.fromarray(upright), exif=exif.tobytes())).pixels.array.astype(int)
    assert np.abs(found - np.asarray(turned).astype(int)).mean() < 4


def with_exif(pixels: NDArray[np.uint8], orientation: int) -> Image.Image:
    """A picture whose file asks for its pixels to be turned."""
    return Image.open(io.BytesIO(drawn.as_file(Image.fromarray(pixels), "PNG", exif=drawn.turned_by_exif(orientation))))


def test_a_heic_cut_short_or_too_big_is_refused() -> None:
    whole = heic(Image.fromarray(drawn.waves(96, 160, 3)))
    for size in range(0, len(whole) - 1, 97):
        with pytest.raises(UnreadablePicture):
            open_picture(whole[:size])
    with pytest.raises(UnreadablePicture, match="pixels"):
        open_picture(whole, limits=Limits(pixels=96 * 160 - 1))


def test_fast_pictures_are_smaller_and_know_their_size() -> None:
    data = drawn.as_file(drawn.gradient(1100, 2200), "JPEG", exif=drawn.turned_by_exif(6))
    fast = open_picture(data, fast=True)
    assert fast.pixels.is_reduced
    assert (fast.pixels.height, fast.pixels.width) == (1100, 550)
    assert (fast.width, fast.height) == (1100, 2200)
    small = open_picture(drawn.as_file(drawn.gradient(300, 4000), "JPEG"), fast=True)
    assert (small.pixels.height, small.pixels.width) == (300, 4000)


def test_a_path_a_stream_and_bytes_are_the_same_picture(tmp_path: Path) -> None:
    data = drawn.as_file(WAVES, "PNG")
    path = tmp_path / "waves.png"
    path.write_bytes(data)
    with path.open("rb") as stream:
        opened = [open_picture(source).pixels.array for source in (data, path, stream, io.BytesIO(data))]
    assert all(np.array_equal(array, WAVES) for array in opened)


def test_passing_pixels_last_until_the_next_picture_of_the_thread() -> None:
    first, second = (drawn.as_file(drawn.waves(64, 64, seed), "JPEG") for seed in (1, 2))
    kept, passing = open_picture(first), open_picture(first, is_passing=True)
    assert np.array_equal(kept.pixels.array, passing.pixels.array)
    open_picture(second, is_passing=True)
    assert not np.array_equal(kept.pixels.array, passing.pixels.array)

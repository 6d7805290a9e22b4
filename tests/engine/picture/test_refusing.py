"""What is not opened, and the sentence that says so. The same whatever the host program has set in Pillow."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from rempart.engine.errors import UnreadablePicture
from rempart.engine.picture import Limits, open_picture
from rempart.engine.picture.limits import MOST_SCANS
from tests.engine import drawn

WHOLE = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "JPEG2000", "PPM")


def refusal(source: bytes | Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadablePicture) as refused:
        open_picture(source, limits=limits)
    assert refused.value.__cause__ is None
    return str(refused.value)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says this size and holds almost nothing."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_an_empty_file_and_a_text_are_no_pictures() -> None:
    assert refusal(b"") == "This file is empty."
    for data in (
        b"hello",
        b"%PDF-1.7 " * 50,
        b"<svg></svg>",
        b"\0" * 100,
        b"\xff\xd8",
        b"RIFF\0\0\0\0WAVE",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ):
        assert "none of the pictures" in refusal(data)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused_whole(kind: str, share: float) -> None:
    data = drawn.as_file(drawn.noise(64, 96), kind)
    assert refusal(data[: int(len(data) * share)]).startswith("This picture is ")


def test_a_jpeg_cut_short_and_closed_again_is_refused() -> None:
    data = drawn.as_file(drawn.noise(200, 200), "JPEG")
    assert "cut short" in refusal(data[: len(data) // 2] + b"\xff\xd9")


def test_a_jpeg_with_a_harmless_fault_is_opened() -> None:
    data = drawn.as_file(drawn.waves(80, 80), "JPEG")
    assert open_picture(data[:-2] + b"\x12\x34" + data[-2:]).width == 80
    assert open_picture(data + b"a note behind the picture").width == 80


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (0, 10), (10, 0)])
def test_sizes_are_judged_before_anything_is_decoded(width: int, height: int) -> None:
    assert refusal(png_of(width, height)).startswith("This ")
    jpeg = bytearray(drawn.as_file(drawn.flat(8, 8), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height % 65_536, width % 65_536)
    assert refusal(bytes(jpeg)).startswith("This ")


@pytest.mark.parametrize("kind", WHOLE)
def test_the_limit_of_pixels_is_the_callers(kind: str) -> None:
    data = drawn.as_file(drawn.noise(50, 60), kind)
    assert open_picture(data, limits=Limits(pixels=3000)).width == 60
    assert "60 × 50 pixels: more than the 2,999" in refusal(data, Limits(pixels=2999))


def test_giants_in_the_header_of_every_format_are_refused() -> None:
    webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\xff" * 2 + bytes(30)
    gif = b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(20)
    bmp = bytearray(drawn.as_file(drawn.flat(8, 8), "BMP"))
    bmp[18:26] = struct.pack("<ii", 2**30, 2**30)
    ppm = b"P6 1000000 1000000 255\n" + bytes(100)
    for data in (webp, gif, bytes(bmp), ppm):
        assert "opened safely" in refusal(data)


def test_a_file_that_is_too_long_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(bytes(5000))
    assert "longer than the 4,096 bytes" in refusal(path, Limits(file_bytes=4096))
    assert "longer than the 4,096 bytes" in refusal(bytes(5000), Limits(file_bytes=4096))

    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            assert self.given <= 4097
            return bytes(size)

    with pytest.raises(UnreadablePicture, match="longer than"):
        open_picture(Endless(), limits=Limits(file_bytes=4096))  # type: ignore[arg-type]


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = drawn.as_file(drawn.noise(32, 32), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert "made to take too long" in refusal(data[:last] + data[last:-2] * MOST_SCANS + data[-2:])


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_picture(tmp_path / "absent.jpg")


def test_pillows_settings_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    large = drawn.as_file(drawn.flat(2000, 2000), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert open_picture(large).width == 2000
    monkeypatch.undo()
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)

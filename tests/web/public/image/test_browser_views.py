"""Every fingerprint made by a browser is the engine's, bit for bit: of files as people have them, in Chromium and in Firefox."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Error

from rempart.engine import variants
from rempart.engine.picture import open_picture
from tests.web.public.image.firefox import Refused, firefox
from tests.web.public.image.site import site
from tests.web.public.image.test_browser_pdq import noise, stripes, waves

pytestmark = pytest.mark.browser

GIVEN = Path(__file__).parents[3] / "data" / "pictures"
READ = """async ([data, reader]) => {
    const { READERS, opened, picturePdqs } = await import("/module/picture.js");
    const bitmap = await opened(new Blob([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))]));
    return await picturePdqs(bitmap, READERS[reader]);
}"""
CANVAS, VIDEO_FRAME = 0, 1
Evaluate = Callable[[str, list[Any]], Any]
Rgb = NDArray[np.uint8]


def framed(inner: Rgb, border: int, level: int) -> Rgb:
    return np.pad(inner, ((border, border), (border, border), (0, 0)), constant_values=level)


def letterboxed() -> Rgb:
    outer = np.full((1000, 700, 3), 12, np.uint8)
    outer[300:640] = waves(31, 340, 700)
    return outer


def drawn() -> dict[str, Rgb]:
    """Sizes on each side of each rule: of the plane (768 pixels), of a region (32), of a border (a 64th, a sixth)."""
    sizes = {f"{width} × {height}": waves(width + height, height, width) for width, height in SIZES}
    return sizes | {
        "border": framed(waves(20, 500, 400), 30, 255),
        "thin border": framed(waves(21, 500, 640), 4, 0),
        "two borders": framed(framed(waves(22, 300, 300), 20, 0), 30, 250),
        "mostly border": framed(waves(23, 60, 60), 200, 128),
        "grainy border": framed(noise(24, 300, 500), 40, 77),
        "letterbox": letterboxed(),
        "stripes": stripes(600, 500),
        "noise": noise(25, 90, 3000),
        "black": np.zeros((400, 300, 3), np.uint8),
        "gradient": np.broadcast_to(np.linspace(0, 255, 500).astype(np.uint8)[:, None, None], (500, 400, 3)).copy(),
    }


SIZES = [(31, 31), (64, 64), (70, 50), (128, 64), (767, 500), (768, 768), (769, 301), (1000, 1537), (1600, 1200), (1555, 1544)]
DRAWN = drawn()


def written(pixels: Rgb, format_: str, **options: object) -> bytes:
    into = io.BytesIO()
    Image.fromarray(pixels).save(into, format_, **options)
    return into.getvalue()


def moving() -> bytes:
    """A GIF of three pictures; the first is the one that counts."""
    into, pictures = io.BytesIO(), [Image.fromarray(waves(seed, 200, 300)) for seed in (50, 51, 52)]
    pictures[0].save(into, "GIF", save_all=True, append_images=pictures[1:], comment=b"a comment")
    return into.getvalue()


def with_alpha(pixels: Rgb, level: int) -> Rgb:
    return np.dstack([pixels, np.full(pixels.shape[:2], level, np.uint8)])


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return written(waves(40, 480, 640), "JPEG", quality=90, exif=exif.tobytes())


def files() -> dict[str, bytes]:
    named = {f"{name}.png": written(pixels, "PNG") for name, pixels in DRAWN.items()}
    for quality, subsampling in ((95, 0), (75, 2), (30, 1)):
        for name in ("1600 × 1200", "769 × 301", "border", "noise"):
            named[f"{name}-{quality}.jpg"] = written(DRAWN[name], "JPEG", quality=quality, subsampling=subsampling)
    named["progressive.jpg"] = written(DRAWN["1000 × 1537"], "JPEG", progressive=True)
    named["grey.jpg"] = written(DRAWN["border"][:, :, 0], "JPEG")
    named["grey.png"] = written(DRAWN["border"][:, :, 0], "PNG")
    for name, format_ in {"webp": "WEBP", "bmp": "BMP", "gif": "GIF"}.items():
        named[f"any.{name}"] = written(DRAWN["1000 × 1537"], format_)
    named["lossless.webp"] = written(with_alpha(DRAWN["769 × 301"], 255), "WEBP", lossless=True)
    named["more after the end.jpg"] = named["border-75.jpg"] + b"more" * 100
    named["filled.jpg"] = named["border-75.jpg"].replace(b"\xff\xdb", b"\xff\xff\xff\xdb")
    named["restarts.jpg"] = written(DRAWN["border"], "JPEG", restart_marker_rows=1)
    named["moving.gif"] = moving()
    named["opaque.png"] = written(with_alpha(DRAWN["border"], 255), "PNG")
    named |= {f"orientation {number}.jpg": turned(number) for number in range(2, 9)}
    return named | {path.name: path.read_bytes() for path in sorted(GIVEN.rglob("*.jpg"))}


def cut() -> dict[str, bytes]:
    """Files that end too early: halfway, and a little before their end."""
    picture = Image.fromarray(DRAWN["769 × 301"])
    whole = {
        "jpg": written(DRAWN["769 × 301"], "JPEG"),
        "progressive.jpg": written(DRAWN["769 × 301"], "JPEG", progressive=True),
        "png": written(DRAWN["769 × 301"], "PNG"),
        "webp": written(DRAWN["769 × 301"], "WEBP"),
        "bmp": written(DRAWN["769 × 301"], "BMP"),
        "gif": written(np.asarray(picture.quantize(16)), "GIF"),
    }
    halves = {f"half.{name}": data[: len(data) // 2] for name, data in whole.items()}
    return halves | {f"almost.{name}": data[:-20] for name, data in whole.items()}


FILES = files()
CUT = cut()
SOME = ("border.png", "769 × 301.png", "grey.jpg", "orientation 6.jpg", "orientation 7.jpg")
BOTH_WAYS = [(name, CANVAS) for name in FILES] + [(name, VIDEO_FRAME) for name in SOME]


@pytest.fixture(scope="module")
def in_chromium(browser: Browser) -> Iterator[Evaluate]:
    with site() as served:
        page = browser.new_page()
        page.goto(served.origin + "/blank")
        yield page.evaluate


@pytest.fixture(scope="module")
def in_firefox() -> Iterator[Evaluate]:
    with site() as served, firefox() as opened:
        opened.go(served.origin + "/blank")
        yield lambda script, values: opened.run(f"return ({script})(arguments[0])", values)


@st.composite
def any_picture(draw: st.DrawFn) -> bytes:
    """Of any size and nature, perhaps framed, as PNG or as a JPEG of any quality, held in any way."""
    height, width, seed = draw(st.integers(5, 260)), draw(st.integers(5, 260)), draw(st.integers(0, 10_000))
    pixels = draw(st.sampled_from([waves, noise, lambda _, tall, wide: stripes(tall, wide)]))(seed, height, width)
    pixels = framed(pixels, draw(st.integers(0, 60)), draw(st.integers(0, 255)))
    if draw(st.booleans()):
        return written(pixels, "PNG")
    exif = Image.Exif()
    exif[0x0112] = draw(st.integers(1, 8))
    quality, subsampling, progressive = draw(st.integers(10, 98)), draw(st.integers(0, 2)), draw(st.booleans())
    return written(pixels, "JPEG", quality=quality, subsampling=subsampling, progressive=progressive, exif=exif.tobytes())


def must_be_refused(evaluate: Evaluate, data: bytes) -> None:
    with pytest.raises((Error, Refused), match="unreadable"):
        evaluate(READ, [base64.b64encode(data).decode(), CANVAS])


def must_agree(evaluate: Evaluate, data: bytes, reader: int) -> None:
    expected = variants.bank_variants(open_picture(data).pixels)
    found = evaluate(READ, [base64.b64encode(data).decode(), reader])
    assert found == [[one.pdq.value.hex(), one.quality, one.variant] for one in expected]


@pytest.mark.parametrize(("name", "reader"), BOTH_WAYS)
def test_chromium_sees_what_the_engine_sees(in_chromium: Evaluate, name: str, reader: int) -> None:
    must_agree(in_chromium, FILES[name], reader)


@pytest.mark.parametrize(("name", "reader"), BOTH_WAYS)
def test_firefox_sees_what_the_engine_sees(in_firefox: Evaluate, name: str, reader: int) -> None:
    must_agree(in_firefox, FILES[name], reader)


@pytest.mark.parametrize("name", CUT)
def test_chromium_gives_no_fingerprint_of_half_a_picture(in_chromium: Evaluate, name: str) -> None:
    must_be_refused(in_chromium, CUT[name])


@pytest.mark.parametrize("name", CUT)
def test_firefox_gives_no_fingerprint_of_half_a_picture(in_firefox: Evaluate, name: str) -> None:
    """By itself it shows the beginning of most of them, over a grey rest."""
    must_be_refused(in_firefox, CUT[name])


@given(any_picture())
@settings(max_examples=60)
def test_chromium_sees_any_picture_as_the_engine_does(in_chromium: Evaluate, data: bytes) -> None:
    must_agree(in_chromium, data, CANVAS)


@given(any_picture())
@settings(max_examples=60)
def test_firefox_sees_any_picture_as_the_engine_does(in_firefox: Evaluate, data: bytes) -> None:
    must_agree(in_firefox, data, CANVAS)

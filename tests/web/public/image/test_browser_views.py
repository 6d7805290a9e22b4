"""Every fingerprint made by a browser is the engine's, bit for bit: of files as people have them, in Chromium and in Firefox."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from functools import cache, partial
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


SIZES = [(31, 31), (64, 64), (70, 50), (128, 64), (767, 500), (768, 768), (769, 301), (1000, 1537), (1600, 1200), (1555, 1544)]
# Sizes on each side of each rule: of the plane (768 pixels), of a region (32), of a border (a 64th, a sixth). Drawn when a test
# asks for them: every process names all tests, and few draw.
DRAWN: dict[str, Callable[[], Rgb]] = {
    **{f"{width} × {height}": partial(waves, width + height, height, width) for width, height in SIZES},
    "border": lambda: framed(waves(20, 500, 400), 30, 255),
    "thin border": lambda: framed(waves(21, 500, 640), 4, 0),
    "two borders": lambda: framed(framed(waves(22, 300, 300), 20, 0), 30, 250),
    "mostly border": lambda: framed(waves(23, 60, 60), 200, 128),
    "grainy border": lambda: framed(noise(24, 300, 500), 40, 77),
    "letterbox": letterboxed,
    "stripes": lambda: stripes(600, 500),
    "noise": lambda: noise(25, 90, 3000),
    "black": lambda: np.zeros((400, 300, 3), np.uint8),
    "gradient": lambda: np.broadcast_to(np.linspace(0, 255, 500).astype(np.uint8)[:, None, None], (500, 400, 3)).copy(),
}


@cache
def drawn(name: str) -> Rgb:
    return DRAWN[name]()


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


def saved(name: str, format_: str, **options: object) -> Callable[[], bytes]:
    return lambda: written(drawn(name), format_, **options)


def files() -> dict[str, Callable[[], bytes]]:
    named = {f"{name}.png": saved(name, "PNG") for name in DRAWN}
    for quality, subsampling in ((95, 0), (75, 2), (30, 1)):
        for name in ("1600 × 1200", "769 × 301", "border", "noise"):
            named[f"{name}-{quality}.jpg"] = saved(name, "JPEG", quality=quality, subsampling=subsampling)
    bordered = named["border-75.jpg"]
    named |= {
        "progressive.jpg": saved("1000 × 1537", "JPEG", progressive=True),
        "grey.jpg": lambda: written(drawn("border")[:, :, 0], "JPEG"),
        "grey.png": lambda: written(drawn("border")[:, :, 0], "PNG"),
        "any.webp": saved("1000 × 1537", "WEBP"),
        "any.bmp": saved("1000 × 1537", "BMP"),
        "any.gif": saved("1000 × 1537", "GIF"),
        "lossless.webp": lambda: written(with_alpha(drawn("769 × 301"), 255), "WEBP", lossless=True),
        "more after the end.jpg": lambda: bordered() + b"more" * 100,
        "filled.jpg": lambda: bordered().replace(b"\xff\xdb", b"\xff\xff\xff\xdb"),
        "restarts.jpg": saved("border", "JPEG", restart_marker_rows=1),
        "moving.gif": moving,
        "opaque.png": lambda: written(with_alpha(drawn("border"), 255), "PNG"),
    }
    named |= {f"orientation {number}.jpg": partial(turned, number) for number in range(2, 9)}
    return named | {path.name: path.read_bytes for path in sorted(GIVEN.rglob("*.jpg"))}


def cut() -> dict[str, Callable[[], bytes]]:
    """Files that end too early: halfway, and a little before their end."""
    whole = {
        "jpg": saved("769 × 301", "JPEG"),
        "progressive.jpg": saved("769 × 301", "JPEG", progressive=True),
        "png": saved("769 × 301", "PNG"),
        "webp": saved("769 × 301", "WEBP"),
        "bmp": saved("769 × 301", "BMP"),
        "gif": lambda: written(np.asarray(Image.fromarray(drawn("769 × 301")).quantize(16)), "GIF"),
    }
    halves = {f"half.{name}": partial(half, data) for name, data in whole.items()}
    return halves | {f"almost.{name}": partial(almost, data) for name, data in whole.items()}


def half(whole: Callable[[], bytes]) -> bytes:
    data = whole()
    return data[: len(data) // 2]


def almost(whole: Callable[[], bytes]) -> bytes:
    return whole()[:-20]


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
    must_agree(in_chromium, FILES[name](), reader)


@pytest.mark.parametrize(("name", "reader"), BOTH_WAYS)
def test_firefox_sees_what_the_engine_sees(in_firefox: Evaluate, name: str, reader: int) -> None:
    must_agree(in_firefox, FILES[name](), reader)


@pytest.mark.parametrize("name", CUT)
def test_chromium_gives_no_fingerprint_of_half_a_picture(in_chromium: Evaluate, name: str) -> None:
    must_be_refused(in_chromium, CUT[name]())


@pytest.mark.parametrize("name", CUT)
def test_firefox_gives_no_fingerprint_of_half_a_picture(in_firefox: Evaluate, name: str) -> None:
    """By itself it shows the beginning of most of them, over a grey rest."""
    must_be_refused(in_firefox, CUT[name]())


@given(any_picture())
@settings(max_examples=60)
def test_chromium_sees_any_picture_as_the_engine_does(in_chromium: Evaluate, data: bytes) -> None:
    must_agree(in_chromium, data, CANVAS)


@given(any_picture())
@settings(max_examples=60)
def test_firefox_sees_any_picture_as_the_engine_does(in_firefox: Evaluate, data: bytes) -> None:
    must_agree(in_firefox, data, CANVAS)

"""The browser's PDQ has the bits and the quality of the reference, on every picture: a fingerprint a bit away is another one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pdqhash
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from tests.web.public.image.site import site

pytestmark = pytest.mark.browser

HASH = """async ([pixels, width, height, rows]) => {
    const { plane } = await import("/module/variants.js"), { decimator, pdq } = await import("/module/pdq.js");
    const rgba = new Uint32Array(Uint8Array.from(atob(pixels), (sign) => sign.charCodeAt(0)).buffer);
    const down = decimator(width, height), grey = plane(width, height), luma = new Float32Array(width * height);
    for (let top = 0; top < height; top += rows) {
        const count = Math.min(rows, height - top);
        grey.add(rgba.subarray(top * width, (top + count) * width), luma, count);
        down.rows(luma, 0, width, count);
    }
    const { hash, quality } = pdq(down.small());
    return [Array.from(hash), quality];
}"""
Rgb = NDArray[np.uint8]


def noise(seed: int, height: int, width: int) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def waves(seed: int, height: int, width: int) -> Rgb:
    """Soft shapes of a few frequencies: what photographs look like to PDQ."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    layers = [np.sin(x * a + y * b + c) for a, b, c in random.uniform(0, 0.06, (9, 3)) * (1, 1, 100)]
    planes = [sum(layers[channel::3]) for channel in range(3)]
    return np.clip(np.dstack(planes) * 42 + 128, 0, 255).astype(np.uint8)


def stripes(height: int, width: int) -> Rgb:
    y, x = np.mgrid[:height, :width]
    return np.dstack([x * 3 % 256, y * 5 % 256, (x + y) // 7 % 256]).astype(np.uint8)


def flat(value: int, height: int, width: int) -> Rgb:
    return np.full((height, width, 3), value, np.uint8)


PICTURES: dict[str, Callable[[], Rgb]] = {
    # At least 5 pixels each way, or there is nothing to say; 64 × 64 is not filtered; below 64, rows are taken twice.
    "too small": partial(noise, 1, 4, 40),
    "smallest": partial(noise, 2, 5, 5),
    "smaller than the grid": partial(waves, 3, 41, 63),
    "the grid itself": partial(waves, 4, 64, 64),
    "one pixel more": partial(noise, 5, 65, 64),
    "a window of one": partial(stripes, 128, 127),
    "a window of two": partial(waves, 6, 129, 255),
    "a telephone's": partial(waves, 7, 640, 360),
    "very wide": partial(waves, 8, 9, 1200),
    "very tall": partial(noise, 9, 1200, 9),
    "noise": partial(noise, 10, 300, 400),
    "stripes": partial(stripes, 333, 517),
    "black": partial(flat, 0, 100, 100),
    "white": partial(flat, 255, 300, 200),
    "large": partial(waves, 11, 1080, 1920),
}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with site() as served:
        opened = browser.new_page()
        opened.goto(served.origin + "/blank")
        yield opened


@pytest.mark.parametrize("rows", [7, 10_000])
@pytest.mark.parametrize("name", PICTURES)
def test_same_bits_and_quality_as_the_reference(page: Page, name: str, rows: int) -> None:
    rgb = PICTURES[name]()
    pixels = base64.b64encode(np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]).tobytes()).decode()
    hash_, quality = page.evaluate(HASH, [pixels, rgb.shape[1], rgb.shape[0], rows])
    expected, expected_quality = pdqhash.compute(rgb)
    assert (bytes(hash_).hex(), quality) == (np.packbits(expected.astype(np.uint8)).tobytes().hex(), expected_quality)

"""The frame on hard days: a slow processor, a large photograph, a long file, protections of Firefox, no mouse, no sight."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from rempart.desk.rules.protection import SentFile, read_files
from rempart.engine import variants
from rempart.engine.picture import open_picture
from tests.web.public.browser import HEIGHTS, LARGE, SEEN_BY_AXE, SMALL
from tests.web.public.image.firefox import firefox
from tests.web.public.image.site import site
from tests.web.public.image.slow import slow_pages
from tests.web.public.image.test_browser_frame import SECONDS, drawn_video, page, picture, visited
from tests.web.public.image.test_browser_pdq import waves

__all__ = ["page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG_FILE = 200_000_000  # bytes
SIDEWAYS = 6  # EXIF: to be turned a quarter clockwise to be looked at
RECORD = """() => {
    globalThis.parts = [];
    const record = () => {
        const bar = document.querySelector(".bar[value]"), text = document.querySelector(".status")?.textContent;
        if (bar) parts.push([bar.value, text]);
    };
    new MutationObserver(record).observe(document.body, { subtree: true, attributes: true });
}"""


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve megapixels, held sideways."""
    soft = Image.fromarray(waves(60, 300, 400)).resize((4000, 3000), Image.Resampling.BICUBIC)
    exif, path = Image.Exif(), tmp_path_factory.mktemp("photograph") / "secret-name.jpg"
    exif[0x0112] = SIDEWAYS
    grain = np.random.default_rng(0).integers(-6, 7, (3000, 4000, 1), np.int16)
    soft = Image.fromarray(np.clip(np.asarray(soft, np.int16) + grain, 0, 255).astype(np.uint8))
    soft.save(path, "JPEG", quality=85, exif=exif.tobytes())
    return path


def must_be_the_engines(file: SentFile, path: Path) -> None:
    expected = variants.bank_variants(open_picture(path).pixels)
    assert file.sha256.value.hex() == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [(one.pdq, one.quality, one.variant) for one in file.pdqs] == [(one.pdq, one.quality, one.variant) for one in expected]


def test_a_slow_processor(page: Page, photograph: Path, tmp_path: Path) -> None:
    """Six times slower, worker included: the frame answers while it works, and the bar moves."""
    paths = [photograph, *(copied(photograph, tmp_path / f"{number}.jpg") for number in range(3))]
    with site() as served:
        inner = visited(page, served)
        inner.evaluate(RECORD)
        with slow_pages(6):
            inner.set_input_files("#choose", paths)
            expect(inner.locator('.file[data-state="working"]')).to_have_count(1, timeout=SECONDS)
            inner.locator("#hide").check()
            inner.get_by_role("button", name="Remove: Picture 4").click()
            assert inner.locator('.file[data-state="done"]').count() < 3
            expect(inner.locator("#said")).to_have_text("3 ready", timeout=2 * SECONDS)
            expect(inner.locator(".preview").first).to_be_hidden()
        parts = inner.evaluate("parts")
        for file, path in zip(read_files(page.input_value("#sent")), paths, strict=False):
            must_be_the_engines(file, path)
    first = [part for part, _ in parts[: parts.index(next(one for one in parts if "codes" in one[1]))]]
    assert first == sorted(first)
    assert len(set(first)) >= 3
    assert any("s left" in text for _, text in parts)


def copied(path: Path, other: Path) -> Path:
    """The same picture in other bytes."""
    other.write_bytes(path.read_bytes() + other.name.encode())
    return other


def test_a_photograph_held_sideways(page: Page, photograph: Path) -> None:
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [photograph])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        assert "secret" not in page.content() + inner.content()
        (file,) = read_files(page.input_value("#sent"))
    must_be_the_engines(file, photograph)


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP4 whose last box is free space: little to play, much to read."""
    path = drawn_video(tmp_path_factory.mktemp("long") / "long.mp4", codec="libvpx-vp9")
    free = LONG_FILE - path.stat().st_size
    with path.open("r+b") as file:
        file.seek(0, io.SEEK_END)
        file.write(free.to_bytes(4) + b"free")
        file.truncate(LONG_FILE)
    return path


def must_be_long(text: str, path: Path) -> None:
    (file,) = read_files(text)
    with path.open("rb") as data:
        assert file.sha256.value.hex() == hashlib.file_digest(data, "sha256").hexdigest()
    assert [one.second for one in file.pdqs] == [0, 1, 2]


def test_two_hundred_megabytes(page: Page, long_video: Path) -> None:
    with site() as served:
        inner = visited(page, served)
        inner.evaluate(RECORD)
        inner.set_input_files("#choose", [long_video])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=2 * SECONDS)
        must_be_long(page.input_value("#sent"), long_video)
        assert len({part for part, _ in inner.evaluate("parts")}) >= 5


def test_firefox_on_a_hard_day(photograph: Path, long_video: Path, tmp_path: Path) -> None:
    """All at once: a large photograph, a long file, a broken one, an empty one, and as many others as there may be."""
    broken, empty = tmp_path / "broken.jpg", tmp_path / "empty.png"
    broken.write_bytes(photograph.read_bytes()[:500_000])
    empty.write_bytes(b"")
    others = [picture(tmp_path / f"{number}.png", number) for number in range(16)]
    with site() as served, firefox() as opened:
        opened.go(served.origin + "/")
        opened.enter("#hasher")
        opened.choose("#choose", [broken, empty, photograph, long_video, *others])
        opened.wait("document.getElementById('said').textContent === '18 ready'", seconds=120)
        states = opened.run("return [...document.querySelectorAll('.file')].map((one) => one.dataset.state)")
        opened.enter(None)
        text = opened.run("return document.getElementById('sent').value")
        assert served.asked == []
    assert states == ["failed", "failed", *["done"] * 18]
    files = read_files(text)
    must_be_the_engines(files[0], photograph)
    must_be_long(json.dumps({**json.loads(text), "files": json.loads(text)["files"][1:2]}), long_video)


STRICT = {"browser.contentblocking.category": "strict", "privacy.fingerprintingProtection": True}
EVERYTHING = {"privacy.fingerprintingProtection": True, "privacy.fingerprintingProtection.overrides": "+AllTargets"}


@pytest.mark.parametrize("preferences", [STRICT, EVERYTHING], ids=["strict", "everything"])
def test_what_firefox_protects_never_changes_a_fingerprint(tmp_path: Path, preferences: dict[str, object]) -> None:
    """Either the browser reads true, or the person is told to use another."""
    path = picture(tmp_path / "one.png", 1)
    with site() as served, firefox(preferences) as opened:
        opened.go(served.origin + "/")
        opened.enter("#hasher")
        opened.choose("#choose", [path])
        opened.wait("document.querySelector('[data-state=done]') || !document.getElementById('doubt').hidden")
        opened.enter(None)
        text = opened.run("return document.getElementById('sent').value")
    if text:
        must_be_the_engines(read_files(text)[0], path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [SMALL, LARGE])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme)  # type: ignore[arg-type]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"broken")
    with site() as served:
        page = context.new_page()
        inner = visited(page, served)
        inner.evaluate(AXE_SCRIPT)
        assert faults(inner.evaluate(SEEN_IN_FRAME)) == []
        inner.set_input_files("#choose", [picture(tmp_path / "one.png", 1), drawn_video(tmp_path / "two.webm"), broken])
        expect(inner.locator("#said")).to_have_text("2 ready", timeout=SECONDS)
        inner.locator("summary").click()
        assert faults(inner.evaluate(SEEN_IN_FRAME)) == []
        assert inner.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()


# The page around has the heading.
SEEN_IN_FRAME = SEEN_BY_AXE.replace("{", "{rules: {'page-has-heading-one': {enabled: false}}, ", 1)


def faults(found: list[dict[str, object]]) -> list[object]:
    return [(one["id"], one["nodes"]) for one in found]


def test_by_keyboard_and_by_name(page: Page, tmp_path: Path) -> None:
    """Everything is reached with Tab, in the order in which it is read, and says what it is."""
    paths = [picture(tmp_path / "one.png", 1), picture(tmp_path / "two.png", 2)]
    # Before the frame is there: the browser must know in time that it need not open a window of its own.
    page.on("filechooser", lambda asked: asked.set_files(paths))
    with site() as served:
        inner = visited(page, served)
        page.keyboard.press("Tab")
        expect(inner.locator("#choose")).to_be_focused(timeout=SECONDS)
        page.keyboard.press("Enter")
        expect(inner.locator("#said")).to_have_text("2 ready", timeout=SECONDS)
        reached = []
        for _ in range(7):
            reached.append(inner.evaluate("document.activeElement.ariaLabel ?? document.activeElement.id"))
            page.keyboard.press("Tab")
        assert reached[:5] == ["choose", "Remove: Picture 1", "Remove: Picture 2", "hide", "views"]
        expect(inner.locator("main")).to_match_aria_snapshot(NAMES)


NAMES = """
- main:
  - button "choose"
  - status: 2 ready
  - list "files":
    - listitem:
      - strong: Picture 1
      - text: 5 codes
      - 'button "Remove: Picture 1"'
    - listitem:
      - strong: Picture 2
      - text: 6 codes
      - 'button "Remove: Picture 2"'
  - paragraph:
    - checkbox "hide_previews"
  - paragraph:
    - checkbox "also_cropped" [checked]
  - paragraph: also_cropped_hint
"""

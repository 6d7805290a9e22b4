"""The document that is saved on the device: opened from the disk, without a network, it makes the same codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from rempart.desk.rules.protection import read_files
from rempart.desk.web.public import hasher
from rempart.engine.pdq import pdq
from rempart.engine.picture import open_picture
from tests.web.public.browser import HEIGHTS, LARGE, SEEN_BY_AXE, SMALL
from tests.web.public.image.ears import ears
from tests.web.public.image.firefox import firefox
from tests.web.public.image.site import SAVED
from tests.web.public.image.test_browser_frame import SECONDS, drawn_video, picture
from tests.web.public.image.test_browser_leaks import META

pytestmark = pytest.mark.browser

FETCH = """async (port) => {
    const asked = [fetch(`http://127.0.0.1:${port}/leak/fetch`), import(`http://127.0.0.1:${port}/leak/import`)];
    return (await Promise.allSettled(asked)).map(({ status }) => status);
}"""


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "saved.html"
    path.write_text(hasher.saved(SAVED, language="en"), encoding="utf-8")
    return path


def opened(browser: Browser, saved: Path, width: int = SMALL, **options: object) -> Page:
    context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, offline=True, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(saved.as_uri())
    return page


def must_be_right(text: str, first: Path) -> None:
    files = read_files(text)
    assert [file.kind for file in files] == ["picture", "video"]
    assert files[0].pdqs[0].pdq == pdq(open_picture(first).pixels).pdq


def test_in_chromium_in_airplane_mode(browser: Browser, saved: Path, tmp_path: Path) -> None:
    paths = [picture(tmp_path / "one.jpg", 1), drawn_video(tmp_path / "two.webm")]
    page = opened(browser, saved)
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("#codes")).to_be_hidden()
    page.set_input_files("#choose", paths)
    expect(page.locator("#said")).to_have_text("2 ready", timeout=SECONDS)
    must_be_right(page.input_value("#codes"), paths[0])
    assert complaints == []
    assert [address for address in asked if not address.startswith("blob:null/")] == []
    page.context.close()


def test_in_firefox_in_airplane_mode(saved: Path, tmp_path: Path) -> None:
    paths = [picture(tmp_path / "one.jpg", 1), drawn_video(tmp_path / "two.webm")]
    with firefox(arguments=["--offline"]) as page:
        page.go(saved.as_uri())
        assert page.run("return navigator.onLine") is False
        page.choose("#choose", paths)
        page.wait("document.getElementById('said').textContent === '2 ready'")
        must_be_right(page.run("return document.getElementById('codes').value"), paths[0])
        page.click("#copy")
        assert page.text("#told") == "copied"


def test_the_codes_are_copied(browser: Browser, saved: Path, tmp_path: Path) -> None:
    page = opened(browser, saved)
    page.set_input_files("#choose", [picture(tmp_path / "one.jpg", 1)])
    expect(page.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
    page.locator("#copy").press("Enter")
    expect(page.locator("#told")).to_have_text("copied")
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'other' }))")
    page.locator("#other").press("Control+v")
    assert page.input_value("#other") == page.input_value("#codes")
    page.context.close()


def test_where_copying_is_refused_the_codes_are_selected(browser: Browser, saved: Path, tmp_path: Path) -> None:
    page = opened(browser, saved)
    page.evaluate("document.execCommand = () => false")
    page.set_input_files("#choose", [picture(tmp_path / "one.jpg", 1)])
    expect(page.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
    page.locator("#copy").click()
    expect(page.locator("#told")).to_have_text("copy_by_hand")
    page.set_viewport_size({"width": LARGE, "height": HEIGHTS[LARGE]})
    page.wait_for_timeout(300)  # as the frame tells the page around when its size changes
    assert page.evaluate("getSelection().toString()") == page.input_value("#codes")
    page.context.close()


def test_three_shifts_empty_the_window(browser: Browser, saved: Path) -> None:
    page = opened(browser, saved)
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("about:blank")
    page.context.close()


@pytest.mark.parametrize("is_protected", [True, False], ids=["protected", "not protected"])
def test_its_own_policy_lets_nothing_out(browser: Browser, saved: Path, is_protected: bool) -> None:
    """Each way out is tried in the frame (test_browser_leaks.py); here, that the same policy holds in a file on the disk."""
    with ears() as made:
        text = saved.read_text(encoding="utf-8")
        if not is_protected:
            saved.write_text(META.sub("", text), encoding="utf-8")
        page = browser.new_page()
        page.goto(saved.as_uri())
        assert ("fulfilled" in page.evaluate(FETCH, made.http)) is not is_protected
        assert made.heard == (set() if is_protected else {"fetch", "import"})
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [SMALL, LARGE])
def test_axe_finds_nothing(browser: Browser, saved: Path, tmp_path: Path, width: int, scheme: str) -> None:
    page = opened(browser, saved, width, color_scheme=scheme)
    page.set_input_files("#choose", [picture(tmp_path / "one.jpg", 1), tmp_path / "saved.html"])
    expect(page.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(SEEN_BY_AXE)
    assert not found, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("has_script", [True, False])
def test_where_its_script_does_not_run_it_says_what_to_do(browser: Browser, saved: Path, has_script: bool) -> None:
    """As on a telephone that shows a saved page without running it: there, <noscript> may stay silent too."""
    page = opened(browser, saved, java_script_enabled=has_script)
    expect(page.get_by_text("saved_not_running")).to_have_count(0 if has_script else 1)
    page.context.close()

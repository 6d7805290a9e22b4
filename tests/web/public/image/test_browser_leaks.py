"""Nothing leaves the frame, even if its script is poisoned: each way out is tried against places that do hear.

The same script is run without our protections, and must then be heard: so we know that the listeners hear.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error

from rempart.desk.web.public import hasher
from tests.web.public.browser import FLAGS, chromium
from tests.web.public.image.ears import Ears, ears
from tests.web.public.image.firefox import Refused, firefox
from tests.web.public.image.site import WORDS, site

pytestmark = pytest.mark.browser

HOSTILE = Path(__file__).with_name("hostile.js").read_text(encoding="utf-8")
ALONE = re.findall(r'^  "([\w-]+)": ', HOSTILE.partition("const ALONE")[2], re.MULTILINE)
WAYS = re.findall(r'^  "([\w-]+)": ', HOSTILE.partition("const ALONE")[0], re.MULTILINE)
LISTENED_FOR = 4  # seconds after the pages were opened
LOADED_WITHIN = 10_000  # milliseconds
HEARD_WITHIN = 40  # seconds: what is not protected has spoken by then
BROWSER_ALONE = ("calls",)  # and the guard that Chromium, from 156 on, has no need of
META = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
FLAGS_OF_LEAKS = [flag for flag in FLAGS if flag not in ("--disable-quic", "--disable-background-networking")]
Open = Callable[[str], Callable[[], None]]
"""Opens an address; what is given back closes it."""

# Ways that Chromium does not go from a frame, or not each time: nothing is heard of them with no protection either, so nothing is
# proven about them.
SILENT_IN_CHROMIUM = {
    "audio-worklet", "broadcast", "dns-prefetch", "dns-prefetch-allowed", "fenced-frame", "import-map", "link-dictionary",
    "link-icon", "link-manifest", "link-prerender", "media-session", "preconnect", "report",
    "speculation-prerender", "speculation-rules",
}  # fmt: skip
# A Firefox without protection hears some sixty of them, not each time the same when the machine is busy; these it always does.
# A connection in advance is made only while few others are being opened, so it is tried on a page of its own.
SURE_IN_FIREFOX = {
    "beacon", "embed", "fetch", "fetch-no-cors", "frame", "import", "link-preload", "link-stylesheet", "object", "script",
    "script-inline", "style-background", "style-import", "websocket", "xhr",
}  # fmt: skip


def poisoned(made: Ears, origin: str, which: str, guards: Sequence[str]) -> hasher.Frame:
    told = (
        f'const HTTP = "http://127.0.0.1:{made.http}/leak/", UDP = "127.0.0.1:{made.udp}", TCP = "127.0.0.1:{made.tcp}";\n'
        f'const PAGE = "{origin}/", WHICH = "{which}";\n'
    )
    return hasher.sealed(told + HOSTILE, WORDS, language="en", guards=guards)


@contextmanager
def opened(open_: Open, which: str, *, is_protected: bool = True, guards: Sequence[str] = ()) -> Iterator[Callable[[], set[str]]]:
    """A page that holds the hostile frame; what is given back says what was heard of it."""
    with ears() as made, site(hasher.frame(WORDS, language="en")) as served:
        frame = poisoned(made, served.origin, which, guards)
        served.made, served.headers = frame, frame.headers
        if not is_protected:
            served.made, served.headers, served.sandbox = hasher.Frame(META.sub("", frame.srcdoc), {}), {}, None
        close = open_(served.origin + "/")
        yield lambda: made.heard | {path.removeprefix("/leak/") for path in served.asked}
        close()


def must_be_heard(open_: Open, which: str, expected: set[str]) -> None:
    with opened(open_, which, is_protected=False) as heard:
        wait_for(expected, heard)
        assert sorted(expected - heard()) == []


def wait_for(expected: set[str], heard: Callable[[], set[str]]) -> None:
    until = time.monotonic() + HEARD_WITHIN
    while expected - heard() and time.monotonic() < until:
        time.sleep(0.1)


def heard_of(open_: Open, ways: list[str], guards: Sequence[str], *, expected: Sequence[str] = ()) -> dict[str, set[str]]:
    """By the way that was tried, what was heard of a page for each, all open at the same time; of nothing, nothing.

    ``expected``: ways that are waited for; the others have as long as these, and the usual time after.
    """
    with ExitStack() as stack:
        pages = {way: stack.enter_context(opened(open_, way, guards=guards)) for way in ways}
        for way in expected:
            wait_for({way}, pages[way])
        time.sleep(LISTENED_FOR)
        return {way: heard() for way, heard in pages.items() if heard()}


@pytest.fixture(scope="module")
def talkative() -> Iterator[Browser]:
    """A Chromium less silent than the other tests' one."""
    with chromium(FLAGS_OF_LEAKS) as opened:
        yield opened


@pytest.fixture(scope="module")
def in_chromium(talkative: Browser) -> Open:
    def open_(address: str) -> Callable[[], None]:
        page = talkative.new_page()
        with suppress(Error):  # a page that leads elsewhere, or that is never done
            page.goto(address, timeout=LOADED_WITHIN)
        return page.context.close

    return open_


@pytest.fixture(scope="module")
def in_firefox() -> Iterator[Open]:
    with firefox({"dom.disable_open_during_load": False}) as browser:

        def open_(address: str) -> Callable[[], None]:
            browser.new_tab()
            with suppress(Refused):  # a page that the frame leads elsewhere never ends loading
                browser.go(address)
            return browser.close_other_tabs

        yield open_


def test_chromium_hears_them_all_without_protection(in_chromium: Open) -> None:
    must_be_heard(in_chromium, "all", set(WAYS) - SILENT_IN_CHROMIUM)


@pytest.mark.parametrize("way", sorted(set(ALONE) - {"location-page"}))
def test_chromium_hears_each_alone_without_protection(in_chromium: Open, way: str) -> None:
    must_be_heard(in_chromium, way, {"call" if "call" in way else way})


@pytest.mark.parametrize("guards", [BROWSER_ALONE, hasher.GUARDS], ids=["browser", "guards"])
def test_nothing_leaves_in_chromium(in_chromium: Open, guards: Sequence[str]) -> None:
    assert heard_of(in_chromium, ["all", *ALONE], guards) == {}


def test_firefox_hears_them_without_protection(in_firefox: Open) -> None:
    must_be_heard(in_firefox, "all", SURE_IN_FIREFOX)
    must_be_heard(in_firefox, "preconnect", {"preconnect"})


def test_firefox_by_itself_lets_a_connection_be_opened_in_advance(in_firefox: Open) -> None:
    """It has no Connection-Allowlist yet: ``<link rel=preconnect>`` connects to a place of the script's choice, and sends nothing
    through it. It looks up the name of that place too (``dns-prefetch``), which these listeners cannot hear."""
    heard = heard_of(in_firefox, ["preconnect", "all", *ALONE], BROWSER_ALONE, expected=["preconnect"])
    assert heard.pop("preconnect", None) == {"preconnect"}
    assert heard in ({}, {"all": {"preconnect"}})


def test_nothing_leaves_in_firefox(in_firefox: Open) -> None:
    assert heard_of(in_firefox, ["preconnect", "all", *ALONE], hasher.GUARDS) == {}


LINKS = {
    "by name": "document.createElement('link')",
    "in a namespace": "document.createElementNS('http://www.w3.org/1999/xhtml', 'x:LINK'.toLowerCase())",
    "from a text": "Object.assign(document.createElement('p'), { innerHTML: '<link>' })",
    "from a policy": "trustedTypes.createPolicy('rempart', { createHTML: (text) => text })",
    "parsed": "new DOMParser().parseFromString('<link>', 'text/html')",
    "written": "document.write('<link>')",
    "fragment": "document.createRange().createContextualFragment('<link>')",
    "another document": "document.implementation.createHTMLDocument('')",
    "custom": "customElements.define('a-b', class extends HTMLLinkElement {}, { extends: 'link' })",
    "constructed": "new HTMLLinkElement()",
    "frame": "document.body.appendChild(document.createElement('iframe')).contentWindow.document.createElement('link')",
}


def outcome(browser: Browser, way: str, guards: Sequence[str]) -> str:
    tried = f"try {{ {LINKS[way]}; document.title = 'made'; }} catch {{ document.title = 'refused'; }}"
    script = f"addEventListener('load', () => {{ {tried} }});"
    with site(hasher.sealed(script, WORDS, language="en", guards=guards)) as served:
        page = browser.new_page()
        page.goto(served.origin + "/")
        title = page.frame_locator("#hasher").locator("html").evaluate("() => document.title")
        page.close()
    return str(title)


@pytest.mark.parametrize("way", LINKS)
def test_no_link_can_be_made(talkative: Browser, way: str) -> None:
    assert outcome(talkative, way, hasher.GUARDS) == "refused"


@pytest.mark.parametrize("way", ["by name", "in a namespace", "from a policy", "another document", "custom"])
def test_without_the_guard_it_can(talkative: Browser, way: str) -> None:
    assert outcome(talkative, way, BROWSER_ALONE) == "made"

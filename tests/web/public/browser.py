"""A real Chromium for the tests of the public door: what it asked for, what it complained about, what axe sees."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SMALL, LARGE = 360, 1280
HEIGHTS = {SMALL: 740, LARGE: 900}
SEEN_BY_AXE = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"


@dataclass(frozen=True, slots=True)
class Look:
    """How wide a page is seen, and in which theme."""

    width: int
    scheme: Literal["light", "dark"] = "light"


@contextmanager
def chromium(flags: Sequence[str] = FLAGS) -> Iterator[Browser]:
    # Playwright runs an event loop in this thread; the tests still speak with the database from it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(flags))
        yield browser
        browser.close()


@dataclass
class Visit:
    """One person's browser window, and everything it did behind her back."""

    page: Page
    origin: str
    looks: tuple[Look, ...] = ()
    asked_for: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def complain(self, words: str) -> None:
        # Chromium writes a line for every answer that is not a 200, a form to mend included.
        if "the server responded with a status of 4" not in words:
            self.complaints.append(words)

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def press(self, value: str) -> None:
        """Press the visible button of this name."""
        self.page.locator(f'button.button[value="{value}"]').click()

    def must_be_sound(self) -> None:
        """In every look no axe violation, nothing wider than the screen; nothing fetched elsewhere, no complaint."""
        # A click waits for the next page to begin; its stylesheet may still be on its way.
        self.page.wait_for_load_state("load")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for look in self.looks:
            self.look(look)
            self._must_look_sound()
        if not self.looks:
            self._must_look_sound()
        assert all(address.startswith((self.origin, "data:", "blob:")) for address in self.asked_for), self.asked_for
        assert not self.complaints

    def look(self, look: Look) -> None:
        self.page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
        self.page.emulate_media(color_scheme=look.scheme)

    def _must_look_sound(self) -> None:
        found = self.page.evaluate(SEEN_BY_AXE)
        assert not found, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(width) <= 0, f"wider than the screen: {self.page.url}"


@contextmanager
def visit(browser: Browser, origin: str, **options: Any) -> Iterator[Visit]:
    """A window of her own. ``looks``: what ``must_be_sound`` looks at on each page; without them, the window as it is."""
    looks = options.pop("looks", ())
    width = options.pop("width", LARGE)
    context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, reduced_motion="reduce", **options)
    context.set_default_timeout(30_000)
    visiting = Visit(context.new_page(), origin, looks)
    visiting.page.on("request", lambda request: visiting.asked_for.append(request.url))
    visiting.page.on("console", lambda said: said.type == "error" and visiting.complain(said.text))
    visiting.page.on("pageerror", lambda error: visiting.complain(str(error)))
    yield visiting
    # The server must be done with the last page before the test empties the database.
    visiting.page.wait_for_load_state("load")
    context.close()

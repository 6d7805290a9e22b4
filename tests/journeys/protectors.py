"""Somebody who protects a picture, in Chromium or in Firefox, with a mouse or with a keyboard alone. The story is the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from playwright.sync_api import expect

from tests.journeys.hands import IS_FOCUSED, LONGEST_WAY
from tests.journeys.people import Visitor
from tests.web.public.image import firefox
from tests.web.public.image.firefox import Firefox, Refused

READY_WITHIN = 60  # seconds: a busy machine
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


class Person(Protocol):
    """The gestures of this story. A thing is named by a selector."""

    def go(self, path: str) -> None:
        """Open a page of the desk."""

    def press(self, selector: str) -> None:
        """A link or a button that leads to another page."""

    def unfold(self, selector: str) -> None:
        """A part of the page that is folded."""

    def tick(self, selector: str) -> None:
        """One of several answers, or a box."""

    def write(self, selector: str, text: str) -> None:
        """Into an empty field."""

    def gives(self, paths: Sequence[Path]) -> None:
        """Choose these files in the frame, and wait until the page says that they are ready."""

    def text(self, selector: str) -> str:
        """What it says; empty where there is no such thing."""


class InChromium(Visitor):
    """With the hands that she has."""

    def unfold(self, selector: str) -> None:
        self.hands.press(self.page.locator(selector))

    def tick(self, selector: str) -> None:
        self.hands.choose(self.page.locator(selector))

    def write(self, selector: str, text: str) -> None:
        self.hands.write(self.page.locator(selector), text)

    def gives(self, paths: Sequence[Path]) -> None:
        self.page.frame_locator("#hasher").locator("#choose").set_input_files(paths)
        expect(self.page.locator("#count")).to_have_text(str(len(paths)), timeout=READY_WITHIN * 1000)

    def text(self, selector: str) -> str:  # type: ignore[override]
        found = self.page.locator(selector)
        return found.first.inner_text() if found.count() else ""


class InFirefox:
    """On a telephone's width, with Tab, Space, Enter and arrows; the file alone is put in its field, where the focus is."""

    def __init__(self, window: Firefox, desk: str, language: str, width: int) -> None:
        self.window, self.desk, self.language = window, desk, language
        window.resize(width, 640)
        window.wait(f"innerWidth === {width}")

    def go(self, path: str) -> None:
        self.window.go(self.desk + path)
        self.look()

    def press(self, selector: str) -> None:
        self._reach(selector)
        self.window.run("window.isOld = true")
        self.window.key(firefox.ENTER)
        until = time.monotonic() + READY_WITHIN
        while not self._is_new():
            assert time.monotonic() < until, f"{selector} leads nowhere"
            time.sleep(0.05)
        self.look()

    def unfold(self, selector: str) -> None:
        self._reach(selector)
        self.window.key(firefox.ENTER)

    def tick(self, selector: str) -> None:
        """A radio is reached by its group, then by arrows; a box by itself."""
        name = self.window.run("return document.querySelector(arguments[0]).name", selector)
        self._reach(f"input[name={name}]")
        self.window.key(firefox.SPACE)
        for _ in range(10):
            if self.window.run("return document.querySelector(arguments[0]).checked", selector):
                return
            self.window.key(firefox.DOWN)
        raise AssertionError(f"{selector} cannot be chosen with arrows")

    def write(self, selector: str, text: str) -> None:
        self._reach(selector)
        for sign in text:
            self.window.key(sign)

    def gives(self, paths: Sequence[Path]) -> None:
        self._reach("#hasher")
        self.window.enter("#hasher")
        self.window.wait("document.activeElement.id === 'choose'")
        self.window.choose("#choose", paths)
        self.window.wait("document.getElementById('files').querySelector('.file')")
        self.window.enter(None)
        self.window.wait(f"document.getElementById('count').textContent === '{len(paths)}'", READY_WITHIN)

    def text(self, selector: str) -> str:
        return str(self.window.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def look(self) -> None:
        assert self.window.run("return document.documentElement.lang") == self.language
        assert not self.window.run(f"return {WIDER}"), "wider than its window"

    def _reach(self, selector: str) -> None:
        for _ in range(LONGEST_WAY):
            if self.window.run(f"return [...document.querySelectorAll(arguments[0])].some({IS_FOCUSED})", selector):
                return
            self.window.key(firefox.TAB)
        raise AssertionError(f"{selector} cannot be reached with Tab")

    def _is_new(self) -> bool:
        with suppress(Refused):  # between two pages
            return bool(self.window.run("return !window.isOld && document.readyState === 'complete'"))
        return False

"""How somebody uses a page: with a mouse, or with a keyboard alone. The story is the same."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator

LONGEST_WAY = 150
IS_FOCUSED = "element => element === document.activeElement"
SAME_GROUP = "element => document.activeElement.type === 'radio' && document.activeElement.name === element.name"


class Hands(Protocol):
    """The gestures a story needs."""

    def press(self, thing: Locator) -> None:
        """A link or a button."""

    def choose(self, radio: Locator) -> None:
        """One of several."""

    def tick(self, box: Locator) -> None:
        """A box, still empty."""

    def write(self, place: Locator, text: str) -> None:
        """Into an empty field."""

    def pick(self, field: Locator, value: str) -> None:
        """A value of a list."""


class Mouse:
    """The usual way, and a finger on a telephone too."""

    def press(self, thing: Locator) -> None:
        thing.click()

    def choose(self, radio: Locator) -> None:
        radio.check()

    def tick(self, box: Locator) -> None:
        box.check()

    def write(self, place: Locator, text: str) -> None:
        place.fill(text)

    def pick(self, field: Locator, value: str) -> None:
        field.select_option(value)


class Keyboard:
    """Tab, Space, Enter, arrows and letters; nothing else. What cannot be reached so fails the story."""

    def press(self, thing: Locator) -> None:
        self._reach(thing)
        thing.page.keyboard.press("Enter")

    def choose(self, radio: Locator) -> None:
        page = radio.page
        for _ in range(LONGEST_WAY):
            if radio.evaluate(SAME_GROUP):
                break
            page.keyboard.press("Tab")
        else:
            raise AssertionError(f"{radio} cannot be reached with Tab")
        if radio.evaluate(IS_FOCUSED):
            page.keyboard.press("Space")
        for _ in range(30):
            if radio.is_checked():
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"{radio} cannot be chosen with arrows")

    def tick(self, box: Locator) -> None:
        self._reach(box)
        box.page.keyboard.press("Space")
        assert box.is_checked()

    def write(self, place: Locator, text: str) -> None:
        self._reach(place)
        place.page.keyboard.press("ControlOrMeta+a")
        place.page.keyboard.type(text)

    def pick(self, field: Locator, value: str) -> None:
        self._reach(field)
        page = field.page
        page.keyboard.press("Home")
        for _ in range(40):
            if field.input_value() == value:
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"{field} cannot be set to {value} with arrows")

    def _reach(self, thing: Locator) -> None:
        for _ in range(LONGEST_WAY):
            if thing.evaluate(IS_FOCUSED):
                assert is_focus_visible(thing), f"{thing} does not show that it has the focus"
                return
            thing.page.keyboard.press("Tab")
        raise AssertionError(f"{thing} cannot be reached with Tab")


def is_focus_visible(thing: Locator) -> bool:
    """Whether a person who looks sees where the focus is: an outline, or a shadow drawn instead of it."""
    style = "element => { const one = getComputedStyle(element); return [one.outlineStyle, one.outlineWidth, one.boxShadow] }"
    outline, width, shadow = thing.evaluate(style)
    return (outline != "none" and width != "0px") or shadow != "none"

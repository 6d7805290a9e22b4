"""Every public page in a real browser, two languages, two widths, light and dark: sound, and silent towards the outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.public.browser import LARGE, SMALL, Look, Visit, visit
from tests.web.public.conftest import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOTH_WIDTHS = (Look(SMALL), Look(LARGE))
# Colours are the same in both languages and at both widths: once is enough for them.
LOOKS = {"fr": BOTH_WIDTHS, "en": (*BOTH_WIDTHS, Look(SMALL, "dark"))}
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


@LANGUAGES
def test_every_page_is_sound(browser: Browser, live_server: Any, language: str) -> None:
    with visit(browser, live_server.url, looks=LOOKS[language]) as person:
        for path in PAGES:
            person.go(f"/{language}/{path}")
            person.must_be_sound()
        walk_through_the_report(person, language)
        walk_through_the_case(person)


@pytest.mark.parametrize(
    "damage",
    [
        "document.querySelector('main').append(document.createElement('img'))",
        "document.querySelector('main').append(Object.assign(document.createElement('canvas'), {width: 400}))",
    ],
)
def test_what_is_not_sound_is_seen(browser: Browser, live_server: Any, damage: str) -> None:
    with visit(browser, live_server.url, looks=BOTH_WIDTHS) as person:
        person.go("/en/about/")
        person.must_be_sound()
        person.page.evaluate(damage)
        with pytest.raises(AssertionError):
            person.must_be_sound()


def walk_through_the_report(person: Visit, language: str) -> None:
    page = person.page
    person.go(f"/{language}/report/")
    page.fill("#addresses", "no address")
    person.press("next")
    assert page.locator("#problem").is_visible()
    person.must_be_sound()
    page.fill("#addresses", "hxxps://bad[.]example/" + "a-very-long-path/" * 12)
    person.press("next")
    page.locator("details.understood summary").click()
    person.must_be_sound()
    page.check("input[name=danger_now][value=yes]")
    person.press("back")
    page.fill("#addresses", page.input_value("#addresses") + "\nhttps://bad.example/2")
    person.must_be_sound()
    for _step in range(4):
        person.press("next")
        person.must_be_sound()
    page.fill("#group", "AAAA")
    person.press("check")
    person.must_be_sound()


def walk_through_the_case(person: Visit) -> None:
    page = person.page
    page.locator("form[action$='/case/'] button.button").click()
    person.must_be_sound()
    page.fill("#text", "One more thing, with a very long word: " + "x" * 90)
    person.press("write")
    person.must_be_sound()
    for addresses in ("https://bad.example/3", "no address"):
        page.fill("#addresses", addresses)
        person.press("add")
        person.must_be_sound()
    assert page.locator("#addresses-error").is_visible()
    person.press("erase")
    person.must_be_sound()
    person.press("erase-for-ever")
    person.must_be_sound()
    page.goto(page.url)
    page.fill("#code", "0000 0000")
    person.press("open")
    assert page.locator("#code-error").is_visible()
    person.must_be_sound()


@LANGUAGES
def test_pages_of_trouble_are_sound(browser: Browser, live_server: Any, language: str) -> None:
    with visit(browser, live_server.url, looks=LOOKS[language]) as person:
        person.go(f"/{language}/nowhere/")
        person.must_be_sound()
        person.go(f"/{language}/report/")
        person.page.fill("#addresses", "https://bad.example/1")
        person.page.context.clear_cookies()
        person.press("next")
        assert person.page.input_value("textarea[name=addresses]") == "https://bad.example/1"
        person.must_be_sound()
        person.page.locator("#again button.button").click()
        assert person.page.locator("input[name=danger_now]").count() == 3


def test_the_rehearsal_banner_is_on_every_page(browser: Browser, live_server: Any, settings: Any) -> None:
    settings.REMPART = replace(settings.REMPART, is_rehearsal=True, rehearsal_port=8_901)
    with visit(browser, live_server.url, width=SMALL) as person:
        for path in PAGES:
            person.go(f"/fr/{path}")
            assert person.page.locator("aside.rehearsal").is_visible()
            assert person.page.locator("aside.rehearsal a").get_attribute("href") == "http://127.0.0.1:8901/"
            person.must_be_sound()

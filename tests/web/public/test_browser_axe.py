"""Every public page in a real browser, two languages, two widths, light and dark: sound, and silent towards the outside."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.public.browser import LARGE, SMALL, Visit, visit
from tests.web.public.conftest import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [SMALL, LARGE])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_sound(browser: Browser, live_server: Any, language: str, width: int, scheme: str) -> None:
    with visit(browser, live_server.url, width=width, color_scheme=scheme) as person:
        for path in PAGES:
            person.go(f"/{language}/{path}")
            person.must_be_sound()
        walk_through_the_report(person, language)
        walk_through_the_case(person)


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
    for _step in range(3):
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
    person.press("erase")
    person.must_be_sound()
    person.press("erase-for-ever")
    person.must_be_sound()
    page.goto(page.url)
    page.fill("#code", "0000 0000")
    person.press("open")
    assert page.locator("#code-error").is_visible()
    person.must_be_sound()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_of_trouble_are_sound(browser: Browser, live_server: Any, language: str) -> None:
    with visit(browser, live_server.url, width=SMALL) as person:
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
    from dataclasses import replace

    settings.REMPART = replace(settings.REMPART, is_rehearsal=True, rehearsal_port=8_901)
    with visit(browser, live_server.url, width=SMALL) as person:
        for path in PAGES:
            person.go(f"/fr/{path}")
            assert person.page.locator("aside.rehearsal").is_visible()
            assert person.page.locator("aside.rehearsal a").get_attribute("href") == "http://127.0.0.1:8901/"
            person.must_be_sound()

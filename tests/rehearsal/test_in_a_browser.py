"""The rehearsal's own pages in a real browser: axe finds nothing, a telephone shows them whole, the digits stay fresh."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import browser as browser
from tests.journeys.people import axe_faults, is_wider_than_its_window
from tests.rehearsal.conftest import Invented
from tests.rehearsal.test_pages import NOTICE, PAGES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page(browser: Browser, invented: Invented, language: str) -> None:
    invented.mail("abuse@pixels.localhost", NOTICE)
    context = browser.new_context(locale=language, viewport={"width": 360, "height": 640})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        for host, path in PAGES:
            page.goto(f"http://{host}:{invented.config.rehearsal_port}{path.format(language=language)}")
            assert not axe_faults(page), (host, path, axe_faults(page))
            assert not is_wider_than_its_window(page), (host, path)
        assert errors == []
    finally:
        context.close()


def test_the_digits_stay_fresh(browser: Browser, invented: Invented) -> None:
    page = browser.new_page()
    try:
        page.goto(f"http://127.0.0.1:{invented.config.rehearsal_port}/en/")
        page.locator("[data-live]").wait_for(state="visible")
        page.evaluate("document.querySelectorAll('[data-code]').forEach((place) => (place.textContent = 'old'))")
        page.evaluate("import('/tour.js?again')")
        expect(page.locator("[data-code=ines]")).to_have_text(re.compile(r"^\d{6}$"))
    finally:
        page.close()

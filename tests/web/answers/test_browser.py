"""The answer page in a real browser: sound in both languages, on a telephone, in the dark, without JavaScript, by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from rempart.desk.rules.notice import Answer
from rempart.desk.stages.followup.models import Reply
from tests.web.answers.conftest import Send
from tests.web.public.browser import LARGE, SMALL, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(SMALL, "light"), (LARGE, "dark")])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_state_of_the_page_is_sound(
    browser: Browser, live_server: Any, send: Send, language: str, width: int, scheme: str
) -> None:
    sent = send(2, language)
    locale = {"fr": "fr-FR", "en": "en-GB"}[language]
    with visit(browser, live_server.url, width=width, color_scheme=scheme, locale=locale) as person:
        page = person.page
        person.go(sent.path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        person.must_be_sound()
        page.locator("button.button").click()
        assert page.locator("#problems").is_visible()
        person.complaints.clear()
        person.must_be_sound()
        page.check("input[name=all][value=removed]")
        page.select_option(f"#item-{sent.items[1].pk}", "refused")
        page.fill("#explanation", "No.")
        page.locator("button.button").click()
        page.wait_for_url("**/received/**")
        person.must_be_sound()
        person.go("/answer/nobody/")
        person.complaints.clear()
        person.must_be_sound()
    assert {reply.answer for reply in Reply.objects.all()} == {Answer.REMOVED, Answer.REFUSED}


def test_by_keyboard_and_without_javascript(browser: Browser, live_server: Any, send: Send) -> None:
    sent = send(1, "en")
    with visit(browser, live_server.url, width=SMALL, java_script_enabled=False, locale="en-GB") as person:
        page = person.page
        person.go(sent.path)
        first = page.locator("input[name=all]").first
        first.focus()
        page.keyboard.press("Space")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.locator("button.button:focus").count():
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/received/**")
        page.get_by_role("link", name="Français").click()
        assert page.locator("h1").inner_text() == "Merci, votre réponse est arrivée"
    assert Reply.objects.get().answer == Answer.REMOVED

"""The public journeys in a real browser: without JavaScript, by keyboard alone on a small screen, and the way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from rempart.desk.stages.intake.models import Case, Message, Report
from tests.web.public.browser import SMALL, visit
from tests.web.public.conftest import CODE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MANY_TABS = 60


@pytest.mark.parametrize("language", ["fr", "en"])
def test_report_follow_write_and_erase_without_javascript(browser: Browser, live_server: Any, language: str) -> None:
    with visit(browser, live_server.url, java_script_enabled=False, width=SMALL) as person:
        page = person.page
        person.go(f"/{language}/")
        page.locator("a.door-main").click()
        page.fill("#addresses", "https://bad.example/1, https://bad.example/2")
        person.press("next")
        page.locator("label.choice", has=page.locator("input[name=danger_now][value=no]")).click()
        page.locator("label.choice", has=page.locator("input[name=concerns][value=me]")).click()
        person.press("next")
        page.locator("label.choice", has=page.locator("input[name=category][value=sexual_blackmail]")).click()
        page.fill("#story", "He wants money.")
        person.press("back")
        assert page.is_checked("input[name=concerns][value=me]")
        person.press("next")
        assert page.input_value("#story") == "He wants money."
        person.press("next")
        person.press("next")
        code = CODE.search(page.inner_text(".code-card").replace("\n", "").replace(" ", ""))
        assert code
        assert page.url == f"{live_server.url}/{language}/report/"
        report = Report.objects.get()
        assert (report.concerns, report.category, report.items.count()) == ("me", "sexual_blackmail", 2)
        assert report.completed_at is not None
        person.go(f"/{language}/case/")
        page.fill("#code", code[0].lower())
        person.press("open")
        page.fill("#addresses", "https://bad.example/3")
        person.press("add")
        assert report.items.count() == 3
        page.fill("#text", "Thank you.")
        # The other language keeps the page, the case and the words not yet sent.
        page.locator("li.language button:not(.visually-hidden)").click()
        assert page.input_value("#text") == "Thank you."
        person.press("write")
        assert Message.objects.count() == 1
        person.press("erase")
        person.press("erase-for-ever")
        assert Case.objects.get().erased_at is not None
        assert {cookie["name"] for cookie in page.context.cookies()} <= {"csrftoken"}
        assert not person.complaints


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus; the focus must be seen where it stands."""
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            must_show_focus(page)
            return
    raise AssertionError(f"the Tab key never reaches {selector}")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def must_show_focus(page: Page) -> None:
    """Inside the window, not under the fixed bar, with a visible ring (on the thing or on its choice)."""
    seen = page.evaluate(
        """() => {
          const thing = document.activeElement, box = thing.getBoundingClientRect();
          const ring = (one) => one && getComputedStyle(one).outlineStyle !== "none";
          const bar = document.querySelector(".top").getBoundingClientRect();
          const isInBar = document.querySelector(".top").contains(thing);
          return {ring: Boolean(ring(thing) || ring(thing.closest(".choice"))),
                  inside: box.bottom > 0 && box.top < innerHeight && (isInBar || box.bottom > bar.bottom)};
        }"""
    )
    assert seen == {"ring": True, "inside": True}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_whole_journey_by_keyboard_on_a_small_screen(browser: Browser, live_server: Any, language: str) -> None:
    with visit(browser, live_server.url, width=SMALL) as person:
        page, keys = person.page, person.page.keyboard
        person.go(f"/{language}/")
        keys.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        keys.press("Tab")
        keys.press("Tab")
        assert page.evaluate("document.activeElement.id") == "leave"
        tab_to(page, "a.door-main")
        enter(page)
        tab_to(page, "#addresses")
        keys.type("https://bad.example/1")
        tab_to(page, "button.button[value=next]")
        enter(page)
        tab_to(page, "input[name=danger_now]")
        keys.press("ArrowDown")
        tab_to(page, "input[name=concerns]")
        keys.press("Space")
        tab_to(page, "button.button[value=next]")
        enter(page)
        tab_to(page, "#story")
        keys.type("Words.")
        tab_to(page, "button.button[value=next]")
        enter(page)
        tab_to(page, "#email")
        # Enter in a field sends the form; it never changes the language.
        enter(page)
        page.wait_for_selector(".code-card")
        assert page.get_attribute("html", "lang") == language
        assert Report.objects.get().concerns == "me"
        tab_to(page, "form[action$='/case/'] button.button")
        enter(page)
        tab_to(page, "#text")
        keys.type("By keyboard.")
        tab_to(page, "button[value=write]")
        enter(page)
        page.wait_for_selector(".message-mine")
        assert Message.objects.count() == 1


@pytest.mark.parametrize("has_script", [True, False])
def test_the_leave_button(browser: Browser, live_server: Any, neutral: str, has_script: bool) -> None:
    with visit(browser, live_server.url, java_script_enabled=has_script) as person:
        person.go("/fr/report/")
        person.page.fill("#addresses", "secret words")
        assert person.page.context.cookies()
        person.page.click("#leave")
        person.page.wait_for_url(neutral)
        assert person.page.title() == "Weather"
        assert not person.page.context.cookies(live_server.url)


def test_shift_three_times_and_nothing_else(browser: Browser, live_server: Any, neutral: str) -> None:
    with visit(browser, live_server.url) as person:
        page, keys = person.page, person.page.keyboard
        started = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        page.clock.set_fixed_time(started)
        person.go("/fr/")
        person.go("/fr/report/")
        page.fill("#addresses", "secret words")
        for turn, several in enumerate((["Escape"] * 3, ["Shift", "Shift", "a", "Shift"], ["Shift", "Shift"]), start=1):
            for key in several:
                keys.press(key)
            page.clock.set_fixed_time(started + turn * timedelta(seconds=1.6))
            assert page.url == f"{live_server.url}/fr/report/"
        for _ in range(3):
            keys.press("Shift")
        page.wait_for_url(neutral)
        page.go_back()
        assert page.url == f"{live_server.url}/fr/"
        assert page.locator("#addresses").count() == 0


def test_the_page_goes_blank_at_once_even_when_the_way_out_is_slow(browser: Browser, live_server: Any, neutral: str) -> None:
    with visit(browser, live_server.url) as person:
        person.page.clock.install()
        person.go("/fr/report/")
        person.page.fill("#addresses", "secret words")
        person.page.route("**/fr/leave/", lambda _route: None)
        left = person.page.evaluate(
            """() => {
              document.getElementById("leave").click();
              return [document.body.childElementCount, getComputedStyle(document.documentElement).display, document.title];
            }"""
        )
        assert left == [0, "none", ""]
        person.page.clock.fast_forward(2_000)
        person.page.wait_for_url(neutral)

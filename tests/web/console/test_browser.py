"""The console in a real browser: signing in, and a whole assessment without touching the mouse, wide and narrow."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from rempart.desk.registers.people.models import Person
from rempart.desk.rules.assessment import Verdict
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage import claims
from rempart.desk.stages.triage.models import Assessment, Hold
from tests import cast

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
SIZES = {"wide": (1280, 900), "narrow": (360, 740)}
ADDRESS = "https://bonne-reponse.example/the-page"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright keeps an event loop in this thread, and Django would refuse to speak with the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        yield found
        found.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def window(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    width, height = SIZES[getattr(request, "param", "wide")]
    found = chromium.new_context(viewport={"width": width, "height": height}, locale="en")
    found.set_default_timeout(15_000)
    yield found
    found.close()


def signs_in(window: BrowserContext, desk: LiveServer, character: cast.Character = cast.CAMILLE) -> Page:
    """Both factors, with the keyboard alone."""
    person = cast.account(character, now=timezone.now())
    Person.objects.filter(pk=person.pk).update(language="en", totp_last_step=0)
    page = window.new_page()
    page.goto(f"{desk.url}/console/")
    page.locator("input:focus").wait_for()
    page.keyboard.type(character.sign_in_name)
    page.keyboard.press("Tab")
    page.keyboard.type(cast.PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("input:focus").wait_for()
    page.keyboard.type(cast.totp_code(timezone.now()))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Hello, Camille"
    return page


def presses(page: Page, key: str) -> None:
    """One key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("window", list(SIZES), indirect=True)
def test_a_whole_assessment_by_keyboard_alone(window: BrowserContext, live_server: LiveServer) -> None:
    item = cast.ready_item(ADDRESS, cast.LINA, now=timezone.now())
    page = signs_in(window, live_server)
    presses(page, "q")
    assert page.locator("h1").inner_text() == "Queue"
    assert not is_too_wide(page)
    presses(page, "n")
    assert f"/console/items/{item.pk}/" in page.url
    assert "hxxps://bonne-reponse[.]example/the-page" in page.inner_text("main")
    assert not is_too_wide(page)
    page.keyboard.press("w")
    page.wait_for_selector("[data-told] .quote")
    assert "une photo de moi" in page.inner_text("[data-told]")
    assert not page.locator("select[name=category]").is_visible(), "the grading waits for its verdict"
    page.keyboard.press("1")
    page.keyboard.press("g")
    assert page.evaluate("document.activeElement.name") == "category"
    page.keyboard.type("Child sexual abuse material, illegal by")
    for letters in ("At p", "Girl", "Sexualised", "Real"):
        page.keyboard.press("Tab")
        page.keyboard.type(letters)
    page.keyboard.press("Escape")
    presses(page, "p")
    assert "FR:CP:227-23" in page.inner_text("#mappings")
    assert page.evaluate("document.activeElement.id") == "mappings"
    presses(page, "s")
    row = Assessment.objects.get()
    assert (row.verdict, row.grading and row.grading["category"]) == (Verdict.ILLEGAL_IN_FIELD, "csam_national")
    assert row.grading is not None
    assert (row.grading["age"], row.grading["gender"], row.grading["act"]) == ("pubescent", "female", "lascivious")
    presses(page, "u")
    row.refresh_from_db()
    assert row.undone_at is not None
    page.keyboard.press("4")
    presses(page, "Control+Enter")
    assert Assessment.objects.get(undone_at__isnull=True).verdict == Verdict.NOT_FOUND


def test_hold_hand_over_and_release_by_keyboard(window: BrowserContext, live_server: LiveServer) -> None:
    item, now = cast.ready_item(ADDRESS, now=timezone.now()), timezone.now()
    cast.idris(now=now)
    page = signs_in(window, live_server)
    presses(page, "n")
    presses(page, "r")
    assert claims.holder(item, now=now) is None
    presses(page, "n")
    page.keyboard.press("h")
    page.keyboard.type("hash or quit? n 1 s r")
    assert page.locator("#reason").input_value() == "hash or quit? n 1 s r", "keys do nothing while one types"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    presses(page, "Enter")
    assert Hold.objects.get().item_id == item.pk
    other = cast.ready_item("https://a.example/2", now=timezone.now())
    presses(page, "n")
    page.keyboard.press("o")
    page.keyboard.type("Idris")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    presses(page, "Enter")
    held = claims.holder(other, now=timezone.now())
    assert held is not None
    assert held.by_id == cast.idris().pk


def test_the_help_lists_the_keys_and_keys_can_be_switched_off(window: BrowserContext, live_server: LiveServer) -> None:
    cast.ready_item(ADDRESS, now=timezone.now())
    page = signs_in(window, live_server)
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    assert "Undo the last assessment" in page.inner_text("dialog#keys")
    page.keyboard.press("n")
    assert page.url.endswith("/console/"), "keys wait while the help is open"
    page.keyboard.press("Escape")
    assert not page.locator("dialog#keys").is_visible()
    Person.objects.update(has_shortcuts=False)
    page.reload()
    for key in ("n", "q", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.url.endswith("/console/")
    assert not page.locator("dialog#keys").is_visible()


def test_a_live_address_reaches_the_clipboard_and_not_the_page(window: BrowserContext, live_server: LiveServer) -> None:
    cast.ready_item(ADDRESS, now=timezone.now())
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = signs_in(window, live_server)
    presses(page, "n")
    page.keyboard.press("c")
    page.wait_for_selector("form[data-copy] [role=status]:not(:empty)")
    assert page.evaluate("navigator.clipboard.readText()") == ADDRESS
    assert ADDRESS not in page.content()


def test_everything_works_without_javascript(chromium: Browser, live_server: LiveServer) -> None:
    window = chromium.new_context(java_script_enabled=False, locale="en")
    item = cast.ready_item(ADDRESS, cast.LINA, now=timezone.now())
    page = signs_in(window, live_server)
    page.click("[data-act=next]")
    assert page.locator("form[data-copy]").count() == 1
    assert not page.locator("form[data-copy]").is_visible()
    page.click("summary:has-text('Their own words')")
    page.click("text=Read them")
    assert "une photo de moi" in page.inner_text("main")
    page.check("input[name=verdict][value=not_found]")
    page.click("[data-act=submit]")
    page.click("[data-act=undo]")
    assert Assessment.objects.get().undone_at is not None
    assert Item.objects.get(pk=item.pk).state == "ready"
    window.close()


def test_the_console_breaks_no_rule_of_its_own_policy(window: BrowserContext, live_server: LiveServer) -> None:
    cast.ready_item(ADDRESS, cast.LINA, now=timezone.now())
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    page = signs_in(window, live_server)
    presses(page, "n")
    page.keyboard.press("w")
    page.wait_for_selector("[data-told] .quote")
    page.keyboard.press("1")
    page.keyboard.press("?")
    assert not [text for text in said if "Content Security Policy" in text or "Trusted" in text or "Error:" in text]

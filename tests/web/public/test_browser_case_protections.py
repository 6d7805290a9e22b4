"""Following protected pictures in a real browser: without JavaScript, by keyboard alone, and every screen seen by axe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper, SentFile, Submission
from rempart.desk.rules.trust import Vote
from rempart.desk.stages.intake import protecting
from rempart.desk.stages.intake.models import Case
from tests import cast
from tests.registers.bank.pictures import picture, protections, video
from tests.web.public.browser import LARGE, SMALL, Look, Visit, visit
from tests.web.public.test_browser_journeys import enter, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keyring")]

SIZES = pytest.mark.parametrize(("language", "width"), [("fr", SMALL), ("en", LARGE)])
# Colours are the same in both languages and at both widths: once is enough for them.
LOOKS = {"fr": (Look(SMALL), Look(LARGE)), "en": (Look(SMALL), Look(SMALL, "dark"))}


def protect(*files: SentFile, is_shared: bool = False, days_ago: int = 1, code: CaseCode | None = None) -> CaseCode:
    sent = Submission(files, Age.FROM_13_TO_15, Helper.NOBODY, is_shared, "fr")
    return protecting.protect(sent, now=timezone.now() - timedelta(days=days_ago), code=code).code


def protected_by(code: CaseCode) -> list[Protection]:
    return protections(sealing.case_keys(code))


def trusts(code: CaseCode) -> list[str]:
    return [one.trust for one in protected_by(code)]


def open_case(person: Visit, code: CaseCode, language: str) -> None:
    person.go(f"/{language}/case/")
    person.page.fill("#code", code)
    person.press("open")
    person.page.wait_for_selector("#protected-title")


def choose(person: Visit, *titles: str) -> None:
    """Open the list and tick these."""
    person.page.locator("#stop summary").click()
    for title in titles:
        person.page.locator("#stop label.choice", has_text=title).click()
    person.press("withdraw")


@SIZES
def test_follow_take_one_back_and_erase_without_javascript(browser: Browser, live_server: Any, language: str, width: int) -> None:
    code = protect(picture("a"), video("b"), picture("c"))
    facts.note_feedback(protected_by(code)[0].pk, cast.listed(cast.SILENT).pk, now=timezone.now(), matches=3, vote=Vote.BLOCKED)
    with visit(browser, live_server.url, java_script_enabled=False, width=width) as person:
        page = person.page
        open_case(person, code, language)
        assert "Puits" in page.inner_text("section[aria-labelledby=protected-title]")
        film = "Vidéo 2" if language == "fr" else "Video 2"
        choose(person, film)
        assert page.inner_text(".lead") == film
        person.press("open")  # change nothing
        assert trusts(code) == ["self_declared"] * 3
        choose(person, film)
        # The other language keeps what was chosen, and ends nothing.
        page.locator("li.language button:not(.visually-hidden)").click()
        assert page.get_attribute("html", "lang") != language
        assert trusts(code) == ["self_declared"] * 3
        person.press("withdraw-confirm")
        assert trusts(code) == ["self_declared", "withdrawn", "self_declared"]
        assert "2" in page.inner_text(".callout-good")
        page.reload()  # sends the form once more
        assert trusts(code) == ["self_declared", "withdrawn", "self_declared"]
        person.press("erase")
        person.press("erase-for-ever")
        assert trusts_of_all() == {"withdrawn"}
        assert Case.objects.get().erased_at is not None
        assert page.url.startswith(live_server.url)
        assert code not in page.url
        assert not person.complaints


def trusts_of_all() -> set[str]:
    return set(Protection.objects.values_list("trust", flat=True))


@SIZES
def test_on_a_shared_device_ask_then_cancel_then_renew(browser: Browser, live_server: Any, language: str, width: int) -> None:
    code = protect(picture("a"), picture("b"), is_shared=True, days_ago=710)
    with visit(browser, live_server.url, width=width) as person:
        page = person.page
        open_case(person, code, language)
        choose(person, "Toutes" if language == "fr" else "All of them")
        assert "24" in page.inner_text(".callout-care")
        person.press("withdraw-confirm")
        assert all(one.withdraw_due_at for one in protected_by(code))
        assert "24" in page.inner_text("#waiting-title")
        assert page.locator("#stop").count() == 0
        assert page.locator(".message").count() == 1
        person.press("keep")
        assert not any(one.withdraw_due_at for one in protected_by(code))
        assert page.locator("#waiting-title").count() == 0
        protecting.ask_to_renew(now=timezone.now())
        open_case(person, code, language)
        page.locator(".callout a[href='#messages-title']").click()
        assert page.locator(".message").count() == 2
        person.press("renew")
        assert all(one.expires_at > timezone.now() + timedelta(days=729) for one in protected_by(code))
        assert page.locator("#renewal-title").count() == 0
        assert not person.complaints


def test_by_keyboard_alone_on_a_small_screen(browser: Browser, live_server: Any) -> None:
    code = protect(picture("a"), picture("b"), is_shared=True)
    with visit(browser, live_server.url, width=SMALL) as person:
        page, keys = person.page, person.page.keyboard
        person.go("/fr/case/")
        tab_to(page, "#code")
        keys.type(code)
        enter(page)
        tab_to(page, "#stop summary")
        keys.press("Enter")
        tab_to(page, "input[name=protection]")
        keys.press("Space")
        tab_to(page, "button.button[value=withdraw]")
        enter(page)
        # The first button is the one that changes nothing.
        tab_to(page, "button.button")
        assert page.evaluate("document.activeElement.value") == "open"
        tab_to(page, "button.button[value='withdraw-confirm']")
        enter(page)
        assert [one.withdraw_due_at is not None for one in protected_by(code)] == [True, False]
        tab_to(page, "button.button[value=keep]")
        enter(page)
        assert not any(one.withdraw_due_at for one in protected_by(code))
        assert page.get_attribute("html", "lang") == "fr"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_screen_is_sound(browser: Browser, live_server: Any, language: str) -> None:
    code = protect(*(picture(f"picture {number}") for number in range(9)), days_ago=710)
    protect(video("others"), is_shared=True, code=code)
    now, (held, disputed, told, *_) = timezone.now(), protected_by(code)
    platforms = [cast.listed(one).pk for one in (cast.SILENT, cast.REFUSES)]
    facts.raise_alarm(held.pk, "popular", now=now)
    for platform in platforms:
        facts.note_feedback(disputed.pk, platform, now=now, matches=1, vote=Vote.NOT_BLOCKED)
        facts.note_feedback(told.pk, platform, now=now, matches=70_000 + platform)
    protecting.ask_to_renew(now=now)
    with visit(browser, live_server.url, looks=LOOKS[language]) as person:
        page = person.page
        person.go(f"/{language}/case/")
        page.locator("details summary").click()
        person.must_be_sound()
        open_case(person, code, language)
        for closed in page.locator(".protections summary").all():
            closed.click()
        page.locator("#stop summary").click()
        person.must_be_sound()
        person.press("withdraw")  # nothing ticked
        assert page.locator(".callout-care[role=alert]").is_visible()
        person.must_be_sound()
        page.locator("#stop input[name=all]").check()
        person.press("withdraw")
        person.must_be_sound()
        person.press("open")
        person.press("renew")
        person.must_be_sound()
        person.press("erase")
        person.must_be_sound()
        person.press("withdraw-confirm")
        person.must_be_sound()
        person.press("open")
        person.must_be_sound()
        person.press("keep")
        person.must_be_sound()
        person.go(f"/{language}/case/")
        open_case(person, protect(picture("alone")), language)
        person.press("erase")
        person.must_be_sound()
        person.press("erase-for-ever")
        person.must_be_sound()

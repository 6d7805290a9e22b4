"""Protections in a real Chromium, by keyboard alone: a doubt is read and lifted, a dispute is asked about and confirmed."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from rempart.desk.registers.bank import alarms, facts
from rempart.desk.registers.bank.models import Protection, TrustFact
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.trust import Trust, Vote
from rempart.desk.stages.intake import steps
from rempart.desk.stages.intake.models import Message
from tests import cast
from tests.registers.bank.pictures import protect
from tests.web.console.test_browser import chromium as chromium
from tests.web.console.test_browser import is_too_wide, presses, signs_in
from tests.web.console.test_browser import window as window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_keyring"),
]
BOTH = pytest.mark.parametrize(("window", "language"), [("wide", "fr"), ("narrow", "en")], indirect=["window"])
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))"
WORDS = "C'est moi sur la photo. Il menace de la montrer."


def somebody_protects() -> tuple[Protection, Protection]:
    """Two pictures of one person who wrote to us: one looks well known, one is disputed by platforms."""
    now = timezone.now()
    cast.full_directory(now=now)
    receipt = cast.receive(details=cast.LINA, now=now)
    keys, (held, disputed) = protect("a", "b", code=receipt.code, now=now)
    steps.write_to_hotline(keys, WORDS, now=now)
    facts.raise_alarm(held.pk, alarms.WELL_KNOWN, now=now)
    for platform in Recipient.objects.order_by("pk")[:2]:
        facts.note_feedback(disputed.pk, platform.pk, now=now, matches=3, accounts=2, vote=Vote.NOT_BLOCKED)
    return held, disputed


def begins(window: BrowserContext, desk: LiveServer, language: str) -> Page:
    page = signs_in(window, desk)
    Person.objects.update(language=language)
    presses(page, "b")
    return page


def must_be_sound(page: Page) -> None:
    """In both themes: no axe violation, nothing wider than the screen."""
    page.wait_for_load_state("load")
    page.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert page.evaluate(VIOLATIONS) == []
        assert not is_too_wide(page)
    page.emulate_media(color_scheme="light")


def opens(page: Page, one: Protection) -> None:
    """Its link in the list of what waits, reached by Tab as a person without a mouse does."""
    link = page.locator(f"section[aria-labelledby=waiting-title] a[href$='/protections/{one.pk}/']")
    link.focus()
    presses(page, "Enter")


def chooses(page: Page, key: str, words: str) -> None:
    """The key opens the gesture and stands on its reasons; the first letters choose one; Tab, then the button."""
    page.keyboard.press(key)
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    presses(page, "Enter")


@BOTH
def test_a_doubt_is_seen_read_and_lifted(window: BrowserContext, live_server: LiveServer, language: str) -> None:
    held, _ = somebody_protects()
    page = begins(window, live_server, language)
    said = {"fr": "Elle ressemble à une image que tout le monde connaît", "en": "It looks like a picture that everybody knows"}
    assert said[language] in page.inner_text("section[aria-labelledby=waiting-title]")
    must_be_sound(page)
    opens(page, held)
    assert WORDS not in page.content()
    must_be_sound(page)
    page.keyboard.press("w")
    presses(page, "Enter")
    assert WORDS in page.inner_text("#words")
    must_be_sound(page)
    chooses(page, "x", {"fr": "La p", "en": "The p"}[language])
    assert {"fr": "Le doute est levé.", "en": "The doubt is lifted."}[language] in page.inner_text("[role=status]")
    assert Protection.objects.get(pk=held.pk).trust == Trust.SELF_DECLARED
    assert TrustFact.objects.filter(protection=held).latest("pk").why == "person_explained"
    must_be_sound(page)


@BOTH
def test_a_dispute_is_asked_about_then_confirmed(window: BrowserContext, live_server: LiveServer, language: str) -> None:
    _, disputed = somebody_protects()
    page = begins(window, live_server, language)
    opens(page, disputed)
    page.keyboard.press("m")
    page.keyboard.type("Es-tu sur cette photo ?")
    page.keyboard.press("Tab")
    presses(page, "Enter")
    assert Message.objects.filter(is_from_reporter=False).count() == 1
    chooses(page, "v", {"fr": "Un s", "en": "A r"}[language])
    assert Protection.objects.get(pk=disputed.pk).trust == Trust.CONFIRMED
    assert TrustFact.objects.filter(protection=disputed).latest("pk").why == "report_fits"


def test_keys_do_nothing_on_a_protection_that_has_ended(window: BrowserContext, live_server: LiveServer) -> None:
    held, _ = somebody_protects()
    page = begins(window, live_server, "en")
    Protection.objects.filter(pk=held.pk).update(
        trust="withdrawn", ended_at=timezone.now(), file_digest=None, same_as=None, withdraw_due_at=None
    )
    page.goto(f"{live_server.url}/console/protections/{held.pk}/")
    for key in ("v", "x", "d"):
        page.keyboard.press(key)
    assert page.url.endswith(f"/protections/{held.pk}/")
    assert page.locator("details.gesture").count() == 0
    must_be_sound(page)

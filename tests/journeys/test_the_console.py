"""The console, by those who live in it: single keys, undoing, second reading, refusals, relapses."""

from __future__ import annotations

import re

import pytest

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.models import Recipient as Listed
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.report import DangerNow, ReportKind
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage.models import Assessment
from tests import cast
from tests.journeys.people import Analyst, Recipient
from tests.journeys.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SITE, OWNER, COMPANY = "clairiere", "abuse@clairiere.localhost", "abuse@vallon.localhost"


def analyst(stage: Stage, character: cast.Character, language: str = "fr") -> Analyst:
    found = Analyst(stage, stage.browser_of(language), language)
    found.signs_in(character)
    return found


def reported(stage: Stage, address: str, **details: object) -> Item:
    receipt = cast.receive(address, now=stage.clock.now, **details)
    stage.work()
    return cast.items_of(receipt)[0]


def test_single_keys_are_enough(stage: Stage) -> None:
    stage.knows("pixels")
    quiet = reported(stage, stage.address("pixels", 20))
    danger = reported(stage, stage.address("pixels", 21), danger_now=DangerNow.YES)
    camille = analyst(stage, cast.CAMILLE)
    page = camille.page

    # The most urgent comes first, whoever came first.
    with page.expect_navigation():
        page.keyboard.press("n")
    assert page.url.endswith(f"/items/{danger.pk}/")
    page.keyboard.press("w")
    page.locator(".quote").first.wait_for()

    # Verdict, undone, and given again.
    page.keyboard.press("4")
    assert page.locator("input[value=not_found]").is_checked()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert Assessment.objects.get().undone_at is None
    with page.expect_navigation():
        page.keyboard.press("u")
    assert Assessment.objects.get().undone_at is not None
    page.keyboard.press("3")
    with page.expect_navigation():
        page.keyboard.press("s")
    assert Assessment.objects.filter(undone_at__isnull=True).get().verdict == "harmful_but_lawful"

    # The next one; put back without a word.
    with page.expect_navigation():
        page.keyboard.press("n")
    assert page.url.endswith(f"/items/{quiet.pk}/")
    with page.expect_navigation():
        page.keyboard.press("r")
    assert "/queue/" in page.url
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()


def test_the_second_reader_does_not_see_the_first_verdict(stage: Stage) -> None:
    item = reported(stage, stage.address("pixels", 22))
    camille, idris = analyst(stage, cast.CAMILLE), analyst(stage, cast.IDRIS, "en")
    camille.takes_next()
    camille.page.locator("input[value=harmful_but_lawful]").check()
    camille.page.locator("[name=asks_second]").check()
    camille.page.locator("[name=note]").fill("Une note de Camille")
    camille.keeps()
    stage.wait(minutes=2)
    item.refresh_from_db()
    assert item.state == State.SECOND_READING

    # Not offered to Camille again; Idris reads, and nothing tells what she decided.
    camille.press("[data-act=next]")
    assert "/items/" not in camille.page.url
    idris.takes_next()
    assert "Une note de Camille" not in idris.page.content()
    assert idris.page.locator("input[name=verdict]:checked").count() == 0
    idris.page.locator("input[value=not_found]").check()
    idris.keeps()
    stage.wait(minutes=2)
    item.refresh_from_db()
    assert item.state == State.ARBITRATION

    # Solène sees both, and decides.
    solene = analyst(stage, cast.SOLENE)
    solene.takes_next()
    assert "Une note de Camille" in solene.text
    solene.page.locator("input[value=not_found]").check()
    solene.keeps()
    stage.wait(minutes=2)
    item.refresh_from_db()
    assert item.state == State.CLOSED


def test_a_refusal_goes_up_the_ladder_and_then_to_a_person(stage: Stage) -> None:
    knows_both_rungs(stage)
    cast.assessed(reported(stage, stage.address(SITE, 5)), now=stage.clock.now)
    stage.wait(minutes=2)
    stage.wait(hours=1, minutes=5)
    first, second = (OWNER, COMPANY) if stage.mails_to(OWNER) else (COMPANY, OWNER)
    host = Recipient(stage, stage.browser_of("en"), "en", has_axe=True)
    host.opens(stage.answer_link(first))
    host.answers("refused", "We see nothing against our terms.")
    stage.wait(minutes=1)
    stage.wait(hours=2)
    assert len(stage.mails_to(second)) == 1

    host.opens(stage.answer_link(second))
    host.answers("refused", "Nor do we.")
    stage.wait(minutes=1)
    stage.wait(hours=2)
    solene = analyst(stage, cast.SOLENE)
    solene.go("/console/duties/")
    assert solene.page.locator("main a[href^='/console/duties/']").count() >= 1
    assert len(stage.mails_to(first)) == len(stage.mails_to(second)) == 1


def knows_both_rungs(stage: Stage) -> None:
    """The site's owner, and the company that hosts the site."""
    stage.knows("vallon")
    stage.knows(SITE)
    company = Listed.objects.get(domains__domain="vallon.localhost")
    directory.add_domain(company, f"{SITE}.localhost", by=cast.solene().pk, now=stage.clock.now)


def test_what_comes_back_is_a_new_item(stage: Stage) -> None:
    stage.knows("pixels")
    cast.assessed(reported(stage, stage.address("pixels", 23)), now=stage.clock.now)
    stage.wait(minutes=2)
    stage.wait(hours=1, minutes=5)
    stage.removes("pixels", 23)
    stage.wait(hours=4, minutes=5)
    for _ in range(3):
        stage.wait(minutes=5)
    assert Item.objects.get().state == State.CLOSED
    stage.puts_back("pixels", 23)
    stage.wait(days=3, hours=1)
    former, again = Item.objects.order_by("pk")
    assert (again.relapse_of, again.report.kind, again.state) == (former, ReportKind.RELAPSE, State.READY)
    assert former.state == State.CLOSED
    camille = analyst(stage, cast.CAMILLE)
    camille.takes_next()
    assert camille.page.url.endswith(f"/items/{again.pk}/")
    assert Notice.objects.count() == 1


def test_the_first_sign_in_asks_for_a_telephone(stage: Stage) -> None:
    person = cast.camille(now=stage.clock.now)
    person.sealed_totp_secret, person.totp_confirmed_at = None, None
    person.save()
    camille = Analyst(stage, stage.browser_of("fr"), "fr", has_axe=True)
    camille.go("/console/")
    camille.hands.write(camille.page.locator("[name=sign_in_name]"), "camille")
    camille.hands.write(camille.page.locator("[name=password]"), cast.PASSWORD)
    camille.press("main form button.button")
    camille.go("/console/queue/")
    assert "sign-in" in camille.page.url, "the password alone opens nothing"
    camille.page.go_back()
    camille.look()
    assert camille.page.locator("svg").count() >= 1
    shown = re.sub(r"\s", "", camille.page.locator("main").inner_text())
    assert re.search(r"[A-Z2-7]{32}", shown)

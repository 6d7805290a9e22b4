"""The public door: without JavaScript, on a telephone, for somebody in danger, and for somebody who must leave at once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rempart.desk.rules.report import DangerNow
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake import steps as intake_steps
from rempart.desk.stages.intake.models import Case, Item, Report
from tests import cast
from tests.journeys.people import Reporter
from tests.journeys.stage import PHONE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

both_languages = pytest.mark.parametrize("language", ["fr", "en"])


def somebody(stage: Stage, language: str, *, has_script: bool = True, has_axe: bool = False) -> Reporter:
    page = stage.browser_of(language, PHONE, has_script=has_script)
    return Reporter(stage, page, language, has_axe=has_axe)


@both_languages
def test_without_javascript_everything_works(stage: Stage, language: str) -> None:
    lina = somebody(stage, language, has_script=False)
    code = lina.reports(stage.address("pixels", 12), cast.LINA)
    assert intake.story(Report.objects.get()) == cast.LINA.story
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]", code)

    # She comes back, writes, reads what we answer, and erases everything.
    lina.opens_case(code)
    lina.hands.write(lina.page.locator("[name=text]"), "Une question de Lina")
    lina.press('#write button[value="write"]')
    assert "Une question de Lina" in lina.text
    intake_steps.write_to_reporter(Case.objects.get(), "La réponse de l'équipe", by=None, now=stage.clock.later(hours=1))
    assert "La réponse de l'équipe" in lina.opens_case(code)
    lina.press('button[value="erase"]')
    lina.press('button[value="erase-for-ever"]')
    assert intake.story(Report.objects.get()) == ""
    assert Item.objects.count() == 1, "what was reported stays in treatment"
    lina.opens_case(code)
    assert lina.page.locator("#code-error").count() == 1


@both_languages
def test_leaving_quickly_without_javascript_is_a_link(stage: Stage, language: str) -> None:
    lina = somebody(stage, language, has_script=False)
    lina.go(f"/{language}/report/")
    lina.page.locator("#leave").click()
    lina.page.wait_for_url(re.compile(r"pixels\.localhost"))


@pytest.mark.parametrize("gesture", ["button", "shift"])
def test_leaving_quickly_leaves_nothing_behind(stage: Stage, gesture: str) -> None:
    lina = somebody(stage, "fr")
    lina.go("/fr/")
    lina.press('main a[href="/fr/report/"]')
    lina.hands.write(lina.page.locator("[name=addresses]"), "site.example/secret")
    if gesture == "button":
        lina.page.locator("#leave").click()
    else:
        lina.page.locator("h1").click()
        for _ in range(3):
            lina.page.keyboard.press("Shift")
    lina.page.wait_for_url(re.compile(r"pixels\.localhost"))
    # Going back does not bring the words back.
    lina.page.go_back()
    lina.page.wait_for_load_state()
    assert "secret" not in lina.page.content()


def test_two_shifts_do_not_leave(stage: Stage) -> None:
    lina = somebody(stage, "fr")
    lina.go("/fr/report/")
    lina.page.keyboard.press("Shift")
    lina.page.keyboard.press("Shift")
    lina.hands.write(lina.page.locator("[name=addresses]"), "LINK.EXAMPLE/A")
    assert "/fr/report/" in lina.page.url


@both_languages
def test_danger_now_comes_first(stage: Stage, language: str) -> None:
    mado = somebody(stage, language, has_axe=True)
    mado.go(f"/{language}/report/")
    mado.hands.write(mado.page.locator("[name=addresses]"), stage.address("ronde", 3))
    mado.continues()
    mado.says("danger_now", DangerNow.YES)
    mado.continues()
    first = mado.page.locator("main :is(h1, h2)").first
    numbers = mado.page.locator(".danger-first").inner_text()
    assert first.get_attribute("id") == "danger-title"
    assert all(number in numbers for number in ("17", "112", "114"))
    assert mado.page.locator('.danger-first a[href="tel:17"]').count() == 1


@both_languages
def test_what_was_typed_is_kept_when_she_stops_midway(stage: Stage, language: str) -> None:
    paul = somebody(stage, language)
    paul.go(f"/{language}/report/")
    paul.hands.write(paul.page.locator("[name=addresses]"), f"{stage.address('pixels', 1)} et hxxp://pixels[.]localhost/image/2")
    paul.continues()
    paul.page.close()
    assert Report.objects.get().completed_at is None
    assert Item.objects.count() == 2


@both_languages
def test_a_mistake_loses_nothing_typed(stage: Stage, language: str) -> None:
    paul = somebody(stage, language, has_axe=True)
    paul.go(f"/{language}/report/")
    paul.hands.write(paul.page.locator("[name=addresses]"), "je ne sais plus")
    paul.continues()
    assert paul.page.locator("#problem").count() == 1
    assert paul.page.locator("[name=addresses]").input_value() == "je ne sais plus"
    assert not Report.objects.exists()


@both_languages
def test_a_mistyped_code_is_told_by_its_check_sign(stage: Stage, language: str) -> None:
    receipt = cast.receive(stage.address("pixels", 4), now=stage.clock.now)
    assert receipt.code is not None
    wrong = ("1" if receipt.code[0] != "1" else "2") + receipt.code[1:]
    paul = somebody(stage, language, has_axe=True)
    paul.opens_case(wrong)
    assert paul.page.locator("#code-error").count() == 1
    paul.opens_case(receipt.code.lower().replace("-", " "))
    assert paul.page.locator("article").count() == 1


@both_languages
def test_an_email_reporter_is_told_and_her_address_forgotten(stage: Stage, language: str) -> None:
    mado = somebody(stage, language, has_axe=True)
    details = replace(cast.by_email(cast.PAUL), story="")
    mado.reports(stage.address("pixels", 5), details)
    stage.work()
    cast.read(Item.objects.get(), cast.NOTHING_THERE, now=stage.clock.now)
    stage.wait(minutes=2)
    mails = stage.mails_to(details.email)
    assert len(mails) == 1
    assert "pixels" not in mails[0]
    assert Report.objects.get().sealed_email is None


def test_nothing_is_asked_of_anybody_else(stage: Stage) -> None:
    paul = somebody(stage, "fr")
    asked: list[str] = []
    paul.page.on("request", lambda request: asked.append(request.url))
    paul.reports(stage.address("pixels", 6))
    assert asked
    assert all(url.startswith((stage.desk, "data:")) for url in asked), asked
    assert {cookie["name"] for cookie in paul.page.context.cookies()} <= {"csrftoken"}
    stored = paul.page.evaluate("[localStorage.length, sessionStorage.length]")
    assert stored == [0, 0]

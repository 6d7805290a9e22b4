"""The second story of the tour as a newcomer plays it, on a telephone: save, protect, confirm, meet a copy, read, take back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rempart.desk.registers.bank.models import Feedback, Fingerprint, Protection
from rempart.desk.rehearsal.hosts import BY_NAME
from rempart.desk.rehearsal.platform import PLATFORM
from rempart.desk.rehearsal.readers import READERS, make_readers
from rempart.desk.rehearsal.seeding import SEEDED
from rempart.desk.rules.trust import Trust
from tests import cast
from tests.journeys.conftest import browser as browser
from tests.journeys.conftest import stage as stage
from tests.journeys.people import Analyst, Reporter, axe_faults, is_wider_than_its_window
from tests.journeys.stage import PHONE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_second_story(stage: Stage, language: str, tmp_path: Path) -> None:
    for host in BY_NAME.values():
        if host.title in {reader.platform for reader in READERS}:
            stage.knows(host.name)
    make_readers(1, stage.clock.now)
    stage.world.set_note(SEEDED, (stage.clock.now - timedelta(hours=1)).isoformat())
    tour = stage.browser_of(language, PHONE)
    tour.goto(f"http://127.0.0.1:{stage.port}/{language}/protect/")
    picture = saved(tour, tmp_path)
    person = Reporter(stage, stage.browser_of(language, PHONE), language, has_axe=True)
    code = protects(person, picture)
    assert Protection.objects.get().trust == Trust.SELF_DECLARED
    confirms(stage, language)
    assert Protection.objects.get().trust == Trust.CONFIRMED
    meets_a_copy(tour, "good")
    assert Feedback.objects.get().matches == 1
    assert PLATFORM in person.opens_case(code)
    takes_back(person)
    assert not Fingerprint.objects.exists()
    meets_a_copy(tour, "care")
    assert Feedback.objects.get().matches == 1


def saved(tour: Page, folder: Path) -> Path:
    with tour.expect_download() as download:
        tour.locator('a[href="/picture.png"]').click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def protects(person: Reporter, picture: Path) -> str:
    """From the door to the code."""
    person.go(f"/{person.language}/image/")
    person.says("helper", "nobody")
    person.says("age", "16_17")
    person.press('#door button[value="begin"]')
    person.page.frame_locator("#hasher").locator("#choose").set_input_files(picture)
    expect(person.page.locator("#go")).to_be_enabled(timeout=60_000)
    person.press("#go")
    return person.code()


def confirms(stage: Stage, language: str) -> None:
    analyst = Analyst(stage, stage.browser_of(language), language)
    analyst.signs_in(cast.CAMILLE)
    analyst.go("/console/protections/")
    analyst.press("main a.signs")
    gesture = analyst.page.locator("[data-act=vouch]")
    gesture.locator("summary").click()
    gesture.locator("select[name=why]").select_option("person_explained")
    analyst.press("[data-act=vouch] button")


def meets_a_copy(tour: Page, tone: str) -> None:
    with tour.expect_navigation():
        tour.locator('form[action="/protect/met"] button').click()
    expect(tour.locator(f"#met .callout-{tone}")).to_be_visible()
    assert not axe_faults(tour)
    assert not is_wider_than_its_window(tour)


def takes_back(person: Reporter) -> None:
    person.page.locator("#stop summary").click()
    person.press('button[name=action][value="withdraw"]')
    person.press('button[name=action][value="withdraw-confirm"]')

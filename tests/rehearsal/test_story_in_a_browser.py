"""The second story of the tour as a newcomer plays it, with all that `make run` starts: protect, post, decide, take back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rempart.desk.rehearsal.people import PASSWORD, PLAYERS
from rempart.desk.rules.access import Role
from tests.journeys.conftest import browser as browser
from tests.journeys.people import Reporter, axe_faults, is_wider_than_its_window
from tests.project.crash_desk import Desk
from tests.rehearsal.whole import rehearsal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE, WIDE = {"width": 360, "height": 640}, {"width": 1280, "height": 860}
HEADINGS = {
    "fr": {"refused": "Nous n’avons pas publié cette image", "held": "Quelqu’un regarde d’abord", "published": "C’est publié"},
    "en": {"refused": "We did not publish this picture", "held": "A person looks first", "published": "It is published"},
}
BLOCKED = {"fr": "Elle l’a bloquée", "en": "It blocked it"}
PATIENCE = 60.0


@dataclass
class Place:
    """What `Reporter` needs of a stage: where the desk is."""

    desk: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with rehearsal(tmp_path_factory.mktemp("rehearsal")) as desk:
        yield desk


@pytest.mark.parametrize(("language", "size"), [("fr", PHONE), ("en", WIDE)])
def test_the_second_story(running: Desk, browser: Browser, language: str, size: dict[str, int], tmp_path: Path) -> None:
    story = Story(running, browser, language, size)
    try:
        story.tour()
        picture = story.saves(tmp_path)
        code = story.protects(picture)
        story.posts_until("same", "refused")
        assert story.posts("mirrored") == "held"
        held = story.site.url
        story.confirms()
        story.posts_until("bordered", "refused")
        assert [story.posts(change) for change in ("captioned", "recompressed", "other")] == ["refused", "refused", "published"]
        story.looks_at(held)
        story.reads_on_the_case(code, BLOCKED[language])
        story.takes_back()
        story.posts_until("same", "published")
        assert story.posts_file(picture) == "published"
    finally:
        story.close()


class Story:
    """The visitor, with a window for each place."""

    def __init__(self, desk: Desk, browser: Browser, language: str, size: dict[str, int]) -> None:
        self.desk, self.language = desk, language
        locale = {"fr": "fr-FR", "en": "en-GB"}[language]
        self._context = browser.new_context(locale=locale, viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
        self._context.set_default_timeout(20_000)
        self._console = browser.new_context(locale=locale, viewport=WIDE)  # type: ignore[arg-type]
        self.site, self.window = self._context.new_page(), self._context.new_page()
        self.person = Reporter(Place(f"http://127.0.0.1:{desk.port}"), self._context.new_page(), language)  # type: ignore[arg-type]

    def close(self) -> None:
        self._context.close()
        self._console.close()

    def tour(self) -> None:
        self.window.goto(f"http://127.0.0.1:{self.desk.environment['REMPART_REHEARSAL_PORT']}/{self.language}/protect/")
        self._look(self.window)
        addresses = [link.get_attribute("href") for link in self.window.locator('a[href*="ronde.localhost"]').all()]
        assert {self._address("/photos/"), self._address("/photos/team/")} <= set(addresses)

    def saves(self, folder: Path) -> Path:
        with self.window.expect_download() as download:
            self.window.locator('a[href="/picture.png"]').click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def protects(self, picture: Path) -> str:
        """From the door to the code."""
        person = self.person
        person.go(f"/{self.language}/image/")
        person.says("helper", "nobody")
        person.says("age", "16_17")
        person.press('#door button[value="begin"]')
        person.page.frame_locator("#hasher").locator("#choose").set_input_files(picture)
        expect(person.page.locator("#go")).to_be_enabled(timeout=60_000)
        person.press("#go")
        return person.code()

    def posts(self, change: str) -> str:
        """With the buttons of the site; what became of it."""
        self.site.goto(self._address("/photos/"))
        self._look(self.site)
        with self.site.expect_navigation():
            self.site.locator(f'button[value="{change}"]').click()
        return self._became()

    def posts_file(self, path: Path) -> str:
        self.site.goto(self._address("/photos/"))
        self.site.set_input_files("#file", path)
        with self.site.expect_navigation():
            self.site.locator("form.post button").click()
        return self._became()

    def posts_until(self, change: str, became: str) -> None:
        """The platform reads the list every two seconds: how long that takes is not judged here."""
        until = time.monotonic() + PATIENCE
        while (now := self.posts(change)) != became:
            assert time.monotonic() < until, f"{change} is {now}, not {became}"
            time.sleep(0.3)

    def confirms(self) -> None:
        """As an analyst, who confirms the newest protection without seeing the picture."""
        page = self._console.new_page()
        player = [one for one in PLAYERS if one.role is Role.ANALYST][0 if self.language == "fr" else -1]
        until = time.monotonic() + 100
        while not page.url.rstrip("/").endswith("/console/protections"):
            assert time.monotonic() < until
            page.goto(f"{self.person.stage.desk}/console/protections/")
            if "sign-in" in page.url:
                page.fill("[name=sign_in_name]", player.sign_in_name)
                page.fill("[name=password]", PASSWORD)
                page.click("main form button.button")
                page.fill("[name=code]", player.code_at(datetime.now(UTC)))
                page.click("main form button.button")
                time.sleep(0.5)
        page.locator("main a.signs").first.click()
        gesture = page.locator("[data-act=vouch]")
        gesture.locator("summary").click()
        gesture.locator("select[name=why]").select_option("person_explained")
        with page.expect_navigation():
            gesture.locator("button").click()

    def looks_at(self, held: str) -> None:
        """As somebody of the platform's team."""
        self.site.goto(self._address("/photos/team/"))
        self._look(self.site)
        number = held.rpartition("/")[2]
        with self.site.expect_navigation():
            self.site.locator(f'article[aria-labelledby="held-{number}"] button[value="block"]').click()
        assert self._became() == "refused"

    def reads_on_the_case(self, code: str, words: str) -> None:
        until = time.monotonic() + PATIENCE
        while words not in (said := self.person.opens_case(code)):
            assert time.monotonic() < until, said
            time.sleep(0.5)
        assert "La Ronde" in said

    def takes_back(self) -> None:
        self.person.page.locator("#stop summary").click()
        self.person.press('button[name=action][value="withdraw"]')
        self.person.press('button[name=action][value="withdraw-confirm"]')

    def _address(self, path: str) -> str:
        return self.desk.address("ronde", path)

    def _became(self) -> str:
        self._look(self.site)
        assert re.search(r"/photos/\d+$", self.site.url), self.site.locator("main").inner_text()
        heading = self.site.locator("h1").inner_text()
        return next(word for word, text in HEADINGS[self.language].items() if text == heading)

    def _look(self, page: Page) -> None:
        assert page.locator("html").get_attribute("lang") == self.language
        assert not axe_faults(page), axe_faults(page)
        assert not is_wider_than_its_window(page)

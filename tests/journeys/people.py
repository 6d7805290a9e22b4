"""Those who come to the desk, and what they do there. A journey is a few of these sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from rempart.desk.rules.classification import Grading
from rempart.desk.rules.report import AnswerBy, Details
from rempart.desk.statistics.definitions import DEFINITIONS
from tests import cast
from tests.journeys.hands import Hands, Mouse
from tests.journeys.stage import PHONE, Stage

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ONLY_FAULTS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}


def axe_faults(page: Page) -> list[str]:
    """What axe-core has to say against this page."""
    found = AXE.run(page, options=ONLY_FAULTS).response["violations"]
    return [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})" for one in found]


def is_wider_than_its_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))


@dataclass
class Visitor:
    """Somebody at a browser. ``has_axe``: each page she sees is held against axe-core. No page is wider than a telephone."""

    stage: Stage
    page: Page
    language: str
    hands: Hands = field(default_factory=Mouse)
    has_axe: bool = False

    def go(self, path: str) -> None:
        self.page.goto(self.stage.desk + path)
        self.look()

    def press(self, selector: str) -> None:
        """Press what matches, and see the page it leads to."""
        thing = self.page.locator(selector).locator("visible=true").first
        with self.page.expect_navigation():
            self.hands.press(thing)
        self.look()

    def look(self) -> None:
        """See the page, as it is after loading."""
        self.page.wait_for_load_state()
        language = self.page.locator("html").get_attribute("lang")
        assert language == self.language, f"{self.page.url} speaks {language}"
        if self.has_axe:
            assert not axe_faults(self.page), f"{self.page.url}: {axe_faults(self.page)}"
        if self.page.viewport_size == PHONE:
            assert not is_wider_than_its_window(self.page), f"{self.page.url} is wider than its window"

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.locator("main").inner_text()


class Reporter(Visitor):
    """Somebody who saw something, or to whom it happens."""

    def reports(self, address: str, details: Details = cast.PAUL) -> str:
        """From the home page to the case code."""
        self.go(f"/{self.language}/")
        self.press(f'main a[href="/{self.language}/report/"]')
        self.hands.write(self.page.locator("[name=addresses]"), address)
        self.continues()
        self.says("danger_now", details.danger_now)
        self.says("concerns", details.concerns)
        self.says("age_band", details.age_band)
        self.continues()
        self.says("category", details.category)
        if details.story:
            self.hands.write(self.page.locator("[name=story]"), details.story)
        self.continues()
        self.says("answer_by", details.answer_by)
        if details.answer_by is AnswerBy.EMAIL:
            self.hands.write(self.page.locator("[name=email]"), details.email)
        self.continues()
        return self.code()

    def says(self, name: str, value: str) -> None:
        self.hands.choose(self.page.locator(f'input[type=radio][name={name}][value="{value}"]'))

    def continues(self) -> None:
        self.press('#step button[name=action][value="next"]')

    def code(self) -> str:
        """The case code, as the page shows it."""
        return "".join(self.page.locator(".code").first.inner_text().split())

    def opens_case(self, code: str) -> str:
        """Come back with the code; what the page says."""
        self.go(f"/{self.language}/case/")
        self.hands.write(self.page.locator("[name=code]"), code)
        self.press('button[name=action][value="open"]')
        return self.text


class Analyst(Visitor):
    """Somebody of the staff, whose account speaks the language of the story."""

    def signs_in(self, character: cast.Character) -> None:
        """Both factors, through the pages."""
        person = cast.account(character, now=self.stage.clock.now)
        person.language = self.language
        person.save(update_fields=["language"])
        # A code is accepted once: wait for the next one.
        self.stage.wait(seconds=60)
        self.go("/console/")
        self.hands.write(self.page.locator("[name=sign_in_name]"), character.sign_in_name)
        self.hands.write(self.page.locator("[name=password]"), cast.PASSWORD)
        self.press("main form button.button")
        self.hands.write(self.page.locator("[name=code]"), cast.totp_code(self.stage.clock.now))
        self.press("main form button.button")
        assert "/console/" in self.page.url
        assert "sign-in" not in self.page.url

    def takes_next(self) -> None:
        self.press("[data-act=next]")
        assert "/console/items/" in self.page.url, self.text

    def grades(self, grading: Grading) -> None:
        """Illegal, in our field; every point of the grading."""
        self.hands.choose(self.page.locator("input[name=verdict][value=illegal_in_field]"))
        for name in ("category", "age", "gender", "act", "virtual", "media", "commercial"):
            self.hands.pick(self.page.locator(f"select[name={name}]"), str(getattr(grading, name)))
        if grading.self_generated is not None:
            self.hands.pick(self.page.locator("select[name=self_generated]"), "yes" if grading.self_generated else "no")

    def keeps(self) -> None:
        self.press("[data-act=submit]")

    def presses_keys(self, keys: str) -> None:
        """Single keys of the console, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_load_state()

    def figure(self, name: str) -> int:
        """One figure of the page she looks at: its number, or the total of its table."""
        title = DEFINITIONS[name].title_in_both()[self.language]
        alone = self.page.locator("tr", has=self.page.get_by_role("rowheader", name=title, exact=True))
        table = self.page.locator(f"figure[aria-labelledby='figure-{name}'] tfoot tr")
        found = (alone if alone.count() else table).locator("td.number")
        return int("".join(found.first.inner_text().split())) if found.count() else 0


class Recipient(Visitor):
    """Somebody of an abuse team, with the link of a notice and no account."""

    def opens(self, link: str) -> None:
        self.page.goto(link)
        self.look()

    def answers(self, answer: str, explanation: str = "") -> None:
        self.hands.choose(self.page.locator(f'input[name=all][value="{answer}"]'))
        if explanation:
            self.hands.write(self.page.locator("[name=explanation]"), explanation)
        self.press("main form button[type=submit]")

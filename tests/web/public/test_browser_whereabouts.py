"""A picture on its way, seen on the case page: nobody reads the list, a platform reads it over HTTP, decides, learns the end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Browser

from rempart.desk.registers.bank.models import Feedback
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Age, Helper, Submission
from rempart.desk.stages.intake import protecting
from tests.registers.bank.pictures import picture, video
from tests.registers.lists import made
from tests.web.public.browser import LARGE, SMALL, Look, Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keyring")]

# Where to keep pictures of the pages, for whoever wants to look at them.
KEPT = os.environ.get("REMPART_TEST_SCREENSHOTS", "")
LOOKS = {"fr": (Look(SMALL), Look(SMALL, "dark")), "en": (Look(LARGE),)}


@dataclass
class Platform:
    """A platform's program: a Bearer key, a cursor it keeps, and nothing else."""

    desk: str
    name: str
    cursor: str = ""

    def __post_init__(self) -> None:
        client, secret = made.client(self.name)
        self.headers = {"Authorization": f"Bearer {client.key_id}.{secret}"}

    def reads(self) -> list[dict[str, Any]]:
        """What changed since the last time."""
        asked = {"after": self.cursor} if self.cursor else {}
        answer = requests.get(self._address("entries"), params=asked, headers=self.headers, timeout=30)
        assert answer.status_code == 200
        page = answer.json()
        self.cursor = page["next"]
        assert not page["has_more"]
        return list(page["entries"])

    def tells(self, key: str, *results: dict[str, Any]) -> None:
        headers = {**self.headers, "Idempotency-Key": key}
        answer = requests.post(self._address("results"), json={"results": list(results)}, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text

    def _address(self, what: str) -> str:
        return f"{self.desk}/api/v1/lists/{ListName.MINORS}/{what}"


@dataclass
class Case:
    """The case page of one person, opened again and again."""

    person: Visit
    code: CaseCode
    language: str

    def says(self, title: str) -> str:
        """Open it; what it says of her pictures. The page is sound in every look."""
        self.person.go(f"/{self.language}/case/")
        self.person.page.fill("#code", self.code)
        self.person.press("open")
        self.person.page.wait_for_selector("#protected-title")
        self.keep(title)
        return self.person.page.inner_text("section[aria-labelledby=protected-title]").replace("\u00a0", " ")

    def keep(self, title: str) -> None:
        self.person.must_be_sound()
        if KEPT:
            name = f"{self.language}-{title}.png"
            self.person.page.screenshot(path=Path(KEPT) / name, full_page=True)

    def takes_back(self, *titles: str) -> None:
        page = self.person.page
        page.locator("#stop summary").click()
        for title in titles:
            page.locator("#stop label.choice", has_text=title).click()
        self.person.press("withdraw")
        self.person.press("withdraw-confirm")


SAYS = {
    "fr": {
        "nobody": "aucune plateforme ne lit notre liste",
        "none yet": "Aucune des plateformes qui lisent notre liste n’a encore les codes.",
        "one": "A les codes : Pixelle (lecture aujourd’hui à ",
        "two": "Ont les codes : Pixelle (lecture aujourd’hui à ",
        "looking": "Une personne y regarde.",
        "refused": "Elle ne l’a pas bloquée : pour elle, c’en est une autre, qui ressemble.",
        "blocked": "Elle l’a bloquée.",
        "unaware": "2 plateformes n’ont pas encore lu que c’est terminé : Pixelle",
        "one unaware": "Une plateforme n’a pas encore lu que c’est terminé : Vidéa",
        "aware": "Toutes les plateformes qui lisent notre liste ont lu que c’est terminé.",
    },
    "en": {
        "nobody": "No platform reads our list at the moment",
        "none yet": "None of the platforms that read our list has the codes yet.",
        "one": "Has the codes: Pixelle (read today at ",
        "two": "Have the codes: Pixelle (read today at ",
        "looking": "A person there is looking.",
        "refused": "It did not block it: it takes it for another one that looks alike.",
        "blocked": "It blocked it.",
        "unaware": "2 platforms have not read yet that it is over: Pixelle",
        "one unaware": "One platform has not read yet that it is over: Vidéa",
        "aware": "All the platforms that read our list have read that it is over.",
    },
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_from_the_first_reading_to_the_last(browser: Browser, live_server: Any, language: str) -> None:
    says = SAYS[language]
    sent = Submission((picture("a"), picture("b"), video("c")), Age.FROM_13_TO_15, Helper.NOBODY, False, language)
    code = protecting.protect(sent, now=timezone.now(), code=None).code
    with visit(browser, live_server.url, looks=LOOKS[language], width=SMALL if language == "fr" else LARGE) as person:
        case = Case(person, code, language)
        person.go(f"/{language}/image/")
        case.keep("0-door")
        assert says["nobody"] in person.page.inner_text("main").replace("\u00a0", " ")
        assert says["nobody"] in case.says("1-nobody")
        pixelle = Platform(live_server.url, "Pixelle")
        assert says["none yet"] in case.says("2-none-yet")
        names = {entry["sha256"]: entry["name"] for entry in pixelle.reads()}
        assert case.says("3-one").count(says["one"]) == 1
        videa = Platform(live_server.url, "Vidéa")
        videa.reads()
        assert says["two"] in case.says("4-two")
        _decide(pixelle, list(names.values()))
        text = case.says("5-decided")
        assert all(says[words] in text for words in ("looking", "refused", "blocked"))
        case.takes_back("Photo 1")
        text = case.says("6-unaware")
        assert says["unaware"] in text
        gone = [entry for entry in pixelle.reads() if entry["state"] == "withdrawn"]
        assert [entry["name"] for entry in gone] == [next(iter(names.values()))]
        assert says["one unaware"] in case.says("7-one-unaware")
        assert "withdrawn" in [entry["state"] for entry in videa.reads()]
        text = case.says("8-aware")
        assert says["aware"] in text
        assert says["one unaware"] not in text
        assert not person.complaints


def _decide(platform: Platform, names: list[str]) -> None:
    """Of the first it blocked copies, the second is another picture for it, the third waits for one of its people."""
    blocked, refused, waiting = names
    platform.tells(
        "message-1",
        {"name": blocked, "seen": 4, "accounts": "2-9", "outcome": "blocked"},
        {"name": refused, "seen": 1, "accounts": "1", "outcome": "not_blocked", "reason": "another_picture"},
        {"name": waiting, "seen": 1, "accounts": "1", "outcome": "under_review"},
    )
    assert Feedback.objects.count() == 3

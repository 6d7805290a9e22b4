"""The public page of counts and its file: in both languages, before the first count and after it."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from rempart.desk.registers.lists.models import CountsOfDay
from tests.registers.lists.made import NOW
from tests.web.public.browser import LARGE, SMALL, Look, visit

pytestmark = pytest.mark.django_db
COUNTS = {
    "standing": 1284, "withdrawn": 212, "expired": 37, "disputed": None, "overturned": 9, "alarms": 31, "alarms_cleared": 18,
    "platforms": None,
}  # fmt: skip
CONTENT = {
    "lists": {"minors": COUNTS, "adults": {**COUNTS, "standing": 0}},
    "time_to_act": [{"decisions": 44, "median_hours": 1.5}, {"decisions": 12, "median_hours": 20.0}],
}


@pytest.fixture
def counted() -> CountsOfDay:
    return CountsOfDay.objects.create(day=date(2026, 3, 2), made_at=NOW, content=CONTENT)


@pytest.mark.parametrize(("language", "words"), [("fr", "premier comptage"), ("en", "first count")])
def test_before_the_first_count(client: Client, language: str, words: str) -> None:
    assert words in client.get(f"/{language}/lists/").content.decode()
    told = json.loads(client.get(f"/{language}/lists/counts.json").content)
    assert (told["day"], told["lists"]) == (None, {})


@pytest.mark.parametrize(("language", "words"), [("fr", "moins de 5"), ("en", "fewer than 5")])
def test_every_number_is_in_the_table(client: Client, counted: CountsOfDay, language: str, words: str) -> None:
    text = client.get(f"/{language}/lists/").content.decode()
    for shown in ("1284", "212", "37", "31", "18", "44", words, "<svg", "counts.json"):
        assert shown in re.sub(r"(?<=\d)[,\u202f\xa0](?=\d{3})", "", text).replace("\xa0", " ")
    assert "<script" not in text.split("<main")[1].split("</main")[0]


def test_the_file_says_what_the_page_says(client: Client, counted: CountsOfDay) -> None:
    answer = client.get("/en/lists/counts.json")
    told = json.loads(answer.content)
    assert told["lists"] == CONTENT["lists"]
    assert told["time_to_act"] == CONTENT["time_to_act"]
    assert told["day"] == "2026-03-02"
    assert told["fewer_than"] == 5
    assert set(told["definitions"]["standing"]["title"]) == {"fr", "en"}
    assert set(COUNTS) < set(told["definitions"])


def test_its_place_is_at_the_foot_of_every_page(client: Client) -> None:
    assert 'href="/fr/lists/"' in client.get("/fr/").content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_with_numbers_it_is_sound_in_a_browser(browser: Browser, live_server: Any, counted: CountsOfDay, language: str) -> None:
    looks = [Look(width, scheme) for width in (SMALL, LARGE) for scheme in ("light", "dark")]  # type: ignore[arg-type]
    with visit(browser, live_server.url, looks=looks) as person:
        person.go(f"/{language}/lists/")
        person.must_be_sound()
        if os.environ.get("L4_SHOTS"):
            for look in looks:
                person.look(look)
                person.page.screenshot(path=f"{os.environ['L4_SHOTS']}/{language}-{look.width}-{look.scheme}.png", full_page=True)

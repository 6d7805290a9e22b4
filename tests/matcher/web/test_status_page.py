"""The page for people: what it says, in both languages, and how it looks in a real browser."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rempart.matcher.policy import Because, Outcome
from rempart.matcher.web.counts import Counts
from rempart.matcher.web.page.drawing import drawing
from rempart.matcher.web.page.words import ENGLISH, FRENCH, Words, chosen
from tests.conventions.html import Page
from tests.matcher.made import entry, pdq
from tests.matcher.web.served import KEY, Worker, hold, worker

LISTS = ["minors", "adult-lists"]
HOUR = 3_600


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A day of matches on one list, and a second one that was never read."""
    folder = tmp_path_factory.mktemp("page")
    hold(folder, entry("a", pdq(1)), entry("b", pdq(2)))
    counts = Counts(folder / "counts", 7, LISTS)
    now = time.time()
    for hour in range(23):
        for number in range((hour * 7) % 11):
            outcome = (Outcome.BLOCK, Outcome.HOLD, Outcome.COUNT, Outcome.ACCEPT)[number % 4]
            counts.hit("minors", outcome, Because.RULE, now - hour * HOUR)
        counts.request("single", 200, 0.0012, now - 60 * hour)
        counts.request("upload", 200, 0.031, now - 60 * hour)
    counts.close()
    with worker(folder, top="dry_run = true") as served:
        yield served


def test_it_says_where_things_stand(lived_in: Worker) -> None:
    told = lived_in.get("/", Authorization="Basic " + b64encode(f"anybody:{KEY}".encode()).decode())
    page = told.body.decode()
    assert told.status == 200
    assert "Not ready: adult-lists (not read yet)." in page
    assert "Dry run" in page
    assert page.count("<svg") == 1
    assert "Nothing was met on this list." in page
    assert ">1.5 ms<" in page
    policy = told.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert "<script" not in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_sound_html_in_both_languages(lived_in: Worker, language: str) -> None:
    page = lived_in.get(f"/?lang={language}").body.decode()
    assert f'<html lang="{language}">' in page
    assert not Page(page).faults()
    assert lived_in.get("/", Accept_Language=f"{language},de;q=0.5").body.decode().count(f'<html lang="{language}">') == 1


def test_every_word_is_there_in_both() -> None:
    for field in fields(Words):
        english, french = getattr(ENGLISH, field.name), getattr(FRENCH, field.name)
        if isinstance(english, str):
            assert english.count("{}") == french.count("{}"), field.name
            assert english
            assert french
        elif isinstance(english, tuple):
            assert len(english) == len(french), field.name
        else:
            assert set(english) == set(french), field.name
    assert chosen("", b"de, fr;q=0.8, en;q=0.2") is FRENCH
    assert chosen("", b"fr;q=x, \xff") is ENGLISH or chosen("", b"fr;q=x, \xff") is FRENCH
    assert chosen("en", b"fr") is ENGLISH
    assert FRENCH.number(1_234_567) == "1\u202f234\u202f567"
    first = datetime(2026, 8, 1, 7, 5, 9, tzinfo=UTC)
    assert (ENGLISH.moment(first), FRENCH.moment(first)) == (
        "As of 1 August 2026, 07:05:09 UTC",
        "Au 1er août 2026, 07:05:09 UTC",
    )
    assert (ENGLISH.since(None), ENGLISH.since(59), ENGLISH.since(3 * 3_600)) == ("never", "59 s ago", "3 h ago")


def test_the_drawing_stays_in_its_frame() -> None:
    hours = [(f"{hour:02}", dict.fromkeys(Outcome, 0) | {Outcome.BLOCK: hour, Outcome.HOLD: 3}) for hour in range(24)]
    drawn = drawing("a & <b>", hours, ENGLISH)
    assert "a &amp; &lt;b&gt;" in drawn
    for x, y, width, height in re.findall(
        r'<rect class="\w+" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawn
    ):
        assert float(x) >= 0
        assert float(x) + float(width) <= 720
        assert float(y) >= 0
        assert float(y) + float(height) <= 157
    tallest = max(float(height) for height in re.findall(r'height="([\d.]+)"', drawn))
    assert tallest > 80


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_looks_right(lived_in: Worker, language: str, tmp_path: Path) -> None:
    from tests.web.public.browser import LARGE, SMALL, Look, Visit, chromium

    looks = tuple(Look(width, scheme) for width in (SMALL, LARGE) for scheme in ("light", "dark"))  # type: ignore[arg-type]
    with chromium() as browser:
        context = browser.new_context(http_credentials={"username": "anybody", "password": KEY}, bypass_csp=True)
        page = context.new_page()
        visit = Visit(page, f"http://127.0.0.1:{lived_in.port}", looks)
        page.on("console", lambda message: visit.complain(message.text) if message.type == "error" else None)
        page.on("request", lambda request: visit.asked_for.append(request.url))
        visit.go(f"/?lang={language}")
        page.locator("summary").first.click()
        visit.must_be_sound()
        for look in looks:
            page.set_viewport_size({"width": look.width, "height": 900})
            page.emulate_media(color_scheme=look.scheme)
            page.screenshot(path=tmp_path / f"{language}-{look.width}-{look.scheme}.png", full_page=True)

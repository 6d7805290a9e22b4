"""The second story of the tour: a drawing to save, codes to try, and a platform that meets one copy."""

from __future__ import annotations

import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.live_server_helper import LiveServer

from rempart.desk.registers.bank.facts import raise_alarm
from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.models import Recipient, RecipientKind
from rempart.desk.registers.directory.steps import add_recipient
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rehearsal.pictures import sent_file
from rempart.desk.rehearsal.platform import PLATFORM, meet_a_copy
from rempart.desk.rehearsal.protected import CLIPS, MATCHED, RENEWAL, RONDE, code_of
from rempart.desk.rehearsal.readers import make_readers
from rempart.desk.rehearsal.seeding import SEEDED
from rempart.desk.rehearsal.tour import Tour
from rempart.desk.rehearsal.web import Request
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper, Submission
from rempart.desk.rules.trust import Act
from rempart.desk.stages.intake import protecting
from rempart.engine import fingerprint_file
from tests import cast
from tests.ports import free_port
from tests.rehearsal.conftest import Invented

NOW = cast.MONDAY
SINCE = NOW - timedelta(hours=1)


def protect(word: str, at: datetime = NOW) -> tuple[CaseCode, Protection]:
    submission = Submission((sent_file(word),), Age.ADULT, Helper.NOBODY, False, "fr")
    code = protecting.protect(submission, now=at, code=None).code
    return code, Protection.objects.latest("pk")


@pytest.fixture
def platform(transactional_db: None) -> Recipient:
    """The invented platforms, with their keys."""
    made = [add_recipient(Details(RecipientKind.PLATFORM, name, "FR", "fr"), by=None, now=NOW) for name in (CLIPS, PLATFORM)]
    make_readers(1, NOW)
    return made[1]


def test_the_platform_tells_of_exactly_one_match_of_the_newest_picture(platform: Recipient, live_server: LiveServer) -> None:
    protect("of the past", SINCE - timedelta(days=3))
    assert meet_a_copy(live_server.url, since=SINCE) is None
    protect("first")
    code, newest = protect("second")
    assert meet_a_copy(live_server.url, since=SINCE) is Act.BLOCK
    (told,) = Feedback.objects.all()
    assert (told.protection_id, told.platform_number, told.matches, told.accounts_of_day) == (newest.pk, platform.pk, 1, 1)
    assert told.vote == "blocked"
    (seen,) = protecting.protections_of(sealing.case_keys(code))
    assert [(one.platform, one.count) for one in seen.matches] == [(RONDE, 1)]
    assert Entry.objects.filter(verb="feedback_noted").count() == 1
    # One platform alone confirms nothing.
    assert not TrustFact.objects.filter(protection=newest).exists()


@pytest.mark.usefixtures("platform")
def test_a_held_picture_is_counted_and_one_taken_back_is_not_known(live_server: LiveServer) -> None:
    code, one = protect("mine")
    raise_alarm(one.pk, "popular", now=NOW)
    assert meet_a_copy(live_server.url, since=SINCE) is Act.COUNT
    assert Feedback.objects.get().vote == ""
    protecting.withdraw(sealing.case_keys(code), [one.pk], now=NOW)
    assert meet_a_copy(live_server.url, since=SINCE) is None
    assert Feedback.objects.get().matches == 1


@pytest.mark.usefixtures("platform")
def test_the_button_leads_back_with_what_happened(invented: Invented, live_server: LiveServer) -> None:
    tour = Tour(invented.world, replace(invented.config, public_url=live_server.url))
    press = Request("POST", "127.0.0.1:1", "/protect/met", "en", form={"language": "fr"}, origin="http://127.0.0.1:1")
    assert tour(press).status == 404  # the rehearsal is not ready
    invented.world.set_note(SEEDED, (datetime.now(UTC) - timedelta(hours=1)).isoformat())
    assert dict(tour(press).headers)["Location"] == "/fr/protect/?met=nothing#met"
    protect("mine", datetime.now(UTC))
    assert dict(tour(press).headers)["Location"] == "/fr/protect/?met=block#met"
    assert Feedback.objects.get().matches == 1
    page = invented.ask("127.0.0.1", "/fr/protect/?met=block", "fr")[1]
    assert "a bloqué une copie" in page


@pytest.mark.usefixtures("platform")
def test_whoever_reads_is_on_the_case_page_and_learns_the_end(live_server: LiveServer) -> None:
    code, _ = protect("mine")
    keys = sealing.case_keys(code)

    def holders() -> list[str]:
        (seen,) = protecting.protections_of(keys)
        return [name for name, _ in seen.where.holders]

    assert holders() == []
    assert meet_a_copy(live_server.url, since=SINCE) is Act.BLOCK
    assert holders() == [RONDE]
    protecting.withdraw(keys, [Protection.objects.get().pk], now=NOW)
    assert holders() == [RONDE]
    assert meet_a_copy(live_server.url, since=SINCE) is None
    assert holders() == []
    (seen,) = protecting.protections_of(keys)
    assert seen.where.is_end_read


@pytest.mark.usefixtures("platform")
def test_a_desk_that_does_not_answer_is_said_so(invented: Invented) -> None:
    tour = Tour(invented.world, replace(invented.config, public_url=f"http://127.0.0.1:{free_port()}"))
    invented.world.set_note(SEEDED, (datetime.now(UTC) - timedelta(hours=1)).isoformat())
    press = Request("POST", "127.0.0.1:1", "/protect/met", "en", form={"language": "fr"}, origin="http://127.0.0.1:1")
    assert dict(tour(press).headers)["Location"] == "/fr/protect/?met=no-answer#met"
    assert "ne répond pas" in invented.ask("127.0.0.1", "/fr/protect/?met=no-answer", "fr")[1]


def test_other_sites_cannot_press_the_button(invented: Invented) -> None:
    invented.world.set_note(SEEDED, NOW.isoformat())
    for origin in ("https://evil.example", "null", "", "http://clips.localhost:8001"):
        assert invented.press("127.0.0.1", "/protect/met", {}, origin=origin).status == 404
    assert invented.ask("127.0.0.1", "/protect/met")[0].status == 404
    assert "<b>" not in invented.ask("127.0.0.1", "/en/protect/?met=<b>")[1]


def test_each_saved_drawing_is_another_file(invented: Invented) -> None:
    address = f"http://127.0.0.1:{invented.config.rehearsal_port}/picture.png"
    files = []
    for _ in range(2):
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.headers["Content-Type"] == "image/png"
            assert answer.headers["Content-Disposition"].startswith('attachment; filename="rehearsal-')
            files.append(answer.read())
    assert all(content.startswith(b"\x89PNG") for content in files)
    assert files[0] != files[1]


def test_the_flag_is_the_one_that_everybody_knows(invented: Invented) -> None:
    address = f"http://127.0.0.1:{invented.config.rehearsal_port}/flag.png"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert fingerprint_file(answer.read()).pdqs[0].pdq == sent_file("flag").pdqs[0].pdq


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_story_shows_the_two_codes(invented: Invented, language: str) -> None:
    page = invented.ask("127.0.0.1", f"/{language}/protect/", language)[1]
    assert str(code_of(MATCHED)) in page
    assert str(code_of(RENEWAL)) in page
    assert f'href="http://127.0.0.1:18000/{language}/image/"' in page

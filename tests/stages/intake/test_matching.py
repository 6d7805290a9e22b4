"""A fingerprint written in a report becomes a suggestion for the analyst, and nothing else: whoever reports learns nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rempart.desk.project.worker import work_until_idle
from rempart.desk.registers.bank import facts
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.notice import Tempo
from rempart.desk.rules.report import Details, Draft, Source
from rempart.desk.rules.written_fingerprints import LEFT_OUT, fingerprints_in, without_fingerprints
from rempart.desk.stages.action import worker as action
from rempart.desk.stages.intake import matching, protecting, steps, worker
from rempart.desk.stages.intake.models import Item, Match, Report, WrittenFingerprints
from tests import cast
from tests.doubles import Letterbox, sees_everything_online
from tests.registers.bank.pictures import near, pdq, picture, protect, sha256, submission, video
from tests.stages.intake.test_sealed import everything_in_the_database
from tests.web.public.conftest import CODE, hidden
from tests.web.public.conftest import _fresh_limits as _fresh_limits

NOW = cast.MONDAY
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", made)
    return made


def from_a_partner(words: str = "", addresses: str = "https://bonne-reponse.example/p") -> int:
    """A partner hotline reports; the worker goes round."""
    draft = Draft(addresses, "en", details=Details(story=words), source=Source.PARTNER_HOTLINE)
    report = steps.receive_report(draft, now=NOW).report_id
    worker.work(now=NOW)
    return report


def code_of(receipt: steps.Receipt) -> CaseCode:
    assert receipt.code is not None
    return receipt.code


def matches(report: int) -> list[tuple[int, int | None]]:
    rows = Match.objects.filter(report=report).order_by("pk")
    return list(rows.values_list("protection_number", "distance"))


def test_the_same_file_is_found_by_its_sha256_and_what_resembles_it_by_its_pdq() -> None:
    _, (one, other) = protect("a", "b")
    report = from_a_partner(f"SHA-256 {sha256('a').hex().upper()}; PDQ: {near(pdq('b mirror'), 12).hex()}.")
    assert matches(report) == [(one.pk, None), (other.pk, 12)]
    assert not WrittenFingerprints.objects.exists(), "once looked for, what was written is not kept a second time"
    worker.work(now=NOW)
    assert Match.objects.count() == 2


def test_a_video_is_found_by_one_of_its_seconds() -> None:
    keys = protecting.protect(submission(video("film")), now=NOW, code=None)
    report = from_a_partner(pdq("film 2").hex())
    assert [distance for _, distance in matches(report)] == [0]
    assert keys.added == 1


def test_a_file_that_is_the_same_and_resembles_is_one_suggestion() -> None:
    _, (one,) = protect("a")
    assert matches(from_a_partner(f"{pdq('a whole').hex()} {sha256('a').hex()}")) == [(one.pk, None)]


@pytest.mark.parametrize("where", ["addresses", "address", "added", "later", "objection"])
def test_wherever_it_is_written(where: str) -> None:
    _, (one,) = protect("a")
    written = sha256("a").hex()
    receipt = cast.receive("https://bonne-reponse.example/p")
    match where:
        case "addresses":
            receipt = cast.receive(f"{written}\nhttps://bonne-reponse.example/other")
        case "address":
            receipt = cast.receive(f"https://cdn.bonne-reponse.example/{written}.jpg")
        case "added":
            steps.add_addresses(Draft(f"{written} https://a.example/2", "fr"), code_of(receipt), now=NOW, is_complete=True)
        case "later":
            steps.add_details(cast.keys_of(receipt), Details(story=f"it is {written}"), now=NOW, is_complete=True)
        case "objection":
            again = steps.receive_appeal(cast.items_of(receipt)[0], written, source=Source.PLATFORM, now=NOW)
            worker.work(now=NOW)
            assert matches(again.report_id) == [(one.pk, None)]
            return
    worker.work(now=NOW)
    assert matches(receipt.report_id) == [(one.pk, None)]


def test_what_is_far_what_has_ended_and_stripes_are_no_suggestion() -> None:
    keys, (one,) = protect("a")
    assert matches(from_a_partner(near(pdq("a whole"), 60).hex())) == []
    assert matches(from_a_partner("aa" * 32)) == []
    protecting.withdraw(keys, [one.pk], now=NOW)
    assert matches(from_a_partner(f"{sha256('a').hex()} {pdq('a whole').hex()}")) == []


def test_a_case_that_is_erased_leaves_nothing_to_look_for() -> None:
    receipt = cast.receive(f"https://a.example/ {sha256('a').hex()}")
    assert WrittenFingerprints.objects.count() == 1
    protect("a")
    worker.work(now=NOW)
    steps.add_details(cast.keys_of(receipt), Details(story=sha256("b").hex()), now=NOW, is_complete=True)
    assert (WrittenFingerprints.objects.count(), Match.objects.count()) == (1, 1)
    steps.erase_case(cast.keys_of(receipt), now=NOW)
    assert (WrittenFingerprints.objects.count(), Match.objects.count()) == (0, 0)


def test_what_was_found_is_forgotten_with_the_words() -> None:
    _, (one,) = protect("a")
    report = from_a_partner(f"here {sha256('a').hex()}")
    assert matches(report) == [(one.pk, None)]
    cast.assessed(Item.objects.get(report=report), cast.NOTHING_THERE)
    work_until_idle(NOW + timedelta(days=1))
    work_until_idle(NOW + timedelta(days=1000))
    assert Report.objects.get(pk=report).forgotten_at
    assert matches(report) == []


def test_whoever_reports_learns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page the same answer, and the same questions to the database, none of them to the bank."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    protect("a")
    known, unknown = answers_to(sha256("a").hex()), answers_to(sha256("b").hex())
    assert Match.objects.count() == 1
    assert len(known) == 5
    assert {status for status, _, _ in known} == {200}
    assert known == unknown
    assert not [sql for _, _, asked in known[:4] for sql in asked if "bank_" in sql or "intake_match" in sql]


def answers_to(written: str) -> list[tuple[int, str, list[str]]]:
    """The report form, page by page, with this fingerprint in it; then the case page, after the worker went round."""
    client, answers = Client(), []
    form = {"step": "1", "addresses": f"https://a.example/p {written}"}
    for _ in range(4):
        shown, answer = asked_by(client, "/en/report/", form, written)
        answers.append(answer)
        form = {**hidden(shown), "action": "next", "story": written}
    worker.work(now=NOW)
    answers.append(asked_by(client, "/en/case/", {"code": form["code"]}, written)[1])
    return answers


def asked_by(client: Client, path: str, form: dict[str, str], written: str) -> tuple[HttpResponse, tuple[int, str, list[str]]]:
    """The answer, and what it says with its chance taken out: codes, tokens; and the tables it asked, in their order."""
    with CaptureQueriesContext(connection) as asked:
        shown = client.post(path, form)
    page = CODE.sub("CODE", shown.content.decode().replace(written, "WRITTEN"))
    tables = [" ".join(re.findall(r'"((?:bank|intake)_\w+)"', one["sql"])) for one in asked]
    return shown, (shown.status_code, re.sub(r'value="[^"]*"|<span>[0-9A-Z]{1,4}</span>', "", page), tables)


def test_a_fingerprint_is_in_clear_nowhere(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level("DEBUG")
    _, (one,) = protect("a")
    marker = sha256("a").hex()
    report = from_a_partner(f"here {marker}", f"https://bonne-reponse.example/p {marker}")
    facts.raise_alarm(one.pk, "public_picture", now=NOW)
    assert matches(report)
    letters = letters_about(Item.objects.get(report=report))
    needles = [marker.encode(), marker.upper().encode(), bytes.fromhex(marker), marker[:32].encode()]
    blobs = [
        *everything_in_the_database(),
        ("said", ("".join(capfd.readouterr()) + caplog.text + str(mail.outbox) + letters).encode()),
    ]
    assert not [where for where, data in blobs for needle in needles if needle in data]


def letters_about(item: Item) -> str:
    """The notice that leaves once an analyst decided, as its recipient gets it."""
    cast.full_directory()
    cast.assessed(item)
    letterbox = Letterbox()
    for moment in (NOW + Tempo().undo, NOW + timedelta(hours=2)):
        action.work(now=moment, look=sees_everything_online, outlet=letterbox)
    assert "bonne-reponse.example" in str(letterbox.letters)
    return str(letterbox.letters)


def test_reading_what_people_write() -> None:
    one, other = "ab" * 32, "0f" * 32
    assert fingerprints_in(f"PDQ={one.upper()}, sha256:{other} {one}") == (one, other)
    assert fingerprints_in(f"{one}a x{one} {one[:-1]} {one}{other} g{one}") == ()
    assert fingerprints_in("") == ()
    assert len(fingerprints_in(" ".join(f"{number:064x}" for number in range(2000)))) == 1000
    assert without_fingerprints(f"see {one}, {other}.") == f"see {LEFT_OUT}, {LEFT_OUT}."


def test_two_workers_at_once_write_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _, (one,) = protect("a")
    receipt = cast.receive(f"https://a.example/ {sha256('a').hex()}")
    hits_of = matching.hits_of

    def while_another_works(written: list[str]) -> list[matching.Hit]:
        monkeypatch.setattr(matching, "hits_of", hits_of)
        matching.match(now=NOW)
        return hits_of(written)

    monkeypatch.setattr(matching, "hits_of", while_another_works)
    matching.match(now=NOW)
    assert matches(receipt.report_id) == [(one.pk, None)]
    assert picture("a").sha256 == sha256("a")

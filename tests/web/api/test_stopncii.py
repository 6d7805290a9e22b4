"""StopNCII's shape at the door: records by value, checkpoints that never go down, feedback."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.lists import canaries
from rempart.desk.registers.lists.models import Canary
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Fact
from rempart.desk.stages.intake import protecting
from tests.registers.bank.pictures import pdq, protect, submission, video
from tests.web.api.hands import STOPNCII, Program, program, told

pytestmark = pytest.mark.django_db


def records(reader: Program, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told(reader.stopncii(startTimestamp=10, **asked))["hashRecords"]
    return found


def submit(reader: Program, *feedbacks: Any, raw: str | None = None) -> HttpResponse:
    body = json.dumps({"count": len(feedbacks), "hashFeedbacks": feedbacks}) if raw is None else raw
    return reader.http.post(f"{STOPNCII}/SubmitFeedback", body, content_type="application/json", headers=reader.two_keys)


def said(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(opinion["source"], opinion["feedbackValue"]) for opinion in record["CSPFeedbacks"]]


def test_a_record_for_each_pdq() -> None:
    reader = program()
    protect("a")
    page = told(reader.stopncii(startTimestamp=10, pageSize=800))
    assert {key: page[key] for key in ("count", "nextPageToken", "hasMoreRecords")} == {
        "count": 2,
        "nextPageToken": None,
        "hasMoreRecords": False,
    }
    one, two = page["hashRecords"]
    assert page["nextSetTimestamp"] == one["lastModtimestamp"] == two["lastModtimestamp"]
    assert (one["signalType"], one["hashStatus"], one["caseNumbers"]) == ("ImagePDQ", "Active", two["caseNumbers"])
    assert list(one["caseNumbers"].values()) == ["Active"]
    assert said(one) == [("Rempart", "None")]
    assert one["CSPFeedbacks"][0]["tags"] == ["self_declared"]
    assert one["hashValue"] not in {pdq("a whole").hex(), two["hashValue"]}


def test_case_numbers_differ_from_client_to_client() -> None:
    protect("a")
    first, second = (set(records(program(name))[0]["caseNumbers"]) for name in ("Piximi", "Fotoz"))
    assert not first & second


def test_trust_is_an_opinion() -> None:
    reader = program()
    _, (one,) = protect("a")
    facts.vouch(one.pk, by=1, now=timezone.now())
    assert said(records(reader)[0]) == [("Rempart", "Blocked")]
    facts.raise_alarm(one.pk, "popular", now=timezone.now())
    doubted = records(reader)[0]
    assert (doubted["hashStatus"], said(doubted)) == ("Withdrawn", [("Rempart", "NotBlocked")])
    assert list(doubted["caseNumbers"].values()) == ["Withdrawn"]


def test_what_was_taken_back_has_no_value_any_more() -> None:
    reader = program()
    _, (one,) = protect("a")
    before = records(reader)[0]["caseNumbers"]
    steps.end(Protection.objects.filter(pk=one.pk), Fact.WITHDRAWAL, now=timezone.now())
    (gone,) = records(reader)
    assert (gone["signalType"], gone["hashValue"], gone["hashStatus"]) == ("Unknown", "", "Withdrawn")
    assert gone["caseNumbers"] == dict.fromkeys(before, "Withdrawn")
    assert said(gone) == [("Rempart", "NotBlocked")]


def test_videos_have_no_record() -> None:
    reader = program()
    protecting.protect(submission(video("v")), now=timezone.now(), code=None)
    page = told(reader.stopncii(startTimestamp=10))
    assert (page["count"], page["nextSetTimestamp"] > 10) == (0, True)


def test_pages_and_checkpoints() -> None:
    reader = program()
    protect(*"abcde")
    seen, token, checkpoints = [], "", [10]
    while True:
        page = told(reader.stopncii(startTimestamp=10, pageSize=4, nextPageToken=token))
        seen += [record["hashValue"] for record in page["hashRecords"]]
        checkpoints.append(page["nextSetTimestamp"])
        token = page["nextPageToken"]
        if not page["hasMoreRecords"]:
            break
    assert (len(set(seen)), len(seen), checkpoints) == (10, 10, sorted(checkpoints))
    again = told(reader.stopncii(startTimestamp=checkpoints[-1]))
    assert (again["count"], again["nextSetTimestamp"]) == (10, checkpoints[-1]), "the second itself is included"
    nothing = told(reader.stopncii(startTimestamp=checkpoints[-1] + 60))
    assert (nothing["count"], nothing["nextSetTimestamp"]) == (0, checkpoints[-1] + 60), "it never goes down"


@pytest.mark.parametrize(
    "asked",
    [
        {"startTimestamp": "x"},
        {"startTimestamp": "-1"},
        {"startTimestamp": "9" * 15},
        {"startTimestamp": "9" * 99},
        {"pageSize": "x"},
        {"nextPageToken": "x"},
        {"nextPageToken": "é" * 9_000},
    ],
)
def test_hostile_questions(asked: dict[str, str]) -> None:
    answer = program().stopncii(**asked)
    assert answer.status_code == 400
    assert set(told(answer)) == {"error", "message"}


def test_feedback_finds_the_entry_by_this_clients_copy() -> None:
    reader, other = program(), program("Fotoz")
    protect("a", "b")
    mine, theirs = records(reader)[0]["hashValue"], records(other)[0]["hashValue"]
    answer = submit(
        reader,
        {"hashValue": mine, "feedbackValue": "StopNCIICSPFeedbackValue.NotBlocked", "tags": ["well_known", "x"]},
        {"hashValue": theirs, "feedbackValue": "Blocked", "tags": []},
    )
    assert told(answer) == {"taken": 1, "unknown": 1}
    kept = Feedback.objects.get()
    assert (kept.vote, kept.reason, kept.platform_number) == ("not_blocked", "well_known", reader.client.platform_number)


def test_a_canary_is_answered_as_any_other() -> None:
    reader = program()
    canaries.make(ListName.MINORS, now=timezone.now())
    Canary.objects.update(bias=10_000)
    value = records(reader)[0]["hashValue"]
    assert told(submit(reader, {"hashValue": value, "feedbackValue": "Blocked"})) == {"taken": 1, "unknown": 0}
    assert canaries.alarms_since(timezone.now() - timedelta(hours=1)) == {reader.client.pk}


@pytest.mark.parametrize(("value", "vote", "waits"), [("Blocked", "blocked", False), ("PendingReview", "", True)])
def test_what_feedback_says(value: str, vote: str, waits: bool) -> None:
    reader = program()
    protect("a")
    for _ in range(2):
        submit(reader, {"hashValue": records(reader)[0]["hashValue"], "feedbackValue": value})
    kept = Feedback.objects.get()
    assert (kept.vote, kept.is_under_review, kept.matches) == (vote, waits, 0)


@pytest.mark.parametrize("value", ["Unknown", "None", "QualityUnknown", "Withdrawn", "Deleted"])
def test_what_says_nothing_changes_nothing(value: str) -> None:
    reader = program()
    protect("a")
    assert told(submit(reader, {"hashValue": records(reader)[0]["hashValue"], "feedbackValue": value}))["taken"] == 1
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "{}",
        '{"hashFeedbacks": 1}',
        '{"hashFeedbacks": [1]}',
        '{"hashFeedbacks": [{"hashValue": "x", "feedbackValue": "Blocked"}]}',
        f'{{"hashFeedbacks": [{{"hashValue": "{"0" * 64}", "feedbackValue": "Perhaps"}}]}}',
        '{"hashFeedbacks": [' + ",".join(['{"hashValue": ""}'] * 1_001) + "]}",
        "[" * 90_000,
    ],
)
def test_feedback_that_is_none(raw: str) -> None:
    assert submit(program(), raw=raw).status_code == 400


def test_fingerprints_of_platforms_are_not_taken() -> None:
    reader = program()
    body = json.dumps({"count": 1, "hashRecords": [{"hashValue": "0" * 64}]})
    answer = reader.http.post(f"{STOPNCII}/SubmitHashes", body, content_type="application/json", headers=reader.two_keys)
    assert (answer.status_code, told(answer)["error"]) == (403, "not_taken")

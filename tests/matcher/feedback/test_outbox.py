"""What was found and decided: remembered, counted, paused when it floods, forgotten in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rempart.matcher.feedback.outbox import Outbox, UnknownTrace
from rempart.matcher.feedback.tables import NAME
from rempart.matcher.policy import Outcome
from rempart.matcher.results import Reason, Verdict
from rempart.matcher.settings import Flood
from tests.matcher.feedback.found import answer
from tests.matcher.made import NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    one = Outbox(tmp_path, flood=Flood(hits=3, within=HOUR))
    yield one
    one.close()


def test_one_hit_more_than_allowed_pauses_an_entry_until_a_person_resumes_it(outbox: Outbox) -> None:
    for minute in range(3):
        outbox.hit(answer("a"), account=None, now=NOW + minute * MINUTE)
    assert not outbox.is_flooded("minors", "a")
    outbox.hit(answer("a"), account=None, now=NOW + 4 * MINUTE)
    assert outbox.is_flooded("minors", "a")
    assert not outbox.is_flooded("minors", "b")
    assert not outbox.is_flooded("adults", "a")
    assert [(one.entry, one.at, one.hits) for one in outbox.paused()] == [("a", NOW + 4 * MINUTE, 4)]
    assert outbox.resume("minors", "a")
    assert not outbox.resume("minors", "a")
    assert not outbox.is_flooded("minors", "a")
    for _ in range(3):
        outbox.hit(answer("a"), account=None, now=NOW + 5 * MINUTE)
    assert not outbox.is_flooded("minors", "a"), "what came before counts no more"
    outbox.hit(answer("a"), account=None, now=NOW + 5 * MINUTE)
    assert outbox.is_flooded("minors", "a")


def test_hits_far_apart_are_no_flood(outbox: Outbox) -> None:
    for hour in range(20):
        outbox.hit(answer("a"), account=None, now=NOW + hour * HOUR / 2.9)
    assert not outbox.paused()


def test_a_decision_ends_a_pause_and_looking_does_not(outbox: Outbox) -> None:
    for _ in range(4):
        outbox.hit(answer("a"), account=None, now=NOW)
    outbox.decide("minors", "a", Verdict.UNDER_REVIEW, None, now=NOW)
    assert outbox.is_flooded("minors", "a")
    outbox.decide("minors", "a", Verdict.BLOCKED, None, now=NOW)
    assert not outbox.is_flooded("minors", "a")


def test_never_means_never(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, flood=Flood(hits=0))
    outbox.hits([answer("a")] * 500, accounts=[None] * 500, now=NOW)
    assert not outbox.paused()


def test_a_decision_by_trace_reaches_everything_that_the_upload_met(outbox: Outbox) -> None:
    outbox.hit(answer("a", ("adults", "b"), trace="t1"), account=None, now=NOW)
    assert sorted(outbox.decide_trace("t1", Verdict.BLOCKED, None, now=NOW)) == [("adults", "b"), ("minors", "a")]
    with pytest.raises(UnknownTrace):
        outbox.decide_trace("t2", Verdict.BLOCKED, None, now=NOW)


@pytest.mark.parametrize(("verdict", "reason"), [(Verdict.NOT_BLOCKED, None), (Verdict.BLOCKED, Reason.OTHER)])
def test_a_reason_goes_with_not_blocked_only(outbox: Outbox, verdict: Verdict, reason: Reason | None) -> None:
    with pytest.raises(ValueError, match="reason"):
        outbox.decide("minors", "a", verdict, reason, now=NOW)


def test_what_is_old_is_forgotten(outbox: Outbox) -> None:
    outbox.hit(answer("a", trace="old"), account="anna", now=NOW)
    outbox.hit(answer("a", trace="new"), account="anna", now=NOW + timedelta(days=20))
    outbox.sweep(NOW + timedelta(days=31))
    with pytest.raises(UnknownTrace):
        outbox.decide_trace("old", Verdict.BLOCKED, None, now=NOW)
    assert outbox.decide_trace("new", Verdict.BLOCKED, None, now=NOW)
    assert [one.hits for one in outbox.tallies(NOW)] == [1]


def test_hits_are_told_over_time(outbox: Outbox) -> None:
    outbox.hits([answer("a"), answer("b", outcome=Outcome.HOLD), answer("b")], accounts=[None] * 3, now=NOW)
    outbox.hit(answer("a"), account=None, now=NOW + HOUR)
    found = [(one.list_name, one.outcome, one.hour, one.hits) for one in outbox.tallies(NOW)]
    assert found == [
        ("minors", Outcome.BLOCK, NOW, 2),
        ("minors", Outcome.HOLD, NOW, 1),
        ("minors", Outcome.BLOCK, NOW + HOUR, 1),
    ]


def test_accounts_are_nowhere_in_the_file_and_their_digests_end_with_the_day(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.hit(answer("a"), account="anna@example.org", now=NOW)
    outbox.sweep(NOW)
    assert b"anna" not in (tmp_path / NAME).read_bytes()
    tables = outbox._tables
    assert tables.execute("SELECT count(*) FROM accounts").fetchone() == (1,)
    outbox.sweep(NOW + timedelta(days=1))
    assert tables.execute("SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM today)").fetchone() == (0,)


def test_many_write_at_once_and_every_hit_counts(tmp_path: Path) -> None:
    def write(name: str) -> None:
        outbox = Outbox(tmp_path, flood=Flood(hits=100_000))
        for number in range(50):
            outbox.hit(answer("a", trace=f"{name}-{number}"), account=f"{name}-{number % 5}", now=NOW)
        outbox.close()

    threads = [threading.Thread(target=write, args=(f"t{place}",)) for place in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [one.hits for one in Outbox(tmp_path).tallies(NOW)] == [200]


def test_an_answer_that_found_nothing_leaves_no_trace(outbox: Outbox) -> None:
    outbox.hit(answer(), account="anna", now=NOW)
    assert outbox.tallies(NOW) == []
    assert outbox._tables.execute("SELECT count(*) FROM today").fetchone() == (0,)

"""The owner of a list is told everything, once, under a name that stays the same until it was received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.feedback.tables import open_tables
from rempart.matcher.feedback.telling import Telling, owner_of
from rempart.matcher.results import Reason, Result, Verdict
from rempart.matcher.subscribe.interface import ListRefused, ListUnreachable
from tests.matcher.feedback.found import answer
from tests.matcher.made import NOW

MINUTE = timedelta(minutes=1)


class Hearing:
    """An owner who takes each message once, as a desk does. ``faults``: what happens before or after it was taken."""

    def __init__(self, *faults: str) -> None:
        self.faults, self.taken, self.names = list(faults), dict[str, Sequence[Result]](), list[str]()

    def tell(self, results: Sequence[Result], *, message: str) -> None:
        self.names.append(message)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise ListUnreachable("Nobody answers.")
        if fault == "refused":
            raise ListRefused("Wrong password.")
        assert self.taken.setdefault(message, results) == results, "the same name says the same"
        if fault == "after":
            raise ListUnreachable("The answer was cut.")

    def all(self) -> list[Result]:
        return [one for results in self.taken.values() for one in results]


def test_counts_are_gathered_and_decisions_go_at_once(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing()
    telling = Telling(tmp_path, "minors", owner)
    assert not telling.once(NOW)
    outbox.hit(answer("a"), account="anna", now=NOW)
    outbox.hit(answer("a"), account="anna", now=NOW)
    outbox.hit(answer("a"), account="ben", now=NOW)
    assert telling.once(NOW)
    assert [(one.entry, one.seen, one.accounts, one.verdict) for one in owner.all()] == [("a", 3, 2, None)]
    outbox.hit(answer("a"), account="ben", now=NOW)
    assert not telling.once(NOW + MINUTE / 2)
    outbox.decide("minors", "a", Verdict.NOT_BLOCKED, Reason.WELL_KNOWN, now=NOW)
    assert telling.once(NOW + MINUTE / 2)
    last = owner.all()[-1]
    assert (last.seen, last.accounts, last.verdict, last.reason, last.at) == (
        1,
        1,
        Verdict.NOT_BLOCKED,
        Reason.WELL_KNOWN,
        NOW,
    )
    assert not telling.once(NOW + 5 * MINUTE)


def test_accounts_of_days_that_are_over_still_count(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing()
    for account in ("anna", "ben", "chloe"):
        outbox.hit(answer("a"), account=account, now=NOW)
    outbox.hit(answer("a"), account="anna", now=NOW + timedelta(days=1))
    Telling(tmp_path, "minors", owner).once(NOW + timedelta(days=1))
    assert [(one.seen, one.accounts) for one in owner.all()] == [(4, 3)]


def test_a_message_keeps_its_name_until_it_was_received_and_waits_grow(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing("before", "after", "before")
    outbox.hit(answer("a"), account=None, now=NOW)
    telling, now = Telling(tmp_path, "minors", owner, draw=lambda: 0.5), NOW
    assert not telling.once(now)
    assert not telling.once(now + timedelta(seconds=4))
    outbox.hit(answer("a"), account=None, now=NOW)
    now += timedelta(seconds=5)
    assert not telling.once(now)
    assert owner_of(outbox._tables, "minors").trouble == "The answer was cut."
    again = Telling(tmp_path, "minors", owner, draw=lambda: 0.5)  # as after a restart
    assert not again.once(now + timedelta(seconds=9))
    assert not again.once(now + timedelta(seconds=10))
    assert again.once(now + timedelta(seconds=60))
    assert again.once(now + 3 * MINUTE)
    assert len(owner.names) == 5
    assert len(set(owner.names)) == 2
    assert sum(one.seen for one in owner.all()) == 2
    assert owner_of(outbox._tables, "minors") == owner_of(open_tables(tmp_path), "minors")
    assert owner_of(outbox._tables, "minors").waiting == 0


def test_a_refusal_waits_for_a_person(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing("refused")
    outbox.decide("minors", "a", Verdict.BLOCKED, None, now=NOW)
    telling = Telling(tmp_path, "minors", owner, draw=lambda: 0.5)
    assert not telling.once(NOW)
    assert not telling.once(NOW + 14 * MINUTE)
    assert telling.once(NOW + 16 * MINUTE)


def test_lists_are_told_apart(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing()
    outbox.hit(answer(("adults", "b")), account=None, now=NOW)
    assert not Telling(tmp_path, "minors", owner).once(NOW)
    assert Telling(tmp_path, "adults", owner).once(NOW)


def test_the_owner_reads_its_own_reference(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing()
    outbox.hit(answer("a", "b"), account=None, now=NOW)
    Telling(tmp_path, "minors", owner, {"a": "ImagePDQ 00"}.get).once(NOW)
    assert [(one.entry, one.reference) for one in owner.all()] == [("a", "ImagePDQ 00"), ("b", "")]
    assert "ImagePDQ" not in repr(owner.all())


def test_more_than_a_message_holds_goes_in_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.matcher.feedback.telling.MOST_RESULTS", 3)
    outbox, owner = Outbox(tmp_path), Hearing()
    outbox.hit(answer(*"abcdefg"), account=None, now=NOW)
    telling = Telling(tmp_path, "minors", owner)
    assert [telling.once(NOW + step * MINUTE) for step in range(4)] == [True, True, True, False]
    assert sorted(one.entry for one in owner.all()) == list("abcdefg")


STEPS = st.one_of(
    st.tuples(st.just("hit"), st.sampled_from("abc"), st.sampled_from(["anna", "ben", ""])),
    st.tuples(st.just("decide"), st.sampled_from("abc"), st.sampled_from(Verdict)),
    st.tuples(st.just("tell"), st.sampled_from(["", "", "before", "after", "refused"]), st.none()),
    st.tuples(st.just("restart"), st.none(), st.none()),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_told_twice(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("outbox")
    outbox, owner, now = Outbox(folder), Hearing(), NOW
    telling = Telling(folder, "minors", owner)
    seen, decided = Counter[str](), dict[str, Verdict]()
    for step, one, more in steps:
        now += timedelta(hours=2)
        if step == "hit":
            outbox.hit(answer(one), account=str(more) or None, now=now)
            seen[one] += 1
        elif step == "decide":
            verdict = Verdict(str(more))
            outbox.decide("minors", one, verdict, Reason.OTHER if verdict is Verdict.NOT_BLOCKED else None, now=now)
            decided[one] = verdict
        elif step == "tell":
            owner.faults = [one] if one else []
            telling.once(now)
        else:
            telling.close()
            telling = Telling(folder, "minors", owner)
    owner.faults = []
    while telling.once(now := now + timedelta(hours=2)):
        pass
    told = Counter[str]()
    for result in owner.all():
        told[result.entry] += result.seen
    assert told == seen
    assert {one.entry: one.verdict for one in owner.all() if one.verdict} == decided
    _close(outbox, telling)


def _close(*ones: Outbox | Telling) -> None:
    for one in ones:
        one.close()


def test_a_clock_set_back_does_not_silence_for_long(tmp_path: Path) -> None:
    outbox, owner = Outbox(tmp_path), Hearing("before")
    outbox.hit(answer("a"), account=None, now=NOW)
    telling = Telling(tmp_path, "minors", owner)
    telling.once(NOW)
    long_before: datetime = NOW - timedelta(days=30)
    assert telling.once(long_before)

"""The public counts of the lists: what is counted, what is hidden, and how fast platforms act, by a history made here."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.facts import Statement, clear_alarm, note_statement, raise_alarm
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.lists import clients, entries
from rempart.desk.registers.lists.models import CountsOfDay, ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Fact, Vote
from rempart.desk.statistics import listed
from tests.registers.bank.pictures import protect
from tests.registers.lists import made
from tests.registers.lists.conftest import keyring
from tests.registers.lists.made import NOW

__all__ = ["keyring"]
pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINORS = ListName.MINORS


def protected(count: int, name: str = "a") -> list[Protection]:
    return protect(*(f"{name}{number}" for number in range(count)))[1]


def reads(client: ListClient, *, now: object, after: int = 0) -> None:
    entries.catch_up(now)  # type: ignore[arg-type]
    clients.note_read(client, MINORS, entries.head(MINORS), 1, now=now, after=after)  # type: ignore[arg-type]


def votes(client: ListClient, one: Protection, *, now: object, vote: Vote = Vote.BLOCKED) -> None:
    note_statement(one.pk, client.platform_number, Statement(vote=vote), now=now)  # type: ignore[arg-type]


def test_what_is_counted() -> None:
    every = protected(9)
    raise_alarm(every[0].pk, "seen_before", now=NOW)
    clear_alarm(every[0].pk, by=5, now=NOW)
    (one, _), (other, _) = made.client("Piximi"), made.client("Parolo")
    for client in (one, other):
        votes(client, every[1], now=NOW, vote=Vote.NOT_BLOCKED)
        votes(client, every[2], now=NOW, vote=Vote.NOT_BLOCKED)
    facts.vouch(every[2].pk, by=5, now=NOW)
    reads(one, now=NOW)
    found = listed.counted(now=NOW + DAY)
    assert found[MINORS] == {
        "standing": 9, "withdrawn": 0, "expired": 0, "disputed": 1, "overturned": 2, "alarms": 1, "alarms_cleared": 1,
        "platforms": 1,
    }  # fmt: skip
    assert set(found[ListName.ADULTS].values()) == {0}
    assert listed.counted(now=NOW + 40 * DAY)[MINORS]["platforms"] == 0


def test_small_numbers_are_hidden_and_none_is_not() -> None:
    protected(4)
    assert listed.published(now=NOW)["lists"]["minors"] == {
        "standing": None, "withdrawn": 0, "expired": 0, "disputed": 0, "overturned": 0, "alarms": 0, "alarms_cleared": 0,
        "platforms": 0,
    }  # fmt: skip
    protected(1, "b")
    assert listed.published(now=NOW)["lists"]["minors"]["standing"] == 5


def test_how_fast_platforms_act() -> None:
    every = protected(6)
    (fast, _), (slow, _), (few, _) = made.client("Piximi"), made.client("Parolo"), made.client("Nuage")
    for client in (fast, slow, few):
        reads(client, now=NOW + HOUR)
        reads(client, now=NOW + 9 * HOUR, after=entries.head(MINORS))
    for number, one in enumerate(every):
        votes(fast, one, now=NOW + HOUR * (2 + number))
        votes(slow, one, now=NOW + HOUR * 25)
    # A change of mind is no first decision.
    votes(slow, every[0], now=NOW + 99 * HOUR, vote=Vote.NOT_BLOCKED)
    for one in every[:4]:
        votes(few, one, now=NOW + 2 * HOUR)
    assert listed.times_to_act() == [{"decisions": 6, "median_hours": 3.0}, {"decisions": 6, "median_hours": 24.0}]


def test_what_was_never_read_is_no_time_to_act() -> None:
    every = protected(6)
    client, _ = made.client()
    reads(client, now=NOW, after=3)
    for one in every:
        votes(client, one, now=NOW + HOUR)
    assert listed.times_to_act() == []
    reads(client, now=NOW + 2 * HOUR)
    assert listed.times_to_act() == []


def test_once_a_day_and_no_more() -> None:
    protected(5)
    assert listed.keep_of_day(now=NOW)
    protected(5, "b")
    assert not listed.keep_of_day(now=NOW + 2 * HOUR)
    first = listed.latest()
    assert first is not None
    assert first.content["lists"]["minors"]["standing"] == 5
    assert listed.keep_of_day(now=NOW + DAY)
    assert [row.content["lists"]["minors"]["standing"] for row in CountsOfDay.objects.order_by("day")] == [5, 10]


def test_nobody_is_named() -> None:
    every = protected(6)
    client, _ = made.client("Piximi")
    reads(client, now=NOW)
    for one in every:
        votes(client, one, now=NOW + HOUR)
    listed.keep_of_day(now=NOW)
    said = json.dumps(CountsOfDay.objects.get().content)
    assert "median_hours" in said
    assert "Piximi" not in said
    assert client.key_id not in said


def test_what_was_counted_follows_its_end() -> None:
    every = protected(5)
    steps.end(Protection.objects.filter(pk__in=[one.pk for one in every]), Fact.WITHDRAWAL, now=NOW)
    assert listed.published(now=NOW)["lists"]["minors"]["withdrawn"] == 5
    assert listed.published(now=NOW)["lists"]["minors"]["standing"] == 0

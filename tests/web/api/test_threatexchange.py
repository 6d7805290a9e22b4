"""The unmodified ``threatexchange`` reads a running desk: in both shapes, in any time zone, cut short, while it changes."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from benchmarks.planted import plant
from rempart.desk.outlets.lists.ncmec import FingerprintType, guid_of
from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.entries import Published
from rempart.desk.registers.lists.hearing import name_for
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Fact, RefusalReason
from tests.registers.bank.pictures import pdq, protect
from tests.registers.lists import made
from tests.web.api.machine import Machine

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ZONES = ["UTC", "Europe/Paris", "America/New_York"]
in_every_zone = pytest.mark.parametrize("zone", ZONES)
DAY = timedelta(days=1)


def reader_of(live_server: Any, folder: Path, zone: str = "UTC") -> tuple[Machine, ListClient]:
    client, secret = made.client(calls_per_minute=100_000)
    return Machine(folder, live_server.url, client.key_id, secret, zone), client


def withdraw(*numbers: int) -> None:
    steps.end(Protection.objects.filter(pk__in=numbers), Fact.WITHDRAWAL, now=timezone.now())


def standing(client: ListClient) -> list[Published]:
    entries.catch_up(timezone.now())
    head = entries.head(ListName.MINORS)
    return [
        entry
        for entry in entries.changed(ListName.MINORS, after=0, until=head, limit=10**6, client=client)
        if entry.stands_without_advice
    ]


def expected(client: ListClient) -> dict[str, list[str]]:
    parts = [(f"1-{name_for(client, entry.number)}-{part.number}", part) for entry in standing(client) for part in entry.parts]
    return {"entries": sorted(name for name, _ in parts), "pdqs": sorted({part.pdq.hex() for _, part in parts})}


def held(machine: Machine, **also: int) -> dict[str, list[str]]:
    found = machine.fetches(**also)
    return {"entries": found["entries"], "pdqs": found["pdqs"]}


@in_every_zone
def test_ncmec_what_is_new_arrives_and_what_is_taken_back_leaves(live_server: Any, tmp_path: Path, zone: str) -> None:
    machine, client = reader_of(live_server, tmp_path, zone)
    assert held(machine) == {"entries": [], "pdqs": []}
    time.sleep(1.1)  # the client's ranges are whole seconds: its next one must not be empty
    _, (one, *_rest) = protect("a", "b")
    assert held(machine) == expected(client)
    assert len(expected(client)["pdqs"]) == 4
    time.sleep(1.1)
    protect("c")
    withdraw(one.pk)
    assert held(machine) == expected(client)
    assert len(expected(client)["entries"]) == 4


@in_every_zone
@pytest.mark.parametrize("count", [1, 2, 1_000, 2_500])
def test_ncmec_whatever_the_number(live_server: Any, tmp_path: Path, zone: str, count: int) -> None:
    machine, client = reader_of(live_server, tmp_path, zone)
    plant(count, now=timezone.now())
    found = machine.fetches()
    assert {name: found[name] for name in ("entries", "pdqs")} == expected(client)
    assert (len(found["entries"]), found["calls"] < 200) == (count, True), "all in one second, in few calls"
    time.sleep(1.1)
    again = machine.fetches()
    assert again["calls"] <= 2


@pytest.mark.parametrize("days", [1, 30])
def test_ncmec_many_of_long_ago(live_server: Any, tmp_path: Path, days: int) -> None:
    machine, _ = reader_of(live_server, tmp_path, "Europe/Paris")
    plant(2_500, now=timezone.now() - days * DAY)
    entries.catch_up(timezone.now() - days * DAY)
    found = machine.fetches()
    assert len(found["entries"]) == 2_500
    assert found["calls"] < 300
    plant(3, now=timezone.now(), seed=2)
    assert len(machine.fetches()["entries"]) == 2_503


def test_ncmec_votes(live_server: Any, tmp_path: Path) -> None:
    machine, client = reader_of(live_server, tmp_path)
    protect("a")
    name = machine.fetches()["entries"][0].removeprefix("1-")
    machine.votes(name)
    assert Feedback.objects.get().vote == "blocked"
    machine.votes(name, guid_of(RefusalReason.WELL_KNOWN, FingerprintType.PDQ))
    kept = Feedback.objects.get()
    assert (kept.vote, kept.reason) == ("not_blocked", "well_known")
    time.sleep(1.1)
    assert held(machine) == expected(client) == {"entries": [], "pdqs": []}


@in_every_zone
def test_stopncii_by_the_command(live_server: Any, tmp_path: Path, zone: str) -> None:
    machine, client = reader_of(live_server, tmp_path, zone)
    _, (one, two) = protect("a", "b")
    facts.vouch(one.pk, by=1, now=timezone.now())
    machine.types("config", "collab", "edit", "stop_ncii", "--create", "MINORS")
    machine.types("fetch", "--only-collab", "MINORS")
    assert machine.holds() == set(expected(client)["pdqs"])
    assert "INVESTIGATION_SEED" in machine.matches(pdq("b whole").hex())
    assert "POSITIVE_CLASS" in machine.matches(pdq("a whole").hex())
    facts.raise_alarm(two.pk, "popular", now=timezone.now())
    machine.types("fetch", "--only-collab", "MINORS")
    assert "DISPUTED" in machine.matches(pdq("b whole").hex())
    withdraw(one.pk)
    machine.types("fetch", "--only-collab", "MINORS")
    # A known defect of its client, and a fingerprint that we no longer have: only a reading into an empty store removes it.
    machine.types("fetch", "--clear", "--only-collab", "MINORS")
    machine.types("fetch", "--only-collab", "MINORS")
    assert machine.matches(pdq("a whole").hex()) == ""


@pytest.mark.parametrize("count", [0, 1_000, 2_500])
def test_stopncii_whatever_the_number(live_server: Any, tmp_path: Path, count: int) -> None:
    machine, client = reader_of(live_server, tmp_path)
    plant(count, now=timezone.now())
    machine.types("config", "collab", "edit", "stop_ncii", "--create", "MINORS")
    machine.types("fetch", "--only-collab", "MINORS")
    machine.types("fetch", "--only-collab", "MINORS")
    assert (machine.holds() if count else set()) == set(expected(client)["pdqs"])


def test_stopncii_feedback(live_server: Any, tmp_path: Path) -> None:
    machine, client = reader_of(live_server, tmp_path)
    protect("a")
    machine.says(expected(client)["pdqs"][0], "Blocked")
    assert Feedback.objects.get().vote == "blocked"

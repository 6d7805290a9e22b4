"""Canaries: made in step with a list, like everything else on it, on the copies of those whom the code chooses, and sealed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from rempart.desk.registers.bank import facts
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import canaries, entries, marks, scenes
from rempart.desk.registers.lists.models import Canary, Entry, ListClient
from rempart.desk.rules import collusion
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import LEAST_QUALITY, MOST_PDQS
from rempart.engine import Pdq, PdqFingerprint, Pipeline
from tests.registers.bank import pictures
from tests.registers.lists.made import NOW, client

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fingerprints without a drawing: an eighth of a second each is long for hundreds."""

    def fingerprints(chance: np.random.Generator) -> list[PdqFingerprint]:
        name = str(chance.integers(2**60))
        return [PdqFingerprint(pictures.pdq(f"{name} {view}"), 90, Pipeline.FULL, view) for view in ("whole", "centre-80")]

    monkeypatch.setattr(scenes, "fingerprints", fingerprints)


def read_by(reader: ListClient) -> list[entries.Published]:
    entries.catch_up(NOW)
    return entries.changed(ListName.MINORS, after=0, until=2**60, limit=10_000, client=reader)


def test_a_canary_is_like_any_other_entry() -> None:
    """A real drawing, through the real feed."""
    reader, _ = client()
    pictures.protect("one", "two", now=NOW)
    for _ in range(6):
        canaries.make(ListName.MINORS, now=NOW)
    seen = read_by(reader)
    own = {entry.pk for entry in Entry.objects.exclude(canary_number=None) if marks.has_canary(reader.pk, canary_of(entry))}
    assert {one.number for one in seen} - own == set(Entry.objects.filter(canary_number=None).values_list("pk", flat=True))
    for one in seen:
        assert one.sha256 is not None
        assert len(one.parts) == one.parts_ever <= MOST_PDQS
        assert one.parts[0].variant == "whole"
        assert all(int.from_bytes(part.pdq.value).bit_count() == 128 for part in one.parts)
        assert all(part.quality >= LEAST_QUALITY for part in one.parts)
        assert one.declared_at == NOW.date()


def canary_of(entry: Entry) -> Canary:
    return Canary.objects.get(pk=entry.canary_number)


def test_no_two_drawings_are_alike_and_none_is_kept() -> None:
    made = [canaries.make(ListName.MINORS, now=NOW) for _ in range(3)]
    wholes = [Pdq(canaries.opened(one)[1].value) for one in made]
    assert min(a.distance(b) for a, b in [(wholes[0], wholes[1]), (wholes[0], wholes[2]), (wholes[1], wholes[2])]) > 60
    assert all(len(bytes(one.sealed)) < 700 for one in made)


@pytest.mark.usefixtures("drawn")
def test_nothing_lies_in_clear() -> None:
    made = canaries.make(ListName.MINORS, now=NOW)
    for view in canaries.opened(made):
        assert view.value not in bytes(made.sealed)
        assert view.value.hex() not in repr(view)


@pytest.mark.usefixtures("drawn")
def test_a_list_that_nobody_may_read_has_none() -> None:
    assert canaries.keep_in_step(now=NOW) == 0


@pytest.mark.usefixtures("drawn")
def test_before_the_first_reading_there_are_some() -> None:
    client()
    rounds = 0
    while canaries.keep_in_step(now=NOW):
        rounds += 1
    assert collusion.FIRST <= canaries.how_many(ListName.MINORS) <= collusion.FIRST + 1
    assert canaries.how_many(ListName.ADULTS) == 0
    assert rounds <= 16


@pytest.mark.usefixtures("drawn")
def test_more_follow_the_entries() -> None:
    client()
    while canaries.keep_in_step(now=NOW):
        pass
    before = canaries.how_many(ListName.MINORS)
    for number in range(1, 101):
        Entry.objects.create(
            list_name="minors",
            protection_number=number,
            kind="picture",
            trust="self_declared",
            parts=1,
            declared_at=NOW,
            position=1_000 + number,
            updated_at=NOW,
        )
    entries.catch_up(NOW)
    canaries.make(ListName.ADULTS, now=NOW)  # the position moved
    assert canaries.keep_in_step(now=NOW + timedelta(seconds=5)) == 0, "looked a moment ago"
    while canaries.keep_in_step(now=NOW + timedelta(minutes=2)):
        pass
    assert 5 <= canaries.how_many(ListName.MINORS) - before <= 45


@pytest.mark.usefixtures("drawn")
def test_as_many_are_confirmed_as_of_the_others() -> None:
    client()
    while canaries.keep_in_step(now=NOW):
        pass
    _, protections = pictures.protect("one", "two", "three", "four", now=NOW)
    facts.vouch(protections[0].pk, by=1, now=NOW)
    entries.catch_up(NOW)
    while canaries.keep_in_step(now=NOW + timedelta(minutes=2)):
        pass
    drawn = Entry.objects.filter(canary_number__isnull=False)
    confirmed = drawn.filter(trust="confirmed")
    assert confirmed.count() == drawn.count() // 4
    assert min(confirmed.values_list("position", flat=True)) > Entry.objects.get(protection_number=protections[3].pk).position
    assert canaries.keep_in_step(now=NOW + timedelta(minutes=9)) == 0


@pytest.mark.usefixtures("drawn")
def test_a_client_is_given_its_own_alone() -> None:
    one, two = client()[0], client(label="tests")[0]
    for _ in range(40):
        canaries.make(ListName.MINORS, now=NOW)
    numbers = list(Canary.objects.values_list("pk", flat=True))
    copies = [canaries.on_copy_of(reader.pk, numbers) for reader in (one, two)]
    assert [set(copy) for copy in copies] == [
        {row.pk for row in Canary.objects.all() if marks.has_canary(reader.pk, row)} for reader in (one, two)
    ]
    assert set(copies[0]) != set(copies[1])
    assert len(read_by(one)) == len(copies[0])


@pytest.mark.usefixtures("drawn")
def test_positions_stay_in_order() -> None:
    pictures.protect("one", now=NOW)
    entries.catch_up(NOW)
    canaries.make(ListName.MINORS, now=NOW - timedelta(days=1))
    pictures.protect("two", now=NOW)
    entries.catch_up(NOW)
    rows = list(Entry.objects.order_by("position").values_list("position", "updated_at", "canary_number"))
    assert [canary is not None for _, _, canary in rows] == [False, True, False]
    assert [at for _, at, _ in rows] == sorted(at for _, at, _ in rows)


def test_an_alarm_is_written_once_an_hour() -> None:
    reader, _ = client()
    for minutes in (0, 10, 59, 61):
        canaries.canary_alarm(reader.pk, "asked", now=NOW + timedelta(minutes=minutes))
    canaries.canary_alarm(reader.pk, "voted", now=NOW)
    lines = JournalEntry.objects.filter(verb="canary_touched")
    assert sorted(line.detail["how"] for line in lines) == ["asked", "asked", "voted"]
    assert canaries.alarms_since(NOW - timedelta(days=1)) == {reader.pk}
    assert canaries.alarms_since(NOW + timedelta(days=1)) == set()


def test_when_they_come_is_chance() -> None:
    due = [collusion.canaries_due(entries, b"k" * 32) for entries in range(400)]
    other = [collusion.canaries_due(entries, b"o" * 32) for entries in range(400)]
    assert due == sorted(due)
    assert due[0] in {collusion.FIRST, collusion.FIRST + 1}
    assert due != other
    assert collusion.canaries_due(8_000, b"k" * 32) >= collusion.MOST_SOON
    gaps = {later - earlier for earlier, later in zip(due, due[5:], strict=False)}
    assert len(gaps) > 2

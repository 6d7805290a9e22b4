"""Several readers, people and messages at one moment, on a database with many writers."""

from __future__ import annotations

import pytest

from rempart.desk.registers.bank.facts import Statement
from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.lists import entries, hearing, windows
from rempart.desk.registers.lists.hearing import Message, Told
from rempart.desk.registers.lists.models import Entry, ListClient, Window
from rempart.desk.rules.lists import ListName
from tests import cast
from tests.registers.bank.pictures import protect
from tests.registers.bank.test_at_once import at_once
from tests.registers.lists import made

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOW = cast.MONDAY


def test_readers_and_people_miss_nothing() -> None:
    reader, _ = made.client()
    held: dict[int, int] = {}

    def reads() -> None:
        after = 0
        for _ in range(6):
            entries.catch_up(NOW)
            page = entries.page(ListName.MINORS, after=after, until=entries.head(ListName.MINORS), limit=100, client=reader)
            after = page.position
            held.update({entry.number: entry.position for entry in page.entries})

    def protects(name: str) -> None:
        for number in range(5):
            protect(f"{name} {number}")

    wrong = at_once(reads, reads, lambda: protects("a"), lambda: protects("b"))
    assert not wrong
    entries.catch_up(NOW)
    last = max(held.values(), default=0)
    rest = entries.changed(ListName.MINORS, after=last, until=entries.head(ListName.MINORS), limit=100, client=reader)
    assert set(held) | {entry.number for entry in rest} == set(Entry.objects.values_list("pk", flat=True))
    assert Entry.objects.count() == Protection.objects.count() == 10


def test_the_same_message_twice_at_one_moment_is_taken_once() -> None:
    reader, _ = made.client()
    protect("a")
    entries.catch_up(NOW)
    told = [Told(Entry.objects.get().pk, Statement(matches=3))]
    message = Message("message-1", bytes(32))
    wrong = at_once(*[lambda: hearing.hear(reader, told, now=NOW, message=message)] * 4)
    assert not wrong
    assert Feedback.objects.get().matches == 3


def test_the_same_range_at_one_moment() -> None:
    reader, _ = made.client()
    client = ListClient.objects.get(pk=reader.pk)
    wrong = at_once(*[lambda: windows.range_of(client, ListName.MINORS, NOW, NOW, now=NOW)] * 4)
    assert not wrong
    assert Window.objects.count() == 1

"""How far each client has read, what the journal says of it, and which platforms may read a list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.clients import note_read, platforms_connected, readers_of
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from tests.registers.lists import made
from tests.registers.lists.made import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def position(client: ListClient) -> int:
    return client.subscriptions.get().read_position


def lines() -> list[dict[str, object]]:
    return list(JournalEntry.objects.filter(verb="list_read").order_by("pk").values_list("detail", flat=True))


def test_how_far_a_client_is_never_goes_back() -> None:
    client, _ = made.client()
    note_read(client, ListName.MINORS, 10, 10, now=LATER)
    note_read(client, ListName.MINORS, 4, 2, now=NOW)
    assert position(client) == 10
    assert client.subscriptions.get().read_at == LATER


def test_a_gap_is_not_counted_as_read() -> None:
    client, _ = made.client()
    note_read(client, ListName.MINORS, 10, 10, now=NOW, after=0)
    note_read(client, ListName.MINORS, 90, 5, now=NOW, after=80)
    assert position(client) == 10
    note_read(client, ListName.MINORS, 90, 80, now=NOW, after=7)
    assert position(client) == 90


def test_a_list_that_is_not_its_own_moves_nothing() -> None:
    client, _ = made.client()
    note_read(client, ListName.ADULTS, 10, 10, now=NOW)
    assert position(client) == 0
    assert lines() == []


def test_each_reading_is_a_line_and_empty_ones_are_one_an_hour() -> None:
    client, _ = made.client()
    note_read(client, ListName.MINORS, 10, 10, now=NOW)
    note_read(client, ListName.MINORS, 12, 2, now=LATER)
    for minute in range(120):
        note_read(client, ListName.MINORS, 12, 0, now=NOW + timedelta(minutes=minute))
    written = lines()
    assert written[:2] == [
        {"list": "minors", "after": 0, "until": 10, "count": 10},
        {"list": "minors", "after": 10, "until": 12, "count": 2},
    ]
    assert all(line["count"] == 0 for line in written[2:])
    assert len(written) - 2 in (1, 2)


def test_who_only_asks_has_no_list() -> None:
    made.entry(5, 20)
    asker, _ = made.client(may_hold_lists=False)
    note_read(asker, ListName.MINORS, 90, 1, now=NOW)
    assert readers_of(5) == []
    assert platforms_connected(ListName.MINORS) == []


def test_who_is_connected() -> None:
    first, _ = made.client("B")
    made.client("A")
    made.client("B", label="tests")
    gone, _ = made.client("C")
    clients.revoke(gone, by=None, now=NOW)
    note_read(first, ListName.MINORS, 5, 5, now=NOW)
    assert platforms_connected(ListName.MINORS) == [("A", None), ("B", NOW)]
    assert platforms_connected(ListName.ADULTS) == []

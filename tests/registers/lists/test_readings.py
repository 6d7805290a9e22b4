"""How far each client has read, what the journal says of it, and which platforms have a fingerprint: never one too many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.bank.steps import add_fact
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.clients import note_read, platforms_connected, readers_of
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Fact, Trust, Vote
from tests.registers.lists import made
from tests.registers.lists.made import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def protected() -> Protection:
    made_of = {"kind": "picture", "age": "under_13", "helper": "nobody", "is_device_shared": False}
    when = {"trust_at": NOW, "declared_at": NOW, "expires_at": LATER}
    return Protection.objects.create(case_number=1, key_number=1, edition=1, file_digest=b"", **made_of, **when)


def position(client: ListClient) -> int:
    return client.subscriptions.get().read_position


def lines() -> list[dict[str, object]]:
    return list(JournalEntry.objects.filter(verb="list_read").order_by("pk").values_list("detail", flat=True))


def names(protection: int) -> list[str]:
    return [name for name, _ in readers_of(protection)]


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


def test_who_has_a_fingerprint_now() -> None:
    made.entry(5, 20)
    assert readers_of(5) == []
    near, _ = made.client("Near")
    far, _ = made.client("Far")
    made.client("Never")
    note_read(near, ListName.MINORS, 20, 1, now=NOW)
    note_read(far, ListName.MINORS, 19, 1, now=NOW)
    assert readers_of(5) == [("Near", NOW)]
    assert readers_of(6) == []
    clients.revoke(near, by=None, now=NOW)
    assert readers_of(5) == []


def test_one_line_for_each_platform_with_its_latest_reading() -> None:
    made.entry(5, 20)
    for label, at in (("tests", LATER), ("production", NOW)):
        client, _ = made.client(label=label)
        note_read(client, ListName.MINORS, 20, 1, now=at)
    assert readers_of(5) == [("Piximi", LATER)]


def test_a_later_change_does_not_hide_who_was_sent_it() -> None:
    made.entry(5, 90, first=20)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 20, 1, now=NOW)
    assert names(5) == ["Piximi"]


def test_where_the_first_position_is_unknown_nobody_is_named_too_early() -> None:
    entry = made.entry(5, 90)
    type(entry).objects.update(first_position=None)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 89, 1, now=NOW)
    assert names(5) == []
    note_read(client, ListName.MINORS, 90, 1, now=NOW)
    assert names(5) == ["Piximi"]


@pytest.mark.parametrize("trust", [Trust.HELD, Trust.DISPUTED])
def test_while_it_is_in_doubt_nobody_is_named(trust: Trust) -> None:
    made.entry(5, 90, first=20, trust=trust)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 99, 1, now=NOW)
    assert names(5) == []


def test_after_a_doubt_only_those_that_read_its_end(protected: Protection) -> None:
    add_fact(protected, Fact.ALARM, now=NOW)
    made.entry(protected.pk, 90, first=20)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 89, 1, now=NOW)
    assert names(protected.pk) == []
    note_read(client, ListName.MINORS, 90, 1, now=NOW)
    assert names(protected.pk) == ["Piximi"]


def test_a_platform_that_would_not_block_it_is_not_named(protected: Protection) -> None:
    made.entry(protected.pk, 20)
    for name in ("Piximi", "Vidéa"):
        client, _ = made.client(name)
        note_read(client, ListName.MINORS, 20, 1, now=NOW)
    number = made.platform("Piximi").pk
    Feedback.objects.create(protection=protected, platform_number=number, last_at=NOW, vote=Vote.NOT_BLOCKED)
    assert names(protected.pk) == ["Vidéa"]


def test_after_its_end_those_who_have_not_read_it_yet() -> None:
    made.entry(5, 90, first=20, trust=Trust.WITHDRAWN, is_gone=True)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 89, 1, now=NOW)
    assert names(5) == ["Piximi"]
    note_read(client, ListName.MINORS, 90, 1, now=NOW)
    assert names(5) == []


@pytest.mark.parametrize(
    ("trust", "read", "has_it"),
    [
        (Trust.SELF_DECLARED, 99, False),
        (Trust.CONFIRMED, 89, False),
        (Trust.CONFIRMED, 90, True),
        (Trust.DISPUTED, 99, False),
    ],
)
def test_a_cautious_platform_has_only_what_is_confirmed(trust: Trust, read: int, has_it: bool) -> None:
    made.entry(5, 90, first=20, trust=trust)
    client, _ = made.client(is_cautious=True)
    note_read(client, ListName.MINORS, read, 1, now=NOW)
    assert names(5) == (["Piximi"] if has_it else [])


def test_who_only_asks_has_no_list() -> None:
    made.entry(5, 20)
    asker, _ = made.client(may_hold_lists=False)
    note_read(asker, ListName.MINORS, 90, 1, now=NOW)
    assert names(5) == []
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

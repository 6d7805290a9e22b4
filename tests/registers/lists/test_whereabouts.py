"""Where a protection's fingerprints are: never one platform too many while it protects, never one too few once it has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.bank.steps import add_fact
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.clients import note_read, readers_of
from rempart.desk.registers.lists.whereabouts import Whereabouts, platforms_asking, whereabouts_of
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


def names(protection: int) -> list[str]:
    return [name for name, _ in readers_of(protection)]


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


# ---- the whole of it ----


def where(protection: int = 5) -> Whereabouts:
    return whereabouts_of({protection: ListName.MINORS})[protection]


def test_before_any_platform() -> None:
    assert where() == Whereabouts()
    made.client(lists=frozenset({ListName.ADULTS}))
    assert where() == Whereabouts()


def test_a_list_that_is_read_before_this_was_on_it() -> None:
    client, _ = made.client()
    note_read(client, ListName.MINORS, 19, 1, now=NOW)
    assert where() == Whereabouts(is_read=True)
    made.entry(5, 20)
    assert where() == Whereabouts(is_read=True, is_listed=True)
    note_read(client, ListName.MINORS, 20, 1, now=NOW)
    found = where()
    assert (found.is_sent, found.holders) == (True, (("Piximi", NOW),))


def test_in_doubt_it_was_sent() -> None:
    """ "None of them has it" is said of none that perhaps has it."""
    entry = made.entry(5, 90)
    type(entry).objects.update(first_position=None)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 3, 1, now=NOW)
    assert where().is_sent
    assert not where().holders


def test_who_may_ask_is_told_apart() -> None:
    asker, _ = made.client("Asks", may_hold_lists=False)
    made.client("Both")
    assert where().askers == ("Asks",)
    assert platforms_asking(ListName.MINORS) == ["Asks"]
    assert platforms_asking(ListName.ADULTS) == []
    clients.revoke(asker, by=None, now=NOW)
    assert where().askers == ()


def test_a_cautious_platform_that_asks_is_told_until_it_has_it(protected: Protection) -> None:
    """Of its two clients one asks, and the other reads what is confirmed."""
    reader, _ = made.client(is_cautious=True)
    made.client(label="uploads", may_hold_lists=False)
    entry = made.entry(protected.pk, 20)
    note_read(reader, ListName.MINORS, 20, 1, now=NOW)
    assert (where(protected.pk).askers, where(protected.pk).holders) == (("Piximi",), ())
    add_fact(protected, Fact.VOUCHED, now=NOW)
    type(entry).objects.update(trust=Trust.CONFIRMED, position=21)
    note_read(reader, ListName.MINORS, 21, 1, now=NOW)
    assert (where(protected.pk).askers, where(protected.pk).holders) == ((), (("Piximi", NOW),))


def test_who_was_stopped_may_have_it_still() -> None:
    made.entry(5, 20)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 20, 1, now=NOW)
    clients.revoke(client, by=None, now=NOW)
    assert (where().holders, where().lost, where().is_read) == ((), ("Piximi",), False)
    other, _ = made.client(label="new")
    assert where().lost == ("Piximi",)
    note_read(other, ListName.MINORS, 20, 1, now=LATER)
    assert (where().holders, where().lost) == ((("Piximi", LATER),), ())


def test_who_was_stopped_has_not_read_the_end() -> None:
    made.entry(5, 90, first=20, trust=Trust.WITHDRAWN, is_gone=True)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 30, 1, now=NOW)
    clients.revoke(client, by=None, now=NOW)
    assert (where().holders, where().lost) == ((), ("Piximi",))
    other, _ = made.client(label="new")
    note_read(other, ListName.MINORS, 40, 1, now=LATER)
    assert (where().holders, where().lost) == ((("Piximi", LATER),), ())
    note_read(other, ListName.MINORS, 90, 1, now=LATER)
    assert (where().holders, where().lost) == ((), ())


def test_an_end_that_no_reading_has_taken_over_yet(protected: Protection) -> None:
    """The button was pressed a second ago: whoever has it is named until it has read the end."""
    made.entry(protected.pk, 20)
    client, _ = made.client()
    note_read(client, ListName.MINORS, 20, 1, now=NOW)
    ended = {"trust": "withdrawn", "ended_at": NOW, "file_digest": None}
    Protection.objects.update(**ended)
    found = where(protected.pk)
    assert found.holders == (("Piximi", NOW),)
    assert not found.is_end_read


@pytest.mark.parametrize(("fact", "is_named"), [(None, False), (Fact.VOUCHED, True)])
def test_a_cautious_platform_and_the_end(protected: Protection, fact: Fact | None, is_named: bool) -> None:
    if fact:
        add_fact(protected, fact, now=NOW)
    made.entry(protected.pk, 90, first=20, trust=Trust.WITHDRAWN, is_gone=True)
    client, _ = made.client(is_cautious=True)
    note_read(client, ListName.MINORS, 89, 1, now=NOW)
    assert [name for name, _ in where(protected.pk).holders] == (["Piximi"] if is_named else [])
    assert not where(protected.pk).is_end_read
    note_read(client, ListName.MINORS, 90, 1, now=NOW)
    assert where(protected.pk).holders == ()
    assert where(protected.pk).is_end_read


def test_two_hundred_cost_as_many_questions_as_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client, _ = made.client()
    for number in range(1, 201):
        made.entry(number, number)
    note_read(client, ListName.MINORS, 100, 1, now=NOW)
    for count in (1, 200):
        with django_assert_num_queries(6):
            found = whereabouts_of(dict.fromkeys(range(1, count + 1), ListName.MINORS))
    assert [number for number, one in found.items() if one.holders] == list(range(1, 101))

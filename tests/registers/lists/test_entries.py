"""What stands on a list for one client: in order, once, opened while it is sent, whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.lists import canaries, entries, taking_over
from rempart.desk.registers.lists.entries import Published
from rempart.desk.registers.lists.marks import mark
from rempart.desk.registers.lists.models import Canary, Entry, ListClient
from rempart.desk.registers.vault.keyring import Keyring, KeyringError
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Age
from rempart.desk.rules.trust import Act, Fact, RefusalReason, Trust, Vote
from rempart.desk.stages.intake import protecting
from tests import cast
from tests.registers.bank.pictures import VIEWS, fresh, pdq, picture, protect, sha256, submission, video
from tests.registers.lists.made import client

pytestmark = pytest.mark.django_db

NOW, DAY = cast.MONDAY, timedelta(days=1)
MINORS = ListName.MINORS


def read(reader: ListClient, after: int = 0, *, limit: int = 1_000, list_name: ListName = MINORS) -> list[Published]:
    return entries.changed(list_name, after=after, until=entries.head(list_name), limit=limit, client=reader)


def withdraw(protection: Protection) -> None:
    steps.end(Protection.objects.filter(pk=protection.pk), Fact.WITHDRAWAL, now=NOW + DAY)


def test_an_entry_is_opened_and_marked_for_its_client_alone() -> None:
    (reader, _), (other, _) = client(), client("Fotoz")
    protect("a", now=NOW)
    entries.catch_up(NOW + DAY)
    one, two = read(reader)[0], read(other)[0]
    assert (one.kind, one.trust, one.declared_at, one.updated_at) == ("picture", "self_declared", NOW.date(), NOW + DAY)
    assert (one.sha256, one.parts_ever, one.is_gone, one.votes) == (sha256("a"), 2, False, ())
    assert [(part.number, part.variant, part.quality, part.second) for part in one.parts] == [
        (0, "whole", 90, None),
        (1, "mirror", 90, None),
    ]
    for read_by, copy in ((reader, one), (other, two)):
        assert [part.pdq for part in copy.parts] == [
            mark(pdq(f"a {view}"), read_by.pk, copy.number, n) for n, view in enumerate(VIEWS)
        ]
    assert not {part.pdq for part in one.parts} & {part.pdq for part in two.parts}
    assert "a" not in repr(one.parts[0].pdq)


def test_seconds_of_a_video() -> None:
    reader, _ = client()
    protecting.protect(submission(video("v", 3)), now=NOW, code=None)
    entries.catch_up(NOW)
    (one,) = read(reader)
    assert (one.kind, one.parts_ever, [part.second for part in one.parts]) == ("video", 3, [0, 1, 2])


def test_lists_are_never_mixed() -> None:
    reader, _ = client(lists=frozenset(ListName))
    protecting.protect(submission(picture("minor")), now=NOW, code=None)
    protecting.protect(submission(picture("adult"), age=Age.ADULT), now=NOW, code=None)
    entries.catch_up(NOW)
    assert [one.sha256 for one in read(reader)] == [sha256("minor")]
    assert [one.sha256 for one in read(reader, list_name=ListName.ADULTS)] == [sha256("adult")]


def test_what_was_taken_back_is_a_tombstone_for_ever() -> None:
    reader, _ = client()
    _, (one, _) = protect("a", "b")
    entries.catch_up(NOW)
    last = read(reader)[-1].position
    withdraw(one)
    entries.catch_up(NOW + DAY)
    (gone,) = read(reader, last)
    assert (gone.is_gone, gone.trust, gone.parts, gone.sha256, gone.parts_ever) == (True, "withdrawn", (), None, 2)
    assert gone.advice == (Act.NOTHING, Act.NOTHING)
    entries.catch_up(NOW + 900 * DAY)
    assert [entry.is_gone for entry in read(reader)] == [False, True]


def test_what_nobody_was_ever_sent_needs_no_tombstone() -> None:
    reader, _ = client()
    _, (one,) = protect("a")
    withdraw(one)
    entries.catch_up(NOW + DAY)
    assert not read(reader)


def test_taken_back_between_the_taking_over_and_the_reading_nothing_is_sent() -> None:
    reader, _ = client()
    _, (one, _) = protect("a", "b")
    entries.catch_up(NOW)
    withdraw(one)
    assert [entry.sha256 for entry in read(reader)] == [sha256("b")]


def test_a_cautious_copy_holds_what_is_confirmed() -> None:
    reader, _ = client(is_cautious=True)
    _, (one,) = protect("a")
    for act, is_gone in (
        (lambda: None, True),
        (lambda: facts.vouch(one.pk, by=1, now=NOW), False),
        (lambda: facts.raise_alarm(one.pk, "popular", now=NOW), True),
        (lambda: facts.vouch(one.pk, by=1, now=NOW), False),
    ):
        act()
        entries.catch_up(NOW)
        (entry,) = read(reader)
        assert (entry.is_gone, bool(entry.parts)) == (is_gone, not is_gone)


@pytest.mark.parametrize(
    ("acts", "stands"),
    [
        ((), True),
        (("alarm",), False),
        (("alarm", "vouch"), True),
        (("refuse", "refuse"), False),
        (("refuse",), False),
        (("block",), True),
    ],
)
def test_where_no_advice_can_be_given_only_what_should_be_blocked_stands(acts: tuple[str, ...], stands: bool) -> None:
    reader, _ = client()
    _, (one,) = protect("a")
    voters = iter([reader.platform_number, 9_000])
    for act in acts:
        if act == "alarm":
            facts.raise_alarm(one.pk, "popular", now=NOW)
        elif act == "vouch":
            facts.vouch(one.pk, by=1, now=NOW)
        else:
            vote = Vote.BLOCKED if act == "block" else Vote.NOT_BLOCKED
            facts.note_feedback(one.pk, next(voters), now=NOW, vote=vote)
    entries.catch_up(NOW)
    (entry,) = read(reader)
    assert entry.stands_without_advice is stands
    assert entry.parts, "our own feed carries it with advice"


def test_votes_and_the_platforms_own() -> None:
    reader, _ = client()
    _, (one,) = protect("a")
    told = facts.Statement(vote=Vote.NOT_BLOCKED, reason=RefusalReason.NOT_INTIMATE, at=NOW)
    facts.note_statement(one.pk, reader.platform_number, told, now=NOW + DAY)
    entries.catch_up(NOW + DAY)
    (entry,) = read(reader)
    assert entry.votes == ((reader.platform_number, Vote.NOT_BLOCKED, NOW, RefusalReason.NOT_INTIMATE),)
    assert (entry.own_vote, entry.advice.exact) == (Vote.NOT_BLOCKED, Act.COUNT)


def test_counts_that_lists_do_not_tell_change_no_entry() -> None:
    _, (one,) = protect("a")
    entries.catch_up(NOW)
    position = Entry.objects.get().position
    facts.note_feedback(one.pk, 3, now=NOW, matches=2, accounts=1)
    entries.catch_up(NOW)
    assert Entry.objects.get().position == position
    facts.note_feedback(one.pk, 3, now=NOW, vote=Vote.BLOCKED)
    entries.catch_up(NOW)
    assert Entry.objects.get().position > position


def test_times_never_go_back() -> None:
    _, (one,) = protect("a")
    entries.catch_up(NOW)
    protect("b")
    facts.vouch(one.pk, by=1, now=NOW)
    entries.catch_up(NOW - DAY)
    assert list(Entry.objects.order_by("position").values_list("updated_at", flat=True)) == [NOW, NOW]
    assert entries.before(MINORS, NOW) == 0
    assert entries.before(MINORS, NOW + DAY) == entries.head(MINORS)


def test_first_positions_stay() -> None:
    _, (one,) = protect("a")
    entries.catch_up(NOW)
    first = Entry.objects.get().first_position
    facts.vouch(one.pk, by=1, now=NOW)
    entries.catch_up(NOW)
    entry = Entry.objects.get()
    assert entry.first_position == first < entry.position


def test_canaries_of_others_are_left_out_and_are_not_the_end() -> None:
    reader, _ = client()
    canaries.make(MINORS, now=NOW)
    protect("a")
    entries.catch_up(NOW)
    Canary.objects.update(bias=10_000)
    one, two = read(reader)
    assert one.stands_without_advice
    assert one.parts
    Canary.objects.update(bias=0)
    assert [entry.number for entry in read(reader, limit=1)] == [two.number]
    page = entries.page(MINORS, after=0, until=entries.head(MINORS), limit=1, client=reader)
    assert (page.entries, page.has_more) == ((), True)


def test_many_are_taken_over_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_over, "AT_ONCE", 3)
    reader, _ = client()
    protect(*"abcdefgh")
    protect("i", "j")
    entries.catch_up(NOW)
    assert {one.sha256 for one in read(reader)} == {sha256(name) for name in "abcdefghij"}
    assert list(Entry.objects.order_by("pk").values_list("position", flat=True)) == list(range(1, 11))


def test_nothing_new_costs_two_reads(django_assert_num_queries: CaptureQueriesContext) -> None:
    protect("a")
    entries.catch_up(NOW)
    with django_assert_num_queries(2):  # type: ignore[operator]
        entries.catch_up(NOW + DAY)


def test_pages_hold_no_more_pdqs_than_asked_but_for_a_first_entry() -> None:
    reader, _ = client()
    protect("a", "b", "c")
    entries.catch_up(NOW)
    until = entries.head(MINORS)
    one = entries.page(MINORS, after=0, until=until, limit=10, client=reader, most_parts=1)
    assert (len(one.entries), one.position, one.has_more) == (1, 1, True)
    two = entries.page(MINORS, after=1, until=until, limit=10, client=reader, most_parts=4)
    assert (len(two.entries), two.position, two.has_more) == (2, until, False)


def test_without_the_keyring_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, _ = client()
    protect("a")
    entries.catch_up(NOW)
    monkeypatch.setattr(settings, "REMPART_KEYRING", Keyring(tmp_path / "lost.sqlite3"))
    with pytest.raises(KeyringError):
        read(reader)


Gesture = st.tuples(st.sampled_from(["protect", "withdraw", "vouch", "alarm", "clear", "vote"]), st.integers(0, 99))


@pytest.mark.slow
@hypothesis_settings(max_examples=40)
@given(st.lists(st.one_of(Gesture, st.integers(1, 4)), max_size=25), st.booleans())
def test_whatever_happens_between_pages_the_reader_ends_with_what_stands(
    story: list[tuple[str, int] | int], is_cautious: bool
) -> None:
    """A number in the story is a page of so many entries; everything else happens between pages."""
    with transaction.atomic():
        reader, _ = client("Piximi", "property", is_cautious=is_cautious)
        protect("first")
        held: dict[int, Published] = {}
        after = until = 0
        for step in [*story, 1_000, 1_000]:
            if isinstance(step, tuple):
                act(*step, list(Protection.objects.order_by("pk")))
                continue
            if after >= until:
                entries.catch_up(NOW)
                until = entries.head(MINORS)
            page = entries.page(MINORS, after=after, until=until, limit=step, client=reader)
            after = page.position
            held |= {entry.number: entry for entry in page.entries}
        entries.catch_up(NOW)
        page = entries.page(MINORS, after=after, until=entries.head(MINORS), limit=1_000, client=reader)
        held |= {entry.number: entry for entry in page.entries}
        standing = Protection.objects.filter(ended_at__isnull=True)
        rows = Entry.objects.filter(protection_number__in=standing.values("pk"))
        expected = {row.pk: row.trust for row in rows if not is_cautious or row.trust == Trust.CONFIRMED}
        assert {number: entry.trust.value for number, entry in held.items() if not entry.is_gone} == expected
        transaction.set_rollback(True)


def act(what: str, which: int, known: list[Protection]) -> None:
    one = fresh(known[which % len(known)])
    if what == "protect":
        protect(f"more {which} {len(known)} {one.pk}")
    elif what == "withdraw":
        withdraw(one)
    elif what == "vouch":
        facts.vouch(one.pk, by=1, now=NOW)
    elif what == "alarm":
        facts.raise_alarm(one.pk, "popular", now=NOW)
    elif what == "clear":
        facts.clear_alarm(one.pk, by=1, now=NOW)
    else:
        facts.note_feedback(one.pk, which % 3, now=NOW, vote=Vote.BLOCKED if which % 2 else Vote.NOT_BLOCKED)

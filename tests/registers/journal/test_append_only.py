"""The journal only grows, and says nothing that it should not."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.journal.models import Entry
from tests import cast

pytestmark = pytest.mark.django_db


def line() -> Entry:
    journal.write("tested", "item:1", now=cast.MONDAY, by=7, detail={"kind": "test"})
    return Entry.objects.get(verb="tested")


def refuses() -> pytest.RaisesExc[DatabaseError]:
    return pytest.raises(DatabaseError, match="append-only")


def test_a_line_is_never_changed() -> None:
    entry = line()
    entry.verb = "other"
    with refuses(), transaction.atomic():
        entry.save()
    with refuses(), transaction.atomic():
        Entry.objects.update(by_id=8)
    assert Entry.objects.get(pk=entry.pk).verb == "tested"


def test_a_line_is_never_removed() -> None:
    entry = line()
    with refuses(), transaction.atomic():
        entry.delete()
    with refuses(), transaction.atomic():
        Entry.objects.all().delete()
    with refuses(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_entry")
    assert Entry.objects.filter(pk=entry.pk).exists()


BACK_DOORS = {
    # REPLACE removes the old row without a word to a DELETE trigger, unless recursive triggers are on.
    "sqlite": "REPLACE INTO journal_entry (id, at, by_id, verb, subject, detail) VALUES ({pk}, '', NULL, 'x', 'y', '{{}}')",
    # TRUNCATE is not a DELETE.
    "postgresql": "TRUNCATE journal_entry",
}


def test_the_back_door_of_each_database_is_shut() -> None:
    entry = line()
    with refuses(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BACK_DOORS[connection.vendor].format(pk=entry.pk))
    assert Entry.objects.get(pk=entry.pk).verb == "tested"


def test_many_lines_are_written_at_once(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    entries = [journal.entry("many", f"item:{number}", now=cast.MONDAY) for number in range(400)]
    # One question between the two ends of a savepoint.
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        journal.write_all(entries)
    assert Entry.objects.filter(verb="many").count() == 400


def test_a_line_is_kept_with_its_act_or_not_at_all() -> None:
    @transaction.atomic
    def interrupted() -> None:
        line()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    assert not Entry.objects.filter(verb="tested").exists()


@pytest.mark.django_db(transaction=True)
def test_a_test_that_empties_every_table_leaves_the_guard_standing() -> None:
    line()


@pytest.mark.django_db(transaction=True)
def test_the_guard_stands_after_that() -> None:
    assert not Entry.objects.filter(verb="tested").exists()
    line()
    with refuses():
        Entry.objects.all().delete()

"""Rows as queue: how a worker takes rows that nobody else is working on. Same code on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def choices_of(kind: Iterable[Any]) -> list[tuple[Any, str]]:
    """Django choices of an enumeration of the rules. Words for people live with the doors."""
    return [(member.value, member.name) for member in kind]


def lock(rows: QuerySet[M]) -> QuerySet[M]:
    """Lock these rows for the running transaction, leaving out those another worker holds.

    SQLite has one writer at a time and needs no row locks (``transaction_mode`` is IMMEDIATE in our settings).
    """
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows


def claim(rows: QuerySet[M], until: datetime, limit: int) -> list[M]:
    """Lease up to ``limit`` rows until then, for work that leaves the database (mail, probes).

    ``rows`` must already leave out rows whose lease runs; call inside a transaction. Returns them with the lease written.
    """
    taken = list(lock(rows)[:limit])
    if taken:
        taken[0].__class__._default_manager.filter(pk__in=[row.pk for row in taken]).update(claimed_until=until)
    for row in taken:
        row.claimed_until = until  # type: ignore[attr-defined]
    return taken


_SOME_MOMENT = datetime(1999, 9, 9, 9, 9, 9, 999999, tzinfo=UTC)
_SOMEBODY = -999_999_999


class Asked:
    """A question asked all day long with another moment, and another person: Django puts it into SQL once.

    It takes a hundred times longer for that than the database for the answer. ``rows`` is called once for each kind of database,
    with a moment and a person that nobody has; it must not look at them.
    """

    def __init__(self, rows: Callable[[datetime, int], QuerySet[Any]]) -> None:
        self._rows = rows
        self._made: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def fetch(self, now: datetime, by: int = _SOMEBODY) -> list[tuple[Any, ...]]:
        """The rows, as the database gives them."""
        if connection.vendor not in self._made:
            query = self._rows(_SOME_MOMENT, _SOMEBODY).query
            self._made[connection.vendor] = query.get_compiler(connection=connection).as_sql()
        sql, values = self._made[connection.vendor]
        adapt = connection.ops.adapt_datetimefield_value
        given = {adapt(_SOME_MOMENT): adapt(now), _SOMEBODY: by}
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(value, value) for value in values])
            return list(cursor.fetchall())


class Inbox:
    """Whether anything may wait for a step: asked at every round of a worker, when the answer is almost always no.

    ``rows`` may hold more than the step would take, never less. Their order is the step's: it leads the database to the
    partial index that is the inbox.
    """

    def __init__(self, rows: Callable[[datetime], QuerySet[Any]]) -> None:
        self._asked = Asked(lambda now, _by: rows(now).values_list("pk")[:1])

    def has_mail(self, now: datetime) -> bool:
        """Whether anything may wait at that moment."""
        return bool(self._asked.fetch(now))

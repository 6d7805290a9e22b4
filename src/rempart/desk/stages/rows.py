"""Rows as queue: how a worker takes rows that nobody else is working on. Same code on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import datetime
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

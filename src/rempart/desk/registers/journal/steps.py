"""Writing in the journal. Always inside the transaction of the act it tells about."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rempart.desk.registers.journal.models import Entry


def entry(verb: str, subject: str, *, now: datetime, by: int | None = None, detail: Mapping[str, Any] | None = None) -> Entry:
    """An unsaved line, to be written with others by :func:`write_all`."""
    return Entry(at=now, by_id=by, verb=verb, subject=subject, detail=dict(detail or {}))


def write(verb: str, subject: str, *, now: datetime, by: int | None = None, detail: Mapping[str, Any] | None = None) -> None:
    """Add one line."""
    entry(verb, subject, now=now, by=by, detail=detail).save(force_insert=True)


def write_all(entries: Iterable[Entry]) -> None:
    """Add many lines at once."""
    Entry.objects.bulk_create(entries, batch_size=500)

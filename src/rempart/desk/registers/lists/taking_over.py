"""What changed in the bank becomes what changed on the lists: a new position and a time for each entry, in one transaction.

The bank numbers its changes under one lock, in order. Whoever takes them over holds the one row of ``ListLog`` meanwhile:
positions and times grow together, and a reader that has seen a position has missed none before it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Length

from rempart.desk.registers.bank import boxes
from rempart.desk.registers.bank.models import BankEdition, Fingerprint, FingerprintKind, Protection
from rempart.desk.registers.lists.models import Entry, ListLog
from rempart.desk.rules.lists import list_of
from rempart.desk.rules.protection import Age, Kind

AT_ONCE = 2_000
"""Protections taken over at once: a million of them is taken over in parts, and memory stays flat."""
CHANGES = ["trust", "parts", "position", "updated_at", "is_gone"]


def catch_up(now: datetime) -> int:
    """Take over what changed in the bank since the last time; returns how many entries changed.

    Call before each reading; it costs what changed. The worker calls it all the time, so that no reader pays for a million.
    """
    if not _is_news():
        return 0
    with transaction.atomic():
        return _take_over(now)


def _is_news() -> bool:
    seen = ListLog.objects.filter(pk=1).values_list("change", flat=True).first() or 0
    return seen < (BankEdition.objects.filter(pk=1).values_list("changes", flat=True).first() or 0)


def _take_over(now: datetime) -> int:
    log, _ = ListLog.objects.select_for_update().get_or_create(pk=1)
    before = log.position
    until = BankEdition.objects.get(pk=1).changes
    # Never back, whatever the machine's clock does: a reader that has seen a time has seen all before it.
    log.updated_at = max(now, log.updated_at or now)
    for rows in _changed(log.change, until):
        _publish(rows, log)
    log.change = until
    log.save()
    return log.position - before


def _changed(after: int, until: int) -> Iterator[list[Protection]]:
    changed = Protection.objects.filter(change__gt=after, change__lte=until).order_by("change", "pk")
    changed = changed.only("pk", "change", "kind", "age", "trust", "declared_at", "ended_at")
    last = None
    while True:
        rest = changed if last is None else changed.filter(Q(change__gt=last.change) | Q(change=last.change, pk__gt=last.pk))
        rows = list(rest[:AT_ONCE])
        if rows:
            last = rows[-1]
            yield rows
        if len(rows) < AT_ONCE:
            return


def _publish(rows: list[Protection], log: ListLog) -> None:
    numbers = [row.pk for row in rows]
    rows_known = Entry.objects.filter(protection_number__in=numbers).values_list("protection_number", "parts")
    known = {number: parts for number, parts in rows_known if number is not None}
    made = _parts([row.pk for row in rows if row.ended_at is None])
    # What began and ended between two readings was never on a list: nobody need be told.
    told = [row for row in rows if row.pk in known or row.ended_at is None]
    entries = [_entry(row, known, made, log.position + place) for place, row in enumerate(told, start=1)]
    for entry in entries:
        assert log.updated_at is not None
        entry.updated_at = log.updated_at
    log.position += len(entries)
    Entry.objects.bulk_create(
        entries, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["protection_number"], update_fields=CHANGES
    )


def _entry(row: Protection, known: Mapping[int, int], made: Mapping[int, int], position: int) -> Entry:
    return Entry(
        list_name=list_of(Age(row.age)).value,
        protection_number=row.pk,
        kind=Kind(row.kind).value,
        trust=row.trust,
        parts=max(known.get(row.pk, 0), made.get(row.pk, 0)),
        declared_at=row.declared_at,
        position=position,
        first_position=position,  # kept as it was where the entry exists: see CHANGES
        is_gone=row.ended_at is not None,
    )


def _parts(numbers: list[int]) -> dict[int, int]:
    """How many PDQs these protections have."""
    rows = Fingerprint.objects.filter(protection__in=numbers)
    counted = dict(rows.filter(kind=FingerprintKind.PDQ).values_list("protection").annotate(Count("pk")))
    frames = rows.filter(kind=FingerprintKind.FRAMES).annotate(length=Length("sealed")).values_list("protection", "length")
    return counted | {number: boxes.frames_in(length) for number, length in frames}

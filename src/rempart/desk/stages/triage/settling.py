"""The triage worker's steps: readings whose undo window ended move their items on; known addresses join their decision."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules import assessment as assessment_rules
from rempart.desk.rules.assessment import Reading
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State, move
from rempart.desk.rules.report import ReportKind
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import lock
from rempart.desk.stages.triage.claims import OPEN, QUEUE_ORDER
from rempart.desk.stages.triage.models import Assessment, DecidedItem
from rempart.desk.stages.triage.queries import decision_of


@transaction.atomic
def settle(*, now: datetime, limit: int = 200) -> int:
    """Settle up to ``limit`` readings whose undo window is over; returns how many."""
    waiting = Assessment.objects.filter(settled_at__isnull=True, undone_at__isnull=True, may_undo_until__lte=now)
    readings = list(lock(waiting.order_by("may_undo_until"))[:limit])
    groups = _open_items(readings)
    firsts = _first_readings([row for row in readings if row.reading == Reading.SECOND])
    moved: list[Item] = []
    decided: list[DecidedItem] = []
    for reading in readings:
        wanted = _where_next(reading, firsts.get(reading.group_key))
        reading.settled_at = now
        reading.is_final = wanted is State.ASSESSED
        for item in groups[reading.group_key]:
            moved += _move(item, wanted, now)
            if reading.is_final:
                decided.append(DecidedItem(item=item, assessment=reading))
    for is_final in (True, False):
        ids = [row.pk for row in readings if row.is_final is is_final]
        Assessment.objects.filter(pk__in=ids).update(settled_at=now, is_final=is_final)
    _save(moved, decided)
    journal.write_all(_settled(row, len(groups[row.group_key]), now) for row in readings)
    return len(readings)


def _settled(reading: Assessment, items: int, now: datetime) -> Entry:
    detail = {"is_final": reading.is_final, "items": items if reading.is_final else 0}
    return journal.entry("settled", f"item:{reading.item_id}", now=now, detail=detail)


def _open_items(readings: list[Assessment]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    keys = [reading.group_key for reading in readings]
    for item in Item.objects.filter(group_key__in=keys, state__in=OPEN_FOR_READING).only("pk", "group_key", "state"):
        groups[item.group_key].append(item)
    return groups


def _first_readings(seconds: list[Assessment]) -> dict[str, Assessment]:
    rows = Assessment.objects.filter(
        group_key__in=[row.group_key for row in seconds],
        reading=Reading.FIRST,
        undone_at__isnull=True,
        settled_at__isnull=False,
    )
    # The newest one: an address that came back after its removal has older readings too.
    return {row.group_key: row for row in rows.order_by("pk")}


def _where_next(reading: Assessment, first: Assessment | None) -> State:
    if reading.reading == Reading.FIRST:
        return State.SECOND_READING if reading.second_reasons else State.ASSESSED
    if reading.reading == Reading.SECOND and first is not None:
        is_agreed = assessment_rules.agree(decision_of(first), decision_of(reading))
        return State.ASSESSED if is_agreed else State.ARBITRATION
    return State.ASSESSED


def _move(item: Item, wanted: State, now: datetime) -> list[Item]:
    if item.state == wanted:
        # A report of this address arrived between two readings; it already waits where the group goes.
        return []
    for step in _steps_to(State(item.state), wanted):
        item.state = move(State(item.state), step)
    item.assessed_at = now if wanted is State.ASSESSED else None
    return [item]


def _steps_to(current: State, wanted: State) -> tuple[State, ...]:
    """A report of an address whose two readings differ arrived between them: it passes the second reading with the others."""
    if current is State.READY and wanted is State.ARBITRATION:
        return State.SECOND_READING, wanted
    return (wanted,)


def _save(moved: list[Item], decided: list[DecidedItem]) -> None:
    # One question for each state, however many items: far cheaper than one case for each row.
    for state in {item.state for item in moved}:
        ids = [item.pk for item in moved if item.state == state]
        at = next(item.assessed_at for item in moved if item.state == state)
        Item.objects.filter(pk__in=ids).update(state=state, assessed_at=at)
    DecidedItem.objects.bulk_create(decided, batch_size=500)


def known_again() -> QuerySet[Item]:
    """Items ready to be read whose address is already decided and still in treatment."""
    in_treatment = Item.objects.filter(
        address_id=OuterRef("address_id"), state__in=[State.ASSESSED, State.FOLLOWED], decided__isnull=False
    )
    fresh = Item.objects.filter(OPEN, state=State.READY, address__isnull=False, report__kind=ReportKind.REPORT)
    pending = Assessment.objects.filter(group_key=OuterRef("group_key"), settled_at__isnull=True, undone_at__isnull=True)
    # In the order of the queue, whose index holds the open items only.
    return fresh.filter(Exists(in_treatment)).exclude(Exists(pending)).order_by(*QUEUE_ORDER)


@transaction.atomic
def join_known(*, now: datetime, limit: int = 200) -> int:
    """A new report of an address already decided and still in treatment joins that decision: nobody need look again."""
    items = list(lock(known_again())[:limit])
    standing = _standing_decisions([item.group_key for item in items])
    for item in items:
        _move(item, State.ASSESSED, now)
    _save(items, [DecidedItem(item=item, assessment_id=standing[item.group_key]) for item in items])
    journal.write_all(journal.entry("joined", f"item:{item.pk}", now=now) for item in items)
    return len(items)


def _standing_decisions(keys: list[str]) -> dict[str, int]:
    rows = Assessment.objects.filter(group_key__in=keys, is_final=True).order_by("pk")
    return dict(rows.values_list("group_key", "pk"))

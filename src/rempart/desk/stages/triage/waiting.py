"""Questions about the queue: what waits, for whom, and how much of it. Fast with a hundred thousand open items."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from rempart.desk.registers.people.models import Person
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.queue import Band
from rempart.desk.rules.report import Category
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.triage.claims import OPEN, QUEUE_ORDER, open_to
from rempart.desk.stages.triage.models import Assessment, Claim, Hold


class Place(StrEnum):
    """Which part of the queue one looks at."""

    OPEN = "open"
    """What this person could take now."""
    MINE = "mine"
    WITH_COLLEAGUES = "with_colleagues"
    ON_HOLD = "on_hold"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person looks for; None means everything."""

    place: Place = Place.OPEN
    band: Band | None = None
    category: Category | None = None
    state: State | None = None


Mark = tuple[int, datetime, int]
"""Where a page of the queue stops: band, due_at and id of its last item."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the most urgent item of each group, and where the next page starts (None at the end)."""

    items: list[Item]
    next_mark: Mark | None


def queue(person: Person, wanted: Wanted, *, now: datetime, after: Mark | None = None, size: int = 50) -> Page:
    """One page of the queue, one row per group, in its order."""
    rows = _numbered(_placed(person, wanted.place, now)).filter(**_like(wanted))
    rows = rows.exclude(Exists(_more_urgent_of_group(wanted)))
    if after is not None:
        rows = rows.filter(_beyond(after))
    # ``defer`` keeps the sealed typed text off the page: the list never opens it.
    found = list(rows.select_related("report", "address").defer("sealed_typed")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], (last.band, last.due_at, last.pk) if last else None)


def _placed(person: Person, place: Place, now: datetime) -> QuerySet[Item]:
    if place is Place.OPEN:
        return open_to(person, now=now)
    # Few groups are held or on hold at one moment: start from them, not from the whole queue.
    groups = _groups_in(person, place, now)
    return Item.objects.filter(OPEN, group_key__in=list(groups)).order_by(*QUEUE_ORDER)


def _groups_in(person: Person, place: Place, now: datetime) -> QuerySet[Any, str]:
    claims = Claim.objects.filter(expires_at__gt=now)
    holds = Hold.objects.filter(released_at__isnull=True, until__gt=now)
    match place:
        case Place.MINE:
            return claims.filter(by_id=person.pk).values_list("group_key", flat=True)
        case Place.WITH_COLLEAGUES:
            return claims.exclude(by_id=person.pk).values_list("group_key", flat=True)
        case _:
            return holds.order_by().values_list("group_key", flat=True).distinct()


def _numbered(rows: QuerySet[Item]) -> QuerySet[Item]:
    """With the report's number as an expression: the queue's order leads, and the reports of a category are a list made once.

    As a plain column, SQLite would start from the reports and sort, or look up the report of every item.
    """
    return rows.annotate(report_number=F("report_id") + 0)


def _like(wanted: Wanted) -> dict[str, Any]:
    asked: dict[str, Any] = {"band": wanted.band, "state": wanted.state}
    if wanted.category is not None:
        asked["report_number__in"] = Report.objects.filter(category=wanted.category).values("pk")
    return {name: value for name, value in asked.items() if value is not None}


def _more_urgent_of_group(wanted: Wanted) -> QuerySet[Item]:
    same = Item.objects.filter(group_key=OuterRef("group_key"), state__in=OPEN_FOR_READING)
    same = _numbered(same).filter(**_like(wanted))
    tied = Q(band=OuterRef("band"), due_at=OuterRef("due_at"), pk__lt=OuterRef("pk"))
    sooner = Q(band=OuterRef("band"), due_at__lt=OuterRef("due_at"))
    return same.filter(Q(band__lt=OuterRef("band")) | sooner | tied)


def _beyond(mark: Mark) -> Q:
    band, due_at, pk = mark
    return Q(band__gte=band) & (Q(band__gt=band) | Q(band=band, due_at__gt=due_at) | Q(band=band, due_at=due_at, pk__gt=pk))


def counts(person: Person, *, now: datetime) -> dict[Place, int]:
    """How many groups are in hand, with colleagues and on hold: addresses, never reports."""
    places = (Place.MINE, Place.WITH_COLLEAGUES, Place.ON_HOLD)
    return {place: _groups_in(person, place, now).count() for place in places}


def open_by_band() -> dict[Band, int]:
    """How many items are open for reading in each band, whoever may take them."""
    # The dates of ``claims.OPEN`` without its states: the index alone then answers, without opening one row.
    rows = Item.objects.filter(ready_at__isnull=False, assessed_at__isnull=True).order_by()
    found = {Band(band): count for band, count in rows.values_list("band").annotate(Count("pk"))}
    return {band: found.get(band, 0) for band in Band}


def items_of_groups(keys: Iterable[str]) -> dict[str, list[Item]]:
    """Every open item of these groups, with its report."""
    rows = Item.objects.filter(group_key__in=list(keys), state__in=OPEN_FOR_READING).select_related("report")
    groups: dict[str, list[Item]] = {}
    for item in rows.defer("sealed_typed", "report__sealed_story", "report__sealed_email").order_by("pk"):
        groups.setdefault(item.group_key, []).append(item)
    return groups


def standing_hold(item: Item, *, now: datetime) -> Hold | None:
    """The hold the item's group is on, if any."""
    return Hold.objects.filter(group_key=item.group_key, released_at__isnull=True, until__gt=now).order_by("pk").last()


def undoable(person: Person, *, now: datetime) -> Assessment | None:
    """The newest reading this person may still take back."""
    rows = Assessment.objects.filter(by_id=person.pk, settled_at__isnull=True, undone_at__isnull=True)
    return rows.filter(may_undo_until__gt=now).select_related("item__report").order_by("-pk").first()

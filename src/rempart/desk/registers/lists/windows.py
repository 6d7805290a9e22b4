"""Which positions a range of time stands for, when the clock that named it may be hours off.

The clients of one shape write their local time and call it UTC: up to 15 hours off, in either direction. But such a client goes
on from exactly where its last range ended. How far it was sent the list then is known, and it is sent what follows: nothing twice
for want of trust in its clock, and nothing is missed. A range that goes on from none we know begins 15 hours before what it says.
One that ends in the past for sure ends there; one that may reach the present is answered to the end of the list.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Least

from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.models import ListClient, Window
from rempart.desk.rules.lists import ListName

SLACK = timedelta(hours=15)
KEPT = 1_000
"""How many ends of a client and a list are known, the latest: a day of ranges of two minutes, or years of one a day."""


class Range(NamedTuple):
    """After this position, up to that one."""

    after: int
    until: int


def range_of(client: ListClient, list_name: ListName, since: datetime, until: datetime, *, now: datetime) -> Range:
    """What a client is sent for a range of time. Call once for a reading, at its first page."""
    known = Window.objects.filter(client=client, list_name=list_name.value, ends_at=since).first()
    after = known.position if known else entries.before(list_name, _earlier(since))
    end = entries.before(list_name, until) if until < now - SLACK else entries.head(list_name)
    last = max(after, end)
    _remember(client, list_name, until, last)
    return Range(after, last)


def _earlier(moment: datetime) -> datetime:
    return moment - SLACK if moment.year > 1 else moment


def _remember(client: ListClient, list_name: ListName, ends_at: datetime, position: int) -> None:
    """Of two ranges that end at one moment the one that was sent less counts: whoever goes on from there has at least that."""
    mine = Window.objects.filter(client=client, list_name=list_name.value)
    row = Window(client=client, list_name=list_name.value, ends_at=ends_at, position=position)
    Window.objects.bulk_create([row], ignore_conflicts=True)
    mine.filter(ends_at=ends_at).update(position=Least(F("position"), position))
    oldest = mine.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1].first()
    if oldest is not None:
        mine.filter(pk__lte=oldest).delete()

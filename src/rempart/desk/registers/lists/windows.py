"""Which positions a range of time stands for, when the clock that named it may be hours off.

The clients of one shape write their local time and call it UTC: up to 15 hours off, in either direction. Where a range ends in
the past for sure, it is taken at its word. Where it may reach the present, it is answered to the end of the list; and as such a
client goes on from exactly where its last range ended, how far it was sent the list then is known: nothing is sent twice for want
of trust in its clock, and nothing is missed. A range that goes on from none we know begins 15 hours earlier than it says.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Least

from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.models import ListClient, Window
from rempart.desk.rules.lists import ListName

SLACK = timedelta(hours=15)
KEPT = timedelta(days=3)
"""How long an end is known. Who comes back later begins 15 hours earlier than it says, and misses nothing either."""


class Range(NamedTuple):
    """After this position, up to that one."""

    after: int
    until: int


def range_of(client: ListClient, list_name: ListName, since: datetime, until: datetime, *, now: datetime) -> Range:
    """What a client is sent for a range of time. Call once for a reading, at its first page."""
    if until < now - SLACK:
        after = entries.before(list_name, since)
        return Range(after, max(after, entries.before(list_name, until)))
    known = Window.objects.filter(client=client, list_name=list_name.value, ends_at=since).first()
    after = known.position if known else entries.before(list_name, _earlier(since))
    last = max(after, entries.head(list_name))
    _remember(client, list_name, until, last, now)
    return Range(after, last)


def _earlier(moment: datetime) -> datetime:
    return moment - SLACK if moment.year > 1 else moment


def _remember(client: ListClient, list_name: ListName, ends_at: datetime, position: int, now: datetime) -> None:
    """Of two ranges that end at one moment the one that was sent less counts: whoever goes on from there has at least that."""
    mine = Window.objects.filter(client=client, list_name=list_name.value)
    row = Window(client=client, list_name=list_name.value, ends_at=ends_at, position=position)
    Window.objects.bulk_create([row], ignore_conflicts=True)
    mine.filter(ends_at=ends_at).update(position=Least(F("position"), position))
    mine.filter(ends_at__lt=now - KEPT).delete()

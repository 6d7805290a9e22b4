"""The clients of the lists as the staff sees them: what each may do, how far behind it is, how much it asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from rempart.desk.registers.lists.models import Counted, Entry, ListClient, Subscription, Usage
from rempart.desk.registers.lists.quotas import beginning
from rempart.desk.registers.lists.readings import platform_names
from rempart.desk.rules.lists import ListName

MOST_BEHIND = 10_000
"""Beyond this nobody counts how far behind a client is: "more than" says enough."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One list of a client. ``behind``: entries that changed since it read; at most ``MOST_BEHIND``."""

    list_name: ListName
    read_at: datetime | None
    behind: int

    @property
    def is_far(self) -> bool:
        """Whether it may be further behind than was counted."""
        return self.behind >= MOST_BEHIND


@dataclass(frozen=True, slots=True)
class Seen:
    """One client. ``calls`` of the last 24 hours, ``questions`` of the day (UTC)."""

    client: ListClient
    platform: str
    readings: tuple[Reading, ...]
    calls: int
    questions: int


def everybody(now: datetime) -> list[Seen]:
    """Every client, those that are stopped last, by platform and label."""
    clients = list(ListClient.objects.order_by("pk"))
    names = platform_names(client.platform_number for client in clients)
    found = [_seen(client, names.get(client.platform_number, ""), now) for client in clients]
    return sorted(found, key=lambda one: (one.client.revoked_at is not None, one.platform.casefold(), one.client.label))


def seen(client: ListClient, now: datetime) -> Seen:
    """One client."""
    return _seen(client, platform_names([client.platform_number]).get(client.platform_number, ""), now)


def _seen(client: ListClient, platform: str, now: datetime) -> Seen:
    rows = Subscription.objects.filter(client=client.pk).order_by("-list_name")
    usage = Usage.objects.filter(client=client.pk).aggregate(
        calls=Sum("count", filter=Q(counted=Counted.CALLS.value, starts_at__gt=now - timedelta(days=1))),
        questions=Sum("count", filter=Q(counted=Counted.QUESTIONS.value, starts_at=beginning(Counted.QUESTIONS, now))),
    )
    readings = tuple(_reading(row, holds=client.may_hold_lists and client.revoked_at is None) for row in rows)
    return Seen(client, platform, readings, usage["calls"] or 0, usage["questions"] or 0)


def _reading(row: Subscription, *, holds: bool) -> Reading:
    behind = Entry.objects.filter(list_name=row.list_name, position__gt=row.read_position) if holds else Entry.objects.none()
    return Reading(ListName(row.list_name), row.read_at, behind[:MOST_BEHIND].count())

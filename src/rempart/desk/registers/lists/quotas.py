"""How often a client may call and ask. Counted in rows, so that several processes and machines count together."""

import math
from datetime import UTC, datetime, timedelta

from django.db.models import F, QuerySet

from rempart.desk.registers.lists.models import Counted, ListClient, Usage

SPAN = {Counted.CALLS: timedelta(minutes=1), Counted.QUESTIONS: timedelta(days=1)}
KEPT = {Counted.CALLS: timedelta(days=1), Counted.QUESTIONS: timedelta(days=31)}
"""How long a count is kept, for the page that shows it."""


def take_call(client: ListClient, now: datetime) -> int | None:
    """Count one request. None: go on; otherwise the seconds after which the client may come back."""
    return _take(client, Counted.CALLS, 1, client.calls_per_minute, now)


def take_questions(client: ListClient, n: int, now: datetime) -> int | None:
    """Count ``n`` fingerprints asked about, all or none. None: go on; otherwise the seconds after which to come back."""
    return _take(client, Counted.QUESTIONS, n, client.questions_per_day, now) if n > 0 else None


def _take(client: ListClient, counted: Counted, n: int, most: int, now: datetime) -> int | None:
    starts_at = beginning(counted, now)
    fits = Usage.objects.filter(client_id=client.pk, counted=counted.value, starts_at=starts_at, count__lte=most - n)
    is_taken = n <= most and bool(fits.update(count=F("count") + n))
    if not is_taken and n <= most:
        # Perhaps nobody has counted in this span yet; whoever comes second finds the row of the first.
        row = Usage(client_id=client.pk, counted=counted.value, starts_at=starts_at)
        Usage.objects.bulk_create([row], ignore_conflicts=True)
        is_taken = bool(fits.update(count=F("count") + n))
    return None if is_taken else max(1, math.ceil((starts_at + SPAN[counted] - now).total_seconds()))


def beginning(counted: Counted, now: datetime) -> datetime:
    """When the minute or the day of this moment began, in UTC."""
    moment = now.astimezone(UTC)
    if counted is Counted.CALLS:
        return moment.replace(second=0, microsecond=0)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def older(counted: Counted, cutoff: datetime) -> QuerySet[Usage]:
    """Counts that began before this moment."""
    return Usage.objects.filter(counted=counted.value, starts_at__lt=cutoff)


def sweep(*, now: datetime, limit: int = 10_000) -> int:
    """Forget the counts that nobody needs any more; returns how many rows went."""
    gone = 0
    for counted, kept in KEPT.items():
        rows = older(counted, now - kept).order_by("pk").values_list("pk", flat=True)
        gone += Usage.objects.filter(pk__in=list(rows[:limit])).delete()[0]
    return gone

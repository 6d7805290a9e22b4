"""What clients read: how far each is, a line of the journal for each reading, and which platforms may read a list."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists.models import ListClient, Subscription
from rempart.desk.rules.lists import ListName

Reader = tuple[str, datetime | None]
"""A platform's name, and when it last read."""


def subject_of(client: ListClient) -> str:
    """How the journal calls a client."""
    return f"client:{client.pk}"


def may_read(client: ListClient, list_name: ListName) -> bool:
    """Whether a client may download this list now."""
    return client.may_hold_lists and Subscription.objects.filter(client_id=client.pk, list_name=list_name.value).exists()


@transaction.atomic
def note_read(
    client: ListClient, list_name: ListName, position: int, count: int, *, now: datetime, after: int | None = None
) -> None:
    """A client was sent ``count`` entries, up to ``position``. How far it is never goes back.

    ``after``: where the reading began. One that leaves a gap behind it (a time that the client chose) is written in the journal
    but does not move how far it is: of the entries in the gap nobody may say that it has them.

    Each reading that carried an entry is a line of the journal. Of those that carried none, which a client that asks every
    minute has by the hundred, the first of each hour is.
    """
    row = Subscription.objects.select_for_update().filter(client_id=client.pk, list_name=list_name.value).first()
    if row is None:
        return
    begins = row.read_position if after is None else after
    if count or row.read_at is None or _hour(row.read_at) != _hour(now):
        detail = {"list": list_name.value, "after": begins, "until": position, "count": count}
        journal.write("list_read", subject_of(client), now=now, detail=detail)
    if begins <= row.read_position < position:
        row.read_position = position
    row.read_at = now if row.read_at is None else max(now, row.read_at)
    row.save(update_fields=["read_position", "read_at"])


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def platforms_connected(list_name: ListName) -> list[Reader]:
    """The platforms that may download this list, by name, with when each last read; None: never yet."""
    return _by_platform(_holding(list_name))


def _holding(list_name: ListName) -> QuerySet[Subscription]:
    return Subscription.objects.filter(list_name=list_name.value, client__revoked_at__isnull=True, client__may_hold_lists=True)


def _by_platform(rows: QuerySet[Subscription]) -> list[Reader]:
    latest: dict[int, datetime | None] = {}
    for platform, read_at in rows.order_by(F("read_at").asc(nulls_first=True)).values_list("client__platform_number", "read_at"):
        latest[platform] = read_at
    names = platform_names(latest)
    return sorted((names[number], read_at) for number, read_at in latest.items() if number in names)


def platform_names(numbers: Iterable[int]) -> dict[int, str]:
    """The names of these platforms of the directory."""
    return dict(Recipient.objects.filter(pk__in=set(numbers)).values_list("pk", "name"))

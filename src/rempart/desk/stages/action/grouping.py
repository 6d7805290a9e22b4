"""Notices take shape: what is owed to one recipient within the hour goes into one letter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.directory.models import Channel, Contact
from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.duties import DutyKind, Failure
from rempart.desk.rules.queue import Band
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.rows import lock

MAX_ADDRESSES = 100
"""Most addresses in one notice: longer ones are hard to act upon, and mail servers dislike them."""

REMINDERS_WAIT_PART = 6
"""A reminder is already late: it waits for others only a sixth of the grouping time."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Notices go to one recipient; reminders and escalations also stay with the notice they point to."""

    recipient_id: int
    reminds_id: int | None


@transaction.atomic
def carry_out_notices(*, now: datetime, limit: int = 200) -> int:
    """Put up to ``limit`` owed notices into letters, one per recipient; redden those nobody can be written to.

    Returns how many moved.
    """
    owed = Duty.objects.filter(
        Q(waits_for__isnull=True) | Q(waits_for__done_at__isnull=False),
        kind=DutyKind.NOTICE,
        done_at__isnull=True,
        failed_at__isnull=True,
        not_before__lte=now,
        noticed__isnull=True,
    )
    rows = owed.select_related("item__address", "follows__noticed", "recipient").order_by("not_before", "pk")
    duties = list(lock(rows)[:limit])
    contacts = directory.usable_contacts(duty.recipient_id for duty in duties if duty.recipient_id)
    writable: dict[_Group, list[Duty]] = defaultdict(list)
    unreachable: list[Duty] = []
    for duty in duties:
        if duty.recipient_id in contacts and contacts[duty.recipient_id].channel == Channel.EMAIL:
            writable[_group_of(duty)].append(duty)
        else:
            unreachable.append(duty)
    placed = sum(_put_in(group, members, contacts[group.recipient_id], now) for group, members in writable.items())
    _redden(unreachable, contacts, now)
    return placed + len(unreachable)


def _group_of(duty: Duty) -> _Group:
    assert duty.recipient_id is not None
    if duty.follows is None:
        return _Group(duty.recipient_id, None)
    return _Group(duty.recipient_id, duty.follows.noticed.notice_id)


def _put_in(group: _Group, duties: list[Duty], contact: Contact, now: datetime) -> int:
    notice = _open_notice(group, contact, now)
    if notice is None:
        # The last one is being sent at this moment; the next round opens another.
        return 0
    room = MAX_ADDRESSES - notice.noticed_items.count()
    taken = duties[:room]
    NoticedItem.objects.bulk_create(
        NoticedItem(notice=notice, duty=duty, item=duty.item) for duty in taken if duty.item is not None
    )
    is_urgent = any(duty.item is not None and duty.item.band == Band.DANGER_NOW for duty in taken)
    if is_urgent or len(taken) == room:
        Notice.objects.filter(pk=notice.pk).update(closes_at=now)
    return len(taken)


def _open_notice(group: _Group, contact: Contact, now: datetime) -> Notice | None:
    taking: QuerySet[Notice] = Notice.objects.filter(
        recipient_id=group.recipient_id,
        reminds_id=group.reminds_id,
        closes_at__gt=now,
        claimed_until__isnull=True,
        attempted_at__isnull=True,
        sent_at__isnull=True,
        cancelled_at__isnull=True,
        failed_at__isnull=True,
    )
    found = lock(taking.order_by("pk")).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Notice.objects.create(
                recipient_id=group.recipient_id,
                contact=contact,
                language=contact.recipient.language,
                reminds_id=group.reminds_id,
                opened_at=now,
                closes_at=now + _grouping(group),
            )
    except IntegrityError:
        return None


def _grouping(group: _Group) -> timedelta:
    whole: timedelta = settings.REMPART_TEMPO.grouping
    return whole / REMINDERS_WAIT_PART if group.reminds_id else whole


def _redden(duties: Sequence[Duty], contacts: dict[int, Contact], now: datetime) -> None:
    """No approved e-mail contact: the duty turns red, and a person finds one (see ``unknown_sites``)."""
    for duty in duties:
        has_other_way = duty.recipient_id in contacts
        duty.failed_at = now
        duty.failure = Failure.NO_OUTLET if has_other_way else Failure.NO_CONTACT
    Duty.objects.bulk_update(duties, ["failed_at", "failure"], batch_size=200)
    write_reddened(duties, now)


def write_reddened(duties: Iterable[Duty], now: datetime) -> None:
    """Journal lines for duties that turned red."""
    journal.write_all(journal.entry("reddened", f"duty:{duty.pk}", now=now, detail={"failure": duty.failure}) for duty in duties)

"""Who holds what: leases, holds, hand-overs. Two people never hold one group."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.access import Permission, Role, may
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import Asked
from rempart.desk.stages.triage.errors import MayNot, NotOpen, NotYours, Taken
from rempart.desk.stages.triage.models import Assessment, Claim, HandOver, Hold

QUEUE_ORDER = ("band", "due_at", "pk")
OPEN = Q(state__in=OPEN_FOR_READING, ready_at__isnull=False, assessed_at__isnull=True)
"""Open for reading. The two dates say the same as the states, in the words of the index that keeps the queue's order."""

ARBITRATORS = [role for role in Role if may(role, Permission.ARBITRATE)]


def open_to(person: Person, *, now: datetime) -> QuerySet[Item]:
    """The items this person could take now, in the order of the queue."""
    rows = _open_to(now, person.pk)
    return rows if person.may(Permission.ARBITRATE) else rows.exclude(state=State.ARBITRATION)


def _open_to(now: datetime, by: int) -> QuerySet[Item]:
    groups = {"group_key": OuterRef("group_key")}
    taken = Claim.objects.filter(**groups, expires_at__gt=now).exclude(by_id=by)
    held = Hold.objects.filter(**groups, released_at__isnull=True, until__gt=now)
    pending = Assessment.objects.filter(**groups, settled_at__isnull=True, undone_at__isnull=True)
    own_first = Assessment.objects.filter(
        **groups, by_id=by, undone_at__isnull=True, is_final=False, assessed_at__gte=OuterRef("ready_at")
    )
    rows = Item.objects.filter(OPEN).exclude(Exists(taken)).exclude(Exists(held)).exclude(Exists(pending))
    rows = rows.exclude(Exists(own_first), state=State.SECOND_READING)
    # Somebody who read it does not arbitrate it, unless nobody else could: no item waits for a person who does not exist.
    theirs = Assessment.objects.filter(group_key=OuterRef(OuterRef("group_key")), by_id=OuterRef("pk"), undone_at__isnull=True)
    colleagues = Person.objects.filter(role__in=ARBITRATORS, is_active=True).exclude(pk=by).exclude(Exists(theirs))
    rows = rows.exclude(Exists(own_first), Exists(colleagues), state=State.ARBITRATION)
    # A report of the same address came between two readings: it is not read apart, it goes along with the others.
    ahead = Item.objects.filter(**groups, state__in=[State.SECOND_READING, State.ARBITRATION])
    rows = rows.exclude(Exists(ahead), state=State.READY)
    return rows.order_by(*QUEUE_ORDER)


CANDIDATES = 5
"""Between reading the queue and taking, a colleague may have been faster: a few are tried."""

_NEXT = Asked(lambda now, by: _open_to(now, by).values_list("pk", "group_key")[:CANDIDATES])
_NEXT_TO_READ = Asked(
    lambda now, by: _open_to(now, by).exclude(state=State.ARBITRATION).values_list("pk", "group_key")[:CANDIDATES]
)


@transaction.atomic
def claim_next(person: Person, *, now: datetime) -> Claim | None:
    """Take the most urgent item nobody else looks at; None when the queue is empty."""
    queue = _NEXT if person.may(Permission.ARBITRATE) else _NEXT_TO_READ
    for item_id, group_key in queue.fetch(now, person.pk):
        try:
            return _take(Item(pk=item_id, group_key=group_key), person, now)
        except Taken:
            continue
    return None


@transaction.atomic
def claim(item: Item, person: Person, *, now: datetime) -> Claim:
    """Take this item, or renew one's own lease. Raises :class:`Taken`, :class:`NotOpen` or :class:`MayNot`."""
    if State(item.state) not in OPEN_FOR_READING:
        raise NotOpen(item.state)
    mine = Claim.objects.filter(group_key=item.group_key, by_id=person.pk)
    if mine.update(expires_at=now + settings.REMPART_TEMPO.lease, claimed_at=now):
        return mine.get()
    if not open_to(person, now=now).filter(pk=item.pk).exists():
        raise _why_not(item, now)
    return _take(item, person, now)


def _take(item: Item, person: Person, now: datetime) -> Claim:
    """The key of the lease is unique: whoever writes it first has the group. Raises :class:`Taken`."""
    expires = now + settings.REMPART_TEMPO.lease
    fresh = Claim(group_key=item.group_key, item=item, by_id=person.pk, claimed_at=now, expires_at=expires)
    Claim.objects.bulk_create([fresh], ignore_conflicts=True)
    standing = Claim.objects.get(group_key=item.group_key)
    if standing.expires_at <= now:
        Claim.objects.filter(pk=standing.pk, expires_at__lte=now).delete()
        Claim.objects.bulk_create([fresh], ignore_conflicts=True)
        standing = Claim.objects.get(group_key=item.group_key)
    if standing.by_id != person.pk:
        raise Taken("claimed")
    if standing.expires_at != expires:
        Claim.objects.filter(pk=standing.pk).update(expires_at=expires, claimed_at=now)
        standing.expires_at, standing.claimed_at = expires, now
    journal.write("claimed", f"item:{item.pk}", now=now, by=person.pk)
    return standing


def _why_not(item: Item, now: datetime) -> Exception:
    if Claim.objects.filter(group_key=item.group_key, expires_at__gt=now).exists():
        return Taken("claimed")
    if Hold.objects.filter(group_key=item.group_key, released_at__isnull=True, until__gt=now).exists():
        return Taken("held")
    if Assessment.objects.filter(group_key=item.group_key, settled_at__isnull=True, undone_at__isnull=True).exists():
        return NotOpen("pending")
    return MayNot("own_reading" if item.state == State.SECOND_READING else "arbitration")


def holder(item: Item, *, now: datetime) -> Claim | None:
    """The running lease on this item's group, if any."""
    return Claim.objects.filter(group_key=item.group_key, expires_at__gt=now).first()


def must_hold(item: Item, person: Person, *, now: datetime) -> Claim:
    """The person's own running lease. Raises :class:`NotYours`."""
    found = holder(item, now=now)
    if found is None or found.by_id != person.pk:
        raise NotYours("lease_ended" if found is None else "claimed")
    return found


@transaction.atomic
def release(item: Item, person: Person, *, now: datetime) -> None:
    """Put the item back in the queue. Raises :class:`NotYours`."""
    must_hold(item, person, now=now).delete()
    journal.write("released", f"item:{item.pk}", now=now, by=person.pk)


@transaction.atomic
def hold(item: Item, person: Person, reason: str, until: datetime, *, now: datetime) -> Hold:
    """Let the item wait until then, for a reason. Raises :class:`NotYours`."""
    must_hold(item, person, now=now).delete()
    row = Hold.objects.create(
        group_key=item.group_key,
        item=item,
        by_id=person.pk,
        sealed_reason=sealing.seal_words(reason),
        held_at=now,
        until=until,
    )
    journal.write("held", f"item:{item.pk}", now=now, by=person.pk, detail={"until": until.isoformat()})
    return row


@transaction.atomic
def let_go(item: Item, person: Person, *, now: datetime) -> None:
    """End a hold before its day."""
    Hold.objects.filter(group_key=item.group_key, released_at__isnull=True).update(released_at=now)
    journal.write("hold_ended", f"item:{item.pk}", now=now, by=person.pk)


@transaction.atomic
def hand_over(item: Item, person: Person, to: Person, word: str, *, now: datetime) -> None:
    """Pass the item to a colleague, whose lease starts now. Raises :class:`NotYours` or :class:`MayNot`."""
    standing = must_hold(item, person, now=now)
    if not to.may(Permission.ASSESS) or to.pk == person.pk:
        raise MayNot("colleague")
    standing.by_id, standing.claimed_at = to.pk, now
    # A colleague who is not at the desk this minute should still find it: four leases long.
    standing.expires_at = now + 4 * settings.REMPART_TEMPO.lease
    standing.save()
    HandOver.objects.create(
        item=item,
        from_id=person.pk,
        to_id=to.pk,
        sealed_word=sealing.seal_words(word) if word.strip() else None,
        at=now,
    )
    journal.write("handed_over", f"item:{item.pk}", now=now, by=person.pk, detail={"to": to.pk})

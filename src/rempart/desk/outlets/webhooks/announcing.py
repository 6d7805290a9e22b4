"""News of a list becomes an event for each target: at most one under way for a list, and never two within a few seconds.

While an event waits for a receiver that is down, no other is made of the same list: the next one covers all that came meanwhile.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from rempart.desk.registers.lists import canaries, entries
from rempart.desk.registers.lists.models import Entry, ListClient, Subscription, WebhookDelivery, WebhookProgress, WebhookTarget
from rempart.desk.registers.lists.webhooks import new_event_id
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Trust
from rempart.desk.rules.webhooks import SPACING


def live_targets() -> QuerySet[WebhookTarget]:
    """Those that are told."""
    return WebhookTarget.objects.filter(
        stopped_at__isnull=True, client__revoked_at__isnull=True, client__may_hold_lists=True
    ).select_related("client")


def announce(*, now: datetime) -> int:
    """Make the events that are due; returns how many."""
    targets = list(live_targets().order_by("pk"))
    if not targets:
        return 0
    entries.catch_up(now)
    heads = {list_name: entries.head(list_name) for list_name in ListName}
    made = 0
    for target in targets:
        for name in Subscription.objects.filter(client=target.client_id).values_list("list_name", flat=True):
            made += _announce(target, ListName(name), heads[ListName(name)], now)
    return made


def _announce(target: WebhookTarget, list_name: ListName, head: int, now: datetime) -> bool:
    # Of a list that it may read only now, everything so far is known: the platform begins by reading the whole.
    progress, _ = WebhookProgress.objects.get_or_create(target=target, list_name=list_name.value, defaults={"position": head})
    if head <= progress.position or (progress.at is not None and progress.at <= now < progress.at + SPACING):
        return False
    if target.deliveries.filter(list_name=list_name.value, next_at__isnull=False).exists():
        return False
    added, changed, withdrawn = counts(target.client, list_name, after=progress.position, until=head)
    is_news = added + changed + withdrawn > 0
    try:
        with transaction.atomic():
            moved = WebhookProgress.objects.filter(pk=progress.pk, position=progress.position)
            # Another worker was faster, or nothing changed on this client's copy (the canary of another one): nobody is told.
            if not moved.update(position=head, **({"at": now} if is_news else {})) or not is_news:
                return False
            WebhookDelivery.objects.create(
                target=target,
                event_id=new_event_id(),
                list_name=list_name.value,
                after=progress.position,
                position=head,
                added=added,
                changed=changed,
                withdrawn=withdrawn,
                made_at=now,
                next_at=now,
            )
    except IntegrityError:
        return False
    return True


def counts(client: ListClient, list_name: ListName, *, after: int, until: int) -> tuple[int, int, int]:
    """Entries added, changed and withdrawn in this range, as our own feed gives them to this client: with its own canaries, and
    without those of others, else the counts would tell which is which."""
    rows = Entry.objects.filter(list_name=list_name.value, position__gt=after, position__lte=until)
    drawn = list(rows.filter(canary_number__isnull=False).values_list("canary_number", flat=True))
    foreign = set(drawn) - set(canaries.on_copy_of(client.pk, [number for number in drawn if number is not None]))
    rows = rows.exclude(canary_number__in=foreign) if foreign else rows
    stands = Q(is_gone=False) & (Q(trust=Trust.CONFIRMED.value) if client.is_cautious else Q())
    total, there = rows.count(), rows.filter(stands)
    added = there.filter(first_position__gt=after).count()
    standing = there.count()
    return added, standing - added, total - standing

"""One round of the courier: make the events that are due, send those whose moment has come, write down what came of it.

The intention is a row before anything is sent. A process that dies in between leaves an event that may have arrived: it is sent
again under the same name, by which the receiver knows it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Least

from rempart.desk.outlets.look.troubles import Trouble
from rempart.desk.outlets.webhooks import destination, wire
from rempart.desk.outlets.webhooks.announcing import announce
from rempart.desk.outlets.webhooks.event import Event, body_of, headers_of
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists import connecting, webhooks
from rempart.desk.registers.lists.models import WebhookDelivery, WebhookProgress, WebhookTarget
from rempart.desk.registers.lists.readings import subject_of
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.webhooks import GONE, is_taken, wait_after

Post = Callable[[str, Mapping[str, str], bytes], int | Trouble]

AT_ONCE = 8
LEASE = timedelta(minutes=1)
"""Longer than any attempt: after it, whoever tried is taken for dead."""
KEPT = timedelta(days=30)
"""How long an event that is over stays to be looked at."""


def work(*, now: datetime, post: Post | None = None) -> int:
    """One round; returns how many events were made or tried. ``post`` replaces the real wire."""
    if not WebhookTarget.objects.exists():
        return 0
    made = announce(now=now)
    return made + deliver(now=now, post=post or _post_for_real)


def _post_for_real(url: str, headers: Mapping[str, str], body: bytes) -> int | Trouble:
    return wire.post(url, headers, body, allow_private=destination.is_private_allowed())


def sweep(*, now: datetime) -> int:
    """Forget events that were over long ago; returns how many."""
    return WebhookDelivery.objects.filter(made_at__lt=now - KEPT, next_at__isnull=True).delete()[0]


def deliver(*, now: datetime, post: Post) -> int:
    """Try those whose moment has come, several at once: one receiver that never answers delays no other."""
    tried = 0
    while claimed := _claim(now):
        letters = [_letter(one, now) for one in claimed]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
            results = list(threads.map(lambda letter: post(*letter), letters))
        for one, result in zip(claimed, results, strict=True):
            _note(one, result, now)
        tried += len(claimed)
    return tried


def _claim(now: datetime) -> list[WebhookDelivery]:
    due = WebhookDelivery.objects.filter(
        # A test is sent to a target that was stopped, too: it shows whether to start it again.
        Q(target__stopped_at__isnull=True) | Q(list_name=""),
        next_at__lte=now,
        target__client__revoked_at__isnull=True,
    )
    claimed = []
    for row in due.select_related("target__client").order_by("next_at", "pk")[:AT_ONCE]:
        free = WebhookDelivery.objects.filter(pk=row.pk, next_at=row.next_at)
        if free.update(next_at=now + LEASE, attempts=F("attempts") + 1, tried_at=now):
            row.attempts, row.next_at = row.attempts + 1, now + LEASE
            claimed.append(row)
    return claimed


def _letter(one: WebhookDelivery, now: datetime) -> tuple[str, Mapping[str, str], bytes]:
    body = body_of(_event(one))
    return one.target.url, headers_of(one.event_id, body, webhooks.signing_keys(one.target, now), now=now), body


def _event(one: WebhookDelivery) -> Event:
    public_url = settings.REMPART.public_url
    if not one.list_name:
        return Event(one.event_id, public_url, one.made_at)
    name = ListName(one.list_name)
    source = connecting.feed_address(public_url, name)
    return Event(one.event_id, source, one.made_at, name, one.position, one.added, one.changed, one.withdrawn)


@transaction.atomic
def _note(one: WebhookDelivery, result: int | Trouble, now: datetime) -> None:
    """What came of an attempt, unless somebody else has tried since."""
    is_delivered = isinstance(result, int) and is_taken(result)
    word = webhooks.DELIVERED if is_delivered else f"status_{result}" if isinstance(result, int) else result.value
    is_over = is_delivered or result == GONE or not one.list_name
    wait = None if is_over else wait_after(one.attempts)
    ours = WebhookDelivery.objects.filter(pk=one.pk, next_at=one.next_at)
    if not ours.update(outcome=word, next_at=now + wait if wait else None):
        return
    target = WebhookTarget.objects.select_for_update().get(pk=one.target_id)
    if is_delivered:
        _note_told(target, now)
    elif one.list_name:
        _note_failure(target, word, now, is_stopped=wait is None)
        if wait is None:
            # Whoever starts it again is told of what this event said, too.
            row = WebhookProgress.objects.filter(target=target, list_name=one.list_name)
            row.update(position=Least("position", Value(one.after)))


def _note_told(target: WebhookTarget, now: datetime) -> None:
    target.told_at, target.failing_since, target.trouble = now, None, ""
    target.save(update_fields=["told_at", "failing_since", "trouble"])


def _note_failure(target: WebhookTarget, word: str, now: datetime, *, is_stopped: bool) -> None:
    target.failing_since, target.trouble = target.failing_since or now, word
    if is_stopped:
        target.stopped_at = now
        journal.write("webhook_stopped", subject_of(target.client), now=now, detail={"why": word})
    target.save(update_fields=["failing_since", "trouble", "stopped_at"])

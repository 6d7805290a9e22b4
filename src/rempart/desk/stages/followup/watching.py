"""Which addresses are watched, and which of them are looked at next."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.rules.notice import Answer, Tempo
from rempart.desk.stages.action.models import Notice, NoticedItem
from rempart.desk.stages.action.queries import decided_together
from rempart.desk.stages.followup.delays import working_time_after
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.followup.queries import newest_answers
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.rows import claim, lock

LEASE = timedelta(minutes=10)
"""How long one batch of looks may take before another worker takes it over."""


@transaction.atomic
def open_watches(*, now: datetime, limit: int = 100) -> int:
    """Take over up to ``limit`` notices that were sent: watch each address, or take its watch up again. Returns how many."""
    waiting = Notice.objects.filter(sent_at__isnull=False, watched_at__isnull=True)
    notices = [notice.pk for notice in lock(waiting.order_by("pk"))[:limit]]
    if not notices:
        return 0
    told = NoticedItem.objects.filter(notice_id__in=notices, left_out_at__isnull=True).order_by("pk")
    noticed = list(told.select_related("notice__recipient", "notice__reminds", "duty", "item"))
    known = Watch.objects.filter(item_id__in=told.order_by().values("item_id"))
    standing = {watch.item_id: watch for watch in known.select_for_update()}
    said = newest_answers(notices)
    fresh = {one.item_id: _watch(one, said.get(one.item_id), now) for one in noticed if one.item_id not in standing}
    _end_older([one for one in noticed if one.item_id in fresh], now)
    Watch.objects.bulk_create(fresh.values(), batch_size=200)
    _renew([(standing[one.item_id], one) for one in noticed if one.item_id in standing])
    groups = decided_together(one.duty.assessment_id for one in noticed)
    outcomes.follow_items([item for group in groups.values() for item in group], now=now)
    Notice.objects.filter(pk__in=notices).update(watched_at=now)
    journal.write_all(journal.entry("watched", f"item:{item_id}", now=now) for item_id in fresh)
    return len(notices)


def _watch(one: NoticedItem, said: tuple[Answer, datetime] | None, now: datetime) -> Watch:
    """``said`` is what the recipient already answered: some are faster than our worker."""
    tempo: Tempo = settings.REMPART_TEMPO
    sent_at = one.notice.sent_at or now
    is_refused = said is not None and said[0] is Answer.REFUSED
    claimed_at = said[1] if said is not None and said[0] is Answer.REMOVED else None
    return Watch(
        item_id=one.item_id,
        noticed=one,
        opened_at=now,
        next_probe_at=now if is_refused or claimed_at else sent_at + tempo.first_probe,
        remind_at=working_time_after(sent_at, tempo.remind_after, one.notice.recipient),
        is_refused=is_refused,
        claimed_removed_at=claimed_at,
    )


def _end_older(noticed: list[NoticedItem], now: datetime) -> None:
    """An address that was decided on anew is watched by its new watch alone: two would find the same relapse twice."""
    addresses = [one.item.address_id for one in noticed if one.item.address_id is not None]
    older = Watch.objects.filter(item__address_id__in=addresses, gone_at__isnull=False, ended_at__isnull=True)
    older.update(ended_at=now, next_probe_at=None, claimed_until=None)


def _renew(pairs: list[tuple[Watch, NoticedItem]]) -> None:
    """A reminder or an escalation left: the next one is counted from it."""
    tempo: Tempo = settings.REMPART_TEMPO
    for watch, one in pairs:
        watch.noticed = one
        if watch.gone_at is None and watch.asked_at is None:
            watch.remind_at = working_time_after(one.notice.sent_at or watch.opened_at, tempo.remind_after, one.notice.recipient)
    Watch.objects.bulk_update([watch for watch, _ in pairs], ["noticed", "remind_at"], batch_size=200)


@dataclass(frozen=True, slots=True)
class Due:
    """One watched address to look at; ``url`` is empty when it is not a web address or was forgotten. Lives in memory only."""

    watch_id: int
    url: str


@transaction.atomic
def claim_due(*, now: datetime, limit: int = 200) -> list[Due]:
    """Take up to ``limit`` addresses whose look is due; nobody else looks at them until the lease ends."""
    due = Watch.objects.filter(ended_at__isnull=True, next_probe_at__lte=now)
    free = due.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)).order_by("next_probe_at", "pk")
    taken = claim(free, now + LEASE, limit)
    sealed = dict(
        Watch.objects.filter(pk__in=[watch.pk for watch in taken], item__address__kind=LocatorKind.URL).values_list(
            "pk", "item__address__sealed"
        )
    )
    return [Due(watch.pk, _open(sealed.get(watch.pk))) for watch in taken]


def _open(sealed: bytes | memoryview | None) -> str:
    return sealing.unseal(sealed) if sealed is not None else ""


@transaction.atomic
def put_back(turns: Iterable[tuple[int, datetime]]) -> None:
    """These addresses were claimed, but their host was called a moment ago: look at each when its turn has come."""
    by_turn: dict[datetime, list[int]] = defaultdict(list)
    for watch_id, turn in turns:
        by_turn[turn].append(watch_id)
    for turn, watch_ids in by_turn.items():
        Watch.objects.filter(pk__in=watch_ids, ended_at__isnull=True).update(claimed_until=turn)

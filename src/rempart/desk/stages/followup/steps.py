"""What a batch of looks leads to. One transaction: load the watches, ask the rule for each, write what follows."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.duties import Failure
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.notice import Seen, Step, Tempo, Watched, next_step
from rempart.desk.stages.action import filing
from rempart.desk.stages.action.models import NoticedItem
from rempart.desk.stages.action.queries import decided_together, ladder_of
from rempart.desk.stages.followup.delays import working_time_after
from rempart.desk.stages.followup.models import Probe, Watch
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.intake.steps import receive_relapse
from rempart.desk.stages.rows import lock

_CHANGING = (
    "next_probe_at", "misses", "remind_at", "reminders", "rung", "is_refused", "asked_at", "last_seen", "last_status", "gone_at",
    "recheck_until", "ended_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probed:
    """What one look at a watched address saw."""

    watch_id: int
    seen: Seen
    status: int | None = None
    trouble: str = ""


@dataclass(slots=True)
class _Look:
    """One look, its watch, and the step the rule asks for."""

    watch: Watch
    probed: Probed
    step: Step
    before: tuple[Any, ...]

    def changes(self) -> tuple[tuple[str, Any], ...]:
        """What this look changed in its watch, beside the count of looks."""
        now = _standing(self.watch)
        return tuple((name, new) for name, new, old in zip(_CHANGING, now, self.before, strict=True) if new != old)


def _standing(watch: Watch) -> tuple[Any, ...]:
    return tuple(getattr(watch, name) for name in _CHANGING)


@transaction.atomic
def record_probes(probed: Sequence[Probed], *, now: datetime) -> int:
    """Write what these looks saw and do what follows from each; returns how many were taken in.

    A watch that ended meanwhile, or that another worker holds, is passed over: the latter is looked at again.
    """
    by_watch = {one.watch_id: one for one in probed}
    watches = lock(Watch.objects.filter(pk__in=list(by_watch), ended_at__isnull=True).order_by("pk"))
    looks = [_look(watch, by_watch[watch.pk], now) for watch in watches]
    told = [look for look in looks if not _is_quiet(look)]
    for look in told:
        _note(look)
    by_step: dict[Step, list[Watch]] = defaultdict(list)
    for look in told:
        by_step[look.step].append(look.watch)
    for step, act in _ACTS.items():
        if by_step[step]:
            act(by_step[step], now)
    _save(looks, now)
    _write_probes(told, now)
    return len(looks)


def _look(watch: Watch, probed: Probed, now: datetime) -> _Look:
    standing = _watched(watch)
    step = next_step(standing, probed.seen, now, settings.REMPART_TEMPO)
    if step is Step.ESCALATE:
        # How much of the ladder is left is asked of the directory only when it matters.
        standing = replace(standing, rungs_left=_rungs_left(watch))
        step = next_step(standing, probed.seen, now, settings.REMPART_TEMPO)
    return _Look(watch, probed, step, before=_standing(watch))


def _watched(watch: Watch) -> Watched:
    return Watched(
        misses=watch.misses,
        gone_at=watch.gone_at,
        remind_at=watch.remind_at,
        reminders=watch.reminders,
        rungs_left=1,
        is_refused=watch.is_refused,
        recheck_until=watch.recheck_until,
    )


def _rungs_left(watch: Watch) -> int:
    item = Item.objects.select_related("address", "report").get(pk=watch.item_id)
    return len(ladder_of(item)) - 1 - watch.rung


def _is_quiet(look: _Look) -> bool:
    """Nothing to do and nothing new: such a look needs no row of its own."""
    is_same = (look.watch.last_seen, look.watch.last_status) == (look.probed.seen, look.probed.status)
    is_counting = look.watch.misses > 0 and look.watch.gone_at is None
    return look.step is Step.WAIT and is_same and not is_counting


def _next_look(look: _Look, now: datetime) -> datetime | None:
    tempo: Tempo = settings.REMPART_TEMPO
    watch = look.watch
    if look.step in {Step.RELAPSE, Step.CLOSE}:
        return None
    if look.step is Step.PROBE_AGAIN_SOON:
        return now + tempo.miss_spacing
    if watch.gone_at is not None:
        later = now + tempo.recheck_every
        return min(later, watch.recheck_until) if watch.recheck_until else later
    later = now + tempo.probe_every
    # A reminder leaves on time, not at the next round hour after it.
    return min(later, watch.remind_at) if watch.remind_at is not None and watch.remind_at > now else later


def _note(look: _Look) -> None:
    """What was seen, written on the watch; what follows from it is the business of the step."""
    watch, seen = look.watch, look.probed.seen
    if watch.gone_at is None:
        watch.misses = watch.misses + 1 if seen is Seen.MISSING else 0
    watch.last_seen, watch.last_status = seen, look.probed.status


def _save(looks: list[_Look], now: datetime) -> None:
    """One question for all watches that change in the same way, however many they are: most looks of a batch end alike."""
    groups: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for look in looks:
        look.watch.next_probe_at = _next_look(look, now)
        groups[look.changes()].append(look.watch.pk)
    for changes, watch_ids in groups.items():
        Watch.objects.filter(pk__in=watch_ids).update(
            **dict(changes), claimed_until=None, last_probe_at=now, looks=F("looks") + 1
        )


def _write_probes(looks: list[_Look], now: datetime) -> None:
    Probe.objects.bulk_create(
        (
            Probe(watch=look.watch, at=now, seen=look.probed.seen, status=look.probed.status, trouble=look.probed.trouble)
            for look in looks
        ),
        batch_size=500,
    )


def _noticed(watches: list[Watch]) -> dict[int, NoticedItem]:
    rows = NoticedItem.objects.filter(pk__in=[watch.noticed_id for watch in watches])
    return {one.pk: one for one in rows.select_related("duty", "notice__recipient", "item__address", "item__report")}


def items_of(watches: Sequence[Watch]) -> list[Item]:
    """Every item decided together with these watched ones: they share their fate."""
    assessments = NoticedItem.objects.filter(watches__in=watches).values_list("duty__assessment_id", flat=True)
    return [item for group in decided_together(assessments).values() for item in group]


def _declare_gone(watches: list[Watch], now: datetime) -> None:
    tempo: Tempo = settings.REMPART_TEMPO
    for watch in watches:
        watch.gone_at, watch.recheck_until = now, now + tempo.recheck_for
        watch.remind_at = None
    shared = items_of(watches)
    outcomes.close_items(shared, Closing.REMOVED, now=now)
    filing.withdraw_questions(shared, now=now)
    journal.write_all(
        journal.entry("seen_gone", f"item:{watch.item_id}", now=now, detail={"misses": watch.misses}) for watch in watches
    )


def _remind(watches: list[Watch], now: datetime) -> None:
    tempo: Tempo = settings.REMPART_TEMPO
    noticed = _noticed(watches)
    filing.file_reminders([noticed[watch.noticed_id] for watch in watches], now=now)
    for watch in watches:
        watch.reminders += 1
        # Counted again from the moment it leaves; this one stands if it never does.
        watch.remind_at = working_time_after(now, tempo.remind_after, noticed[watch.noticed_id].notice.recipient)


def _escalate(watches: list[Watch], now: datetime) -> None:
    tempo: Tempo = settings.REMPART_TEMPO
    noticed = _noticed(watches)
    for watch in watches:
        one = noticed[watch.noticed_id]
        if filing.file_escalation(one, watch.rung + 1, now=now) is None:
            _ask(watch, one, now)
            continue
        watch.rung, watch.reminders, watch.is_refused = watch.rung + 1, 0, False
        # Long enough for the new notice to leave, which sets it anew; if it never does, the watch does not fall asleep.
        watch.remind_at = working_time_after(now, 2 * tempo.remind_after, one.notice.recipient)


def _ask_supervisor(watches: list[Watch], now: datetime) -> None:
    noticed = _noticed(watches)
    for watch in watches:
        _ask(watch, noticed[watch.noticed_id], now)


def _ask(watch: Watch, one: NoticedItem, now: datetime) -> None:
    filing.ask_supervisor(one.item, Failure.LADDER_USED_UP, now=now, follows=one.duty)
    watch.asked_at, watch.remind_at = now, None


def _relapse(watches: list[Watch], now: datetime) -> None:
    """The old item stays closed, with its history; the address comes back as a new one, unless it already has."""
    items = Item.objects.select_related("report").in_bulk([watch.item_id for watch in watches])
    open_again = set(
        Item.objects.filter(address_id__in=[item.address_id for item in items.values()])
        .exclude(state=State.CLOSED)
        .values_list("address_id", flat=True)
    )
    for watch in watches:
        item = items[watch.item_id]
        watch.ended_at = now
        if item.address_id not in open_again:
            receive_relapse(item, now=now)
    journal.write_all(journal.entry("seen_again", f"item:{watch.item_id}", now=now) for watch in watches)


def _close(watches: list[Watch], now: datetime) -> None:
    for watch in watches:
        watch.ended_at = now
    journal.write_all(
        journal.entry("watch_ended", f"item:{watch.item_id}", now=now, detail={"looks": watch.looks + 1}) for watch in watches
    )


_ACTS: dict[Step, Callable[[list[Watch], datetime], None]] = {
    Step.DECLARE_GONE: _declare_gone,
    Step.REMIND: _remind,
    Step.ESCALATE: _escalate,
    Step.ASK_SUPERVISOR: _ask_supervisor,
    Step.RELAPSE: _relapse,
    Step.CLOSE: _close,
}

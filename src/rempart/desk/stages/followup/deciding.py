"""What a person decides when software has nothing left to try."""

from datetime import datetime

from django.db import transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.lifecycle import Closing
from rempart.desk.stages.action import filing
from rempart.desk.stages.followup.errors import NotWatched
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.followup.queries import watch_of
from rempart.desk.stages.followup.steps import items_of
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake.models import Item


@transaction.atomic
def close_silent(item: Item, *, by: int, now: datetime) -> None:
    """Every recipient refused or stayed silent, and a person decided to stop there. Raises :class:`NotWatched`."""
    watch = _open_watch(item)
    _end(watch, Closing.REFUSED, by, now)
    journal.write("closed_unremoved", f"item:{watch.item_id}", now=now, by=by)


@transaction.atomic
def declare_gone(item: Item, *, by: int, now: datetime) -> None:
    """A person looked where software cannot, and it is gone. Raises :class:`NotWatched`."""
    watch = _open_watch(item)
    watch.gone_at = now
    # Software could not see it come back either: there is nothing to re-check.
    _end(watch, Closing.REMOVED, by, now)
    journal.write("seen_gone", f"item:{watch.item_id}", now=now, by=by, detail={"by_a_person": True})


@transaction.atomic
def try_again(item: Item, *, by: int, now: datetime) -> None:
    """Climb the ladder once more from where we stand: it may have grown, the recipient may be ready.

    Raises :class:`NotWatched`.
    """
    watch = _open_watch(item)
    watch.asked_at, watch.is_refused, watch.reminders = None, False, 0
    watch.remind_at = watch.next_probe_at = now
    watch.save(update_fields=["asked_at", "is_refused", "reminders", "remind_at", "next_probe_at"])
    filing.withdraw_questions(items_of([watch]), now=now, by=by)
    journal.write("tried_again", f"item:{watch.item_id}", now=now, by=by)


def _open_watch(item: Item) -> Watch:
    found = watch_of(item)
    watch = (
        Watch.objects.select_for_update().filter(pk=found.pk, ended_at__isnull=True, gone_at__isnull=True).first()
        if found
        else None
    )
    if watch is None:
        raise NotWatched("not_watched")
    return watch


def _end(watch: Watch, closing: Closing, by: int, now: datetime) -> None:
    watch.ended_at, watch.next_probe_at, watch.claimed_until, watch.remind_at = now, None, None, None
    watch.save(update_fields=["gone_at", "ended_at", "next_probe_at", "claimed_until", "remind_at"])
    shared = items_of([watch])
    outcomes.close_items(shared, closing, now=now, by=by)
    filing.withdraw_questions(shared, now=now, by=by)

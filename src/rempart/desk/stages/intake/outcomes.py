"""What the later stages write back on items and reports, in batches: followed, closed, answered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.lifecycle import MOVES, Closing, State, move
from rempart.desk.stages.intake.models import Case, Item, Message, Report

_MAY_CLOSE = [state.value for state, following in MOVES.items() if State.CLOSED in following]
_MAY_FOLLOW = [state.value for state, following in MOVES.items() if State.FOLLOWED in following]


@transaction.atomic
def close_items(items: Iterable[Item], closing: Closing, *, now: datetime, by: int | None = None) -> list[Item]:
    """Close these items for this reason; returns those that were still open. One closed meanwhile stays as it is."""
    standing = _standing(items, _MAY_CLOSE)
    for item in standing:
        item.state, item.closing, item.closed_at = move(State(item.state), State.CLOSED), closing.value, now
    Item.objects.filter(pk__in=[item.pk for item in standing]).update(state=State.CLOSED, closing=closing.value, closed_at=now)
    journal.write_all(
        journal.entry("closed", f"item:{item.pk}", now=now, by=by, detail={"closing": closing.value}) for item in standing
    )
    return standing


@transaction.atomic
def follow_items(items: Iterable[Item], *, now: datetime) -> list[Item]:
    """A notice went out about these items: they are watched from now on; returns those that moved."""
    standing = _standing(items, _MAY_FOLLOW)
    for item in standing:
        item.state = move(State(item.state), State.FOLLOWED)
    Item.objects.filter(pk__in=[item.pk for item in standing]).update(state=State.FOLLOWED)
    journal.write_all(journal.entry("followed", f"item:{item.pk}", now=now) for item in standing)
    return standing


def _standing(items: Iterable[Item], states: Collection[str]) -> list[Item]:
    """The same items as the database has them now, locked, if they may still make the move."""
    rows = Item.objects.filter(pk__in=[item.pk for item in items], state__in=states)
    return list(rows.select_for_update().only("pk", "state", "report_id").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Letter:
    """One answer to put in the mailbox of a case."""

    case: Case
    text: str


@transaction.atomic
def write_to_reporters(letters: Iterable[Letter], *, now: datetime) -> int:
    """Put many answers in case mailboxes at once; erased cases are passed over. Returns how many were written."""
    readable = [letter for letter in letters if letter.case.box_public is not None]
    Message.objects.bulk_create(
        (
            Message(
                case=letter.case,
                is_from_reporter=False,
                sealed_for_staff=sealing.seal_words(letter.text),
                sealed_for_case=sealing.seal_for_case(letter.text, bytes(letter.case.box_public or b"")),
                sent_at=now,
            )
            for letter in readable
        ),
        batch_size=200,
    )
    journal.write_all(journal.entry("message_sent", f"case:{letter.case.pk}", now=now) for letter in readable)
    return len(readable)


@transaction.atomic
def record_answered(report_ids: Collection[int], *, now: datetime) -> None:
    """These reports are answered: the e-mail address given for the answer is erased in this very transaction."""
    Report.objects.filter(pk__in=report_ids, answered_at__isnull=True).update(answered_at=now, sealed_email=None)
    journal.write_all(journal.entry("answered", f"report:{pk}", now=now) for pk in report_ids)

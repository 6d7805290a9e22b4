"""Notices leave: claim, look once more, write the intention, try, write the outcome. Killed anywhere, nothing goes twice.

A notice between two attempts has no sealed text. The text is the intention: it is written, and committed, just before the
attempt. A text without an outcome whose lease is over is *in doubt*, and only a person can say what becomes of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from rempart.desk.outlets.interface import Failed, Letter, Outlet, Refused, Result, Sent
from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.directory.models import Channel, Contact
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.duties import Failure, Outcome
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.rules.notice import Seen, retry_at
from rempart.desk.stages.action.letters import compose, new_message_id, token_of
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.action.queries import decided_together, token_digest, told
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.rows import claim


class HasSeen(Protocol):
    """What a look gives back: at least what was seen."""

    @property
    def seen(self) -> Seen:
        """What the look saw."""


Look = Callable[[str], HasSeen]
"""Look at one address: status and redirects only."""


MAX_UNCLEAR = 3
"""After this many unclear looks in a row the rest of a notice leaves unchecked: a host that is down must not hold it up."""


@dataclass(slots=True)
class _Checked:
    """What the last look before sending saw, as ids of noticed items and of items."""

    gone: set[int]
    online: set[int]


def send_notices(*, now: datetime, look: Look, outlet: Outlet, limit: int = 50) -> int:
    """Send up to ``limit`` notices whose grouping is over; returns how many were taken up."""
    notices = _claim_due(now, limit)
    try:
        for notice in notices:
            checked = _look_again(notice, look)
            letter = _write_intention(notice, checked, now)
            if letter is not None:
                _record(notice, outlet.send(letter), now)
    finally:
        outlet.close()
    return len(notices)


def without_outcome() -> QuerySet[Notice]:
    """Notices that are neither sent, nor cancelled, nor red."""
    return Notice.objects.filter(sent_at__isnull=True, cancelled_at__isnull=True, failed_at__isnull=True)


@transaction.atomic
def _claim_due(now: datetime, limit: int) -> list[Notice]:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    due = without_outcome().filter(free, closes_at__lte=now, sealed_text__isnull=True)
    rows = due.select_related("recipient", "reminds__recipient").order_by("closes_at", "pk")
    return claim(rows, now + settings.REMPART_TEMPO.lease, limit)


def _look_again(notice: Notice, look: Look) -> _Checked:
    """The network is slow and the database is not held meanwhile. Gone is only said after several misses in a row."""
    checked = _Checked(set(), set())
    unclear = 0
    for one in told(notice):
        address = intake.canonical(one.item) if one.item.kind == LocatorKind.URL else ""
        if not address or unclear == MAX_UNCLEAR:
            continue
        seen = look(address).seen
        unclear = unclear + 1 if seen is Seen.UNCLEAR else 0
        if seen is Seen.ONLINE:
            checked.online.add(one.item_id)
        elif seen is Seen.MISSING and _is_missing_again(address, look):
            checked.gone.add(one.pk)
    return checked


def _is_missing_again(address: str, look: Look) -> bool:
    more = settings.REMPART_TEMPO.misses_needed - 1
    return all(look(address).seen is Seen.MISSING for _ in range(more))


@transaction.atomic
def _write_intention(notice: Notice, checked: _Checked, now: datetime) -> Letter | None:
    """Leave out what is gone; then write what is about to be sent. None when there is nothing (left) to send."""
    mine = without_outcome().filter(pk=notice.pk, claimed_until=notice.claimed_until, sealed_text__isnull=True)
    if not mine.select_for_update().exists():
        # The look took longer than the lease, and another worker has it now.
        return None
    here = list(told(notice))
    _leave_out([one for one in here if one.pk in checked.gone], now)
    left = [one for one in here if one.pk not in checked.gone]
    if not left:
        mine.update(cancelled_at=now, claimed_until=None)
        journal.write("notice_cancelled", f"notice:{notice.pk}", now=now)
        return None
    contact = directory.usable_contact(notice.recipient)
    if contact is None or contact.channel != Channel.EMAIL:
        _fail(notice, Failure.NO_CONTACT, now, "")
        return None
    return _intention(notice, contact, left, checked, now)


def _intention(notice: Notice, contact: Contact, left: Sequence[NoticedItem], checked: _Checked, now: datetime) -> Letter:
    notice.message_id = notice.message_id or new_message_id(notice)
    letter = compose(notice, contact, left, checked.online, now=now)
    Notice.objects.filter(pk=notice.pk).update(
        contact=contact,
        message_id=notice.message_id,
        token_digest=token_digest(token_of(notice)),
        sealed_text=sealing.seal_words(f"{letter.subject}\n\n{letter.text}"),
        attempted_at=now,
        attempts=notice.attempts + 1,
    )
    notice.attempts += 1
    return letter


def _leave_out(gone: Sequence[NoticedItem], now: datetime) -> None:
    if not gone:
        return
    NoticedItem.objects.filter(pk__in=[one.pk for one in gone]).update(left_out_at=now)
    _end_duties([one.duty_id for one in gone], Outcome.ALREADY_GONE, now)
    # An address already followed stays with the follow-up, whose probes will see it gone too.
    unseen = [one.duty.assessment_id for one in gone if one.item.state == State.ASSESSED]
    for items in decided_together(unseen).values():
        outcomes.close_items(items, Closing.ALREADY_GONE, now=now)


def _end_duties(duty_ids: Sequence[int], outcome: Outcome, now: datetime, by: int | None = None) -> None:
    open_duties = Duty.objects.filter(pk__in=duty_ids, done_at__isnull=True)
    open_duties.update(done_at=now, done_by_id=by, outcome=outcome.value, failed_at=None, failure="")
    journal.write_all(
        journal.entry("duty_done", f"duty:{pk}", now=now, by=by, detail={"outcome": outcome.value}) for pk in duty_ids
    )


@transaction.atomic
def _record(notice: Notice, result: Result, now: datetime) -> None:
    """Write down how the attempt ended. Slower than the lease, it may meanwhile be in doubt: the outcome ends the doubt."""
    tried = Notice.objects.filter(pk=notice.pk, message_id=notice.message_id, sent_at__isnull=True, cancelled_at__isnull=True)
    if not tried.select_for_update().exists():
        return
    match result:
        case Sent():
            record_sent(notice, now=now)
        case Refused(why):
            _fail(notice, Failure.REFUSED, now, why)
        case Failed(why, is_in_doubt=True):
            _fail(notice, Failure.IN_DOUBT, now, why)
        case Failed(why, is_temporary=is_temporary):
            _try_later(notice, why, now, is_temporary=is_temporary)


def record_sent(notice: Notice, *, now: datetime, by: int | None = None) -> None:
    """The notice was received: its duties are done and its addresses are followed. Call inside a transaction."""
    Notice.objects.filter(pk=notice.pk).update(sent_at=now, claimed_until=None, failed_at=None, failure="")
    sent = list(told(notice))
    _end_duties([one.duty_id for one in sent], Outcome.SENT, now, by)
    groups = decided_together(one.duty.assessment_id for one in sent)
    outcomes.follow_items([item for items in groups.values() for item in items], now=now)
    journal.write("notice_sent", f"notice:{notice.pk}", now=now, by=by, detail={"addresses": len(sent)})


def _fail(notice: Notice, failure: Failure, now: datetime, why: str) -> None:
    """Red, with its duties. The text stays only where it may have been received."""
    notices = Notice.objects.filter(pk=notice.pk)
    notices.update(failed_at=now, failure=failure.value, claimed_until=None)
    if failure is not Failure.IN_DOUBT:
        notices.update(sealed_text=None)
    Duty.objects.filter(noticed__notice=notice, done_at__isnull=True).update(failed_at=now, failure=failure.value)
    journal.write("notice_reddened", f"notice:{notice.pk}", now=now, detail={"failure": failure.value, "why": why})


def _try_later(notice: Notice, why: str, now: datetime, *, is_temporary: bool) -> None:
    again_at = retry_at(notice.attempts, now, settings.REMPART_TEMPO) if is_temporary else None
    if again_at is None:
        _fail(notice, Failure.NOT_SENT, now, why)
        return
    Notice.objects.filter(pk=notice.pk).update(
        closes_at=again_at, claimed_until=None, sealed_text=None, failed_at=None, failure=""
    )
    journal.write("notice_delayed", f"notice:{notice.pk}", now=now, detail={"why": why, "attempts": notice.attempts})


@transaction.atomic
def redden_doubtful(*, now: datetime, limit: int = 100) -> int:
    """Attempts whose worker never came back: received or not, nobody knows. They turn red; software never repeats them."""
    doubtful = without_outcome().filter(sealed_text__isnull=False, claimed_until__lte=now).order_by("closes_at", "pk")
    found = list(doubtful.select_for_update()[:limit])
    for notice in found:
        _fail(notice, Failure.IN_DOUBT, now, "worker_gone")
    return len(found)

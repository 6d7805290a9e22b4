"""What a person does about red duties, and what clears by itself once a contact is approved."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.directory.models import Channel, Contact
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.duties import DutyKind, Failure, Outcome
from rempart.desk.stages.action.closing import close_what_may
from rempart.desk.stages.action.errors import ActionRefused
from rempart.desk.stages.action.letters import new_message_id, token_of
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.action.queries import token_digest, told
from rempart.desk.stages.action.sending import record_sent
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.rows import lock

MAX_WHY = 500
MAX_THROUGH = 60


@transaction.atomic
def retry_duty(duty: Duty, person: Person, *, now: datetime) -> None:
    """Let the worker try again: the contact is approved, the mail server is back. Raises :class:`ActionRefused`.

    A notice in doubt is never tried again this way: see :func:`confirm_sent` and :func:`send_again`.
    """
    standing = _red(duty)
    if standing.kind == DutyKind.SUPERVISION:
        raise ActionRefused("no_way")
    if standing.kind == DutyKind.NOTICE:
        if standing.failure == Failure.IN_DOUBT:
            raise ActionRefused("in_doubt")
        _give_back([standing], now=now, by=person.pk)
    else:
        _whiten([standing], now=now, by=person.pk)


@transaction.atomic
def retry_reachable(*, now: datetime, limit: int = 200) -> int:
    """Notices that waited for a contact go on once a person approved one. Returns how many."""
    approved = Contact.objects.filter(
        recipient=OuterRef("recipient"),
        channel=Channel.EMAIL,
        approved_at__isnull=False,
        retired_at__isnull=True,
        recipient__is_active=True,
    )
    waiting = Duty.objects.filter(
        Exists(approved), kind=DutyKind.NOTICE, done_at__isnull=True, failure__in=[Failure.NO_CONTACT, Failure.NO_OUTLET]
    )
    duties = list(lock(waiting.filter(failed_at__isnull=False).order_by("failed_at", "pk"))[:limit])
    _give_back(duties, now=now, by=None)
    return len(duties)


def _red(duty: Duty) -> Duty:
    standing = Duty.objects.select_for_update(of=("self",)).select_related("item", "report").get(pk=duty.pk)
    if standing.done_at is not None:
        raise ActionRefused("already_done")
    if standing.failed_at is None:
        raise ActionRefused("not_red")
    return standing


def _give_back(duties: Sequence[Duty], *, now: datetime, by: int | None) -> None:
    """Take these notices out of the letter that failed, with all it told; the next round groups them afresh."""
    failed = Notice.objects.filter(noticed_items__duty__in=duties, sent_at__isnull=True, failed_at__isnull=False)
    notice_ids = list(failed.values_list("pk", flat=True).distinct())
    Notice.objects.filter(pk__in=notice_ids).update(cancelled_at=now, claimed_until=None)
    inside = NoticedItem.objects.filter(notice_id__in=notice_ids, left_out_at__isnull=True)
    together = list(Duty.objects.filter(noticed__in=inside, done_at__isnull=True))
    inside.delete()
    journal.write_all(journal.entry("notice_cancelled", f"notice:{pk}", now=now, by=by) for pk in notice_ids)
    everyone = {duty.pk: duty for duty in [*duties, *together]}
    _find_recipients([duty for duty in everyone.values() if duty.follows_id is None])
    _whiten(list(everyone.values()), now=now, by=by)


def _find_recipients(duties: Sequence[Duty]) -> None:
    """Whoever cannot be written to gives way to whom the directory now proposes."""
    contacts = directory.usable_contacts(duty.recipient_id for duty in duties if duty.recipient_id is not None)
    unreachable = [duty for duty in duties if duty.recipient_id not in contacts]
    known = directory.load() if unreachable else None
    for duty in unreachable:
        if known is not None and duty.item is not None:
            ladder = known.recipients_for(intake.locator(duty.item), settings.REMPART.country).ladder
            duty.recipient_id = ladder[0] if ladder else duty.recipient_id


def _whiten(duties: Sequence[Duty], *, now: datetime, by: int | None) -> None:
    for duty in duties:
        duty.failed_at, duty.failure, duty.attempts, duty.claimed_until, duty.not_before = None, "", 0, None, now
    fields = ["recipient", "failed_at", "failure", "attempts", "claimed_until", "not_before"]
    Duty.objects.bulk_update(duties, fields, batch_size=200)
    journal.write_all(journal.entry("retried", f"duty:{duty.pk}", now=now, by=by) for duty in duties)


@transaction.atomic
def clear_duty(duty: Duty, person: Person, why: str, *, now: datetime) -> None:
    """Close a red duty for a reason: it was done otherwise, or cannot be done. Raises :class:`ActionRefused`."""
    if not why.strip():
        raise ActionRefused("no_reason")
    standing = _red(duty)
    if standing.kind == DutyKind.NOTICE and standing.failure == Failure.IN_DOUBT:
        raise ActionRefused("in_doubt")
    _cancel_if_alone(standing, now)
    Duty.objects.filter(pk=standing.pk).update(
        done_at=now, done_by_id=person.pk, outcome=Outcome.CLEARED, failed_at=None, failure=""
    )
    if standing.kind == DutyKind.ANSWER and standing.report_id is not None:
        outcomes.record_answered([standing.report_id], now=now)
    # The reason may name an address: sealed like every note.
    sealed = sealing.seal_words(why.strip()[:MAX_WHY]).hex()
    journal.write("cleared", f"duty:{standing.pk}", now=now, by=person.pk, detail={"sealed_why": sealed})
    close_what_may([standing.assessment_id], now=now, by=person.pk)


def _cancel_if_alone(duty: Duty, now: datetime) -> None:
    """The letter that failed with this duty tells nobody anything: without it, it is cancelled if it was all it held."""
    for noticed in NoticedItem.objects.filter(duty=duty, left_out_at__isnull=True).select_related("notice"):
        NoticedItem.objects.filter(pk=noticed.pk).update(left_out_at=now)
        if not told(noticed.notice).exists():
            Notice.objects.filter(pk=noticed.notice_id, sent_at__isnull=True).update(cancelled_at=now)


@transaction.atomic
def confirm_sent(notice: Notice, person: Person, *, now: datetime) -> None:
    """A person knows that a notice in doubt was received. Raises :class:`ActionRefused`."""
    record_sent(_doubtful(notice), now=now, by=person.pk)


@transaction.atomic
def send_again(notice: Notice, person: Person, *, now: datetime) -> None:
    """A person prefers a possible duplicate to silence; the text will say so. Raises :class:`ActionRefused`."""
    standing = _doubtful(notice)
    Notice.objects.filter(pk=standing.pk).update(
        is_sent_again=True,
        message_id="",
        sealed_text=None,
        failed_at=None,
        failure="",
        claimed_until=None,
        closes_at=now,
        attempts=0,
    )
    Duty.objects.filter(noticed__notice=standing, done_at__isnull=True).update(failed_at=None, failure="")
    journal.write("notice_sent_again", f"notice:{standing.pk}", now=now, by=person.pk)


def _doubtful(notice: Notice) -> Notice:
    standing = Notice.objects.select_for_update().get(pk=notice.pk)
    if standing.failure != Failure.IN_DOUBT or standing.sent_at is not None or standing.cancelled_at is not None:
        raise ActionRefused("not_in_doubt")
    return standing


@transaction.atomic
def record_sent_by_hand(duty: Duty, person: Person, through: str, *, now: datetime) -> Notice:
    """A person told a recipient that software cannot write to (a form, a telephone). The address is followed from now on.

    Raises :class:`ActionRefused`.
    """
    standing = _red(duty)
    recipient, item = standing.recipient, standing.item
    if standing.kind != DutyKind.NOTICE or standing.failure == Failure.IN_DOUBT or recipient is None or item is None:
        raise ActionRefused("no_way")
    _give_back([standing], now=now, by=person.pk)
    notice = Notice.objects.create(
        recipient=recipient,
        contact=directory.usable_contact(recipient),
        language=recipient.language,
        reminds=standing.follows.noticed.notice if standing.follows else None,
        opened_at=now,
        closes_at=now,
        attempted_at=now,
    )
    NoticedItem.objects.create(notice=notice, duty=standing, item=item)
    notice.message_id = new_message_id(notice)
    notice.token_digest = token_digest(token_of(notice))
    notice.save(update_fields=["message_id", "token_digest"])
    record_sent(notice, now=now, by=person.pk)
    journal.write("sent_by_hand", f"duty:{standing.pk}", now=now, by=person.pk, detail={"through": through[:MAX_THROUGH]})
    return notice

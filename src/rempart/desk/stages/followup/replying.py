"""What recipients answer. A claim is not a fact: "removed" is looked at before it is believed. History only grows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.models import Channel
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.rules import statement as statement_rules
from rempart.desk.rules.duties import Failure
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.rules.notice import Answer
from rempart.desk.rules.statement import MAX_EXPLANATION, MAX_GROUND, Statement
from rempart.desk.stages.action import filing
from rempart.desk.stages.action.models import Notice, NoticedItem
from rempart.desk.stages.action.queries import told
from rempart.desk.stages.followup.delays import working_time_after
from rempart.desk.stages.followup.errors import ReplyRefused
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.stages.intake.models import Item

MAX_WORDS = MAX_GROUND + MAX_EXPLANATION + 500
FOUND_BY_RECIPIENT = "recipient_answer"


class Through(StrEnum):
    """How an answer reached us."""

    RECIPIENT = "recipient"
    """The answer link of the notice."""
    STAFF = "staff"
    """A person typed in what came by mail or telephone."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer about one address. ``contact`` is the e-mail address to write to instead, when this one is wrong."""

    answer: Answer
    statement: Statement = field(default_factory=Statement)
    words: str = ""
    contact: str = ""


def record_reply(notice: Notice, item: Item, said: Said, *, through: Through, now: datetime, by: int | None = None) -> None:
    """Keep one answer; see :func:`record_replies`."""
    record_replies(notice, {item.pk: said}, through=through, now=now, by=by)


@transaction.atomic
def record_replies(notice: Notice, said: Mapping[int, Said], *, through: Through, now: datetime, by: int | None = None) -> None:
    """Keep these answers, by item, and do what follows from each. Raises :class:`ReplyRefused`; then nothing was kept.

    Removed: looked at soon. Refused: the next look escalates. Need more, wrong address: red, for a person.
    """
    noticed = {one.item_id: one for one in told(notice).filter(item_id__in=list(said))}
    _check(said, noticed)
    watches = {watch.item_id: watch for watch in Watch.objects.select_for_update().filter(item_id__in=list(said))}
    for item_id, one in said.items():
        watch = watches.get(item_id)
        if watch is not None and watch.ended_at is None and watch.gone_at is None:
            _follow(watch, one, noticed[item_id], now)
        if one.answer in _FOR_A_PERSON:
            filing.ask_supervisor(noticed[item_id].item, _FOR_A_PERSON[one.answer], now=now, follows=noticed[item_id].duty)
    _suggest(notice, said, now)
    Reply.objects.bulk_create(_reply(notice, item_id, one, through, by, now) for item_id, one in said.items())
    journal.write_all(
        journal.entry("replied", f"item:{item_id}", now=now, by=by, detail={"answer": one.answer, "notice": notice.pk})
        for item_id, one in said.items()
    )


_FOR_A_PERSON = {Answer.NEED_MORE: Failure.NEED_MORE, Answer.WRONG_ADDRESS: Failure.WRONG_ADDRESS}


def _check(said: Mapping[int, Said], noticed: Mapping[int, NoticedItem]) -> None:
    if not said:
        raise ReplyRefused("nothing_said")
    if set(said) - set(noticed):
        raise ReplyRefused("not_in_notice")
    wrong = {
        problem
        for one in said.values()
        for problem in statement_rules.problems(one.statement, is_refusal=one.answer is Answer.REFUSED)
    }
    if any(len(one.words) > MAX_WORDS for one in said.values()):
        wrong.add("too_long")
    if wrong:
        raise ReplyRefused(*sorted(wrong))


def _follow(watch: Watch, said: Said, noticed: NoticedItem, now: datetime) -> None:
    tempo = settings.REMPART_TEMPO
    match said.answer:
        case Answer.REMOVED:
            watch.claimed_removed_at, watch.is_refused = now, False
            if noticed.item.kind != LocatorKind.URL:
                filing.ask_supervisor(noticed.item, Failure.CANNOT_LOOK, now=now, follows=noticed.duty)
            watch.remind_at = watch.remind_at and max(watch.remind_at, now + tempo.miss_spacing * tempo.misses_needed)
        case Answer.REFUSED:
            # Only the recipient being waited for can refuse: one below it on the ladder already did, or stayed silent.
            watch.is_refused = noticed.notice_id == watch.noticed_id or watch.is_refused or _same_recipient(watch, noticed)
        case Answer.NEED_MORE | Answer.WRONG_ADDRESS:
            # A person answers first: no reminder until a working day has passed.
            watch.remind_at = watch.remind_at and working_time_after(now, tempo.remind_after, noticed.notice.recipient)
    if said.answer in {Answer.REMOVED, Answer.REFUSED}:
        watch.next_probe_at, watch.claimed_until = now, None
    watch.save(update_fields=["claimed_removed_at", "is_refused", "remind_at", "next_probe_at", "claimed_until"])


def _same_recipient(watch: Watch, noticed: NoticedItem) -> bool:
    return NoticedItem.objects.filter(pk=watch.noticed_id, notice__recipient_id=noticed.notice.recipient_id).exists()


def _suggest(notice: Notice, said: Mapping[int, Said], now: datetime) -> None:
    """Another contact of the same recipient, for a person to check and approve; nothing goes there before."""
    for contact in sorted({one.contact.strip() for one in said.values() if one.answer is Answer.WRONG_ADDRESS} - {""}):
        try:
            directory.add_contact(notice.recipient, Channel.EMAIL, contact, found_by=FOUND_BY_RECIPIENT, now=now)
        except DirectoryRefused:
            # Not an e-mail address: what was typed is in the words of the reply, which a person reads.
            continue


def _reply(notice: Notice, item_id: int, said: Said, through: Through, by: int | None, now: datetime) -> Reply:
    words = "\n".join(part for part in (said.words.strip(), said.contact.strip()) if part)
    return Reply(
        notice=notice,
        item_id=item_id,
        answer=said.answer,
        statement=statement_rules.as_data(said.statement),
        sealed_words=sealing.seal_words(words) if words else None,
        at=now,
        through=through,
        by_id=by,
    )

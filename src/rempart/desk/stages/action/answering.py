"""Reporters are answered: in the case mailbox at once, and by an e-mail that only says so to those who asked for one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from secrets import token_hex

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from rempart.desk.outlets.case_mailbox.answers import Answered, AnswerWords, Help, write_answer
from rempart.desk.outlets.email.letters import write_answer_waits
from rempart.desk.outlets.interface import Failed, Letter, Outlet, Refused, Result, Sent, UnsafeHeader
from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.duties import DutyKind, Failure, Outcome, owed_to_reporter
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.notice import retry_at
from rempart.desk.rules.report import AgeBand, AnswerBy, Concerns, DangerNow
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.rows import claim, lock
from rempart.desk.stages.triage.models import DecidedItem

_UNDECIDED = [State.RECEIVED, *OPEN_FOR_READING]
_MINORS = frozenset({AgeBand.UNDER_13, AgeBand.FROM_13_TO_14, AgeBand.FROM_15_TO_17})


@dataclass(slots=True)
class _Decided:
    """What was decided about one report: its addresses, and the last assessment, which the duties cite."""

    answered: list[Answered] = field(default_factory=list)
    assessment_id: int = 0


def reports_to_answer() -> QuerySet[Report]:
    """Reports whose every address is decided, and whose answer is not owed yet."""
    undecided = Item.objects.filter(report=OuterRef("pk"), state__in=_UNDECIDED)
    owed = Duty.objects.filter(report=OuterRef("pk"), kind=DutyKind.ANSWER)
    decided = DecidedItem.objects.filter(item__report=OuterRef("pk"))
    waiting = Report.objects.filter(Exists(decided), answered_at__isnull=True)
    return waiting.exclude(Exists(undecided)).exclude(Exists(owed))


@transaction.atomic
def answer_reports(*, now: datetime, limit: int = 200) -> int:
    """Answer up to ``limit`` reports whose every address is decided. Returns how many.

    Everything happens at once but the e-mail, which leaves the database: :func:`tell_by_email` sends it.
    """
    reports = list(lock(reports_to_answer().select_related("case").order_by("pk"))[:limit])
    if not reports:
        return 0
    found = _decisions(reports)
    ends = {report.pk: _how_it_ends(report) for report in reports}
    _write_duties(reports, found, ends, now)
    _write_answers([report for report in reports if _is_written(ends[report.pk])], found, now)
    outcomes.record_answered([pk for pk, outcome in ends.items() if outcome is not None], now=now)
    return len(reports)


def _decisions(reports: Sequence[Report]) -> dict[int, _Decided]:
    found: dict[int, _Decided] = defaultdict(_Decided)
    rows = DecidedItem.objects.filter(item__report__in=reports).order_by("item__report", "item__ordinal")
    for pk, number, verdict, assessment_id in rows.values_list(
        "item__report_id", "item__ordinal", "assessment__verdict", "assessment_id"
    ):
        found[pk].answered.append(Answered(number, Verdict(verdict)))
        found[pk].assessment_id = max(found[pk].assessment_id, assessment_id)
    return found


def _how_it_ends(report: Report) -> Outcome | None:
    """The outcome at once, or None when an e-mail must go first."""
    if report.case is None:
        return Outcome.NO_CASE
    if report.case.box_public is None:
        return Outcome.CASE_ERASED
    if report.answer_by == AnswerBy.NOTHING:
        return Outcome.NO_ANSWER_WANTED
    return None if report.answer_by == AnswerBy.EMAIL and report.sealed_email is not None else Outcome.ANSWERED


def _is_written(outcome: Outcome | None) -> bool:
    return outcome in {None, Outcome.ANSWERED}


def _write_duties(reports: Sequence[Report], found: dict[int, _Decided], ends: dict[int, Outcome | None], now: datetime) -> None:
    """The referral is in the same message as the answer: it is done once that message is written."""
    duties = []
    for report in reports:
        verdicts = tuple(one.verdict for one in found[report.pk].answered)
        for kind in owed_to_reporter(verdicts):
            outcome = ends[report.pk] if kind is DutyKind.ANSWER else (ends[report.pk] or Outcome.ANSWERED)
            duties.append(
                Duty(
                    kind=kind,
                    assessment_id=found[report.pk].assessment_id,
                    report=report,
                    filed_at=now,
                    not_before=now,
                    done_at=now if outcome else None,
                    outcome=outcome.value if outcome else "",
                )
            )
    Duty.objects.bulk_create(duties, batch_size=200)


def _write_answers(reports: Sequence[Report], found: dict[int, _Decided], now: datetime) -> None:
    services = _services() if any(_needs_services(found[report.pk]) for report in reports) else ()
    letters = []
    for report in reports:
        text = write_answer(_words(report, tuple(found[report.pk].answered), services))
        if report.case is not None:
            letters.append(outcomes.Letter(report.case, text))
    outcomes.write_to_reporters(letters, now=now)


def _needs_services(decided: _Decided) -> bool:
    return any(one.verdict is Verdict.LAWFUL_HELP_NEEDED for one in decided.answered)


def _words(report: Report, answered: tuple[Answered, ...], services: tuple[Help, ...]) -> AnswerWords:
    needs_services = any(one.verdict is Verdict.LAWFUL_HELP_NEEDED for one in answered)
    return AnswerWords(
        language=report.language,
        answered=answered,
        is_young=report.concerns == Concerns.ME and AgeBand(report.age_band) in _MINORS,
        is_in_danger=report.danger_now == DangerNow.YES,
        is_in_france=settings.REMPART.country == "FR",
        services=services if needs_services else (),
    )


def _services() -> tuple[Help, ...]:
    """The help services of the directory that a person approved a contact of."""
    found = []
    rows = list(directory.help_services(settings.REMPART.country))
    contacts = directory.usable_contacts(row.pk for row in rows)
    for row in rows:
        if row.pk in contacts:
            found.append(Help(row.name, contacts[row.pk].address, row.opening_hours))
    return tuple(found)


def tell_by_email(*, now: datetime, outlet: Outlet, limit: int = 50) -> int:
    """Tell up to ``limit`` reporters who asked for an e-mail that an answer waits. Returns how many were taken up."""
    duties = _claim_emails(now, limit)
    try:
        for duty in duties:
            letter = _write_intention(duty, now)
            if letter is not None:
                _record(duty, outlet.send(letter), now)
    finally:
        if duties:
            outlet.close()
    return len(duties)


@transaction.atomic
def _claim_emails(now: datetime, limit: int) -> list[Duty]:
    rows = Duty.objects.filter(
        kind=DutyKind.ANSWER,
        done_at__isnull=True,
        failed_at__isnull=True,
        failure="",
        not_before__lte=now,
    )
    rows = rows.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now))
    return claim(rows.select_related("report").order_by("not_before", "pk"), now + settings.REMPART_TEMPO.lease, limit)


@transaction.atomic
def _write_intention(duty: Duty, now: datetime) -> Letter | None:
    """Say *in doubt* before the attempt; only its outcome takes that back. None when there is nobody (left) to tell."""
    mine = Duty.objects.filter(pk=duty.pk, claimed_until=duty.claimed_until, done_at__isnull=True, failure="")
    if not mine.update(attempts=duty.attempts + 1, failure=Failure.IN_DOUBT):
        # The lease is over and another worker has it now.
        return None
    duty.attempts += 1
    report = Report.objects.select_for_update().get(duties=duty)
    if report.sealed_email is None:
        _finish(duty, Outcome.CASE_ERASED if report.forgotten_at else Outcome.ANSWERED_NOT_TOLD, now)
        return None
    written = write_answer_waits(report.language)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    try:
        return Letter(
            to=sealing.unseal(bytes(report.sealed_email)).strip(),
            subject=written.subject,
            text=written.text,
            message_id=f"<{token_hex(16)}@{domain}>",
            language=report.language,
        )
    except UnsafeHeader:
        _finish(duty, Outcome.ANSWERED_NOT_TOLD, now)
        return None


def _finish(duty: Duty, outcome: Outcome, now: datetime) -> None:
    """The answer is recorded and the e-mail address is erased, in one transaction."""
    Duty.objects.filter(pk=duty.pk, done_at__isnull=True).update(
        done_at=now, outcome=outcome.value, failed_at=None, failure="", claimed_until=None
    )
    if duty.report_id is not None:
        outcomes.record_answered([duty.report_id], now=now)
    journal.write("duty_done", f"duty:{duty.pk}", now=now, detail={"outcome": outcome.value})


@transaction.atomic
def _record(duty: Duty, result: Result, now: datetime) -> None:
    match result:
        case Sent():
            _finish(duty, Outcome.ANSWERED_AND_TOLD, now)
        case Refused():
            # No such mailbox: nobody can mend that, and the answer is on the case page.
            _finish(duty, Outcome.ANSWERED_NOT_TOLD, now)
        case Failed(why, is_in_doubt=True):
            _redden([duty], Failure.IN_DOUBT, now, why)
        case Failed(why, is_temporary=is_temporary):
            again_at = retry_at(duty.attempts, now, settings.REMPART_TEMPO) if is_temporary else None
            if again_at is None:
                _redden([duty], Failure.NOT_SENT, now, why)
            else:
                Duty.objects.filter(pk=duty.pk).update(not_before=again_at, claimed_until=None, failure="")


def _redden(duties: Sequence[Duty], failure: Failure, now: datetime, why: str) -> None:
    ids = [duty.pk for duty in duties]
    Duty.objects.filter(pk__in=ids, done_at__isnull=True).update(failed_at=now, failure=failure.value, claimed_until=None)
    detail = {"failure": failure.value, "why": why}
    journal.write_all(journal.entry("reddened", f"duty:{pk}", now=now, detail=detail) for pk in ids)


@transaction.atomic
def redden_doubtful_emails(*, now: datetime, limit: int = 100) -> int:
    """E-mails whose worker never came back. Told or not, nobody knows: a person retries (harmless) or clears."""
    doubtful = Duty.objects.filter(
        kind=DutyKind.ANSWER,
        done_at__isnull=True,
        failed_at__isnull=True,
        failure=Failure.IN_DOUBT,
        claimed_until__lte=now,
    )
    duties = list(lock(doubtful.order_by("not_before", "pk"))[:limit])
    _redden(duties, Failure.IN_DOUBT, now, "worker_gone")
    return len(duties)

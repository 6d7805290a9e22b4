"""A report arrives. Each function is one transaction: load, ask a rule, write rows, write the journal."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.sealing import CaseKeys
from rempart.desk.rules import report as report_rules
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.locator import MAX_LOCATORS, MAX_TEXT, Locator, LocatorKind, read_locators
from rempart.desk.rules.protection import Age, Helper
from rempart.desk.rules.queue import TARGET_DELAY, Band, band, due_at
from rempart.desk.rules.report import AgeBand, AnswerBy, Category, Concerns, DangerNow, Details, Draft, ReportKind, Source
from rempart.desk.rules.retention import half_sent_cutoff
from rempart.desk.rules.trust import Fact
from rempart.desk.rules.written_fingerprints import fingerprints_in
from rempart.desk.stages.intake.errors import ErasureRefused, MessageRefused, NoSuchCase, ReportRefused
from rempart.desk.stages.intake.models import Case, Item, Match, Message, Report, WrittenFingerprints
from rempart.desk.stages.rows import lock

FROM_THE_PUBLIC = frozenset({Source.PUBLIC_FORM, Source.STAFF})
# Whoever protects a picture says her age in other bands: 13 to 15 is in none of ours.
_AGE_BANDS = {Age.UNDER_13: AgeBand.UNDER_13, Age.FROM_16_TO_17: AgeBand.FROM_15_TO_17, Age.ADULT: AgeBand.ADULT}
MOST_ITEMS = 1_000
"""Items one report may grow to, when addresses are added to it again and again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the door shows after a report was written down. ``code`` is None for partners, who have no case page.

    ``item_count`` is what the report now holds, ``added_count`` what this sending brought: none when it came before.
    """

    report_id: int
    item_count: int
    code: CaseCode | None
    added_count: int


@transaction.atomic
def receive_report(draft: Draft, *, now: datetime, code: CaseCode | None = None) -> Receipt:
    """Write down a report, its items and its case. Raises :class:`ReportRefused`; then nothing was kept.

    ``code`` was made for this form when it was shown. Sent twice, it is one report: what came before is continued.
    """
    found = _things_to_decide_on(draft)
    _must_be_right(draft.details)
    if draft.source not in FROM_THE_PUBLIC:
        return _write_down(draft, found, None, None, now)
    if code is None:
        code = sealing.new_case_code()
        return _write_down(draft, found, _open_case(code, draft.language, now), code, now)
    return _continue_or_begin(draft, found, case_for(code, draft.language, now), code, now)


@transaction.atomic
def add_addresses(draft: Draft, code: CaseCode, *, now: datetime, is_complete: bool) -> Receipt:
    """More addresses for a case that exists: to its report, or to a new one when that is answered or older than a day.

    ``is_complete`` when no form will say more: a new report is then about the same as the one before, or as its pictures.
    Raises :class:`NoSuchCase` or :class:`ReportRefused`.
    """
    found = _things_to_decide_on(draft)
    _must_be_right(draft.details)
    keys = sealing.case_keys(code)
    case = locked_case(keys)
    if case is None:
        raise NoSuchCase("no_such_case")
    if is_complete:
        draft = replace(draft, details=_known_details(case))
    receipt = _continue_or_begin(draft, found, case, code, now)
    if is_complete:
        Report.objects.filter(pk=receipt.report_id, completed_at__isnull=True, received_at=now).update(completed_at=now)
    return receipt


def _must_be_right(details: Details) -> None:
    wrong = report_rules.problems(details)
    if wrong:
        raise ReportRefused(*wrong)


def _things_to_decide_on(draft: Draft) -> tuple[Locator, ...]:
    if len(draft.addresses) > MAX_TEXT:
        raise ReportRefused("text_too_long")
    found = read_locators(draft.addresses, limit=MAX_LOCATORS + 1)
    if len(found) > MAX_LOCATORS:
        raise ReportRefused("too_many_addresses")
    if not found and draft.has_no_link:
        # Whatever was typed instead of an address is kept as the typed text of the one item.
        typed = draft.addresses.strip()
        return (Locator(LocatorKind.NO_LINK, typed=typed, canonical="", host=None, site=None, account=None),)
    if not found:
        raise ReportRefused("nothing_to_look_at")
    return found


def _open_case(code: CaseCode, language: str, now: datetime) -> Case:
    keys = sealing.case_keys(code)
    return Case.objects.create(lookup=keys.lookup, box_public=keys.public_bytes, language=language, opened_at=now)


def locked_case(keys: CaseKeys) -> Case | None:
    """The case these keys open, locked for the running transaction."""
    return Case.objects.select_for_update().filter(lookup=keys.lookup).first()


def case_for(code: CaseCode, language: str, now: datetime) -> Case:
    """The case of this code, locked: of two identical forms sent at one moment, the second waits for the first."""
    keys = sealing.case_keys(code)
    known = locked_case(keys)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _open_case(code, language, now)
    except IntegrityError:
        return Case.objects.select_for_update().get(lookup=keys.lookup)


def _continue_or_begin(draft: Draft, found: tuple[Locator, ...], case: Case, code: CaseCode, now: datetime) -> Receipt:
    open_since = half_sent_cutoff(now, settings.REMPART_RETENTION)
    # Locked too: the later pages of the form change the priority of its items.
    newest = case.reports.select_for_update().filter(kind=ReportKind.REPORT).order_by("-pk").first()
    if newest is None or newest.answered_at is not None or newest.received_at <= open_since:
        return _write_down(draft, found, case, code, now)
    _note_fingerprints(newest, draft.addresses)
    return _continue(newest, found, code, now)


def _write_down(draft: Draft, found: tuple[Locator, ...], case: Case | None, code: CaseCode | None, now: datetime) -> Receipt:
    report = Report(case=case, source=draft.source, kind=draft.kind, language=draft.language, received_at=now)
    _fill(report, draft.details)
    report.save(force_insert=True)
    _add_items(report, {_digest(locator): locator for locator in found}, draft.details, 1, now)
    _note_fingerprints(report, draft.addresses, draft.details.story)
    journal.write("received", f"report:{report.pk}", now=now, detail={"source": draft.source, "items": len(found)})
    return Receipt(report_id=report.pk, item_count=len(found), code=code, added_count=len(found))


def _continue(report: Report, found: tuple[Locator, ...], code: CaseCode, now: datetime) -> Receipt:
    """The same report again: only what it does not hold yet is added."""
    held = list(report.items.order_by("ordinal").values_list("ordinal", "address_digest"))
    known = {bytes(digest) for _ordinal, digest in held if digest is not None}
    fresh = {digest: locator for locator in found if (digest := _digest(locator)) not in known}
    last = held[-1][0] if held else 0
    if fresh and last + len(fresh) > MOST_ITEMS:
        raise ReportRefused("report_full")
    if fresh:
        _add_items(report, fresh, _said(report), last + 1, now)
        journal.write("addresses_added", f"report:{report.pk}", now=now, detail={"items": len(fresh)})
    return Receipt(report_id=report.pk, item_count=len(held) + len(fresh), code=code, added_count=len(fresh))


def _digest(locator: Locator) -> bytes:
    if locator.kind is LocatorKind.NO_LINK:
        return sealing.digest("typed", locator.typed)
    return sealing.digest("address", "\x00".join(locator.identity))


def _known_details(case: Case) -> Details:
    """What we know without asking again: from the newest report, or from whoever protects a picture under this code."""
    report = case.reports.filter(kind=ReportKind.REPORT).order_by("-pk").first()
    if report is not None:
        return _still_true(report)
    protection = bank.of_case(case.pk).last()
    if protection is None:
        return Details()
    is_about_me = Helper(protection.helper) is Helper.NOBODY
    return Details(
        concerns=Concerns.ME if is_about_me else Concerns.CHILD_I_KNOW,
        age_band=_AGE_BANDS.get(Age(protection.age), AgeBand.NOT_SAID),
    )


def _said(report: Report) -> Details:
    """What the report says in clear: all that its priority depends on."""
    return Details(
        category=Category(report.category),
        concerns=Concerns(report.concerns),
        age_band=AgeBand(report.age_band),
        danger_now=DangerNow(report.danger_now),
    )


def _still_true(report: Report) -> Details:
    """Whom and what it is about does not change with time; danger *now* does."""
    return replace(_said(report), danger_now=DangerNow.NOT_SAID)


def _fill(report: Report, details: Details) -> None:
    report.category, report.concerns = details.category, details.concerns
    report.age_band, report.danger_now = details.age_band, details.danger_now
    report.answer_by = details.answer_by
    report.sealed_story = sealing.seal_words(details.story) if details.story.strip() else None
    has_email = details.answer_by is AnswerBy.EMAIL and details.email
    report.sealed_email = sealing.seal_words(details.email) if has_email else None


def _note_fingerprints(report: Report, *texts: str) -> None:
    """For the worker, who looks for them later: nothing that the door does or answers depends on what the bank holds."""
    written = fingerprints_in("\n".join(texts))
    if written:
        WrittenFingerprints.objects.create(report=report, sealed=sealing.seal_words("\n".join(written)))


def _add_items(report: Report, found: dict[bytes, Locator], details: Details, first: int, now: datetime) -> None:
    priority = band(details)
    Item.objects.bulk_create(
        Item(
            report=report,
            ordinal=ordinal,
            kind=locator.kind,
            sealed_typed=sealing.seal_address(locator.typed),
            address_digest=digest,
            band=priority,
            due_at=due_at(priority, now),
            received_at=now,
        )
        for ordinal, (digest, locator) in enumerate(found.items(), start=first)
    )


@transaction.atomic
def add_details(keys: CaseKeys, details: Details, *, now: datetime, is_complete: bool) -> None:
    """Keep what a later page of the form said. The priority of items not yet decided follows.

    Raises :class:`NoSuchCase`, or :class:`ReportRefused` (then what was kept before still stands).
    """
    _must_be_right(details)
    report = Report.objects.select_for_update().get(pk=newest_report(keys).pk)
    _fill(report, details)
    if is_complete and report.completed_at is None:
        report.completed_at = now
    report.save()
    _note_fingerprints(report, details.story)
    priority = band(details)
    undecided = report.items.filter(state__in=[State.RECEIVED, *OPEN_FOR_READING])
    undecided.update(band=priority, due_at=F("received_at") + TARGET_DELAY[priority])
    journal.write("details_added", f"report:{report.pk}", now=now, detail={"is_complete": is_complete})


@transaction.atomic
def complete_half_sent(*, now: datetime, limit: int = 500) -> int:
    """A person who stopped midway has still reported: after a day the report is complete as it is. Returns how many."""
    cutoff = half_sent_cutoff(now, settings.REMPART_RETENTION)
    waiting = Report.objects.filter(completed_at__isnull=True, received_at__lte=cutoff).order_by("received_at", "pk")
    reports = [report.pk for report in lock(waiting.only("pk"))[:limit]]
    if reports:
        Report.objects.filter(pk__in=reports).update(completed_at=now)
    return len(reports)


def newest_report(keys: CaseKeys) -> Report:
    """The report the form of this case is still filling. Raises :class:`NoSuchCase`."""
    report = Report.objects.filter(case__lookup=keys.lookup, kind=ReportKind.REPORT).order_by("-pk").first()
    if report is None:
        raise NoSuchCase("no_such_case")
    return report


@transaction.atomic
def note_visit(keys: CaseKeys, *, now: datetime) -> Case:
    """The holder of the code came back: note when, and mark our messages as read. Raises :class:`NoSuchCase`."""
    case = Case.objects.filter(lookup=keys.lookup).first()
    if case is None:
        raise NoSuchCase("no_such_case")
    Case.objects.filter(pk=case.pk).update(last_seen_at=now)
    case.messages.filter(is_from_reporter=False, read_at__isnull=True).update(read_at=now)
    return case


@transaction.atomic
def write_to_hotline(keys: CaseKeys, text: str, *, now: datetime) -> None:
    """A message from the reporter. Raises :class:`NoSuchCase` or :class:`MessageRefused`."""
    case = Case.objects.filter(lookup=keys.lookup).first()
    if case is None:
        raise NoSuchCase("no_such_case")
    _add_message(case, text, is_from_reporter=True, by=None, now=now)
    journal.write("message_received", f"case:{case.pk}", now=now)


@transaction.atomic
def write_to_reporter(case: Case, text: str, *, by: int | None, now: datetime, seen: int | None = None) -> None:
    """A message to the holder of the code. Does nothing on an erased case: there is nobody left to read it.

    ``seen`` is the number of the newest message the writer saw: pressed twice, the second is refused (``sent_already``).
    """
    if case.box_public is None:
        return
    if seen is not None and Case.objects.select_for_update().get(pk=case.pk).messages.filter(pk__gt=seen, by_id=by).exists():
        raise MessageRefused("sent_already")
    _add_message(case, text, is_from_reporter=False, by=by, now=now)
    journal.write("message_sent", f"case:{case.pk}", now=now, by=by)


def _add_message(case: Case, text: str, *, is_from_reporter: bool, by: int | None, now: datetime) -> None:
    if not text.strip():
        raise MessageRefused("empty")
    if len(text) > report_rules.MAX_MESSAGE:
        raise MessageRefused("too_long")
    Message.objects.create(
        case=case,
        is_from_reporter=is_from_reporter,
        sealed_for_staff=sealing.seal_words(text),
        sealed_for_case=sealing.seal_for_case(text, bytes(case.box_public or b"")),
        by_id=by,
        sent_at=now,
        read_at=None,
    )


@transaction.atomic
def mark_read_by_staff(case: Case, *, by: int, now: datetime) -> None:
    """A person of the staff read the reporter's messages."""
    read = case.messages.filter(is_from_reporter=True, read_at__isnull=True).update(read_at=now)
    if read:
        journal.write("messages_read", f"case:{case.pk}", now=now, by=by, detail={"messages": read})


@transaction.atomic
def erase_case(keys: CaseKeys, *, now: datetime) -> None:
    """Forget the reporter: words, messages, e-mail address, protections and the code itself. The addresses reported stay in
    treatment.

    Raises :class:`NoSuchCase`, or :class:`ErasureRefused` while protections stand that were declared on a shared device: whoever
    else holds it must not end them at once.
    """
    case = locked_case(keys)
    if case is None:
        raise NoSuchCase("no_such_case")
    if bank.standing(case.pk).filter(is_device_shared=True).exists():
        raise ErasureRefused("protections_stand")
    bank.end(bank.standing(case.pk), Fact.WITHDRAWAL, now=now, why="case_erased")
    forget_words(case, now=now)
    Case.objects.filter(pk=case.pk).update(lookup=None, box_public=None, last_seen_at=None, erased_at=now)
    journal.write("case_erased", f"case:{case.pk}", now=now)


def forget_words(case: Case, *, now: datetime) -> None:
    """Delete what the reporter of this case wrote and what we answered. Call inside a transaction."""
    case.messages.all().delete()
    case.reports.update(sealed_story=None, sealed_email=None, forgotten_at=now)
    forget_fingerprints(case.reports.values_list("pk", flat=True))


def forget_fingerprints(reports: Iterable[int]) -> None:
    """The fingerprints these reports wrote, and what the bank knew of them, go with their words. Call inside a transaction."""
    numbers = list(reports)
    WrittenFingerprints.objects.filter(report__in=numbers).delete()
    Match.objects.filter(report__in=numbers).delete()


@transaction.atomic
def receive_relapse(item: Item, *, now: datetime) -> Item:
    """An address seen gone is back: a new report and a new item that cites the former one."""
    return _receive_again(item, Source.RELAPSE, ReportKind.RELAPSE, story="", now=now)


@transaction.atomic
def receive_appeal(item: Item, words: str, *, source: Source, now: datetime) -> Item:
    """Somebody objects to what was decided about an address: a new report and a new item that cites the former one."""
    return _receive_again(item, source, ReportKind.APPEAL, story=words, now=now)


def _receive_again(item: Item, source: Source, kind: ReportKind, *, story: str, now: datetime) -> Item:
    priority = min(item.band, band(Details()))
    report = Report.objects.create(
        source=source,
        kind=kind,
        language=item.report.language,
        answer_by=AnswerBy.NOTHING,
        sealed_story=sealing.seal_words(story) if story.strip() else None,
        received_at=now,
        completed_at=now,
    )
    again = Item.objects.create(
        report=report,
        ordinal=1,
        kind=item.kind,
        sealed_typed=item.sealed_typed,
        address_digest=item.address_digest,
        band=priority,
        due_at=due_at(Band(priority), now),
        received_at=now,
        relapse_of=item,
    )
    _note_fingerprints(report, story)
    journal.write(kind.value, f"report:{report.pk}", now=now, detail={"of_item": item.pk})
    return again

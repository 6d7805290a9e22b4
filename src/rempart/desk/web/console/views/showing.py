"""What the page of one item shows, and to whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.directory.queries import recipients_for
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import queries as people
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault.sealing import Unreadable, unseal
from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.duties import DutyKind, Owed, Recipients, duties_for, owed_to_reporter
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.locator import LocatorKind, defang
from rempart.desk.rules.report import ReportKind
from rempart.desk.rules.written_fingerprints import without_fingerprints
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.followup import queries as followup
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.triage import claims, reading, waiting
from rempart.desk.stages.triage.models import Assessment, Claim, HandOver
from rempart.desk.web.shared.words import words_for

EARLIER = 12
"""How many earlier items of each kind are listed."""
BLIND = frozenset({"assessed", "settled", "undone"})
"""Acts whose author and detail would tell the second reader about the first."""


class Mode(StrEnum):
    """How an item stands towards the person who looks at it."""

    MINE = "mine"
    FREE = "free"
    WITH_COLLEAGUE = "with_colleague"
    ON_HOLD = "on_hold"
    PENDING = "pending"
    """Assessed a moment ago: the undo window runs."""
    NOT_FOR_YOU = "not_for_you"
    """Own first reading, or waiting for a supervisor."""
    NOT_READY = "not_ready"
    DECIDED = "decided"


def mode_of(item: Item, person: Person, lease: Claim | None, now: datetime) -> Mode:
    """How the item stands towards this person."""
    state = State(item.state)
    if state is State.RECEIVED:
        return Mode.NOT_READY
    if state not in OPEN_FOR_READING:
        return Mode.DECIDED
    if lease is not None:
        return Mode.MINE if lease.by_id == person.pk else Mode.WITH_COLLEAGUE
    if waiting.standing_hold(item, now=now):
        return Mode.ON_HOLD
    if Assessment.objects.filter(group_key=item.group_key, settled_at__isnull=True, undone_at__isnull=True).exists():
        return Mode.PENDING
    return Mode.FREE if claims.open_to(person, now=now).filter(pk=item.pk).exists() else Mode.NOT_FOR_YOU


def reference(report: Report) -> str:
    """The number people quote."""
    return intake.reference(report, settings.REMPART.reference_prefix)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The two spellings, disarmed."""

    canonical: str
    typed: str


def addresses(item: Item) -> Addresses:
    """Both spellings of the address, disarmed; empty where forgotten."""
    try:
        canonical, typed = defang(intake.canonical(item)), defang(intake.typed(item))
    except Unreadable:
        return Addresses("", "")
    # Of a page, they may be part of the address. Anywhere else they are what somebody wrote, read with the words alone.
    return (
        Addresses(canonical, typed) if item.kind == LocatorKind.URL else Addresses(*map(without_fingerprints, (canonical, typed)))
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another item of the same address, host or account."""

    item: Item
    reference: str
    verdict: Any


def earlier(items: QuerySet[Item]) -> list[Earlier]:
    """The newest of them, with the verdict that stands for each; what is still being read shows none."""
    found = items.select_related("report", "decided__assessment").defer("sealed_typed")[:EARLIER]
    return [Earlier(one, reference(one.report), _verdict(one)) for one in found]


def _verdict(item: Item) -> Any:
    decided = getattr(item, "decided", None)
    return words_for(Verdict(decided.assessment.verdict)) if decided else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: datetime
    verb: str
    by: str
    detail: str


def history(item: Item, person: Person) -> list[Line]:
    """The journal of the item; without what would tell one reader about another."""
    entries = list(Entry.objects.filter(subject=f"item:{item.pk}").order_by("pk")[:200])
    is_open = reading.may_see_readings(item, person)
    names = people.names_of(entry.by_id for entry in entries)
    return [_line(entry, names, is_told=is_open or entry.verb not in BLIND) for entry in entries]


def _line(entry: Entry, names: dict[int, str], *, is_told: bool) -> Line:
    by = names.get(entry.by_id or 0, "") if is_told else ""
    verdict = entry.detail.get("verdict") if is_told else None
    detail = str(words_for(Verdict(verdict))) if verdict in set(Verdict) else ""
    return Line(entry.at, entry.verb, by, detail)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What follows from one verdict, in sentences."""

    verdict: Verdict
    words: Any
    number: int
    sentences: list[str]
    is_chosen: bool


def outlooks(item: Item, chosen: Verdict | None) -> list[Outlook]:
    """The five verdicts, each with what would happen next."""
    recipients = proposed(item)
    ids = [*recipients.ladder[:1], *(one for one in (recipients.authority, recipients.partner) if one)]
    names = dict(Recipient.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        Outlook(verdict, words_for(verdict), number, _sentences(item, verdict, recipients, names), verdict is chosen)
        for number, verdict in enumerate(Verdict, start=1)
    ]


def proposed(item: Item) -> Recipients:
    """Whom the directory proposes for this item."""
    try:
        locator = intake.locator(item)
    except Unreadable:
        locator = None
    return recipients_for(locator, settings.REMPART.country)


def _sentences(item: Item, verdict: Verdict, recipients: Recipients, names: dict[int, str]) -> list[str]:
    owed = duties_for(Decision(verdict), recipients, has_address=item.address_id is not None)
    said = [_duty_sentence(one, names) for one in owed]
    if item.report.kind == ReportKind.REPORT:
        said += [_reporter_sentence(kind) for kind in owed_to_reporter((verdict,))]
    return said


def _duty_sentence(owed: Owed, names: dict[int, str]) -> str:
    name = names.get(owed.recipient or 0, "")
    match owed.kind:
        case DutyKind.AUTHORITY:
            return (_("a dossier for %s, sent by a person") % name) if name else _("a dossier; no authority is known yet")
        case DutyKind.PARTNER:
            return _("a dossier for %s, sent by a person") % name
        case DutyKind.NOTICE if name:
            return _("a notice to %s") % name
        case _:
            return _("a notice; the recipient is still to be found and approved")


def _reporter_sentence(kind: DutyKind) -> str:
    return _("the reporter is told who can help") if kind is DutyKind.REFERRAL else _("the reporter is answered")


def ladder(item: Item) -> list[Recipient]:
    """The recipients proposed for this item, nearest to the content first."""
    ids = proposed(item).ladder
    found = {one.pk: one for one in Recipient.objects.filter(pk__in=ids)}
    return [found[one] for one in ids if one in found]


def word_handed_over(item: Item, person: Person) -> tuple[str, str] | None:
    """Who passed this item to the person, and with which word, if that is how it came."""
    last = HandOver.objects.filter(item=item).order_by("pk").last()
    if last is None or last.to_id != person.pk:
        return None
    giver = people.names_of([last.from_id]).get(last.from_id, "")
    return giver, unseal(last.sealed_word) if last.sealed_word else ""


def duties_of(item: Item) -> list[Duty]:
    """Everything owed since the decision on this item."""
    decided = getattr(item, "decided", None)
    if decided is None:
        return []
    return list(Duty.objects.filter(assessment=decided.assessment).select_related("recipient", "report").order_by("pk"))


def followed(item: Item) -> dict[str, Any] | None:
    """What the follow-up saw and what recipients answered; None before any notice."""
    watch, answers = followup.watch_of(item), followup.answers_about(item)
    return {"watch": watch, "answers": answers} if watch or answers else None


def group_reports(item: Item) -> list[Report]:
    """The reports that brought this address and are decided with this item."""
    same = Item.objects.filter(group_key=item.group_key) if item.group_key else Item.objects.filter(pk=item.pk)
    wanted = _together(item, same)
    return list(Report.objects.filter(items__in=wanted).distinct().order_by("pk")[:100])


def _together(item: Item, same: QuerySet[Item]) -> QuerySet[Item]:
    decided = getattr(item, "decided", None)
    return same.filter(decided__assessment=decided.assessment) if decided else same.filter(decided__isnull=True)


def subjects(reports: Iterable[Report]) -> list[tuple[Report, str]]:
    """Reports with their references."""
    return [(report, reference(report)) for report in reports]

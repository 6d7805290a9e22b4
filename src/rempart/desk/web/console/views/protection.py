"""One protection: where it stands and why, what platforms tell, what its person wrote; and what an analyst says of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank import queries as bank
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.people import queries as people
from rempart.desk.rules.access import Permission
from rempart.desk.rules.looking import REASONS, sayable
from rempart.desk.rules.report import MAX_MESSAGE
from rempart.desk.rules.trust import ADVICE, LIVE, Act, Fact, Trust, after
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake import steps as intake_steps
from rempart.desk.stages.intake.errors import MessageRefused
from rempart.desk.stages.intake.models import Case
from rempart.desk.stages.triage import reading
from rempart.desk.web.console import protection_words
from rempart.desk.web.console.views import showing
from rempart.desk.web.console.views.gestures import number_of
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.words import refusals
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import Words

KEYS = {Fact.VOUCHED: ("v", "vouch"), Fact.CLEARED: ("x", "clear"), Fact.ALARM: ("d", "doubt")}


@dataclass(frozen=True, slots=True)
class Gesture:
    """One thing that can be said of it: which key, what it means, what platforms are then advised, for which reasons."""

    fact: Fact
    key: str
    act: str
    words: Words
    meaning: Words
    then: Trust
    exact: Act
    near: Act
    reasons: list[tuple[str, Words]]


def find(protection_id: int) -> Protection:
    """The protection, without what is secret. Raises ``Http404``."""
    found = bank.protections().filter(pk=protection_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.READ_PROTECTIONS)
@require_GET
def protection(request: HttpRequest, protection_id: int) -> HttpResponse:
    """The protection, without one word of its person."""
    return _show(request, find(protection_id))


def _show(
    request: HttpRequest,
    found: Protection,
    *,
    errors: tuple[str, ...] = (),
    status: int = 400,
    typed: str = "",
    told: list[reading.Told] | None = None,
) -> HttpResponse:
    history = bank.facts_of(found.pk)
    doubt = next((one.why for one in reversed(history) if one.fact == Fact.ALARM), "")
    context = {
        "protection": found,
        "is_live": found.trust in LIVE,
        "seen": history[-1].pk if history else 0,
        "doubt": doubt if found.trust == Trust.HELD else "",
        "history": _history(history),
        "platforms": _platforms(bank.feedback_of(found.pk)),
        "told": bank.told_of([found.pk]).get(found.pk, bank.Told()),
        "same_file": bank.same_file_as(found),
        "others": bank.of_case(found.case_number).exclude(pk=found.pk)[: showing.EARLIER],
        "other_count": bank.of_case(found.case_number).count() - 1,
        "gestures": _gestures(Trust(found.trust)),
        "advice": [(trust, *ADVICE[trust]) for trust in Trust if trust in LIVE],
        "errors": refusals(errors),
        **_case(found, typed, told),
    }
    return page(request, "console/protection.html", context, here="protections", status=status if errors else 200)


def _case(found: Protection, typed: str, told: list[reading.Told] | None) -> dict[str, Any]:
    case = Case.objects.filter(pk=found.case_number).first()
    if case is None:
        return {"has_case": False}
    numbers = list(case.messages.order_by("pk").values_list("pk", "is_from_reporter", "read_at"))
    return {
        "case": case,
        "has_case": case.box_public is not None,
        "reports": showing.subjects(case.reports.defer("sealed_story").order_by("pk")),
        "unread": sum(is_theirs and read_at is None for _pk, is_theirs, read_at in numbers),
        "message_count": len(numbers),
        "newest_message": numbers[-1][0] if numbers else 0,
        "is_open": told is not None,
        "stories": [(showing.reference(one.report), one.story) for one in told or ()],
        "lines": intake.mailbox_for_staff(case) if told is not None else [],
        "typed": typed,
        "max_message": MAX_MESSAGE,
    }


def _history(rows: list[TrustFact]) -> list[tuple[TrustFact, str]]:
    """Each fact, and who of the staff brought it. What platforms say together is not laid on the one that said it last."""
    names = people.names_of(row.by_id for row in rows)
    return [(row, names.get(row.by_id or 0, "")) for row in rows]


def _platforms(rows: list[Feedback]) -> list[tuple[Feedback, str]]:
    known = Recipient.objects.filter(pk__in=[row.platform_number for row in rows]).values_list("pk", "name")
    names = dict(known)
    return [(row, names.get(row.platform_number, "")) for row in rows]


def _gestures(trust: Trust) -> list[Gesture]:
    return [
        Gesture(
            fact,
            *KEYS[fact],
            protection_words.ASKED[fact],
            protection_words.MEANING[fact],
            after(trust, fact),
            *ADVICE[after(trust, fact)],
            [(reason.value, protection_words.WHY[reason]) for reason in REASONS[fact]],
        )
        for fact in sayable(trust)
    ]


@needs(Permission.DECIDE_PROTECTIONS)
@require_POST
def decide(request: HttpRequest, protection_id: int) -> HttpResponse:
    """Confirm it, lift the doubt, or raise one; for a reason of the list."""
    found, person, asked = find(protection_id), staff(request), request.POST
    fact = next((one for one in REASONS if one.value == asked.get("fact")), None)
    seen, why = number_of(request, "seen"), asked.get("why", "")
    if fact is None or seen is None:
        return _show(request, found, errors=("not_now",))
    try:
        facts.decide(found.pk, fact, why, by=person.pk, seen=seen, now=timezone.now())
    except BankRefused as refusal:
        if not _said_already(found.pk, fact, why, person.pk):
            return _show(request, find(protection_id), errors=(refusal.reason,))
    messages.success(request, str(protection_words.DONE[fact]))
    return redirect("console:protections")


def _said_already(number: int, fact: Fact, why: str, by: int) -> bool:
    """The same person pressed twice: the first one counted."""
    last = bank.facts_of(number)[-1:]
    return [(one.fact, one.why, one.by_id) for one in last] == [(fact.value, why, by)]


@needs(Permission.READ_REPORTER_WORDS)
@require_POST
def words(request: HttpRequest, protection_id: int) -> HttpResponse:
    """What the person wrote, in reports and messages: a deliberate gesture, which the journal remembers."""
    found, person, now = find(protection_id), staff(request), timezone.now()
    case = Case.objects.filter(pk=found.case_number).first()
    if case is None:
        return _show(request, found, errors=("no_case",))
    told = reading.read_case(case, person, now=now)
    intake_steps.mark_read_by_staff(case, by=person.pk, now=now)
    return _show(request, found, told=told)


@needs(Permission.ANSWER_REPORTER)
@require_POST
def ask(request: HttpRequest, protection_id: int) -> HttpResponse:
    """A question to the person, in the mailbox of her case."""
    found, person, text = find(protection_id), staff(request), request.POST.get("text", "")
    case = Case.objects.filter(pk=found.case_number).first()
    if case is None or case.box_public is None:
        return _show(request, found, typed=text, errors=("no_case",))
    try:
        intake_steps.write_to_reporter(case, text, by=person.pk, now=timezone.now(), seen=number_of(request, "seen"))
    except MessageRefused as refusal:
        if refusal.reasons != ("sent_already",):
            return _show(request, found, typed=text, errors=refusal.reasons)
    messages.success(request, _("Your message is in the case of the person."))
    return redirect("console:protection", protection_id=protection_id)

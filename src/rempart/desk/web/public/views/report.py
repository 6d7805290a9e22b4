"""The report: four short steps at one address. The first one is already a report; the others only add to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rempart.desk.registers.vault.sealing import case_keys, new_case_code
from rempart.desk.rules.code import CaseCode, CodeError, code_groups, read_code
from rempart.desk.rules.locator import defang, read_locators
from rempart.desk.rules.report import DangerNow, Draft
from rempart.desk.stages.intake import steps
from rempart.desk.stages.intake.errors import NoSuchCase, ReportRefused
from rempart.desk.web.public import gates, services
from rempart.desk.web.public.pages import page
from rempart.desk.web.public.questions import LAST_STEP, Typed, read_step, read_typed
from rempart.desk.web.shared.access import public
from rempart.desk.web.shared.limits import network_of
from rempart.desk.web.shared.uploads import had_file

DONE = LAST_STEP + 1


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says about what was just sent: reasons of a refusal, when to come back, whether a file was dropped."""

    reasons: tuple[str, ...] = ()
    come_back_at: datetime | None = None
    had_file: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """429 to come back later, 422 to mend something, else 200."""
        if self.come_back_at is not None:
            return 429
        return 422 if self.reasons else 200


@public
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def report(request: HttpRequest) -> HttpResponse:
    """Show a step, or take one and show the next."""
    if request.method != "POST":
        return _show(request, 1, Typed(), Said())
    typed, step, action = read_typed(request.POST), read_step(request.POST), request.POST.get("action", "next")
    typed = replace(typed, ready_code=_readable(typed.ready_code))
    said = Said(had_file=had_file(request))
    try:
        typed = replace(typed, code=read_code(typed.code) if typed.code else "")
    except CodeError:
        return _gone(request, typed, said)
    if action == "show":
        return _show(request, step, typed, said)
    if action == "back":
        return _show(request, max(1, step - 1), typed, said)
    if action == "check":
        return _check(request, typed)
    if request.POST.get("website"):
        # Only a robot fills it, or a helpful browser by mistake: the person sends again, nothing is lost.
        return _show(request, step, typed, replace(said, reasons=("hidden_field",)))
    if not typed.code:
        return _receive(request, typed, said)
    return _add(request, step, typed, said)


def _readable(ready_code: str) -> str:
    """The code made for this form; empty when it is none, and another one is made."""
    try:
        return read_code(ready_code)
    except CodeError:
        return ""


def _receive(request: HttpRequest, typed: Typed, said: Said) -> HttpResponse:
    now = timezone.now()
    if typed.has_no_link and not typed.addresses.strip():
        return _show(request, 1, typed, replace(said, reasons=("nothing_typed",)))
    network = network_of(request)
    until = gates.REPORTS.refused_until(network, now=now)
    if until is not None:
        return _show(request, 1, typed, replace(said, come_back_at=until))
    try:
        receipt = steps.receive_report(_draft(typed), now=now, code=CaseCode(typed.ready_code) if typed.ready_code else None)
    except ReportRefused as refusal:
        return _show(request, 1, typed, replace(said, reasons=refusal.reasons))
    if receipt.added_count:
        gates.REPORTS.take(network, now=now)
    return _show(request, 2, replace(typed, code=receipt.code or ""), said)


def _draft(typed: Typed) -> Draft:
    return Draft(
        addresses=typed.addresses,
        language=(get_language() or "en")[:2],
        has_no_link=typed.has_no_link,
        details=typed.details(1),
    )


def _receive_more(request: HttpRequest, typed: Typed, said: Said) -> HttpResponse:
    """The first step again, once the report is made: what is new is added, and nothing is taken away."""
    if typed.addresses.strip() in {"", typed.sent.strip()}:
        return _show(request, 2, replace(typed, addresses=typed.together), said)
    now, network = timezone.now(), network_of(request)
    until = gates.REPORTS.refused_until(network, now=now)
    if until is not None:
        return _show(request, 1, typed, replace(said, come_back_at=until))
    try:
        receipt = steps.add_addresses(_draft(typed), CaseCode(typed.code), now=now, is_complete=False)
    except NoSuchCase:
        return _gone(request, typed, said)
    except ReportRefused as refusal:
        return _show(request, 1, typed, replace(said, reasons=refusal.reasons))
    if receipt.added_count:
        gates.REPORTS.take(network, now=now)
    return _show(request, 2, replace(typed, addresses=typed.together), replace(said, more={"added": receipt.added_count}))


def _gone(request: HttpRequest, typed: Typed, said: Said) -> HttpResponse:
    return _show(request, 1, replace(typed, code=""), replace(said, reasons=("case_gone",)))


def _add(request: HttpRequest, step: int, typed: Typed, said: Said) -> HttpResponse:
    if step == 1:
        return _receive_more(request, typed, said)
    if step == DONE:
        return _show(request, DONE, typed, said)
    try:
        steps.add_details(case_keys(CaseCode(typed.code)), typed.details(step), now=timezone.now(), is_complete=step == LAST_STEP)
    except NoSuchCase:
        return _gone(request, typed, said)
    except ReportRefused as refusal:
        return _show(request, step, typed, replace(said, reasons=refusal.reasons))
    return _show(request, step + 1, typed, said)


def _check(request: HttpRequest, typed: Typed) -> HttpResponse:
    """Did the code really reach the paper? A gentle check, that nobody must pass."""
    if not typed.code:
        return _show(request, 1, typed, Said(reasons=("case_gone",)))
    second_group = code_groups(CaseCode(typed.code))[1]
    said = request.POST.get("group", "")
    is_right = said.strip().upper().translate(str.maketrans("OIL", "011")) == second_group
    return _show(request, DONE, typed, Said(more={"check_said": said, "check": "right" if is_right else "wrong"}))


def _ready_to_show(step: int, typed: Typed) -> Typed:
    """The first step knows its code before the report is made, and what was sent once it is; the others need neither."""
    if not typed.code:
        return replace(typed, ready_code=typed.ready_code or new_case_code(), sent="")
    return replace(typed, ready_code="", sent=(typed.sent or typed.addresses) if step == 1 else "")


def _show(request: HttpRequest, step: int, typed: Typed, said: Said) -> HttpResponse:
    typed = _ready_to_show(step, typed)
    found = read_locators(typed.sent or typed.addresses, limit=steps.MOST_ITEMS) if typed.code else ()
    context: dict[str, Any] = {
        "step": step,
        "last_step": LAST_STEP,
        "typed": typed,
        "carried": typed.carried(step),
        "reasons": said.reasons,
        "come_back_at": said.come_back_at,
        "had_file": said.had_file,
        "is_danger": typed.danger_now is DangerNow.YES,
        "danger_lines": services.DANGER_OF_A_REPORT,
        "now": services.NOW,
        "words_days": settings.REMPART_RETENTION.words.days,
        "understood": [defang(one.typed) for one in found],
        "code_groups": code_groups(CaseCode(typed.code)) if typed.code else (),
        **said.more,
    }
    if step in {2, 3, 4}:
        names = {2: ("danger_now", "concerns", "age_band"), 3: ("category",), 4: ("answer_by",)}[step]
        context["options"] = {name: typed.options(name) for name in names}
    answer = page(request, "report_done.html" if step == DONE else "report.html", context, status=said.status)
    if said.come_back_at is not None:
        answer.headers["Retry-After"] = str(max(1, int((said.come_back_at - timezone.now()).total_seconds())))
    return answer

"""Follow my case. The code is typed in a form, never in an address; every page here is the answer to a form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rempart.desk.registers.vault.sealing import CaseKeys, case_keys
from rempart.desk.rules.code import CaseCode, CodeError, code_groups, read_code
from rempart.desk.rules.report import Draft
from rempart.desk.stages.intake import queries, steps
from rempart.desk.stages.intake.errors import MessageRefused, NoSuchCase, ReportRefused
from rempart.desk.web.public import gates, timeline
from rempart.desk.web.public.pages import page
from rempart.desk.web.shared.access import public
from rempart.desk.web.shared.limits import network_of
from rempart.desk.web.shared.uploads import had_file


@public
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def case(request: HttpRequest) -> HttpResponse:
    """Ask for the code, or do with the case what the form asks."""
    if request.method != "POST":
        return _ask(request)
    typed = request.POST.get("code", "")
    action = request.POST.get("action", "open")
    if action == "show-empty":
        return _ask(request, typed)
    until = gates.WRONG_CODES.refused_until(network_of(request), now=timezone.now())
    if until is not None:
        return _ask(request, typed, come_back_at=until)
    try:
        code = read_code(typed)
    except CodeError as error:
        return _ask(request, typed, reason=error.reason)
    try:
        return _ACTIONS.get(action, _open)(request, code, case_keys(code))
    except NoSuchCase:
        gates.WRONG_CODES.take(network_of(request), now=timezone.now())
        return _ask(request, typed, reason="no_such_case")


def _ask(request: HttpRequest, typed: str = "", **context: Any) -> HttpResponse:
    status = 429 if context.get("come_back_at") else 422 if context.get("reason") else 200
    answer = page(request, "case_enter.html", {"typed": typed, **context}, status=status)
    if context.get("come_back_at"):
        answer.headers["Retry-After"] = "3600"
    return answer


def _open(request: HttpRequest, code: CaseCode, keys: CaseKeys, status: int = 200, **context: Any) -> HttpResponse:
    found = steps.note_visit(keys, now=timezone.now())
    known = {
        "code": code,
        "code_groups": code_groups(code),
        "stories": timeline.stories(found),
        "messages": queries.mailbox(found, keys),
        "had_file": had_file(request),
        # Kept when the page is only shown again, in the other language.
        "text": request.POST.get("text", ""),
        "addresses": request.POST.get("addresses", ""),
    }
    return page(request, "case.html", {**known, **context}, status=status)


def _write(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    text = request.POST.get("text", "").replace("\r\n", "\n")
    now = timezone.now()
    queries.case_of(keys)
    until = gates.MESSAGES.refused_until(network_of(request), now=now)
    if until is not None:
        return _open(request, code, keys, status=429, text=text, come_back_at=until)
    if request.POST.get("website"):
        return _open(request, code, keys, status=422, text=text, reason="hidden_field")
    try:
        steps.write_to_hotline(keys, text, now=now)
    except MessageRefused as refusal:
        return _open(request, code, keys, status=422, text=text, reason=refusal.reasons[0])
    gates.MESSAGES.take(network_of(request), now=now)
    return _open(request, code, keys, text="", is_sent=True)


def _add(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    now, network = timezone.now(), network_of(request)
    queries.case_of(keys)
    until = gates.REPORTS.refused_until(network, now=now)
    if until is not None:
        return _open(request, code, keys, status=429, come_back_at=until)
    if request.POST.get("website"):
        return _open(request, code, keys, status=422, add_reason="hidden_field")
    draft = Draft(addresses=request.POST.get("addresses", ""), language=(get_language() or "en")[:2])
    try:
        receipt = steps.add_addresses(draft, code, now=now, is_complete=True)
    except ReportRefused as refusal:
        return _open(request, code, keys, status=422, add_reason=refusal.reasons[0])
    if receipt.added_count:
        gates.REPORTS.take(network, now=now)
    return _open(request, code, keys, addresses="", added=receipt.added_count)


def _ask_before_erasing(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    queries.case_of(keys)
    return page(request, "case_erase.html", {"code": code})


def _erase(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    steps.erase_case(keys, now=timezone.now())
    return page(request, "case_erased.html")


_ACTIONS = {"write": _write, "add": _add, "erase": _ask_before_erasing, "erase-for-ever": _erase}

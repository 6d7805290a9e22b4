"""Follow my case. The code is typed in a form, never in an address; every page here is the answer to a form."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rempart.desk.registers.vault.sealing import CaseKeys, case_keys
from rempart.desk.rules.code import CaseCode, CodeError, code_groups, read_code
from rempart.desk.rules.report import Draft
from rempart.desk.rules.trust import LIVE
from rempart.desk.stages.intake import protecting, queries, steps
from rempart.desk.stages.intake.errors import ErasureRefused, MessageRefused, NoSuchCase, ReportRefused
from rempart.desk.stages.intake.protecting import ProtectionSeen
from rempart.desk.web.public import gates, timeline
from rempart.desk.web.public.pages import page
from rempart.desk.web.public.protected import protected, titles
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
    now = timezone.now()
    has_news = queries.has_unread(keys)
    found = steps.note_visit(keys, now=now)
    seen = protecting.protections_of(keys)
    known = {
        "code": code,
        "code_groups": code_groups(code),
        "protected": protected(seen, now),
        "is_young": any(one.is_young for one in seen),
        "stories": timeline.stories(found),
        "messages": queries.mailbox(found, keys),
        "has_news": has_news,
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


# What the case protects.


def _chosen(request: HttpRequest, seen: Iterable[ProtectionSeen]) -> list[ProtectionSeen]:
    """Those the form names; a number that is not of this case names nothing."""
    if request.POST.get("all"):
        return [one for one in seen if one.trust in LIVE]
    named = set(request.POST.getlist("protection"))
    return [one for one in seen if str(one.pk) in named]


def _ask_before_withdrawing(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    seen = protecting.protections_of(keys)
    chosen = [one for one in _chosen(request, seen) if one.trust in LIVE and one.withdraw_due_at is None]
    if not chosen:
        return _open(request, code, keys, status=422, withdraw_reason="none_chosen")
    at_once, later = _by_delay(chosen)
    context = {
        "code": code,
        "chosen": chosen,
        "titles": titles(chosen),
        "at_once": titles(at_once),
        "later": titles(later),
        "ends_at": timezone.now() + _DAY,
        "is_young": any(one.is_young for one in seen),
    }
    return page(request, "case_withdraw.html", context)


def _by_delay(protections: Iterable[ProtectionSeen]) -> tuple[list[ProtectionSeen], list[ProtectionSeen]]:
    """Those that end at once, and those that end a day later because others use the device."""
    given = list(protections)
    return [one for one in given if not one.is_device_shared], [one for one in given if one.is_device_shared]


def _withdraw(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    now, network = timezone.now(), network_of(request)
    chosen = {one.pk for one in _chosen(request, protecting.protections_of(keys))}
    until = gates.MESSAGES.refused_until(network, now=now)
    if until is not None:
        return _open(request, code, keys, status=429, come_back_at=until)
    receipt = protecting.withdraw(keys, chosen, now=now)
    if receipt.gone or receipt.due_at:
        gates.MESSAGES.take(network, now=now)
    # Sent twice, the second answer says the same as the first: it is read from what is, not from what was just done.
    now_seen = [one for one in protecting.protections_of(keys) if one.pk in chosen]
    gone = [one for one in now_seen if one.ended_at is not None]
    if request.POST.get("then") == "erase":
        return _ask_before_erasing(request, code, keys)
    return _open(request, code, keys, gone=titles(gone), is_waiting=len(gone) < len(now_seen))


def _keep(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    """Never refused for coming too often: somebody may be undoing what another person does again and again."""
    kept = protecting.cancel_withdrawal(keys, now=timezone.now())
    return _open(request, code, keys, kept=kept, is_kept=True)


def _renew(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    renewed = protecting.renew(keys, now=timezone.now())
    return _open(request, code, keys, renewed=renewed)


# Erasing everything.


def _ask_before_erasing(request: HttpRequest, code: CaseCode, keys: CaseKeys, status: int = 200) -> HttpResponse:
    now, seen = timezone.now(), protecting.protections_of(keys)
    standing = [one for one in seen if one.trust in LIVE]
    context = {
        "code": code,
        "has_report": queries.case_of(keys).reports.exists(),
        "protected": protected(seen, now),
        "must_wait": any(one.is_device_shared for one in standing),
        "ends_at": now + _DAY,
        "is_young": any(one.is_young for one in seen),
    }
    return page(request, "case_erase.html", context, status=status)


def _erase(request: HttpRequest, code: CaseCode, keys: CaseKeys) -> HttpResponse:
    has_report = queries.case_of(keys).reports.exists()
    seen = protecting.protections_of(keys)
    try:
        steps.erase_case(keys, now=timezone.now())
    except ErasureRefused:
        return _ask_before_erasing(request, code, keys, status=409)
    context = {"has_report": has_report, "has_protected": bool(seen), "is_young": any(one.is_young for one in seen)}
    return page(request, "case_erased.html", context)


_DAY: timedelta = settings.REMPART_RETENTION.second_thoughts
_ACTIONS: dict[str, Callable[[HttpRequest, CaseCode, CaseKeys], HttpResponse]] = {
    "write": _write,
    "add": _add,
    "withdraw": _ask_before_withdrawing,
    "withdraw-confirm": _withdraw,
    "keep": _keep,
    "renew": _renew,
    "erase": _ask_before_erasing,
    "erase-for-ever": _erase,
}

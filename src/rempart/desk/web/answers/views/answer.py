"""The page behind the link of a notice. Looking at it changes nothing, as mail scanners do; only sending the form does."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from rempart.desk.rules.locator import defang
from rempart.desk.rules.notice import Answer
from rempart.desk.stages.action.models import Notice, NoticedItem
from rempart.desk.stages.action.queries import item_reference, notice_of_token, notice_reference, told
from rempart.desk.stages.followup.queries import newest_answers, takes_answers
from rempart.desk.stages.followup.replying import Through, record_replies
from rempart.desk.stages.intake import queries as intake
from rempart.desk.web.answers import form, words
from rempart.desk.web.answers.form import Filled
from rempart.desk.web.shared.access import public
from rempart.desk.web.shared.limits import HourlyLimit, network_of

LANGUAGES = dict(settings.LANGUAGES)
limit = HourlyLimit(everybody=5_000, each=300)


@public
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token", "filled")
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The addresses of one notice, and what the recipient did about each."""
    now = timezone.now()
    notice = notice_of_token(token)
    with translation.override(_language(request, notice)):
        if notice is None or not takes_answers(notice, now):
            return _closed(request, notice)
        listed = list(told(notice))
        if request.method != "POST":
            return _form(request, notice, listed, Filled(), [])
        filled = form.read(request.POST, [one.item_id for one in listed])
        problems = _keep(request, notice, [one.item_id for one in listed], filled, now)
        if problems:
            return _form(request, notice, listed, filled, problems)
        address = reverse("answers:received", args=[token])
        return HttpResponseRedirect(f"{address}?language={translation.get_language()}")


@public
@require_safe
@sensitive_variables("token")
def received(request: HttpRequest, token: str) -> HttpResponse:
    """What we have from this recipient, and what happens next."""
    notice = notice_of_token(token)
    with translation.override(_language(request, notice)):
        if notice is None or not takes_answers(notice, timezone.now()):
            return _closed(request, notice)
        return _page(request, "received", {"rows": _rows(notice, list(told(notice)), Filled()), "token": token}, notice)


def _keep(request: HttpRequest, notice: Notice, item_ids: list[int], filled: Filled, now: datetime) -> list[str]:
    problems = filled.problems(item_ids)
    if problems:
        return problems
    if limit.take(network_of(request), now=now) is not None:
        return ["too_many"]
    record_replies(notice, filled.said(item_ids), through=Through.RECIPIENT, now=now)
    return []


def _language(request: HttpRequest, notice: Notice | None) -> str:
    """The one chosen on the page, else the one the browser asks for, else that of the notice."""
    chosen = request.GET.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    for wish in request.headers.get("Accept-Language", "").split(","):
        code = wish.strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return notice.language if notice is not None and notice.language in LANGUAGES else settings.LANGUAGE_CODE


def _form(request: HttpRequest, notice: Notice, listed: list[NoticedItem], filled: Filled, problems: list[str]) -> HttpResponse:
    status = 429 if "too_many" in problems else 400 if problems else 200
    context = {
        "rows": _rows(notice, listed, filled),
        "filled": filled,
        "problems": [words.PROBLEMS[problem] for problem in problems],
        "wrong": set(problems),
        "answers": [(value, label, words.ANSWER_HINTS[value]) for value, label in words.ANSWERS.items()],
        "choices": words,
    }
    return _page(request, "answer", context, notice, status)


def _rows(notice: Notice, listed: list[NoticedItem], filled: Filled) -> list[dict[str, Any]]:
    newest = newest_answers([notice.pk])
    rows = []
    for one in listed:
        said: tuple[Answer, datetime] | None = newest.get(one.item_id)
        rows.append(
            {
                "item_id": one.item_id,
                "reference": item_reference(one.item),
                "address": defang(intake.canonical(one.item) or intake.typed(one.item)),
                "chosen": filled.by_item.get(one.item_id),
                "said": words.ANSWERS[said[0]] if said else None,
                "said_at": said[1] if said else None,
            }
        )
    return rows


def _closed(request: HttpRequest, notice: Notice | None) -> HttpResponse:
    """A link nobody made, or one that is too old: the same page, that says how to reach a person."""
    return _page(request, "closed", {"is_known": notice is not None}, notice, 404 if notice is None else 410)


def _page(request: HttpRequest, name: str, context: dict[str, Any], notice: Notice | None, status: int = 200) -> HttpResponse:
    code = translation.get_language() or settings.LANGUAGE_CODE
    other = next(language for language in LANGUAGES if language != code)
    about = {
        "reference": notice_reference(notice) if notice is not None else "",
        "notice": notice,
        "other_language": {"code": other, "name": LANGUAGES[other]},
    }
    response = render(request, f"answers/{name}.html", {**about, **context}, status=status)
    response.headers["Content-Language"] = code
    return response

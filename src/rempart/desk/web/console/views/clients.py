"""Platforms that read our lists: who they are, what they may do, how far each has read, and how to stop one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rempart.desk.registers.directory.models import TAKES_NOTICES, Recipient
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import clients as steps
from rempart.desk.registers.lists import connecting, overview, webhooks
from rempart.desk.registers.lists.clients import FEWEST_CALLS, MAX_LABEL, MOST_CALLS, MOST_QUESTIONS, Limits
from rempart.desk.registers.lists.connecting import Command, Way
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.registers.lists.readings import subject_of
from rempart.desk.rules.access import Permission
from rempart.desk.rules.lists import ListName
from rempart.desk.web.console.views.gestures import tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.words import refusals
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import Words, choices, words_for

READINGS_SHOWN = 30
FORMER_CHOICES: tuple[tuple[str, Words], ...] = (
    ("0", gettext_lazy("no longer: it may have leaked")),
    ("1", gettext_lazy("1 hour more")),
    ("24", gettext_lazy("24 hours more")),
    ("168", gettext_lazy("7 days more")),
)
"""Hours for which the former secret is still taken."""

WAYS: dict[Way, tuple[Words, Words]] = {
    Way.EXTENSION: (
        gettext_lazy("threatexchange, with our extension"),
        gettext_lazy("Advised. What is withdrawn leaves their copy at the next fetch."),
    ),
    Way.HMA: (
        gettext_lazy("HMA, with our extension"),
        gettext_lazy("Advised. What is withdrawn leaves their bank at the next fetch."),
    ),
    Way.FEED: (
        gettext_lazy("Our own feed, in JSON"),
        gettext_lazy("For a platform that writes its own program: it says what we advise for each entry."),
    ),
    Way.STOPNCII: (
        gettext_lazy("The StopNCII shape, without any extension"),
        gettext_lazy("Last choice: these tools keep what was withdrawn until they are emptied. The last line does it."),
    ),
    Way.MATCH: (
        gettext_lazy("Asking about uploads, without holding a list"),
        gettext_lazy("The answer says what we advise; the question is not kept."),
    ),
}


@needs(Permission.MANAGE_CLIENTS)
@require_GET
def clients(request: HttpRequest) -> HttpResponse:
    """Everybody who reads our lists, and how far each is."""
    context = {"everybody": overview.everybody(timezone.now()), "failing": webhooks.failing()}
    return page(request, "console/clients.html", context, here="clients")


@needs(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make a client of a platform; its secret is shown on the answer, and nowhere else."""
    errors: list[Any] = []
    if request.method == "POST":
        try:
            number = _number(request.POST.get("platform", ""))
            label = request.POST.get("label", "")[: MAX_LABEL + 1]
            made, secret = steps.issue(number, label, _limits(request.POST), by=staff(request).pk, now=timezone.now())
        except ClientRefused as refusal:
            errors = refusals(refusal.reasons)
        else:
            return _shown_once(request, made, secret)
    platforms = Recipient.objects.filter(kind__in=[kind.value for kind in TAKES_NOTICES]).order_by("name", "kind", "pk")
    context = {"platforms": platforms, "errors": errors, "posted": request.POST, **_form(_typed(request.POST))}
    return page(request, "console/client_add.html", context, here="clients", status=400 if errors else 200)


def _shown_once(request: HttpRequest, made: ListClient, secret: str) -> HttpResponse:
    one = overview.seen(made, timezone.now())
    return page(request, "console/client_secret.html", {"one": one, "secret": secret}, here="clients")


def _number(text: str) -> int:
    """A number as a form brings it; -1, which nothing is called, when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _limits(posted: QueryDict) -> Limits:
    return Limits(
        lists=frozenset(name for name in ListName if name.value in posted.getlist("lists")),
        may_hold_lists="may_hold_lists" in posted,
        may_ask="may_ask" in posted,
        is_cautious="is_cautious" in posted,
        calls_per_minute=_number(posted.get("calls_per_minute", "")),
        questions_per_day=_number(posted.get("questions_per_day", "")),
    )


def _typed(posted: QueryDict) -> Limits:
    return _limits(posted) if posted else Limits(frozenset())


def _form(limits: Limits) -> dict[str, Any]:
    return {
        "limits": limits,
        "lists": [(value, words, value in limits.lists) for value, words in choices(ListName)],
        "fewest_calls": FEWEST_CALLS,
        "most_calls": MOST_CALLS,
        "most_questions": MOST_QUESTIONS,
        "max_label": MAX_LABEL,
    }


def find(client_id: int) -> ListClient:
    """The client. Raises ``Http404``."""
    found = ListClient.objects.filter(pk=client_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.MANAGE_CLIENTS)
@require_GET
def client(request: HttpRequest, client_id: int) -> HttpResponse:
    """One client: its limits, its readings, what the platform types."""
    return _one(request, find(client_id))


def _one(request: HttpRequest, found: ListClient, errors: Sequence[Words] = (), typed: Limits | None = None) -> HttpResponse:
    now = timezone.now()
    standing = steps.limits_of(found)
    context = {
        "one": overview.seen(found, now),
        "errors": errors,
        "former": _former(found, now),
        "former_choices": FORMER_CHOICES,
        "read": _last_readings(found),
        "webhook": webhooks.told(found),
        "ways": _ways(found, standing),
        **_form(typed or standing),
    }
    return page(request, "console/client.html", context, here="clients", status=400 if errors else 200)


def _former(found: ListClient, now: datetime) -> datetime | None:
    return found.former_until if found.former_until and found.former_until > now else None


def _last_readings(found: ListClient) -> list[tuple[datetime, Words, dict[str, Any]]]:
    rows = JournalEntry.objects.filter(subject=subject_of(found), verb="list_read").order_by("-pk")[:READINGS_SHOWN]
    return [(row.at, words_for(ListName(row.detail["list"])), row.detail) for row in rows]


def _ways(found: ListClient, limits: Limits) -> list[tuple[Words, Words, list[tuple[Words, str]]]]:
    """What the platform types, one group for each way: its name, what is to be known of it, the commands by list."""
    if found.revoked_at is not None:
        return []
    desk = settings.REMPART
    said = connecting.commands(
        desk.public_url, found.key_id, desk.association, sorted(limits.lists), holds_lists=limits.may_hold_lists
    )
    grouped: dict[Way, list[Command]] = {}
    for one in said:
        if one.way is not Way.MATCH or limits.may_ask:
            grouped.setdefault(one.way, []).append(one)
    return [
        (*WAYS[way], [(words_for(one.list_name) if one.list_name else "", one.text) for one in several])
        for way, several in grouped.items()
    ]


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def change(request: HttpRequest, client_id: int) -> HttpResponse:
    """Change what it may do; its next request obeys."""
    found, limits = find(client_id), _limits(request.POST)
    try:
        steps.change(found, limits, by=staff(request).pk, now=timezone.now())
    except ClientRefused as refusal:
        return _one(request, find(client_id), refusals(refusal.reasons), limits)
    messages.success(request, _("The change is kept."))
    return redirect("console:client", client_id=client_id)


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def rotate(request: HttpRequest, client_id: int) -> HttpResponse:
    """A new secret, shown on the answer and nowhere else."""
    found, hours = find(client_id), request.POST.get("former", "")
    try:
        if hours not in dict(FORMER_CHOICES):
            raise ClientRefused("former_too_long")
        former_for = timedelta(hours=int(hours))
        secret = steps.rotate(found, by=staff(request).pk, now=timezone.now(), former_for=former_for)
    except ClientRefused as refusal:
        tell(request, refusal)
        return redirect("console:client", client_id=client_id)
    return _shown_once(request, found, secret)


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def revoke(request: HttpRequest, client_id: int) -> HttpResponse:
    """Stop it for ever, at once."""
    found = find(client_id)
    if "confirmed" not in request.POST:
        return _one(request, found, refusals(["not_confirmed"]))
    steps.revoke(found, by=staff(request).pk, now=timezone.now())
    messages.success(request, _("It is stopped: its next request is refused."))
    return redirect("console:client", client_id=client_id)

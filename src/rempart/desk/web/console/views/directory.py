"""The directory: who can be told, through which contact, approved by whom."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rempart.desk.registers.directory import steps
from rempart.desk.registers.directory.entries import MAX_ABOUT, MAX_ADDRESS, MAX_DOMAIN, MAX_HOURS, MAX_NAME, Details
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.exchange import COLUMNS
from rempart.desk.registers.directory.models import Channel, Contact, Recipient, RecipientKind
from rempart.desk.registers.people import queries as people
from rempart.desk.rules.access import Permission
from rempart.desk.web.console.views.gestures import tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.words import refusals
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import choices

PAGE_SIZE = 100


@needs(Permission.READ_DIRECTORY)
@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """Search and browse."""
    asked = request.GET
    start = int(asked["from"]) if asked.get("from", "").isascii() and asked.get("from", "").isdigit() else 0
    found = list(_asked(asked)[start : start + PAGE_SIZE + 1])
    context = {
        "rows": found[:PAGE_SIZE],
        "kinds": choices(RecipientKind),
        "asked": {name: asked.get(name, "") for name in ("q", "kind", "to-approve")},
        "to_approve": asked.get("to-approve") == "on",
        "next_from": start + PAGE_SIZE if len(found) > PAGE_SIZE else None,
    }
    return page(request, "console/directory.html", context, here="directory")


def _asked(asked: QueryDict) -> QuerySet[Recipient]:
    standing = Q(contacts__retired_at__isnull=True)
    rows = Recipient.objects.annotate(
        usable=Count("contacts", filter=standing & Q(contacts__approved_at__isnull=False), distinct=True),
        waiting=Count("contacts", filter=standing & Q(contacts__approved_at__isnull=True), distinct=True),
    )
    if words := asked.get("q", "").strip()[:120]:
        rows = rows.filter(Q(name__icontains=words) | Q(pk__in=_answering_for(words)))
    if asked.get("kind") in set(RecipientKind):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("to-approve") == "on":
        waiting = Contact.objects.filter(recipient=OuterRef("pk"), approved_at__isnull=True, retired_at__isnull=True)
        rows = rows.filter(Exists(waiting))
    return rows.order_by("kind", "name", "pk")


def _answering_for(words: str) -> QuerySet[Recipient, Any]:
    return Recipient.objects.filter(domains__domain__icontains=words.lower()).values("pk")


def find(recipient_id: int) -> Recipient:
    """The recipient. Raises ``Http404``."""
    found = Recipient.objects.filter(pk=recipient_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.READ_DIRECTORY)
@require_GET
def recipient(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """One recipient with its domains and contacts."""
    found = find(recipient_id)
    contacts = list(found.contacts.order_by("retired_at", "pk"))
    names = people.names_of(contact.approved_by_id for contact in contacts)
    context = {
        "one": found,
        "domains": found.domains.order_by("domain"),
        "contacts": [(contact, names.get(contact.approved_by_id or 0, "")) for contact in contacts],
        "channels": choices(Channel),
        "max_address": MAX_ADDRESS,
        "max_domain": MAX_DOMAIN,
        "days": _day_names(found.working_days),
    }
    return page(request, "console/recipient.html", context, here="directory")


def _day_names(days: str) -> list[str]:
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return [names[int(day)] for day in days if day in "0123456"]


def _read(posted: QueryDict) -> Details:
    kind = posted.get("kind", "")
    if kind not in set(RecipientKind):
        raise DirectoryRefused("kind_unknown")
    return Details(
        kind=RecipientKind(kind),
        name=posted.get("name", "")[: MAX_NAME + 1],
        country=posted.get("country", "")[:10],
        language=posted.get("language", "en")[:5],
        working_days="".join(posted.getlist("working_days"))[:7],
        time_zone=posted.get("time_zone", "Europe/Paris")[:40],
        opening_hours=posted.get("opening_hours", "")[: MAX_HOURS + 1],
        about=posted.get("about", "")[: MAX_ABOUT + 1],
        is_active=posted.get("is_active", "on" if "name" not in posted else "") == "on",
    )


@needs(Permission.EDIT_DIRECTORY)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add one recipient."""
    errors: list[Any] = []
    if request.method == "POST":
        try:
            made = steps.add_recipient(_read(request.POST), by=staff(request).pk, now=timezone.now())
            return redirect("console:recipient", recipient_id=made.pk)
        except DirectoryRefused as refusal:
            errors = refusals(refusal.reasons)
    shown = (
        _typed(request.POST) if request.method == "POST" else {"language": "fr", "time_zone": "Europe/Paris", "is_active": True}
    )
    return _form(request, shown, errors, None)


def _typed(posted: QueryDict) -> dict[str, Any]:
    days = "".join(posted.getlist("working_days"))
    return {**posted.dict(), "working_days": days, "is_active": posted.get("is_active") == "on"}


def _form(request: HttpRequest, shown: Any, errors: list[Any], one: Recipient | None) -> HttpResponse:
    chosen = shown["working_days"] if isinstance(shown, dict) and "working_days" in shown else getattr(shown, "working_days", "")
    context = {
        "shown": shown,
        "one": one,
        "errors": errors,
        "kinds": choices(RecipientKind),
        "days": [(str(at), name, str(at) in chosen) for at, name in enumerate(_day_names("0123456"))],
        "max_name": MAX_NAME,
        "max_hours": MAX_HOURS,
        "max_about": MAX_ABOUT,
    }
    return page(request, "console/recipient_form.html", context, here="directory", status=400 if errors else 200)


@needs(Permission.EDIT_DIRECTORY)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Change what is said of a recipient."""
    found, errors = find(recipient_id), []
    if request.method == "POST":
        try:
            steps.change_recipient(found, _read(request.POST), by=staff(request).pk, now=timezone.now())
            messages.success(request, _("The change is kept."))
            return redirect("console:recipient", recipient_id=recipient_id)
        except DirectoryRefused as refusal:
            errors = refusals(refusal.reasons)
    shown = _typed(request.POST) if request.method == "POST" else found
    return _form(request, shown, errors, find(recipient_id))


def _act(request: HttpRequest, recipient_id: int, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
        messages.success(request, done)
    except DirectoryRefused as refusal:
        tell(request, refusal)
    return redirect("console:recipient", recipient_id=recipient_id)


@needs(Permission.EDIT_DIRECTORY)
@require_POST
def add_domain(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """The recipient answers for one more domain."""
    found, typed, now = find(recipient_id), request.POST.get("domain", "")[:MAX_DOMAIN], timezone.now()
    by = staff(request).pk
    return _act(request, recipient_id, lambda: steps.add_domain(found, typed, by=by, now=now), _("The domain is added."))


@needs(Permission.EDIT_DIRECTORY)
@require_POST
def remove_domain(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """The recipient no longer answers for it."""
    found, typed, now = find(recipient_id), request.POST.get("domain", "")[:MAX_DOMAIN], timezone.now()
    by = staff(request).pk
    return _act(request, recipient_id, lambda: steps.remove_domain(found, typed, by=by, now=now), _("The domain is removed."))


@needs(Permission.EDIT_DIRECTORY)
@require_POST
def add_contact(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """One more way to reach it; a supervisor approves it before it is used."""
    found, now, by = find(recipient_id), timezone.now(), staff(request).pk
    typed = request.POST.get("address", "")[: MAX_ADDRESS + 1]

    def act() -> None:
        channel = request.POST.get("channel", "")
        if channel not in set(Channel):
            raise DirectoryRefused("channel_unknown")
        steps.add_contact(found, Channel(channel), typed, found_by="staff", by=by, now=now)

    return _act(request, recipient_id, act, _("The contact is added. It is used once a supervisor approves it."))


def _contact(contact_id: int) -> Contact:
    found = Contact.objects.select_related("recipient").filter(pk=contact_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.APPROVE_CONTACT)
@require_POST
def approve(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A person checked this contact."""
    found, by, now = _contact(contact_id), staff(request).pk, timezone.now()
    act: Callable[[], object] = lambda: steps.approve_contact(found, by=by, now=now)  # noqa: E731
    return _act(request, found.recipient_id, act, _("The contact is approved."))


@needs(Permission.APPROVE_CONTACT)
@require_POST
def retire(request: HttpRequest, contact_id: int) -> HttpResponse:
    """This contact is no longer used."""
    found, by, now = _contact(contact_id), staff(request).pk, timezone.now()
    act: Callable[[], object] = lambda: steps.retire_contact(found, by=by, now=now)  # noqa: E731
    return _act(request, found.recipient_id, act, _("The contact is retired."))


@needs(Permission.READ_DIRECTORY)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The whole directory as CSV."""
    headers = {"Content-Disposition": 'attachment; filename="directory.csv"'}
    return HttpResponse(steps.export_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@needs(Permission.EDIT_DIRECTORY)
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Bring in a CSV text: first a preview, then for good. Files are never uploaded: the text is pasted."""
    text, result, is_kept = request.POST.get("text", ""), None, "keep" in request.POST
    if request.method == "POST" and text.strip():
        with transaction.atomic():
            result = steps.import_csv(text, by=staff(request).pk, now=timezone.now())
            if not is_kept:
                # The preview is the real import, taken back: it cannot promise what the import would not do.
                transaction.set_rollback(True)
    if result is not None and is_kept:
        sentence = _("%(added)d added, %(changed)d changed. New contacts wait for approval.")
        messages.success(request, sentence % {"added": result.added, "changed": result.changed})
        if not result.errors:
            return redirect("console:directory")
    errors = [(one.line_number, refusals([one.reason])[0]) for one in result.errors] if result else []
    context = {"text": text, "result": result, "line_errors": errors, "is_kept": is_kept, "columns": ";".join(COLUMNS)}
    return page(request, "console/directory_import.html", context, here="directory")

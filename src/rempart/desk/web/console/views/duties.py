"""What is owed: red duties first, then dossiers that wait for a person."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.registers.directory.models import Channel
from rempart.desk.registers.directory.queries import usable_contacts
from rempart.desk.rules.access import Permission
from rempart.desk.rules.duties import DOSSIERS, DutyKind, Failure
from rempart.desk.rules.locator import defang
from rempart.desk.stages.action import queries as action
from rempart.desk.stages.action import steps, unknown_sites
from rempart.desk.stages.action.dossiers import MAX_REFERENCE, MAX_THROUGH
from rempart.desk.stages.action.errors import ActionRefused
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.action.red import MAX_WHY
from rempart.desk.stages.followup import deciding
from rempart.desk.stages.followup.errors import FollowupRefused
from rempart.desk.web.console.views import showing
from rempart.desk.web.console.views.gestures import tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import choices

SHOWN = 100
"""Duties of each kind listed on one page; the rest is counted."""


@needs(Permission.READ_QUEUE)
@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """Red first, then what waits for a person."""
    red, dossiers = action.red(), action.dossiers_to_send()
    context = {
        "red": [shown(duty) for duty in red[:SHOWN]],
        "red_count": red.count(),
        "dossiers": [shown(duty) for duty in dossiers[:SHOWN]],
        "dossier_count": dossiers.count(),
        "shown": SHOWN,
    }
    return page(request, "console/duties.html", context, here="duties")


def shown(duty: Duty) -> dict[str, object]:
    report = duty.report or (duty.item.report if duty.item else None)
    number = showing.reference(report) if report else ""
    held_back = duty.held_back.filter(done_at__isnull=True).exists() if duty.kind in DOSSIERS else False
    return {"duty": duty, "reference": f"{number}/{duty.item.ordinal}" if duty.item else number, "holds_back": held_back}


def find(duty_id: int) -> Duty:
    """The duty. Raises ``Http404``."""
    found = Duty.objects.select_related("recipient", "item__report", "report", "assessment", "dossier").filter(pk=duty_id)
    duty = found.first()
    if duty is None:
        raise Http404
    return duty


@needs(Permission.READ_QUEUE)
@require_GET
def duty(request: HttpRequest, duty_id: int) -> HttpResponse:
    """One duty, and what a person can do about it."""
    found = find(duty_id)
    noticed = getattr(found, "noticed", None)
    unknown_site = unknown_sites.proposal(found) if staff(request).may(Permission.APPROVE_CONTACT) else None
    contacts = usable_contacts([found.recipient_id]) if found.recipient_id else {}
    context = {
        **shown(found),
        "notice": noticed.notice if noticed else None,
        "contact": contacts.get(found.recipient_id or 0),
        "is_dossier": found.kind in DOSSIERS,
        "is_doubtful": found.failure == Failure.IN_DOUBT and found.kind == DutyKind.NOTICE,
        "is_by_hand": found.kind == DutyKind.NOTICE and found.recipient_id and found.failure != Failure.IN_DOUBT,
        "unknown_site": unknown_site,
        "unknown_site_shown": defang(unknown_site.site) if unknown_site else "",
        "is_supervision": found.kind == DutyKind.SUPERVISION,
        "followed": showing.followed(found.item) if found.item else None,
        "channels": choices(Channel),
        "max_through": MAX_THROUGH,
        "max_reference": MAX_REFERENCE,
        "max_why": MAX_WHY,
    }
    return page(request, "console/duty.html", context, here="duties")


def _act(request: HttpRequest, duty_id: int, act: Callable[[Duty], object], done: str) -> HttpResponse:
    found = find(duty_id)
    try:
        act(found)
    except ActionRefused as refusal:
        tell(request, refusal)
        return redirect("console:duty", duty_id=duty_id)
    messages.success(request, done)
    return redirect("console:duties")


@needs(Permission.CLEAR_RED_DUTY)
@require_POST
def retry(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Let the worker try again."""
    now = timezone.now()
    return _act(request, duty_id, lambda one: steps.retry_duty(one, staff(request), now=now), _("It will be tried again."))


@needs(Permission.CLEAR_RED_DUTY)
@require_POST
def clear(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Close a red duty for a reason."""
    why, now = request.POST.get("why", ""), timezone.now()
    return _act(request, duty_id, lambda one: steps.clear_duty(one, staff(request), why, now=now), _("The duty is cleared."))


@needs(Permission.CLEAR_RED_DUTY)
@require_POST
def by_hand(request: HttpRequest, duty_id: int) -> HttpResponse:
    """A person told the recipient by a form or a telephone."""
    through, now = request.POST.get("through", "").strip()[:MAX_THROUGH], timezone.now()
    done = _("It is recorded. The address is followed from now on.")
    return _act(request, duty_id, lambda one: steps.record_sent_by_hand(one, staff(request), through, now=now), done)


@needs(Permission.APPROVE_CONTACT)
@require_POST
def add_site(request: HttpRequest, duty_id: int) -> HttpResponse:
    """The owner of an unknown site enters the directory; the contact is approved there."""
    try:
        recipient = steps.add_to_directory(find(duty_id), staff(request), now=timezone.now())
    except ActionRefused as refusal:
        tell(request, refusal)
        return redirect("console:duty", duty_id=duty_id)
    messages.success(request, _("The site is in the directory. Check its contact, then approve it: the notice leaves by itself."))
    return redirect("console:recipient", recipient_id=recipient.pk)


@needs(Permission.CLEAR_RED_DUTY)
@require_POST
def confirm(request: HttpRequest, notice_id: int) -> HttpResponse:
    """A notice in doubt was received."""
    return _doubt(request, notice_id, steps.confirm_sent, _("It is recorded as sent."))


@needs(Permission.CLEAR_RED_DUTY)
@require_POST
def send_again(request: HttpRequest, notice_id: int) -> HttpResponse:
    """A notice in doubt leaves again."""
    return _doubt(request, notice_id, steps.send_again, _("It will be sent again, and says that it may be a duplicate."))


@needs(Permission.CLEAR_RED_DUTY)
@require_POST
def decide(request: HttpRequest, duty_id: int) -> HttpResponse:
    """A supervisor decides about an address with which software cannot go on."""
    found, by, now = find(duty_id), staff(request).pk, timezone.now()
    known = {
        "try_again": (deciding.try_again, _("The recipients are told once more.")),
        "gone": (deciding.declare_gone, _("It is recorded as gone.")),
        "stop": (deciding.close_silent, _("It is closed without removal.")),
    }
    chosen = known.get(request.POST.get("decision", ""))
    if chosen is None or found.item is None or found.kind != DutyKind.SUPERVISION:
        tell(request, ActionRefused("no_way"))
        return redirect("console:duty", duty_id=duty_id)
    try:
        chosen[0](found.item, by=by, now=now)
        messages.success(request, chosen[1])
    except FollowupRefused as refusal:
        tell(request, refusal)
    return redirect("console:duty", duty_id=duty_id)


def _doubt(request: HttpRequest, notice_id: int, act: Callable[..., None], done: str) -> HttpResponse:
    found = Notice.objects.filter(pk=notice_id).first()
    if found is None:
        raise Http404
    try:
        act(found, staff(request), now=timezone.now())
        messages.success(request, done)
    except ActionRefused as refusal:
        tell(request, refusal)
    return redirect("console:notice", notice_id=notice_id)


@needs(Permission.SEND_DOSSIER)
@require_POST
def dossier_sent(request: HttpRequest, duty_id: int) -> HttpResponse:
    """A person handed it over."""
    through = request.POST.get("through", "").strip()[:MAX_THROUGH]
    theirs = request.POST.get("their_reference", "").strip()[:MAX_REFERENCE]
    if not through:
        tell(request, ActionRefused("through_missing"))
        return redirect("console:duty", duty_id=duty_id)
    now, person = timezone.now(), staff(request)

    def act(one: Duty) -> None:
        steps.record_dossier_sent(one, person, through=through, their_reference=theirs, now=now)

    return _act(request, duty_id, act, _("It is recorded. What waited for it can begin."))

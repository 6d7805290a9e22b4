"""The first page after signing in, by role."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from rempart.desk.registers.directory.models import Contact
from rempart.desk.rules.access import Permission
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.triage import waiting
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.shared.access import signed_in
from rempart.desk.web.shared.words import words_for


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    person, now = staff(request), timezone.now()
    context: dict[str, Any] = {}
    if person.may(Permission.READ_QUEUE):
        context["bands"] = [(words_for(band), count) for band, count in waiting.open_by_band().items()]
        context["mine"] = waiting.counts(person, now=now)[waiting.Place.MINE]
        context["red_duties"] = Duty.objects.filter(done_at__isnull=True, failed_at__isnull=False).count()
    if person.may(Permission.APPROVE_CONTACT):
        context["to_approve"] = Contact.objects.filter(approved_at__isnull=True, retired_at__isnull=True).count()
    return page(request, "console/home.html", context, here="home", now=now)

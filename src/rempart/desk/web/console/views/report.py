"""One report: its items, what its reporter wrote and asked, and our answers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.rules.access import Permission
from rempart.desk.rules.report import MAX_MESSAGE
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake import steps as intake_steps
from rempart.desk.stages.intake.errors import MessageRefused
from rempart.desk.stages.intake.models import Report
from rempart.desk.stages.triage import reading
from rempart.desk.web.console.views import showing
from rempart.desk.web.console.views.gestures import number_of
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.views.suggesting import suggestions
from rempart.desk.web.console.words import refusals
from rempart.desk.web.shared.access import needs


def find(report_id: int) -> Report:
    """The report with its case. Raises ``Http404``."""
    found = Report.objects.select_related("case").filter(pk=report_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.READ_QUEUE)
@require_GET
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """The report, without one word of its reporter."""
    return _show(request, find(report_id))


def _show(
    request: HttpRequest, found: Report, *, is_open: bool = False, story: str = "", typed: str = "", errors: tuple[str, ...] = ()
) -> HttpResponse:
    case = found.case
    unread = case.messages.filter(is_from_reporter=True, read_at__isnull=True).count() if case else 0
    context = {
        "report": found,
        "reference": showing.reference(found),
        "items": found.items.select_related("decided__assessment").defer("sealed_typed").order_by("ordinal"),
        "has_case": case is not None and case.box_public is not None,
        "unread": unread,
        "message_count": case.messages.count() if case else 0,
        "is_open": is_open,
        "story": story,
        "lines": intake.mailbox_for_staff(case) if is_open and case else [],
        "typed": typed,
        "max_message": MAX_MESSAGE,
        "errors": refusals(errors),
        "newest_message": case.messages.order_by("-pk").values_list("pk", flat=True).first() or 0 if case else 0,
        **suggestions([found], staff(request)),
    }
    return page(request, "console/report.html", context, here="queue", status=400 if errors else 200)


@needs(Permission.READ_REPORTER_WORDS)
@require_POST
def words(request: HttpRequest, report_id: int) -> HttpResponse:
    """What the reporter wrote, and the messages: a deliberate gesture, which the journal remembers."""
    found, person, now = find(report_id), staff(request), timezone.now()
    story = reading.read_report(found, person, now=now)
    if found.case is not None:
        intake_steps.mark_read_by_staff(found.case, by=person.pk, now=now)
    return _show(request, found, is_open=True, story=story)


@needs(Permission.ANSWER_REPORTER)
@require_POST
def answer(request: HttpRequest, report_id: int) -> HttpResponse:
    """Write to the reporter."""
    found, person, text = find(report_id), staff(request), request.POST.get("text", "")
    if found.case is None or found.case.box_public is None:
        return _show(request, found, typed=text, errors=("no_case",))
    try:
        intake_steps.write_to_reporter(found.case, text, by=person.pk, now=timezone.now(), seen=number_of(request, "seen"))
    except MessageRefused as refusal:
        if refusal.reasons != ("sent_already",):
            return _show(request, found, typed=text, errors=refusal.reasons)
    messages.success(request, _("Your message is in the case of the reporter."))
    return redirect("console:report", report_id=report_id)

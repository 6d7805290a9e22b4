"""Notices: what was sent to whom, what became of it, and answers that came by mail."""

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import queries as people
from rempart.desk.rules.access import Permission
from rempart.desk.rules.locator import defang
from rempart.desk.rules.notice import Answer
from rempart.desk.rules.statement import Statement
from rempart.desk.stages.action import queries as action
from rempart.desk.stages.action.models import Notice, NoticedItem
from rempart.desk.stages.followup import queries as followup
from rempart.desk.stages.followup import replying
from rempart.desk.stages.followup.errors import FollowupRefused
from rempart.desk.stages.followup.models import Reply
from rempart.desk.stages.followup.replying import MAX_WORDS, Said, Through
from rempart.desk.web.console.views import showing
from rempart.desk.web.console.views.gestures import tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import choices

PAGE_SIZE = 50


@needs(Permission.READ_QUEUE)
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    before = request.GET.get("before", "")
    rows = Notice.objects.select_related("recipient").defer("sealed_text").order_by("-pk")
    if re.fullmatch(r"\d{1,18}", before, re.ASCII):
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    counts: dict[int, int] = {}
    for notice_id in NoticedItem.objects.filter(notice__in=shown, left_out_at__isnull=True).values_list("notice_id", flat=True):
        counts[notice_id] = counts.get(notice_id, 0) + 1
    answered = set(Reply.objects.filter(notice__in=shown).values_list("notice_id", flat=True))
    context = {
        "rows": [(one, action.notice_reference(one), counts.get(one.pk, 0), one.pk in answered) for one in shown],
        "next_page": urlencode({"before": shown[-1].pk}) if len(found) > PAGE_SIZE else "",
    }
    return page(request, "console/notices.html", context, here="notices")


def find(notice_id: int) -> Notice:
    """The notice. Raises ``Http404``."""
    found = Notice.objects.select_related("recipient", "contact", "reminds").filter(pk=notice_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.READ_QUEUE)
@require_GET
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One notice: its text with addresses disarmed, its addresses, its history, its answers."""
    found = find(notice_id)
    entries = list(Entry.objects.filter(subject=f"notice:{found.pk}").order_by("pk"))
    names = people.names_of(entry.by_id for entry in entries)
    told = list(action.told(found))
    answers = followup.newest_answers([found.pk])
    context = {
        "notice": found,
        "reference": action.notice_reference(found),
        "text": defang(action.notice_text(found)),
        "told": [(one, f"{showing.reference(one.item.report)}/{one.item.ordinal}", answers.get(one.item_id)) for one in told],
        "history": [(entry, names.get(entry.by_id or 0, "")) for entry in entries],
        "answers": choices(Answer),
        "max_words": MAX_WORDS,
        "is_doubtful": found.failure == "in_doubt" and found.sent_at is None and found.cancelled_at is None,
    }
    return page(request, "console/notice.html", context, here="notices")


@needs(Permission.ASSESS)
@require_POST
def reply(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Type in an answer that came by mail or telephone."""
    found, asked = find(notice_id), request.POST
    answer = next((one for one in Answer if one.value == asked.get("answer")), None)
    items = [int(one) for one in asked.getlist("item") if re.fullmatch(r"\d{1,18}", one, re.ASCII)]
    if answer is None or not items:
        tell(request, FollowupRefused("nothing_said"))
        return redirect("console:notice", notice_id=notice_id)
    said = Said(answer, Statement(), words=asked.get("words", "")[: MAX_WORDS + 1], contact=asked.get("contact", "")[:254])
    try:
        replying.record_replies(
            found, dict.fromkeys(items, said), through=Through.STAFF, by=staff(request).pk, now=timezone.now()
        )
        messages.success(request, _("The answer is recorded."))
    except FollowupRefused as refusal:
        tell(request, refusal)
    return redirect("console:notice", notice_id=notice_id)

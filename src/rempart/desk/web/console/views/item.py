"""One item: looking at it, and every gesture of the reader."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.registers.people import queries as people
from rempart.desk.registers.vault.sealing import unseal
from rempart.desk.rules.access import Permission
from rempart.desk.rules.assessment import MAX_NOTE, Verdict
from rempart.desk.rules.classification import GradingDataError
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage import claims, reading, steps, waiting
from rempart.desk.stages.triage.errors import TriageRefused
from rempart.desk.stages.triage.models import Assessment
from rempart.desk.stages.triage.queries import decision_of
from rempart.desk.web.console.views import assessing, showing
from rempart.desk.web.console.views.gestures import HOLD_CHOICES, hold_until, tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.views.queue import said_of
from rempart.desk.web.console.views.showing import Mode
from rempart.desk.web.console.views.suggesting import suggestions
from rempart.desk.web.console.words import NOT_ILLEGAL, refusals
from rempart.desk.web.shared.access import needs

SHOWS_ADDRESS = frozenset({Mode.MINE, Mode.DECIDED})


def find(item_id: int) -> Item:
    """The item with its report, its address and its decision. Raises ``Http404``."""
    item = Item.objects.select_related("report", "address", "decided__assessment").filter(pk=item_id).first()
    if item is None:
        raise Http404
    return item


@needs(Permission.READ_QUEUE)
@require_GET
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """The page of one item."""
    return show(request, find(item_id))


def show(
    request: HttpRequest,
    found: Item,
    form: assessing.Form | None = None,
    *,
    errors: tuple[str, ...] = (),
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """Draw the page of an item, with the form as it was left."""
    person, now = staff(request), timezone.now()
    lease = claims.holder(found, now=now)
    mode = showing.mode_of(found, person, lease, now)
    reports = showing.group_reports(found)
    standing = waiting.standing_hold(found, now=now)
    context: dict[str, Any] = {
        "item": found,
        "mode": mode.value,
        "reference": showing.reference(found.report),
        "lease": lease,
        "holder": people.names_of([lease.by_id]).get(lease.by_id, "") if lease else "",
        "reports": showing.subjects(reports),
        "said": said_of(reports),
        "is_overdue": found.due_at < now,
        "history": showing.history(found, person),
        "readings": [_reading(row) for row in reading.readings(found, person)],
        "duties": showing.duties_of(found),
        "hold": standing,
        "errors": refusals(errors),
    }
    if mode in SHOWS_ADDRESS:
        context |= _about(found) | suggestions(reports, person)
    if mode is Mode.DECIDED:
        context["followed"] = showing.followed(found)
    if mode is Mode.MINE:
        context |= _desk(request, found, form or assessing.Form())
    if mode is Mode.ON_HOLD and standing is not None:
        context["hold_reason"] = unseal(standing.sealed_reason)
    return page(request, "console/item.html", {**context, **(extra or {})}, here="queue", status=400 if errors else 200, now=now)


def _about(found: Item) -> dict[str, Any]:
    return {
        "addresses": showing.addresses(found),
        "ladder": showing.ladder(found),
        "same": [
            (_("Same address"), showing.earlier(intake.same_address(found))),
            (_("Same account"), showing.earlier(intake.same_account(found))),
            (_("Same host"), showing.earlier(intake.same_host(found))),
        ],
    }


def _desk(request: HttpRequest, found: Item, form: assessing.Form) -> dict[str, Any]:
    person = staff(request)
    return {
        "outlooks": showing.outlooks(found, form.verdict),
        "fields": assessing.fields(form),
        "yes_or_no": {name: form.chosen.get(name, "") for name in assessing.YES_OR_NO},
        "chosen": form.chosen,
        "reasons": assessing.reasons(form),
        "max_note": MAX_NOTE,
        "hold_choices": [(name, words) for name, words, _delay in HOLD_CHOICES],
        "colleagues": people.colleagues_who_may(Permission.ASSESS, person),
        "word": showing.word_handed_over(found, person),
    }


def _reading(row: Assessment) -> dict[str, Any]:
    decision = decision_of(row, with_note=True)
    reason = next((NOT_ILLEGAL[one] for one in NOT_ILLEGAL if one == decision.not_illegal_reason), "")
    by = people.names_of([row.by_id]).get(row.by_id, "")
    return {"row": row, "decision": decision, "reason": reason, "by": by}


@needs(Permission.ASSESS)
@require_POST
def assess(request: HttpRequest, item_id: int) -> HttpResponse:
    """Keep the reading."""
    found, person, now = find(item_id), staff(request), timezone.now()
    form = assessing.read(request.POST)
    decision, wrong = form.decision()
    if decision is None:
        return show(request, found, form, errors=wrong)
    try:
        # A lease that ran out while the form was filled is taken again, unless a colleague was faster.
        claims.claim(found, person, now=now)
        steps.assess(found, person, decision, now=now)
    except TriageRefused as refusal:
        return show(request, found, form, errors=refusal.reasons)
    return redirect("console:item", item_id=item_id)


@needs(Permission.ASSESS)
@require_POST
def preview(request: HttpRequest, item_id: int) -> HttpResponse:
    """The grading in the words of each partner, before anything is kept."""
    found, form, now = find(item_id), assessing.read(request.POST), timezone.now()
    try:
        grading = form.grading() if form.verdict in {None, Verdict.ILLEGAL_IN_FIELD} else None
    except GradingDataError:
        return show(request, found, form, errors=("form_unreadable",))
    said = assessing.mappings(grading, now.date(), staff(request).language) if grading else []
    return show(request, found, form, extra={"mappings": said, "is_preview": True})


@needs(Permission.READ_REPORTER_WORDS)
@require_POST
def words(request: HttpRequest, item_id: int) -> HttpResponse:
    """What the reporters wrote: a deliberate gesture, which the journal remembers."""
    found, person, now = find(item_id), staff(request), timezone.now()
    if showing.mode_of(found, person, claims.holder(found, now=now), now) not in SHOWS_ADDRESS:
        return show(request, found, errors=("lease_ended",))
    told = reading.read_words(found, person, now=now)
    if request.headers.get("Accept") == "application/json":
        said = [{"reference": showing.reference(one.report), "story": one.story} for one in told]
        return JsonResponse({"told": said})
    shown = [(showing.reference(one.report), one.story) for one in told]
    return show(request, found, assessing.read(request.POST), extra={"told": shown})


@needs(Permission.ASSESS)
@require_POST
def address(request: HttpRequest, item_id: int) -> HttpResponse:
    """The live address, for the clipboard of the person who asks, and for nothing else."""
    found, person, now = find(item_id), staff(request), timezone.now()
    if showing.mode_of(found, person, claims.holder(found, now=now), now) not in SHOWS_ADDRESS:
        return JsonResponse({}, status=409)
    return JsonResponse({"address": reading.copy_address(found, person, now=now)})


Gesture = Callable[[Item, datetime], object]


def _gesture(request: HttpRequest, item_id: int, act: Gesture, done: str, *, stays: bool = False) -> HttpResponse:
    found = find(item_id)
    try:
        act(found, timezone.now())
    except TriageRefused as refusal:
        tell(request, refusal)
        return redirect("console:item", item_id=item_id)
    if done:
        messages.success(request, done)
    return redirect("console:item", item_id=item_id) if stays else redirect("console:queue")


@needs(Permission.ASSESS)
@require_POST
def take(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take this item."""
    return _gesture(request, item_id, lambda one, now: claims.claim(one, staff(request), now=now), "", stays=True)


@needs(Permission.ASSESS)
@require_POST
def release(request: HttpRequest, item_id: int) -> HttpResponse:
    """Put it back."""
    return _gesture(
        request, item_id, lambda one, now: claims.release(one, staff(request), now=now), _("The item is back in the queue.")
    )


@needs(Permission.ASSESS)
@require_POST
def hold(request: HttpRequest, item_id: int) -> HttpResponse:
    """Let it wait, for a reason."""
    reason = request.POST.get("reason", "").strip()[:MAX_NOTE]
    if not reason:
        return show(request, find(item_id), errors=("reason_missing",))

    def act(one: Item, now: datetime) -> None:
        claims.hold(one, staff(request), reason, hold_until(request.POST.get("until", ""), now), now=now)

    return _gesture(request, item_id, act, _("The item is on hold."))


@needs(Permission.ASSESS)
@require_POST
def let_go(request: HttpRequest, item_id: int) -> HttpResponse:
    """End a hold."""
    act: Gesture = lambda one, now: claims.let_go(one, staff(request), now=now)  # noqa: E731
    return _gesture(request, item_id, act, _("The item is no longer on hold."), stays=True)


@needs(Permission.ASSESS)
@require_POST
def hand_over(request: HttpRequest, item_id: int) -> HttpResponse:
    """Pass it to a colleague."""
    person, to = staff(request), request.POST.get("to", "")
    colleagues = people.colleagues_who_may(Permission.ASSESS, person)
    colleague = colleagues.filter(pk=int(to)).first() if to.isascii() and to.isdigit() and len(to) < 19 else None
    if colleague is None:
        return show(request, find(item_id), errors=("colleague",))
    word = request.POST.get("word", "")[:MAX_NOTE]
    done = _("The item is now with %(name)s.") % {"name": colleague.display_name}
    return _gesture(request, item_id, lambda one, now: claims.hand_over(one, person, colleague, word, now=now), done)


@needs(Permission.ASSESS)
@require_POST
def undo(request: HttpRequest, assessment_id: int) -> HttpResponse:
    """Take one's own reading back."""
    row = Assessment.objects.filter(pk=assessment_id, by_id=staff(request).pk).first()
    if row is None:
        messages.warning(request, _("Only your own assessment can be undone."))
        return redirect("console:queue")
    try:
        steps.undo(row, staff(request), now=timezone.now())
        messages.success(request, _("The assessment is undone. The item is yours again."))
    except TriageRefused as refusal:
        tell(request, refusal)
    return redirect("console:item", item_id=row.item_id)

"""The journal: who did what to what, when. It is only ever read."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import queries as people
from rempart.desk.rules.access import Permission
from rempart.desk.rules.lifecycle import OPEN_FOR_READING
from rempart.desk.stages.intake.models import Item
from rempart.desk.web.console.acts import VERBS
from rempart.desk.web.console.views.pages import page
from rempart.desk.web.console.views.showing import BLIND
from rempart.desk.web.shared.access import needs

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line, as the page shows it."""

    entry: Entry
    by: str
    detail: str


@needs(Permission.READ_JOURNAL)
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """The newest acts first, filtered by what, who, which and when."""
    asked = request.GET
    entries = list(_asked(asked)[: PAGE_SIZE + 1])
    last = entries[PAGE_SIZE - 1].pk if len(entries) > PAGE_SIZE else None
    kept = {name: asked[name] for name in ("verb", "by", "subject", "day") if asked.get(name)}
    context = {
        "lines": _lines(entries[:PAGE_SIZE]),
        "verbs": sorted(VERBS.items(), key=lambda one: str(one[1])),
        "everybody": people.everybody(),
        "asked": kept,
        "next_page": urlencode({**kept, "before": last}) if last else "",
    }
    return page(request, "console/journal.html", context, here="journal")


def _asked(asked: QueryDict) -> QuerySet[Entry]:
    rows = Entry.objects.order_by("-pk")
    if verb := asked.get("verb"):
        rows = rows.filter(verb=verb)
    if re.fullmatch(r"[a-z]{1,20}:\w{1,20}", asked.get("subject", ""), re.ASCII):
        rows = rows.filter(subject=asked["subject"])
    for name, column in (("by", "by_id"), ("before", "pk__lt")):
        if re.fullmatch(r"\d{1,18}", number := asked.get(name, ""), re.ASCII):
            rows = rows.filter(**{column: int(number)})
    start = _day(asked.get("day", ""))
    return rows.filter(at__gte=start, at__lt=start + timedelta(days=1)) if start else rows


def _day(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
    except ValueError:
        return None


def _lines(entries: list[Entry]) -> list[Line]:
    names = people.names_of(entry.by_id for entry in entries)
    blind = _still_read(entries)
    return [
        Line(entry, "" if entry.pk in blind else names.get(entry.by_id or 0, ""), "" if entry.pk in blind else _detail(entry))
        for entry in entries
    ]


def _still_read(entries: list[Entry]) -> set[int]:
    """Acts that would tell a second reader what the first one saw: nobody reads them here before the item is decided."""
    told = {
        entry.pk: int(entry.subject.removeprefix("item:"))
        for entry in entries
        if entry.verb in BLIND and entry.subject.startswith("item:")
    }
    still = set(Item.objects.filter(pk__in=told.values(), state__in=OPEN_FOR_READING).values_list("pk", flat=True))
    return {pk for pk, item in told.items() if item in still}


def _detail(entry: Entry) -> str:
    # What is sealed stays so: a reason may name an address, and this page is also read by those who read none.
    return ", ".join(f"{name}: {_said(value)}" for name, value in entry.detail.items() if not name.startswith("sealed_"))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return " + ".join(map(str, value)) if isinstance(value, list) else str(value)

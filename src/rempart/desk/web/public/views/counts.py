"""The public counts of the lists, for people and, beside it, for programs. What it says changes once a day at most."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rempart.desk.registers.lists.models import CountsOfDay
from rempart.desk.rules.lists import ListName
from rempart.desk.statistics import listed
from rempart.desk.statistics.charts import Chart, Mark, bar_chart
from rempart.desk.statistics.figure import SMALL
from rempart.desk.web.public.pages import page
from rempart.desk.web.shared.access import public
from rempart.desk.web.shared.words import words_for

NOT_DRAWN = {"platforms"}
"""Counts of something else than entries: never on one scale with them."""


@public
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """What stands on the lists, what was doubted, how platforms act; no platform and no person is named."""
    row = listed.latest()
    context = {"row": row, "lists": _lists(row) if row else [], "act": _act(row) if row else None}
    words = {"meanings": listed.COUNTS.values(), "time_to_act": listed.TIME_TO_ACT, "small": listed.SMALL_NUMBERS}
    return page(request, "lists.html", {**context, **words})


@public
@require_safe
def counts_json(request: HttpRequest) -> HttpResponse:
    """The same, to be used again by anybody."""
    row = listed.latest()
    definitions = {**listed.COUNTS, "time_to_act": listed.TIME_TO_ACT, "small_numbers": listed.SMALL_NUMBERS}
    content: dict[str, Any] = {
        "association": settings.REMPART.association,
        "day": row.day.isoformat() if row else None,
        "fewer_than": SMALL,
        "definitions": {
            name: {"title": one.title_in_both(), "definition": one.sentence_in_both()} for name, one in definitions.items()
        },
        **(row.content if row else {"lists": {}, "time_to_act": []}),
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _lists(row: CountsOfDay) -> list[dict[str, Any]]:
    return [_list(name, row.content["lists"][name.value]) for name in ListName if name.value in row.content["lists"]]


def _list(name: ListName, found: dict[str, int | None]) -> dict[str, Any]:
    rows = [(key, words, found.get(key, 0)) for key, words in listed.COUNTS.items()]
    marks = [Mark(str(words.title), count or 0, _said(count)) for key, words, count in rows if key not in NOT_DRAWN]
    table = [(words.title, _said(count)) for _key, words, count in rows]
    return {"name": name.value, "words": words_for(name), "rows": table, "chart": bar_chart(marks)}


def _said(count: int | None) -> str:
    return _("fewer than %(n)s") % {"n": SMALL} if count is None else number_format(count, force_grouping=True)


def _hours(one: dict[str, Any]) -> str:
    return number_format(one["median_hours"], 1, force_grouping=True)


def _act(row: CountsOfDay) -> dict[str, Any]:
    found = row.content["time_to_act"]
    named = [(_("Platform %(number)s") % {"number": number}, one) for number, one in enumerate(found, start=1)]
    marks = [Mark(name, one["median_hours"], _("%(hours)s h") % {"hours": _hours(one)}) for name, one in named]
    chart: Chart | None = bar_chart(marks)
    return {"rows": [(name, _hours(one), number_format(one["decisions"])) for name, one in named], "chart": chart}

"""What people protect: first what needs a person, then everything. Nobody sees a picture or a fingerprint here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_GET

from rempart.desk.registers.bank import queries as bank
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.bank.queries import Told, Wanted
from rempart.desk.rules.access import Permission
from rempart.desk.rules.protection import Age
from rempart.desk.rules.trust import Trust
from rempart.desk.web.console.protection_words import choices
from rempart.desk.web.console.views.pages import page
from rempart.desk.web.shared.access import needs

PAGE_SIZE = 50
SHOWN = 25
"""Of those that wait in one state; the rest is counted, and reached by the filter."""
KEPT = ("trust", "age", "since", "case")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Row:
    """One protection, as a list shows it."""

    one: Protection
    told: Told
    doubt: str = ""


@needs(Permission.READ_PROTECTIONS)
@require_GET
def protections(request: HttpRequest) -> HttpResponse:
    """What waits for a person, then one page of all of them."""
    asked = request.GET
    wanted = _wanted(asked)
    found, following = bank.listed(wanted, before=_number(asked.get("before", "")), size=PAGE_SIZE)
    kept = {name: asked[name] for name in KEPT if asked.get(name)}
    counts = bank.waiting_counts()
    context = {
        "held": _rows(bank.waiting(Trust.HELD)[:SHOWN]) if counts[Trust.HELD] else [],
        "held_count": counts[Trust.HELD],
        "disputed": _rows(bank.waiting(Trust.DISPUTED)[:SHOWN]) if counts[Trust.DISPUTED] else [],
        "disputed_count": counts[Trust.DISPUTED],
        "shown": SHOWN,
        "rows": _rows(found),
        "wanted": wanted,
        "is_narrowed": bool(kept),
        "is_first_page": "before" not in asked,
        "next_page": urlencode({**kept, "before": following}) if following else "",
        "first_page": urlencode(kept),
        "trust_choices": choices(Trust),
        "age_choices": choices(Age),
    }
    return page(request, "console/protections.html", context, here="protections")


def _rows(found: Iterable[Protection]) -> list[Row]:
    rows = list(found)
    numbers = [one.pk for one in rows]
    told = bank.told_of(numbers)
    doubts = bank.doubts_about([one.pk for one in rows if one.trust == Trust.HELD])
    return [Row(one, told.get(one.pk, Told()), doubts.get(one.pk, "")) for one in rows]


def _wanted(asked: QueryDict) -> Wanted:
    return Wanted(
        trust=_member(Trust, asked.get("trust", "")),
        age=_member(Age, asked.get("age", "")),
        since=_day(asked.get("since", "")),
        case_number=_number(asked.get("case", "")),
    )


def _member(kind: type[E], value: str) -> E | None:
    return next((member for member in kind if member.value == value), None)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else None


def _day(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
    except (ValueError, OverflowError):
        return None

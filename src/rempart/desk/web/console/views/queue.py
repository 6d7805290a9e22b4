"""The queue: what waits, in its order, without one address in clear."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.registers.people import queries as people
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault.sealing import Unreadable
from rempart.desk.rules.access import Permission
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.locator import LocatorKind, defang, read_locators
from rempart.desk.rules.queue import Band
from rempart.desk.rules.report import AgeBand, Category, Concerns, DangerNow
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.triage import claims, waiting
from rempart.desk.stages.triage.models import Claim
from rempart.desk.stages.triage.waiting import Mark, Place, Wanted
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import Words, choices, words_for

PAGE_SIZE = 50
ANY = ""
E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Row:
    """One group of items, as the list shows it."""

    item: Item
    reference: str
    host: str
    reports: int
    said: list[Words]
    is_overdue: bool
    holder: str


@needs(Permission.READ_QUEUE)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """One page of the queue."""
    person, now = staff(request), timezone.now()
    wanted = _wanted(request.GET)
    found = waiting.queue(person, wanted, now=now, after=_mark(request.GET), size=PAGE_SIZE)
    counts = waiting.counts(person, now=now)
    context = {
        "rows": _rows(found.items, now),
        "wanted": wanted,
        "next_page": _next_page(request.GET, found.next_mark),
        "is_first_page": "after" not in request.GET,
        "bands": [(words_for(band), count) for band, count in waiting.open_by_band().items() if count],
        "places": [(place.value, words, counts.get(place)) for place, words in _places()],
        "band_choices": choices(Band),
        "category_choices": choices(Category),
        "state_choices": [one for one in choices(State) if State(one[0]) in OPEN_FOR_READING],
        "searched": request.GET.get("reference", "")[:40],
    }
    return page(request, "console/queue.html", context, here="queue", now=now)


def _places() -> list[tuple[Place, str]]:
    return [
        (Place.OPEN, _("To take")),
        (Place.MINE, _("Mine")),
        (Place.WITH_COLLEAGUES, _("With colleagues")),
        (Place.ON_HOLD, _("On hold")),
    ]


def _wanted(asked: QueryDict) -> Wanted:
    band = asked.get("band", ANY)
    return Wanted(
        place=_member(Place, asked.get("place", ANY)) or Place.OPEN,
        band=Band(int(band)) if band.isascii() and band.isdigit() and int(band) in set(Band) else None,
        category=_member(Category, asked.get("category", ANY)),
        state=next((state for state in OPEN_FOR_READING if state.value == asked.get("state")), None),
    )


def _member(kind: type[E], value: str) -> E | None:
    return next((member for member in kind if member.value == value), None)


def _mark(asked: QueryDict) -> Mark | None:
    """Where the page before stopped, as the link to this page says it."""
    found = re.fullmatch(r"(\d)~([0-9T:.+-]{1,40})~(\d{1,18})", asked.get("after", ""), re.ASCII)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found[2])
    except ValueError:
        return None
    return (int(found[1]), moment, int(found[3])) if moment.tzinfo else None


def _next_page(asked: QueryDict, mark: Mark | None) -> str:
    if mark is None:
        return ""
    kept = {name: asked[name] for name in ("place", "band", "category", "state") if asked.get(name)}
    return urlencode({**kept, "after": f"{mark[0]}~{mark[1].isoformat()}~{mark[2]}"})


def _rows(items: list[Item], now: datetime) -> list[Row]:
    groups = waiting.items_of_groups(item.group_key for item in items)
    leases = Claim.objects.filter(group_key__in=[item.group_key for item in items], expires_at__gt=now)
    holders = dict(leases.values_list("group_key", "by_id"))
    names = people.names_of(holders.values())
    return [
        Row(
            item=item,
            reference=intake.reference(item.report, settings.REMPART.reference_prefix),
            host=_host(item),
            reports=len({one.report_id for one in groups.get(item.group_key, [item])}),
            said=said_of([one.report for one in groups.get(item.group_key, [item])]),
            is_overdue=item.due_at < now,
            holder=names.get(holders.get(item.group_key, 0), ""),
        )
        for item in items
    ]


def _host(item: Item) -> str:
    """The host alone, defanged; for accounts, the platform. Never the rest of the address."""
    if item.kind not in {LocatorKind.URL, LocatorKind.ACCOUNT}:
        return ""
    try:
        found = read_locators(intake.canonical(item))
    except Unreadable:
        return ""
    return defang(found[0].host) if found and found[0].host else ""


_SAID_NOTHING = {"not_said", DangerNow.NO.value}


def said_of(reports: Iterable[Report]) -> list[Words]:
    """What the reporters said, in the short words of the form; what most of them said comes first."""
    found: Counter[Enum] = Counter()
    for report in reports:
        said = (
            Category(report.category), Concerns(report.concerns), AgeBand(report.age_band), DangerNow(report.danger_now)
        )  # fmt: skip
        found.update(one for one in said if one.value not in _SAID_NOTHING and one is not DangerNow.YES)
    return [words_for(one) for one, _count in found.most_common(5)]


@needs(Permission.READ_QUEUE)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """An item by the reference number people quote."""
    typed = request.GET.get("reference", "").strip()[:40]
    found = re.fullmatch(r"(?:[A-Za-z]{1,10}[-\s]?)?(?:\d{4}[-\s])?0*(\d{1,15})", typed, re.ASCII)
    items = list(Item.objects.filter(report_id=int(found[1])).order_by("ordinal")[:2]) if found else []
    if not items:
        messages.warning(request, _("No report has this reference."))
        return redirect(f"{reverse('console:queue')}?{urlencode({'reference': typed})}")
    if len(items) > 1:
        return redirect("console:report", report_id=items[0].report_id)
    return redirect("console:item", item_id=items[0].pk)


@needs(Permission.ASSESS)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the most urgent item; one already in hand comes first."""
    person, now = staff(request), timezone.now()
    claim = _in_hand(person, now) or claims.claim_next(person, now=now)
    if claim is None:
        messages.info(request, _("Nothing waits for you now."))
        return redirect("console:queue")
    return redirect("console:item", item_id=claim.item_id)


def _in_hand(person: Person, now: datetime) -> Claim | None:
    return Claim.objects.filter(by_id=person.pk, expires_at__gt=now).order_by("claimed_at").first()

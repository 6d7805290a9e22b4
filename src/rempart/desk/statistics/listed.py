"""The public counts of the lists: what stands and what ended, what was doubted, how many platforms read, how fast they act.

Counted once a day, and kept with small numbers hidden already: what is shown by day can be compared from day to day, and a
number that may move with one person's gesture is not said. No platform is named: who reads which list is nobody's business.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from rempart.desk.registers.bank.models import Protection, TrustFact
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists.models import CountsOfDay, Entry, ListClient
from rempart.desk.registers.lists.readings import platforms_connected
from rempart.desk.rules.lists import ListName, list_of
from rempart.desk.rules.protection import Age
from rempart.desk.rules.trust import LIVE, Fact, Trust
from rempart.desk.statistics.definitions import Definition
from rempart.desk.statistics.figure import SMALL
from rempart.desk.statistics.spread import hours_between, spread

READ_WITHIN = timedelta(days=30)
AT_ONCE = 5_000

COUNTS: dict[str, Definition] = {
    "standing": Definition(_("On the list now"), _("Pictures and videos that somebody protects today."), "Protection"),
    "withdrawn": Definition(
        _("Taken back"), _("The person took the protection back; platforms were told to forget the codes."), "Protection"
    ),
    "expired": Definition(_("Ended without renewal"), _("Nobody asked to keep the protection; the same followed."), "Protection"),
    "disputed": Definition(
        _("Disputed now"),
        _(
            "On the list now, but two platforms or more looked and would not block it: platforms are advised to have a person "
            "look at each match."
        ),
        "Protection.trust",
    ),
    "overturned": Definition(
        _("Overturned by platforms"),
        _("Ever since the beginning: two platforms or more looked and would not block it, whatever came after."),
        "TrustFact",
    ),
    "alarms": Definition(
        _("Held by an alarm"),
        _(
            "Ever since the beginning: it looked like a picture everybody knows or like no picture at all, or far too many "
            "people sent it; platforms were told to let it through until a person had looked."
        ),
        "TrustFact",
    ),
    "alarms_cleared": Definition(
        _("Alarm found to be none"),
        _("Of these, those for which a person looked at the alarm and found it was none."),
        "TrustFact",
    ),
    "platforms": Definition(
        _("Platforms that read the list"), _("Platforms that read it at least once in the last 30 days."), "Subscription"
    ),
}
"""In the order in which they are shown."""

TIME_TO_ACT = Definition(
    _("Time to act, by platform"),
    _(
        "Hours from the moment a platform was first sent an entry to the moment it first told us what its people decided: the "
        "median of each platform that told at least 5 decisions. Platforms are not named; the fastest comes first."
    ),
    "Entry, Feedback",
)
SMALL_NUMBERS = Definition(_("Small numbers"), _("From 1 to 4 we only say “fewer than 5”: so few could point at somebody."), "")


def latest() -> CountsOfDay | None:
    """The counts that are shown; None before the first day."""
    return CountsOfDay.objects.order_by("-day").first()


def keep_of_day(*, now: datetime) -> bool:
    """Count, unless it was done today already; whether it was done now."""
    today = now.astimezone(ZoneInfo(settings.REMPART.time_zone)).date()
    if CountsOfDay.objects.filter(day=today).exists():
        return False
    _row, is_new = CountsOfDay.objects.get_or_create(day=today, defaults={"made_at": now, "content": published(now=now)})
    return is_new


def published(*, now: datetime) -> dict[str, Any]:
    """Everything, fit to leave the house: None stands for a number from 1 to 4."""
    lists = {name.value: {key: _shown(count) for key, count in found.items()} for name, found in counted(now=now).items()}
    return {"lists": lists, "time_to_act": times_to_act()}


def _shown(count: int) -> int | None:
    return None if 0 < count < SMALL else count


def counted(*, now: datetime) -> dict[ListName, dict[str, int]]:
    """The exact counts of each list, by the keys of ``COUNTS``. Canaries protect nobody and are not counted."""
    found = {name: dict.fromkeys(COUNTS, 0) for name in ListName}
    rows = Protection.objects.values_list("age", "trust").annotate(count=Count("pk")).order_by()
    for age, trust, count in rows:
        mine = found[list_of(Age(age))]
        for key in _standings(Trust(trust)):
            mine[key] += count
    for key, fact in (("overturned", Fact.REFUSED_BY_QUORUM), ("alarms", Fact.ALARM), ("alarms_cleared", Fact.CLEARED)):
        ever = TrustFact.objects.filter(fact=fact.value).values_list("protection__age")
        for age, count in ever.annotate(count=Count("protection", distinct=True)).order_by():
            found[list_of(Age(age))][key] += count
    for name in ListName:
        lately = [at for _, at in platforms_connected(name) if at is not None and at > now - READ_WITHIN]
        found[name]["platforms"] = len(lately)
    return found


def _standings(trust: Trust) -> Iterator[str]:
    if trust in LIVE:
        yield "standing"
    if trust is Trust.DISPUTED:
        yield "disputed"
    if trust is Trust.WITHDRAWN:
        yield "withdrawn"
    if trust is Trust.EXPIRED:
        yield "expired"


def times_to_act() -> list[dict[str, Any]]:
    """Decisions told and their median delay, for each platform that told enough of them; the fastest first, none named."""
    readings = _Readings()
    delays: dict[int, list[float]] = defaultdict(list)
    for batch in _batches(_first_decisions()):
        entries = {
            number: (name, first or 0)
            for number, name, first in Entry.objects.filter(
                protection_number__in={protection for protection, _, _ in batch}, first_position__isnull=False
            ).values_list("protection_number", "list_name", "first_position")
        }
        for protection, platform, told_at in batch:
            read_at = readings.first(platform, *entries[protection]) if protection in entries else None
            # One that it asked about before it read the list is no time to act on the list.
            if read_at is not None and read_at <= told_at:
                delays[platform].append(hours_between(read_at, told_at))
    found = [spread(hours) for hours in delays.values() if len(hours) >= SMALL]
    # Rounded to the hour's tenth: no more is needed, and no single decision shows.
    rows = [{"decisions": one.count, "median_hours": round(one.median or 0, 1)} for one in found]
    return sorted(rows, key=lambda row: (row["median_hours"], row["decisions"]))


Decision = tuple[int, int, datetime]
"""Protection, platform, and when it was told."""


def _first_decisions() -> Iterator[Decision]:
    """The first decision of each platform on each protection, by our clock."""
    seen: set[tuple[int, int]] = set()
    rows = JournalEntry.objects.filter(verb="feedback_noted").order_by("pk").values_list("subject", "at", "detail")
    for subject, at, detail in rows.iterator(chunk_size=AT_ONCE):
        if not detail.get("vote"):
            continue
        key = int(subject.removeprefix("protection:")), int(detail["platform"])
        if key not in seen:
            seen.add(key)
            yield *key, at


def _batches(rows: Iterable[Decision]) -> Iterator[list[Decision]]:
    batch: list[Decision] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


class _Readings:
    """When each platform was first sent what stands at a position, from the journal's lines of readings."""

    def __init__(self) -> None:
        self._steps: dict[tuple[int, str], list[tuple[int, datetime]]] = defaultdict(list)
        self._clients: Mapping[int, int] = dict(ListClient.objects.values_list("pk", "platform_number"))
        rows = JournalEntry.objects.filter(verb="list_read").order_by("pk").values_list("subject", "at", "detail")
        for subject, at, detail in rows.iterator(chunk_size=AT_ONCE):
            self._note(int(subject.removeprefix("client:")), at, detail)
        self._by_platform: dict[tuple[int, str], list[list[tuple[int, datetime]]]] = defaultdict(list)
        for (client, name), steps in self._steps.items():
            if client in self._clients:
                self._by_platform[self._clients[client], name].append(steps)

    def _note(self, client: int, at: datetime, detail: Mapping[str, Any]) -> None:
        steps = self._steps[client, str(detail["list"])]
        far = steps[-1][0] if steps else 0
        # A reading that leaves a gap behind it says nothing of what lies in the gap.
        if detail["after"] <= far < detail["until"]:
            steps.append((int(detail["until"]), at))

    def first(self, platform: int, list_name: str, position: int) -> datetime | None:
        """When a platform had first read up to this position; None when it never did."""
        found = []
        for steps in self._by_platform[platform, list_name]:
            place = bisect_left(steps, position, key=lambda step: step[0])
            if place < len(steps):
                found.append(steps[place][1])
        return min(found, default=None)

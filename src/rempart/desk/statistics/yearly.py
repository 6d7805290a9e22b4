"""The yearly report of a trusted flagger (DSA article 22(3)): which provider was told of what, and what it did.

One line counts *addresses notified*: one address brought before one provider by a notice of ours. An address notified again
to the same provider after it came back counts again; a reminder does not. No line names a person, an address or fewer than
five addresses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.report import ReportKind
from rempart.desk.stages.action.models import Notice
from rempart.desk.statistics import acts, arrivals, decisions, protected
from rempart.desk.statistics.actions import Action
from rempart.desk.statistics.figure import MERGED, SMALL
from rempart.desk.statistics.folding import fold
from rempart.desk.statistics.notified import Notified, notified_in
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.spread import Spread, spread


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. A part that the table does not tell apart is empty; ``count`` is None when it is withheld."""

    provider: str
    content: str
    action: str
    count: int | None
    # Share of the addresses for which the provider let us hear that it received the notice.
    receipt_percent: float | None
    receipt: Spread
    decision: Spread
    removal: Spread


@dataclass(frozen=True, slots=True)
class Flagger:
    """Who reports, from the settings of the installation."""

    association: str
    contact: str
    reference: str
    coordinator: str
    area: str
    independence: str


@dataclass(frozen=True, slots=True)
class Precision:
    """How often we were wrong, as far as we know."""

    objections: int
    overturned: int
    corrections: int
    outside_field: int

    @property
    def overturned_percent(self) -> float | None:
        """Share of the objections decided that led to another decision; None when nobody objected."""
        return round(100 * self.overturned / self.objections, 1) if self.objections else None


@dataclass(frozen=True, slots=True)
class Protected:
    """What was done beside notices, on *protect my image*. None where fewer than five."""

    declared: int | None
    ended: int | None
    matches: int | None
    first_match: Spread


@dataclass(frozen=True, slots=True)
class YearlyReport:
    """Everything the report says."""

    period: Period
    made_at: datetime
    flagger: Flagger
    reports_received: int
    addresses_reported: int
    addresses_illegal: int
    notices_sent: int
    reminders_sent: int
    addresses_notified: int
    by_provider: tuple[Line, ...]
    by_content: tuple[Line, ...]
    by_action: tuple[Line, ...]
    by_all: tuple[Line, ...]
    precision: Precision
    protected: Protected


def yearly_report(period: Period, *, now: datetime, language: str) -> YearlyReport:
    """The report of a period, as known now."""
    found = notified_in(period)
    return YearlyReport(
        period=period,
        made_at=now,
        flagger=_flagger(language),
        reports_received=arrivals.reports_received(period).total,
        addresses_reported=arrivals.addresses_reported(period).total,
        addresses_illegal=_illegal(period),
        notices_sent=acts.notices(period).count(),
        reminders_sent=_reminders(period),
        addresses_notified=len(found),
        by_provider=_one_way(found, "provider"),
        by_content=_one_way(found, "content"),
        by_action=_one_way(found, "action"),
        by_all=_three_ways(found),
        precision=_precision(period, found),
        protected=_protected(period),
    )


def _flagger(language: str) -> Flagger:
    house = settings.REMPART
    return Flagger(
        association=house.association,
        contact=house.contact_email,
        reference=house.trusted_flagger_reference,
        coordinator=house.trusted_flagger_coordinator,
        area=house.trusted_flagger_area,
        independence=house.independence_fr if language == "fr" else house.independence_en,
    )


def _illegal(period: Period) -> int:
    rows = decisions.decided(period).filter(decided__assessment__verdict=Verdict.ILLEGAL_IN_FIELD)
    return rows.filter(address__isnull=False).values("address_id").distinct().count()


def _reminders(period: Period) -> int:
    sent = Notice.objects.filter(sent_at__gte=period.starts_at, sent_at__lt=period.ends_at)
    return sent.exclude(acts.FIRST).count()


def _one_way(found: list[Notified], part: str) -> tuple[Line, ...]:
    groups: dict[str, list[Notified]] = {}
    for one in found:
        groups.setdefault(getattr(one, part), []).append(one)
    kept, hidden = fold(groups)
    lines = [_line({part: key}, members) for key, members in kept.items()]
    lines.sort(key=lambda line: (-(line.count or 0), getattr(line, part)))
    return (*lines, *([_line({part: MERGED}, hidden)] if hidden else []))


def _three_ways(found: list[Notified]) -> tuple[Line, ...]:
    providers: dict[str, list[Notified]] = {}
    for one in found:
        providers.setdefault(one.provider, []).append(one)
    kept, hidden = fold(providers)
    lines: list[Line] = []
    for provider in sorted(kept):
        lines += _of_provider(provider, kept[provider])
    if hidden:
        lines.append(_line({"provider": MERGED, "content": MERGED, "action": MERGED}, hidden))
    return tuple(lines)


def _of_provider(provider: str, members: list[Notified]) -> list[Line]:
    cells: dict[tuple[str, str], list[Notified]] = {}
    for one in members:
        cells.setdefault((one.content, one.action), []).append(one)
    kept, hidden = fold(cells)
    lines = [
        _line({"provider": provider, "content": content, "action": action}, kept[content, action])
        for content, action in sorted(kept)
    ]
    if hidden:
        lines.append(_line({"provider": provider, "content": MERGED, "action": MERGED}, hidden))
    return lines


def _line(parts: dict[str, str], members: list[Notified]) -> Line:
    is_shown = len(members) >= SMALL
    receipts = [one.receipt_hours for one in members if one.receipt_hours is not None]
    return Line(
        provider=parts.get("provider", ""),
        content=parts.get("content", ""),
        action=parts.get("action", ""),
        count=len(members) if is_shown else None,
        receipt_percent=round(100 * len(receipts) / len(members), 1) if is_shown else None,
        receipt=_spread(receipts),
        decision=_spread([one.decision_hours for one in members]),
        removal=_spread([one.removal_hours for one in members]),
    )


def _spread(hours: Iterable[float | None]) -> Spread:
    """A median of fewer than five delays is a delay somebody could recognise: not said."""
    found = spread(delay for delay in hours if delay is not None)
    return found if found.count >= SMALL else Spread(0, None, None)


def _precision(period: Period, found: list[Notified]) -> Precision:
    objections = decisions.decided(period).filter(report__kind=ReportKind.APPEAL)
    overturned = objections.exclude(decided__assessment__verdict=Verdict.ILLEGAL_IN_FIELD).count()
    misdirected = sum(one.action == Action.WRONG_RECIPIENT for one in found)
    return Precision(
        objections=objections.count(),
        overturned=overturned,
        corrections=overturned + misdirected,
        outside_field=sum(not one.is_in_field for one in found),
    )


def _protected(period: Period) -> Protected:
    (delay,) = protected.delay_to_first_match(period).rows
    return Protected(
        declared=_enough(protected.protections_declared(period).total),
        ended=_enough(protected.protections_ended(period).total),
        matches=_enough(protected.matches_told(period).total),
        first_match=Spread(delay.count, delay.median, delay.p90) if delay.count >= SMALL else Spread(0, None, None),
    )


def _enough(count: int) -> int | None:
    return None if 0 < count < SMALL else count

"""Which days a figure speaks of, counted in the time zone of the installation."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class PeriodName(StrEnum):
    """The periods a person can ask for by name."""

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    CUSTOM = "custom"


class UnreadablePeriod(ValueError):
    """The first day is missing, or comes after the last one."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date
    time_zone: str

    @property
    def starts_at(self) -> datetime:
        """The first instant of the first day."""
        return _midnight(self.first, self.time_zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the last day."""
        return _midnight(self.last + timedelta(days=1), self.time_zone)

    def holds(self, moment: datetime | None) -> bool:
        """Whether this instant lies in the period."""
        return moment is not None and self.starts_at <= moment < self.ends_at

    def months(self) -> list[date]:
        """The first day of each month the period touches."""
        found = [self.first.replace(day=1)]
        while (following := _next_month(found[-1])) <= self.last:
            found.append(following)
        return found

    def as_data(self) -> dict[str, str]:
        """The period as plain data, for files."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "time_zone": self.time_zone}


def year(number: int, time_zone: str) -> Period:
    """A whole calendar year."""
    return Period(date(number, 1, 1), date(number, 12, 31), time_zone)


def named(name: PeriodName, now: datetime, time_zone: str) -> Period:
    """The period of that name, seen from ``now``. ``CUSTOM`` has days of its own: see :func:`custom`."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    month = today.replace(day=1)
    match name:
        case PeriodName.THIS_MONTH:
            first, after = month, _next_month(month)
        case PeriodName.LAST_MONTH:
            first, after = (month - timedelta(days=1)).replace(day=1), month
        case PeriodName.THIS_QUARTER:
            first = month.replace(month=3 * ((today.month - 1) // 3) + 1)
            after = _next_month(_next_month(_next_month(first)))
        case PeriodName.THIS_YEAR:
            return year(today.year, time_zone)
        case PeriodName.LAST_YEAR:
            return year(today.year - 1, time_zone)
        case PeriodName.CUSTOM:
            raise UnreadablePeriod("a custom period has days of its own")
    return Period(first, after - timedelta(days=1), time_zone)


def custom(first: str, last: str, time_zone: str) -> Period:
    """A period between two days written as 2026-01-31. Raises :class:`UnreadablePeriod`."""
    try:
        found = Period(date.fromisoformat(first), date.fromisoformat(last), time_zone)
    except ValueError as error:
        raise UnreadablePeriod("a day is not written as 2026-01-31") from error
    if found.first > found.last or found.first.year < 1990 or found.last.year > 2200:
        raise UnreadablePeriod("the first day comes after the last one")
    return found


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(time_zone))


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)

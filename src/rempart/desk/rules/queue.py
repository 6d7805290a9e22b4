"""In which order items are looked at: danger first, then closeness to a child, then the clock."""

from datetime import datetime, timedelta
from enum import IntEnum

from rempart.desk.rules.report import AgeBand, Category, Concerns, DangerNow, Details


class Band(IntEnum):
    """Priority band of an item; the lowest number is looked at first."""

    DANGER_NOW = 0
    PERSON_CONCERNED = 1
    YOUNG_CHILD = 2
    CHILD_ABUSE = 3
    OTHER = 4


TARGET_DELAY: dict[Band, timedelta] = {
    Band.DANGER_NOW: timedelta(minutes=30),
    Band.PERSON_CONCERNED: timedelta(hours=4),
    Band.YOUNG_CHILD: timedelta(hours=12),
    Band.CHILD_ABUSE: timedelta(hours=24),
    Band.OTHER: timedelta(hours=72),
}
"""How soon an item of each band should be assessed, counted from its reception. The hotline's promise to itself."""

_CLOSE = frozenset({Concerns.ME, Concerns.CHILD_I_KNOW})
_CHILD_ABUSE = frozenset(
    {Category.CHILD_ABUSE_IMAGES, Category.SEXUAL_BLACKMAIL, Category.GROOMING, Category.EXPLOITATION_ADVERT}
)


def band(details: Details) -> Band:
    """The band of every item of a report with these details."""
    if details.danger_now is DangerNow.YES:
        return Band.DANGER_NOW
    if details.concerns in _CLOSE:
        return Band.PERSON_CONCERNED
    if details.age_band is AgeBand.UNDER_13:
        return Band.YOUNG_CHILD
    if details.category in _CHILD_ABUSE or details.age_band in {AgeBand.FROM_13_TO_14, AgeBand.FROM_15_TO_17}:
        return Band.CHILD_ABUSE
    return Band.OTHER


def due_at(priority: Band, received_at: datetime) -> datetime:
    """When an item of this band, received then, should have been assessed."""
    return received_at + TARGET_DELAY[priority]

"""Medians and percentiles, computed here and not by the database: the same on SQLite and PostgreSQL, to the last digit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil


@dataclass(frozen=True, slots=True)
class Spread:
    """How many were measured, the median and the 90th percentile, in hours. None when nothing was measured."""

    count: int
    median: float | None
    p90: float | None


def spread(hours: Iterable[float]) -> Spread:
    """Median and 90th percentile by nearest rank: always a delay that really occurred, never a mean of two."""
    ordered = sorted(hours)
    if not ordered:
        return Spread(0, None, None)
    return Spread(len(ordered), round(_rank(ordered, 50), 2), round(_rank(ordered, 90), 2))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[ceil(len(ordered) * percent / 100) - 1]


def hours_between(start: datetime, end: datetime) -> float:
    """Hours from one instant to another."""
    return (end - start).total_seconds() / 3600

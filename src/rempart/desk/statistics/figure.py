"""What a figure is: a name, a unit, a definition, a period, a source, and rows. Values; nothing is counted here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rempart.desk.statistics.definitions import Definition, definition_of
from rempart.desk.statistics.periods import Period

SMALL = 5
"""A published cell stands for at least this many; fewer could point at somebody."""

MERGED = "merged"
"""Key of the row in which small cells are counted together."""


class Unit(StrEnum):
    """What a figure counts. One figure has one unit; two units are never added."""

    REPORTS = "reports"
    ADDRESSES = "addresses"
    ITEMS = "items"
    NOTICES = "notices"
    READINGS = "readings"
    DUTIES = "duties"
    PROTECTIONS = "protections"
    FACTS = "facts"
    MATCHES = "matches"
    HOURS = "hours"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a figure. ``key`` is a stable word of the rules, or a name of the directory when ``is_name``.

    Delays give ``count`` (how many were measured), ``median`` and ``p90`` in hours; shares give ``value`` in percent
    and ``count`` (of how many).
    """

    key: str
    count: int
    value: float | None = None
    median: float | None = None
    p90: float | None = None
    is_name: bool = False
    # Too few to be published: the count is not said (and is not nought).
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, complete enough to be quoted alone."""

    name: str
    unit: Unit
    period: Period
    rows: tuple[Row, ...]
    # Which words the keys of the rows come from: category, verdict, closing, state…; empty for a single row.
    by: str = ""

    @property
    def definition(self) -> Definition:
        """Title, sentence and source, in both languages."""
        return definition_of(self.name)

    @property
    def total(self) -> int:
        """Sum of the counts. Meaningless for delays and shares, which have no total."""
        return sum(row.count for row in self.rows)

    @property
    def is_count(self) -> bool:
        """Whether its rows are counts that add up (neither delays nor shares)."""
        return self.unit not in {Unit.HOURS, Unit.PERCENT}

    def published(self) -> "Figure":
        """The same figure, fit to leave the house: small cells merged or withheld."""
        if self.is_count:
            return replace(self, rows=merge_small(self.rows) if self.by else withhold_small(self.rows))
        return replace(self, rows=withhold_small(self.rows))


def counted(name: str, unit: Unit, period: Period, counts: Mapping[str, int], by: str, *, is_name: bool = False) -> Figure:
    """A figure made of counts by key, largest first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Figure(name, unit, period, tuple(Row(key, count, is_name=is_name) for key, count in ordered if count), by)


def single(name: str, unit: Unit, period: Period, count: int) -> Figure:
    """A figure of one number."""
    return Figure(name, unit, period, (Row("all", count),))


def share(name: str, period: Period, part: int, whole: int) -> Figure:
    """A share in percent, of how many. Nothing measured gives no value, not zero."""
    value = round(100 * part / whole, 1) if whole else None
    return Figure(name, Unit.PERCENT, period, (Row("all", whole, value=value),))


def merge_small(rows: tuple[Row, ...], limit: int = SMALL) -> tuple[Row, ...]:
    """Count every cell under ``limit`` in one row; the smallest other cell joins it until the row cannot be undone.

    A merged row of fewer than ``limit`` could be read as what it hides, so it takes in the next smallest cell.
    """
    ordered = sorted(rows, key=lambda row: row.count)
    hidden = [row for row in ordered if 0 < row.count < limit]
    shown = [row for row in ordered if row.count >= limit]
    while hidden and shown and (sum(row.count for row in hidden) < limit or len(hidden) < 2):
        hidden.append(shown.pop(0))
    if not hidden:
        return rows
    kept = tuple(row for row in rows if row in shown)
    total = sum(row.count for row in hidden)
    return (*kept, Row(MERGED, total) if total >= limit else Row(MERGED, 0, is_withheld=True))


def withhold_small(rows: tuple[Row, ...], limit: int = SMALL) -> tuple[Row, ...]:
    """Delays, shares and lone counts that stand on fewer than ``limit`` are shown as not said."""
    return tuple(_withheld(row) if 0 < row.count < limit else row for row in rows)


def _withheld(row: Row) -> Row:
    return Row(row.key, 0, is_name=row.is_name, is_withheld=True)


def as_data(figure: Figure) -> dict[str, Any]:
    """A figure as plain JSON data, with its definition in both languages."""
    said = figure.definition
    return {
        "name": figure.name,
        "unit": figure.unit.value,
        "by": figure.by,
        "title": said.title_in_both(),
        "definition": said.sentence_in_both(),
        "source": said.source,
        "period": figure.period.as_data(),
        "rows": [_row_data(figure, row) for row in figure.rows],
    }


def _row_data(figure: Figure, row: Row) -> dict[str, Any]:
    data: dict[str, Any] = {"key": row.key, "count": None if row.is_withheld else row.count, "is_withheld": row.is_withheld}
    if figure.unit is Unit.PERCENT:
        data["percent"] = row.value
    if figure.unit is Unit.HOURS:
        data |= {"median_hours": row.median, "p90_hours": row.p90}
    return data

"""Figures as the console shows them: words for every key, numbers as people write them, bars beside the table."""

from dataclasses import dataclass

from django.utils.formats import number_format

from rempart.desk.rules.queue import Band
from rempart.desk.statistics.charts import Chart, Mark, bar_chart
from rempart.desk.statistics.figure import Figure, Row, Unit
from rempart.desk.statistics.figures import Part
from rempart.desk.statistics.words import CHAPTERS, UNITS, WITHHELD_WORDS, own_words
from rempart.desk.web.console import protection_words
from rempart.desk.web.shared.words import words_for, words_of

_KINDS = {
    "category": "Category",
    "source": "Source",
    "verdict": "Verdict",
    "content": "ContentCategory",
    "closing": "Closing",
    "state": "State",
    "duty": "DutyKind",
}
_PROTECTED = {"protected_age": "Age", "protected_kind": "Kind", "trust": "Trust", "trust_fact": "Fact"}
MOST_BARS = 12
"""More bars than this are not read; the table beside the chart has every line."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One line of a table, in words."""

    label: str
    count: str
    share: str
    percent: str
    median: str
    p90: str


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One figure, ready for the page."""

    name: str
    title: str
    definition: str
    unit: str
    is_hours: bool
    rows: tuple[ShownRow, ...]
    total: str
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One chapter: lone numbers in tables of their kind, then what is broken down."""

    name: str
    title: str
    counts: tuple[ShownFigure, ...]
    delays: tuple[ShownFigure, ...]
    shares: tuple[ShownFigure, ...]
    breakdowns: tuple[ShownFigure, ...]


def show_part(part: Part) -> ShownPart:
    """A chapter of figures, ready for the page."""
    lone = [figure for figure in part.figures if not figure.by]
    return ShownPart(
        name=part.chapter.value,
        title=str(CHAPTERS[part.chapter]),
        counts=tuple(show(figure) for figure in lone if figure.is_count),
        delays=tuple(show(figure) for figure in lone if figure.unit is Unit.HOURS),
        shares=tuple(show(figure) for figure in lone if figure.unit is Unit.PERCENT),
        breakdowns=tuple(show(figure) for figure in part.figures if figure.by),
    )


def show(figure: Figure) -> ShownFigure:
    """One figure, ready for the page."""
    said = figure.definition
    return ShownFigure(
        name=figure.name,
        title=str(said.title),
        definition=str(said.sentence),
        unit=str(UNITS[figure.unit]),
        is_hours=figure.unit is Unit.HOURS,
        rows=tuple(_row(figure, row) for row in figure.rows),
        total=number(figure.total),
        chart=_chart(figure) if figure.by else None,
    )


def label(figure: Figure, key: str) -> str:
    """Words for the key of a row."""
    return label_of(figure.by, key)


def label_of(by: str, key: str) -> str:
    """Words for a key of that kind. Names of recipients are their own words."""
    own = own_words(by, key)
    if own is not None:
        return own
    if by == "band":
        return str(words_for(Band[key.upper()]))
    if by in _PROTECTED:
        return str(protection_words.said(key, _PROTECTED[by]))
    return str(words_of(_KINDS[by], key)) if by in _KINDS else key


def number(value: float | None, digits: int = 0) -> str:
    """A number as the reader's language writes it; a dash where there is none."""
    return "–" if value is None else str(number_format(value, decimal_pos=digits, use_l10n=True, force_grouping=True))


def _row(figure: Figure, row: Row) -> ShownRow:
    total = figure.total
    share = number(100 * row.count / total, 1) if total and figure.is_count else ""
    return ShownRow(
        label=label(figure, row.key),
        count=str(WITHHELD_WORDS) if row.is_withheld else number(row.count),
        share=share,
        percent=number(row.value, 1),
        median=number(row.median, 1),
        p90=number(row.p90, 1),
    )


def _chart(figure: Figure) -> Chart | None:
    return bar_chart([_mark(figure, row) for row in figure.rows[:MOST_BARS]])


def _mark(figure: Figure, row: Row) -> Mark:
    words = label(figure, row.key)
    if figure.unit is Unit.HOURS:
        return Mark(words, row.median or 0, f"{number(row.median, 1)} – {number(row.p90, 1)}", row.p90)
    return Mark(words, row.count, number(row.count))

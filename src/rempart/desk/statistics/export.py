"""Figures as files: CSV that a spreadsheet cannot be tricked with, and JSON that says everything."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from rempart.desk.statistics.figure import Figure, as_data
from rempart.desk.statistics.words import UNITS

Label = Callable[[Figure, str], str]
"""Words for the key of a row, given by the door."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it the most common spreadsheet reads UTF-8 as something else."""

COLUMNS = (
    "figure", "title", "row", "label", "unit", "count", "percent", "median_hours", "p90_hours",
    "from", "to", "time_zone", "definition", "source",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """A cell that a spreadsheet shows and never runs. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\u202f").startswith(_FORMULA) else text


def table_csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A CSV file as text: one header line, every cell made safe, lines ended as RFC 4180 says."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in line] for line in lines)
    return BYTE_ORDER_MARK + out.getvalue()


def figures_csv(figures: Iterable[Figure], label: Label) -> str:
    """Every row of these figures, each line complete enough to be quoted alone."""
    return table_csv(COLUMNS, (line for figure in figures for line in _lines(figure, label)))


def _lines(figure: Figure, label: Label) -> Iterable[Sequence[object]]:
    said, period = figure.definition, figure.period.as_data()
    for row in figure.rows:
        count = "<5" if row.is_withheld else row.count
        yield (
            figure.name, said.title, row.key, label(figure, row.key), UNITS[figure.unit], count,
            row.value, row.median, row.p90, period["from"], period["to"], period["time_zone"], said.sentence, said.source,
        )  # fmt: skip


def figures_json(figures: Iterable[Figure], *, association: str, made_at: datetime) -> str:
    """The same figures as one JSON object."""
    data = {"association": association, "made_at": made_at.isoformat(), "figures": [as_data(figure) for figure in figures]}
    return json_text(data)


def json_text(data: dict[str, Any]) -> str:
    """JSON that people can read too, and that no HTML page can mistake for markup."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "\n"

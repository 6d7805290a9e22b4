"""Where the bars of a small, honest chart go. Geometry only: a template of the door draws it, without one style attribute."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 480
ROW = 46
BAR = 16
LABEL_LINE = 17
VALUE_ROOM = 96
"""Room kept at the right of the longest bar for its number."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to draw: its words, its size, and the number written beside it. ``mark`` is an optional second size."""

    label: str
    size: float
    value: str
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One drawn bar, in the units of the drawing."""

    label: str
    value: str
    label_y: int
    bar_y: int
    width: float
    value_x: float
    value_y: int
    # A thin upright line: the 90th percentile beside the median's bar.
    mark_x: float | None
    mark_end_y: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of horizontal bars that all begin at nought."""

    bars: tuple[Bar, ...]
    height: int
    width: int = WIDTH
    bar_height: int = BAR


def bar_chart(marks: Sequence[Mark]) -> Chart | None:
    """Bars in the order given; None when there is nothing to compare."""
    largest = max((max(mark.size, mark.mark or 0) for mark in marks), default=0)
    if largest <= 0:
        return None
    scale = (WIDTH - VALUE_ROOM) / largest
    bars = tuple(_bar(number, mark, scale) for number, mark in enumerate(marks))
    return Chart(bars, height=ROW * len(bars) + 6)


def _bar(number: int, mark: Mark, scale: float) -> Bar:
    top = number * ROW
    width = round(mark.size * scale, 1)
    mark_x = None if mark.mark is None else round(mark.mark * scale, 1)
    return Bar(
        label=mark.label,
        value=mark.value,
        label_y=top + LABEL_LINE,
        bar_y=top + LABEL_LINE + 6,
        # Something that exists is never drawn as nothing.
        width=max(width, 1.0) if mark.size > 0 else 0.0,
        value_x=max(width, mark_x or 0) + 6,
        value_y=top + LABEL_LINE + 6 + BAR - 3,
        mark_x=mark_x,
        mark_end_y=top + LABEL_LINE + 6 + BAR,
    )

"""Matches hour by hour, as an SVG without style, script or measure of its own: the look is the stylesheet's."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rempart.matcher.policy import Outcome
from rempart.matcher.web.page.words import Words

STACKED = (Outcome.BLOCK, Outcome.HOLD, Outcome.COUNT, Outcome.ACCEPT)
"""From the ground up: what matters most stands where it is easiest to compare."""
WIDTH, HEIGHT = 720, 180
LEFT, RIGHT, TOP, BOTTOM = 46, 6, 10, 24


def drawing(name: str, hours: Sequence[tuple[str, dict[Outcome, int]]], words: Words) -> str:
    """One bar an hour, the oldest first; each hour has its label ("14")."""
    most = max(1, *(sum(counts.values()) for _, counts in hours))
    top = _round_up(most)
    height, step = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / len(hours)
    parts = []
    for share in (0, 0.5, 1):
        y = TOP + height * (1 - share)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="scale" x="{LEFT - 6}" y="{y + 4:.1f}">{escape(words.number(int(top * share)))}</text>')
    for place, (label, counts) in enumerate(hours):
        x, y = LEFT + place * step, float(TOP + height)
        for outcome in STACKED:
            tall = height * counts[outcome] / top
            y -= tall
            if tall:
                parts.append(f'<rect class="{outcome}" x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{tall:.1f}"/>')
        if place % 3 == len(hours) % 3:
            parts.append(f'<text class="hour" x="{x + step / 2:.1f}" y="{HEIGHT - 6}">{escape(label)}</text>')
    told = escape(words.drawn.format(name))
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">{"".join(parts)}</svg>'


def _round_up(value: int) -> int:
    """To an even number that is easy to read."""
    unit = 1
    while 10 * unit < value:
        unit *= 10
    return next(step * unit for step in (2, 4, 6, 8, 10) if step * unit >= value)

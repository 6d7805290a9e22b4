"""Draw what the benchmarks measured, and write the same numbers as tables beside the drawings.

    python -m benchmarks --save docs/figures/engine.json     measure (an hour on two cores)
    python -m benchmarks.plots                               draw docs/images/engine-*.svg, rewrite the tables of the docs

Nothing is measured here. A table stands in a page between ``<!-- name -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.edits import EDITS
from benchmarks.plot_words import EDIT_WORDS, FIGURE_WORDS, WORDS
from benchmarks.ring_drawing import ring
from benchmarks.svg import INK, LINE, OURS, QUIET, THEIRS, Drawing

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures" / "engine.json"
IMAGES = ROOT / "docs" / "images"
PAGES = {"en": ROOT / "docs/en/explanation/the-engine.md", "fr": ROOT / "docs/fr/explication/le-moteur.md"}
LANGUAGES = ("en", "fr")
AT_SIZE = re.compile(r"lookups_at_(\d+)")

Figure = dict[str, object]
Saved = dict[str, Figure]


def main() -> int:
    saved, machine = read(FIGURES)
    for language in LANGUAGES:
        for name, drawing in drawings(saved, language).items():
            write(IMAGES / name, str(drawing))
        page = PAGES[language]
        write(page, with_tables(page.read_text(encoding="utf-8"), saved, machine, language))
    return 0


def drawings(saved: Saved, language: str) -> dict[str, Drawing]:
    """By the name of the file."""
    return {
        f"engine-ring-{language}.svg": ring(language),
        f"engine-recall-{language}.svg": recall(saved, language),
        f"engine-lookups-{language}.svg": lookups(saved, language),
    }


def read(path: Path) -> tuple[Saved, str]:
    """Figures by name, and the machine in a few words."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    machine = kept["machine"]
    return {
        figure["name"]: figure for figure in kept["figures"]
    }, f"{machine['processor']}, {machine['cores']} cores. {machine['engine']}"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"  {path.relative_to(ROOT)}")


def value(figure: Figure | None, key: str = "value") -> float | None:
    found = None if figure is None else figure[key]
    return float(found) if isinstance(found, (int, float)) else None


# --- recall by edit ---

ROW, LEFT, BAR, TOP = 24, 250, 520, 96


def recall_rows(saved: Saved) -> list[tuple[str, float, float | None]]:
    """Edit, recall in % with the variants, recall in % of plain PDQ; in the order of the edits, the mean last."""
    names = [*EDITS, "mean_30_edits"]
    found = ((name, saved.get(f"recall_{name}")) for name in names)
    return [(name, value(figure) or 0.0, value(figure, "peer_value")) for name, figure in found if figure]


def recall(saved: Saved, language: str) -> Drawing:
    """One pair of bars for each edit, from 0 to 100 %."""
    words, rows = WORDS[language], recall_rows(saved)
    drawing = Drawing(860, TOP + ROW * len(rows) + 40, language, words["recall_title"], words["recall_about"])
    drawing.text(24, 40, words["recall_title"], size=20, is_bold=True)
    legend(drawing, 24, 66, ((OURS, words["with_variants"]), (THEIRS, words["plain"])))
    for percent in range(0, 101, 25):
        x = LEFT + BAR * percent / 100
        drawing.path(f"M{x:g} {TOP - 8}V{TOP + ROW * len(rows)}", LINE, width=1)
        drawing.text(x, TOP + ROW * len(rows) + 20, f"{percent} %", size=12, fill=QUIET, anchor="middle")
    for number, (name, ours, plain) in enumerate(rows):
        y = TOP + ROW * number
        drawing.text(LEFT - 10, y + 14, EDIT_WORDS[name][language], size=13, anchor="end", is_bold=name not in EDITS)
        drawing.rect(LEFT, y + 2, BAR * ours / 100, 11, OURS)
        drawing.rect(LEFT, y + 13, BAR * (plain or 0) / 100, 5, THEIRS)
        drawing.text(LEFT + BAR + 12, y + 14, f"{ours:.0f} · {plain or 0:.0f}", size=12, fill=QUIET)
    return drawing


def legend(drawing: Drawing, x: float, y: float, entries: Sequence[tuple[str, str]]) -> None:
    for colour, words in entries:
        drawing.rect(x, y, 14, 14, colour, radius=3)
        drawing.text(x + 20, y + 12, words, size=13, fill=QUIET)
        x += 40 + 7 * len(words)


# --- look-ups by size of the bank ---

PLOT = (110, 90, 660, 330)  # left, top, width, height


def lookup_rows(saved: Saved) -> list[tuple[int, float, float | None]]:
    """Rows in the bank, look-ups a second, the peer's."""
    found = ((AT_SIZE.fullmatch(name), figure) for name, figure in saved.items())
    return sorted((int(match[1]), value(figure) or 0.0, value(figure, "peer_value")) for match, figure in found if match)


def lookups(saved: Saved, language: str) -> Drawing:
    """Two lines, both scales logarithmic: what grows in proportion is straight."""
    words, rows = WORDS[language], lookup_rows(saved)
    drawing = Drawing(860, 500, language, words["lookups_title"], words["lookups_about"])
    drawing.text(24, 40, words["lookups_title"], size=20, is_bold=True)
    drawing.text(24, 64, words["lookups_scales"], size=13, fill=QUIET)
    left, top, width, height = PLOT
    sizes = [math.log10(size) for size, _, _ in rows]
    rates = [math.log10(rate) for _, ours, theirs in rows for rate in (ours, theirs) if rate]
    low, high = math.floor(min(rates)), math.ceil(max(rates))

    def place(size: float, rate: float) -> tuple[float, float]:
        across = (math.log10(size) - sizes[0]) / (sizes[-1] - sizes[0])
        return left + width * across, top + height * (high - math.log10(rate)) / (high - low)

    for power in range(low, high + 1):
        _, y = place(10 ** sizes[0], 10.0**power)
        drawing.path(f"M{left} {y:g}H{left + width}", LINE, width=1)
        drawing.text(left - 10, y + 4, grouped(10**power, language), size=12, fill=QUIET, anchor="end")
    for size, _, _ in rows:
        x, _ = place(size, 10.0**low)
        drawing.text(x, top + height + 24, grouped(size, language), size=12, fill=QUIET, anchor="middle")
    drawing.text(left + width / 2, top + height + 50, words["bank"], size=13, fill=QUIET, anchor="middle")
    curve(drawing, [(place(size, ours), ours) for size, ours, _ in rows], OURS, language)
    curve(drawing, [(place(size, theirs), theirs) for size, _, theirs in rows if theirs], THEIRS, language)
    legend(drawing, left, top + height + 58, ((OURS, "Rempart"), (THEIRS, "threatexchange PDQIndex")))
    return drawing


def curve(drawing: Drawing, points: Sequence[tuple[tuple[float, float], float]], colour: str, language: str) -> None:
    drawing.path("M" + "L".join(f"{x:.1f} {y:.1f}" for (x, y), _ in points), colour, width=2.5)
    for (x, y), rate in points:
        drawing.circle(x, y, 4, colour)
        drawing.text(x, y - 10, grouped(round(rate), language), size=12, fill=INK, anchor="middle")


def grouped(number: float, language: str) -> str:
    """12,000 or 12 000, as each language writes it."""
    return f"{number:,.0f}".replace(",", "," if language == "en" else "\u202f")


# --- tables ---


def recall_table(saved: Saved, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f"| {words['edit']} | {words['plain']} | {words['with_variants']} |"
    yield "|---|--:|--:|"
    for name, ours, plain in recall_rows(saved):
        told = EDIT_WORDS[name][language]
        yield f"| {told if name in EDITS else f'**{told}**'} | {plain or 0:.0f} % | {ours:.0f} % |"


def lookups_table(saved: Saved, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f"| {words['bank']} | Rempart | threatexchange | |"
    yield "|--:|--:|--:|--:|"
    for size, ours, theirs in lookup_rows(saved):
        peer = (grouped(theirs, language), f"{grouped(ours / theirs, language)} ×") if theirs else ("–", "")
        yield f"| {grouped(size, language)} | {grouped(ours, language)} | {peer[0]} | {peer[1]} |"


def speeds_table(saved: Saved, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f"| {words['figure']} | Rempart | {words['peer']} | {words['ratio']} |"
    yield "|---|--:|--:|--:|"
    for name, told in FIGURE_WORDS.items():
        if name in saved and saved[name]["ratio"]:
            what, unit = told[language]
            cells = [f"{short(value(saved[name], key) or 0, language)} {unit}" for key in ("value", "peer_value")]
            yield f"| {what} | {cells[0]} | {cells[1]} | {short(value(saved[name], 'ratio') or 0, language)} × |"


def short(number: float, language: str) -> str:
    """Two digits that mean something, three from a hundred on; no more was measured."""
    if number >= 100:
        return grouped(float(f"{number:.3g}"), language)
    return f"{float(f'{number:.2g}'):g}".replace(".", "." if language == "en" else ",")


TABLES: dict[str, Callable[[Saved, str], Iterator[str]]] = {
    "recall": recall_table,
    "lookups": lookups_table,
    "speeds": speeds_table,
}


def with_tables(page: str, saved: Saved, machine: str, language: str) -> str:
    """The page with each table written again, and the machine named."""
    for name, table in TABLES.items():
        page = between_marks(page, name, table(saved, language))
    return between_marks(page, "machine", [WORDS[language]["machine"].format(machine=machine)])


def between_marks(page: str, name: str, lines: Iterable[str]) -> str:
    """What stands between ``<!-- name -->`` and the next ``<!-- end -->`` becomes these lines."""
    before, opening, rest = page.partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition("<!-- end -->")
    return "".join([before, opening, *(f"{line}\n" for line in lines), closing, after]) if closing else page


if __name__ == "__main__":
    sys.exit(main())

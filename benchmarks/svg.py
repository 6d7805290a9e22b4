"""Just enough SVG to draw a plot by hand: shapes, words, a title and a description for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

PAPER, WHITE, INK, QUIET, LINE = "#fbf8f1", "#ffffff", "#22303a", "#5b6b73", "#c9c2b2"
OURS, THEIRS = "#1f6f78", "#b9a988"
FONT = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"


@dataclass
class Drawing:
    """A sheet of paper, ``width`` by ``height`` pixels, origin at the top left."""

    width: int
    height: int
    language: str
    title: str
    description: str
    parts: list[str] = field(default_factory=list)

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0, stroke: str = "none"
    ) -> None:
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" fill="{fill}" stroke="{stroke}"/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str, *, stroke: str = "none") -> None:
        self.parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>')

    def path(self, steps: str, stroke: str, *, width: float = 1.5, dashes: str = "", fill: str = "none") -> None:
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<path d="{steps}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"{dashed}/>')

    def text(
        self, x: float, y: float, words: str, *, size: float = 14, fill: str = INK, anchor: str = "start", is_bold: bool = False
    ) -> None:
        weight = ' font-weight="600"' if is_bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'
        )

    def __str__(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-labelledby="t d" lang="{self.language}" font-family="{FONT}">\n'
            f'<title id="t">{escape(self.title)}</title><desc id="d">{escape(self.description)}</desc>\n'
            f'<rect width="{self.width}" height="{self.height}" rx="16" fill="{PAPER}"/>'
        )
        return "\n".join([head, *self.parts, "</svg>"]) + "\n"

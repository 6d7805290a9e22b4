"""Plain-text letters from template files: the first line is the subject, the rest the text. Not HTML: nothing is escaped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's words."""

    subject: str
    text: str


@cache
def _engine(folder: Path) -> Engine:
    return Engine(dirs=[str(folder)])


def write(folder: Path, template: str, values: Mapping[str, Any]) -> Written:
    """The letter this template makes of these values. Runs of blank lines left by conditions become one."""
    whole = _engine(folder).get_template(template).render(Context(dict(values), autoescape=False, use_l10n=False, use_tz=False))
    subject, _, text = whole.strip().partition("\n")
    return Written(subject=" ".join(subject.split()), text=_tidy(text))


def _tidy(text: str) -> str:
    lines: list[str] = []
    for line in text.strip().splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines) + "\n"


def moment(at: datetime, language: str) -> str:
    """A moment as a recipient anywhere can read it: in UTC, to the minute."""
    there = at.astimezone(UTC)
    return there.strftime("%d/%m/%Y à %H h %M (UTC)" if language == "fr" else "%d %B %Y at %H:%M (UTC)")

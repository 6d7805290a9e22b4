"""What is scanned and what comes of it, as values that travel between processes and machines. None holds a fingerprint."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

LONGEST_NAME = 4_096
"""Signs of a member's name that are kept: what writes an archive may write anything."""


class Reason(StrEnum):
    """Why a file was not compared, in a word. Docs: how-to, *Scan what is already stored*."""

    MISSING = "missing"
    PERMISSION = "permission"
    NOT_A_FILE = "not_a_file"
    """A folder, a pipe, a socket, a device: none of them is opened."""
    NOT_MEDIA = "not_media"
    """Named, and neither picture, video nor archive."""
    UNREADABLE = "unreadable"
    """A picture or video that is broken, cut short or made to do harm."""
    NOT_INSTALLED = "not_installed"
    """A part that can be installed would read it."""
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"
    """An archive, or a member's compression, that is not read here."""
    DAMAGED = "damaged"
    """An archive that is not whole; what could be read of it was."""
    BOMB = "bomb"
    """An archive that unpacks to far more than it is; reading it stopped there."""
    TOO_DEEP = "too_deep"
    """An archive in an archive in an archive."""
    BAD_LINE = "bad_line"
    """A line of a manifest that names no file."""
    DIED = "died"
    """The process that read it died, twice: made to break software, or memory was short."""
    FAULT = "fault"
    """Rempart itself failed on it: please report it."""


class Item(NamedTuple):
    """One file of the plan. ``number``: its place among all; ``first`` and ``last``: only these members of the archive it is."""

    number: int
    path: str
    id: str = ""
    """What a manifest says it is called, for whoever reads the report."""
    is_named: bool = True
    """By itself, and not only by the folder it is in: then it is an error when it is no picture."""
    reason: str = ""
    """Known beforehand to be refused."""
    first: int = 0
    last: int | None = None
    is_suspect: bool = False
    """A process died of it: an archive is now cut in pieces, and anything else refused."""


class Task(NamedTuple):
    """What one process does before it says what came of it."""

    number: int
    items: tuple[Item, ...]


class Place(NamedTuple):
    """Where a line stands in the report, however the work was shared out.

    By file, by member, by what is in that member where it is an archive; first a refusal, then what was found.
    """

    file: int
    member: int
    part: int
    rank: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report: a hit, or a file that was refused. Every field is a column."""

    path: str
    what: str
    member: str = ""
    id: str = ""
    reason: str = ""
    list: str = ""
    entry: str = ""
    classification: str = ""
    is_exact: bool | None = None
    distance: int | None = None
    """Bits of 256; None for an exact copy."""
    asked_view: str = ""
    variant: str = ""
    second: int | None = None
    trust: str = ""
    advice: str = ""
    outcome: str = ""
    because: str = ""


HIT, REFUSED = "hit", "refused"


@dataclass(slots=True)
class Result:
    """Of one task. ``further``: pieces of large archives, each to be done as a task; ``versions``: of each list, as asked."""

    lines: list[tuple[Place, Line]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    further: list[Item] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    """A sentence: nothing can be asked here, and the scan had better stop."""


def packed(items: Sequence[Item]) -> bytes:
    """For the plan on the disk: names that are no UTF-8 keep their bytes."""
    return zlib.compress(json.dumps(items, ensure_ascii=True, separators=(",", ":")).encode("ascii"), 1)


def unpacked(blob: bytes) -> tuple[Item, ...]:
    """What :func:`packed` made."""
    return tuple(Item(*one) for one in json.loads(zlib.decompress(blob)))


def line_as_text(line: Line) -> str:
    """Compact, for the disk."""
    return json.dumps(astuple(line), ensure_ascii=True, separators=(",", ":"))


def line_of_text(text: str) -> Line:
    """What :func:`line_as_text` made."""
    values: list[Any] = json.loads(text)
    return Line(*values)

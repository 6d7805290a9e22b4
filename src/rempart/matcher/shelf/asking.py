"""Asking a list: from any process, while another writes."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rempart.engine import USUAL_RADIUS, IndexStore, Md5, Pdq, Sha256
from rempart.engine.index.interface import HashArray
from rempart.matcher.lists import Act, Advice, Kind, Trust
from rempart.matcher.policy import Standing
from rempart.matcher.shelf.tables import MOST_PARTS, PARTS_BITS, read_only
from rempart.matcher.shelf.writing import INDEX


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as the list says it is now, without its fingerprints."""

    name: str
    kind: Kind
    classification: str
    standing: Standing


class Near(NamedTuple):
    """One fingerprint of an entry, near one that was asked. ``question`` is the row asked, ``distance`` in bits."""

    question: int
    distance: int
    held: Held
    variant: str
    second: int | None
    quality: int


@dataclass(frozen=True, slots=True)
class ShelfState:
    """How a list stands here. ``read_at``: when its owner last had nothing newer for us; None: never yet.

    ``trouble``: what went wrong when the owner was last asked, at ``tried_at``.
    """

    entries: int
    fingerprints: int
    checkpoint: str | None
    read_at: datetime | None
    tried_at: datetime | None
    trouble: str | None


class Shelf:
    """A reader. One for each thread. Raises sqlite3.OperationalError, IndexNotFound where nothing was written yet."""

    def __init__(self, folder: Path) -> None:
        self._tables = read_only(folder)
        self._index = IndexStore.open(folder / INDEX)

    def close(self) -> None:
        """Ask no more."""
        self._tables.close()

    def near(self, pdqs: HashArray, radius: int = USUAL_RADIUS) -> list[Near]:
        """Everything within ``radius`` bits of these (shape (n, 32)), by question, then distance."""
        matches = self._index.lookup_many(pdqs, radius)
        return self._told((question, match.key, match.distance) for question, match in matches) if len(matches) else []

    def near_one(self, pdq: Pdq, radius: int = USUAL_RADIUS) -> list[Near]:
        """The same for one, without the cost of arrays."""
        matches = self._index.lookup(pdq, radius)
        return self._told((0, match.key, match.distance) for match in matches) if matches else []

    def exact(self, digests: Sequence[Sha256 | Md5]) -> list[tuple[int, Held]]:
        """The entries of exactly these files, each with the place of the digest asked."""
        found = []
        for place, digest in enumerate(digests):
            numbers = self._tables.execute("SELECT number FROM digests WHERE digest = ? ORDER BY number", (digest.value,))
            rows = (self._row(number) for (number,) in numbers.fetchall())
            found += [(place, held) for held, _ in filter(None, rows)]
        return found

    def reference_of(self, name: str) -> str | None:
        """What the owner wants to read of this entry; None where it is gone. Never show it."""
        row = self._tables.execute("SELECT reference FROM entries WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0] or name

    def state(self) -> ShelfState:
        """As of the last batch."""
        row = self._tables.execute("SELECT checkpoint, read_at, held, tried_at, trouble FROM state").fetchone()
        checkpoint, read_at, entries, tried_at, trouble = row
        return ShelfState(entries, len(self._index), checkpoint, _moment(read_at), _moment(tried_at), trouble)

    def _told(self, found: Iterable[tuple[int, int, int]]) -> list[Near]:
        rows: dict[int, tuple[Held, list[list[object]]] | None] = {}
        told = []
        for question, key, distance in found:
            number = key >> PARTS_BITS
            if number not in rows:
                rows[number] = self._row(number)
            row = rows[number]
            if row is None:
                continue  # gone, or not yet whole: the tables decide
            variant, second, quality = row[1][key % MOST_PARTS]
            told.append(
                Near(question, distance, row[0], str(variant), second if isinstance(second, int) else None, int(str(quality)))
            )
        return told

    def _row(self, number: int) -> tuple[Held, list[list[object]]] | None:
        row = self._tables.execute(
            "SELECT name, kind, trust, exact, near, classification, parts,"
            " EXISTS (SELECT 1 FROM disabled WHERE disabled.name = entries.name) FROM entries WHERE number = ?",
            (number,),
        ).fetchone()
        if row is None:
            return None
        name, kind, trust, exact, near, classification, parts, is_disabled = row
        standing = Standing(Trust(trust), Advice(Act(exact), Act(near)), is_disabled=bool(is_disabled))
        return Held(name, Kind(kind), classification, standing), json.loads(parts)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def is_written(folder: Path) -> bool:
    """Whether there is anything to ask here."""
    try:
        Shelf(folder).close()
    except (sqlite3.OperationalError, OSError):
        return False
    return True

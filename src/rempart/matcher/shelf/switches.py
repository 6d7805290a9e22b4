"""Switching one entry off here, from any process, while another writes the list."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rempart.matcher.shelf.tables import NAME, make


class NoShelf(LookupError):
    """Nothing was ever read of this list."""


@dataclass(frozen=True, slots=True)
class Disabled:
    """An entry that does not block here. ``is_held``: it is on the list at the moment."""

    name: str
    why: str
    at: datetime
    is_held: bool


def disable(folder: Path, name: str, *, why: str, now: datetime) -> bool:
    """It counts, but blocks and holds nothing any more, also once its owner says something new of it.

    False where the list does not hold it now: the switch stands all the same. Raises NoShelf.
    """
    with _tables(folder) as tables:
        tables.execute("INSERT OR REPLACE INTO disabled VALUES (?, ?, ?)", (name, now.timestamp(), why))
        return tables.execute("SELECT 1 FROM entries WHERE name = ?", (name,)).fetchone() is not None


def enable(folder: Path, name: str) -> bool:
    """Take that back. False where it was not switched off. Raises NoShelf."""
    with _tables(folder) as tables:
        return tables.execute("DELETE FROM disabled WHERE name = ?", (name,)).rowcount == 1


def disabled(folder: Path) -> list[Disabled]:
    """All of them, the latest first. Raises NoShelf."""
    with _tables(folder) as tables:
        rows = tables.execute(
            "SELECT name, why, at, EXISTS (SELECT 1 FROM entries WHERE entries.name = disabled.name) FROM disabled"
            " ORDER BY at DESC"
        )
        return [Disabled(name, why, datetime.fromtimestamp(at, UTC), bool(held)) for name, why, at, held in rows]


@contextmanager
def _tables(folder: Path) -> Iterator[sqlite3.Connection]:
    if not (folder / NAME).exists():
        raise NoShelf("Nothing was read of this list yet.")
    with closing(make(folder)) as tables:
        yield tables

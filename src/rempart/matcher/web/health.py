"""Where the lists stand: whether this matcher may be sent questions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rempart.engine.errors import IndexDamaged, IndexNotFound
from rempart.matcher.shelf.asking import Shelf, ShelfState

KEPT = timedelta(seconds=1)
"""Whoever asks more often is told the same."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A list, and how long it may be silent."""

    name: str
    folder: Path
    stale_after: timedelta
    shape: str = ""


@dataclass(frozen=True, slots=True)
class ListStanding:
    """``state``: "ready", "stale" or "unread"; ``age``: seconds since its owner last had nothing newer."""

    name: str
    shape: str
    state: str
    entries: int = 0
    fingerprints: int = 0
    checkpoint: str = ""
    age: float | None = None
    trouble: str | None = None
    tried_at: datetime | None = None


class Health:
    """Asks the shelves, not more than once a second. ``now`` gives the time."""

    def __init__(self, lists: Sequence[Watched], now: Callable[[], datetime]) -> None:
        self._lists, self._now = tuple(lists), now
        self._shelves: dict[str, Shelf] = {}
        self._asked_at: datetime | None = None
        self._known: tuple[ListStanding, ...] = ()

    def close(self) -> None:
        """Ask no more."""
        for shelf in self._shelves.values():
            shelf.close()

    def standings(self) -> tuple[ListStanding, ...]:
        """Of each list, in the order of the settings."""
        now = self._now()
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < KEPT:
            self._known = tuple(self._standing(one, now) for one in self._lists)
            self._asked_at = now
        return self._known

    def now(self) -> datetime:
        """The time."""
        return self._now()

    def is_ready(self) -> bool:
        """Every list has been read, and none is stale."""
        return all(one.state == "ready" for one in self.standings())

    def _standing(self, watched: Watched, now: datetime) -> ListStanding:
        try:
            state = self._shelf(watched).state()
        except (sqlite3.Error, IndexNotFound, IndexDamaged):
            return ListStanding(watched.name, watched.shape, "unread")
        age = None if state.read_at is None else max(0.0, (now - state.read_at).total_seconds())
        return ListStanding(
            watched.name,
            watched.shape,
            _word(age, watched.stale_after),
            state.entries,
            state.fingerprints,
            _version(state),
            age,
            state.trouble,
            state.tried_at,
        )

    def _shelf(self, watched: Watched) -> Shelf:
        if watched.name not in self._shelves:
            self._shelves[watched.name] = Shelf(watched.folder)
        return self._shelves[watched.name]


def _word(age: float | None, stale_after: timedelta) -> str:
    if age is None:
        return "unread"
    return "stale" if age > stale_after.total_seconds() else "ready"


def _version(state: ShelfState) -> str:
    """The owner's own mark of how far it was read: short, and never more than its beginning."""
    mark = state.checkpoint or ""
    return mark if len(mark) <= 24 else f"{mark[:20]}…"

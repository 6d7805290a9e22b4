"""Reading from doubles: what a matcher holds of them, compared with what they publish."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

from rempart.engine import Pdq
from rempart.matcher.settings import ListSettings
from rempart.matcher.shelf.asking import Shelf
from rempart.matcher.shelf.tables import NAME, PARTS_BITS
from rempart.matcher.shelf.writing import ShelfWriter
from rempart.matcher.subscribe.doubles.planted import Garden
from rempart.matcher.subscribe.doubles.server import Double, running
from rempart.matcher.subscribe.doubles.shapes import SHAPES, StopNciiShape
from rempart.matcher.subscribe.interface import ListRefused, ListUnreachable, Reader
from rempart.matcher.subscribe.making import reader_of
from rempart.matcher.subscribe.reading import Reading, Round
from tests.matcher.made import NOW
from tests.ports import free_port

PAGE = 3
ALL = (*SHAPES, "stopncii-nameless")


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@contextmanager
def owner(name: str, *, page: int = PAGE, seed: int = 0) -> Iterator[tuple[Double, Clock]]:
    clock = Clock()
    garden = Garden(seed=seed, now=clock)
    kinds = {**SHAPES, "stopncii-nameless": partial(StopNciiShape, is_nameless=True)}
    with running(kinds[name](garden, page=page), _port()) as double:
        yield double, clock


@cache
def _port() -> int:
    """One after the other, on the same."""
    return free_port()


def settings_of(name: str, double: Double) -> ListSettings:
    return ListSettings("drawn", name.partition("-")[0], double.url, user=double.user, password=double.password)


def reader(name: str, double: Double) -> Reader:
    return reader_of(settings_of(name, double))


def read(name: str, double: Double, folder: Path, clock: Clock, *, pages: int | None = None) -> Round | None:
    """One reading by a matcher that just started; ``pages``: killed after so many."""
    with ShelfWriter(folder) as shelf:
        if pages is None:
            return Reading("drawn", reader(name, double), shelf, timedelta(minutes=1)).once(clock.wait(60))
        batches = reader(name, double).read(shelf.checkpoint, now=clock.wait(60))
        with suppress(ListUnreachable, ListRefused):
            for _, batch in zip(range(pages), batches, strict=False):
                shelf.take(batch, now=clock.at)
        return None


def held(name: str, folder: Path) -> dict[str, tuple[Pdq, ...]]:
    """What is on the disk, by names (of StopNCII: by values); each fingerprint is looked for, as a question would."""
    shelf = Shelf(folder)
    with closing(sqlite3.connect(folder / NAME)) as tables:
        entries = tables.execute("SELECT name, number, parts, reference FROM entries").fetchall()
        assert tables.execute("SELECT count(*) FROM to_add").fetchone() == (0,)
    assert shelf.state().fingerprints == sum(len(json.loads(parts)) for _, _, parts, _ in entries)
    keys = {number: (entry, reference) for entry, number, _, reference in entries}
    found: dict[str, list[tuple[int, Pdq]]] = {}
    for key, pdq in stored(folder):
        entry, reference = keys[key >> PARTS_BITS]
        said = reference.partition(" ")[2] if name.startswith("stopncii") else entry
        found.setdefault(said, []).append((key, pdq))
        assert any(one.held.name == entry for one in shelf.near_one(pdq, 0))
    shelf.close()
    return {entry: tuple(pdq for _, pdq in sorted(parts)) for entry, parts in found.items()}


def stored(folder: Path) -> list[tuple[int, Pdq]]:
    """Everything in the index: drawn fingerprints are far from each other, so each is found by those that were drawn."""
    shelf = Shelf(folder)
    try:
        return [(match.key, pdq) for pdq in _DRAWN.get(folder, []) for match in shelf._index.lookup(pdq, 0)]
    finally:
        shelf.close()


_DRAWN: dict[Path, list[Pdq]] = {}


def remember(folder: Path, garden: Garden) -> None:
    """Whatever was ever drawn, so that what should be gone is looked for too."""
    _DRAWN[folder] = [pdq for one in garden.all() for pdq in (*one.pdqs, *one.former)]

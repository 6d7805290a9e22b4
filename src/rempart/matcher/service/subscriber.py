"""The one process that reads lists, tells what was done, sends webhooks and tidies up: each in a thread of its own."""

from __future__ import annotations

import logging
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from rempart.engine.errors import IndexDamaged, IndexNotFound
from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.feedback.telling import Telling
from rempart.matcher.feedback.webhooks import Sender
from rempart.matcher.lists import Batch
from rempart.matcher.service.places import shelf_of
from rempart.matcher.service.progress import FirstReadings
from rempart.matcher.settings import ListSettings, Settings, Webhook
from rempart.matcher.shelf.asking import Shelf
from rempart.matcher.shelf.switches import Disabled, NoShelf, disable, disabled
from rempart.matcher.shelf.writing import ShelfWriter, Taken
from rempart.matcher.subscribe.interface import Teller
from rempart.matcher.subscribe.making import reader_of, teller_of
from rempart.matcher.subscribe.reading import Reading

logger = logging.getLogger("rempart.matcher.service")

REOPEN = 3
"""Exit code: a list was begun anew, and whoever has the old one open must open it again."""
TICK = 0.5
SWEEP_EVERY = 30.0
CHECKPOINT_EVERY = 2.0
AFTER_AN_ERROR = 30.0
PATIENCE = 2.0
"""Whoever waits for a distant server then is left: nothing of its work is half done on the disk."""


class Subscriber:
    """Everything that runs beside the answers. ``stop`` ends it."""

    def __init__(self, settings: Settings, stop: Event, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings, self._stop, self._now = settings, stop, now
        self._first = FirstReadings()
        self._is_damaged = False

    def run(self) -> int:
        """Until it is stopped. Returns the exit code."""
        shelves = self._opened()
        if shelves is None:
            return REOPEN
        threads = [Thread(target=act, name=name, daemon=True) for name, act in self._acts(shelves)]
        for thread in threads:
            thread.start()
        self._stop.wait()
        until = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return REOPEN if self._is_damaged else 0

    def _acts(self, shelves: dict[str, _CountedShelf]) -> Iterator[tuple[str, Callable[[], None]]]:
        for one in self._settings.lists:
            yield f"reads {one.name}", self._reading(one, shelves[one.name])
            teller = teller_of(one)
            if teller is not None:
                yield f"tells {one.name}", self._telling(one, teller)
        for webhook in self._settings.webhooks:
            yield "webhook", self._sending(webhook)
        yield "sweeps", self._sweeping()

    # ── one thread each ──

    def _reading(self, one: ListSettings, shelf: _CountedShelf) -> Callable[[], None]:
        reading = Reading(one.name, reader_of(one), shelf, one.interval)

        def once() -> float:
            found = reading.once(self._now(), stop=self._stop)
            self._first.end(one.name)
            return (found.next_at - self._now()).total_seconds()

        return lambda: self._again_and_again(f"Reading the list {one.name}", once)

    def _telling(self, one: ListSettings, teller: Teller) -> Callable[[], None]:
        folder = shelf_of(self._settings, one.name)

        def begin() -> Callable[[], float]:
            telling = Telling(self._settings.folder, one.name, teller, lambda name: _reference(folder, name))
            return lambda: 0.0 if telling.once(self._now()) else TICK

        return lambda: self._again_and_again(f"Telling about the list {one.name}", _made_once(begin))

    def _sending(self, webhook: Webhook) -> Callable[[], None]:
        def begin() -> Callable[[], float]:
            sender = Sender(self._settings.folder, webhook)
            return lambda: 0.0 if sender.once(self._now(), should_stop=self._stop.is_set) else TICK

        return lambda: self._again_and_again("A webhook", _made_once(begin))

    def _sweeping(self) -> Callable[[], None]:
        def begin() -> Callable[[], float]:
            outbox, swept = Outbox(self._settings.folder), [0.0]

            def once() -> float:
                if time.monotonic() - swept[0] > SWEEP_EVERY:
                    outbox.sweep(self._now())
                    swept[0] = time.monotonic()
                else:
                    outbox.tidy()
                return CHECKPOINT_EVERY

            return once

        return lambda: self._again_and_again("Tidying up", _made_once(begin))

    def _again_and_again(self, what: str, once: Callable[[], float]) -> None:
        """``once`` returns how many seconds to wait. A thread never ends by an error: it says so, and tries again later."""
        while not self._stop.is_set():
            try:
                wait = once()
            except Exception as error:  # a full disk, a file that is locked for long
                logger.exception("%s failed; it is tried again.", what)
                wait = AFTER_AN_ERROR
                if is_damage(error):
                    self._is_damaged = True
                    self._stop.set()
            self._stop.wait(max(0.0, wait))

    # ── what is on the disk ──

    def _opened(self) -> dict[str, _CountedShelf] | None:
        """To write. None where one could not be relied on: it was begun anew, and all open theirs again."""
        shelves: dict[str, _CountedShelf] = {}
        for one in self._settings.lists:
            folder = shelf_of(self._settings, one.name)
            try:
                shelves[one.name] = _CountedShelf(folder, one.name, self._first)
            except Exception as error:
                if not is_damage(error):
                    raise
                logger.exception("List %s is damaged on the disk; it is read anew from its owner.", one.name)
                begin_anew(folder, self._now())
        if len(shelves) == len(self._settings.lists):
            return shelves
        for shelf in shelves.values():
            shelf.close()
        return None


def is_damage(error: Exception) -> bool:
    """Whether what is on the disk cannot be relied on; not a full disk, nor a file that somebody holds."""
    return isinstance(error, IndexDamaged) or type(error) is sqlite3.DatabaseError


class _CountedShelf(ShelfWriter):
    """Says how far the first reading is."""

    def __init__(self, folder: Path, name: str, first: FirstReadings) -> None:
        super().__init__(folder)
        self._name, self._first, self._is_first = name, first, self.checkpoint is None

    def take(self, batch: Batch, *, now: datetime) -> Taken:
        taken = super().take(batch, now=now)
        if self._is_first:
            self._first.advance(self._name, len(batch.changes))
            self._is_first = not batch.is_last
        return taken


def begin_anew(folder: Path, now: datetime) -> None:
    """Throw away what is held of a list. What people switched off here stays so, as far as that can be read."""
    kept: list[Disabled] = []
    with suppress(NoShelf, sqlite3.DatabaseError, OSError):
        kept = disabled(folder)
    owner = (folder / "owner").read_bytes() if (folder / "owner").exists() else None
    shutil.rmtree(folder)
    ShelfWriter(folder).close()
    if owner is not None:
        (folder / "owner").write_bytes(owner)
    for one in kept:
        disable(folder, one.name, why=one.why, now=now)


def run(settings: Settings) -> int:
    """As a process: until SIGTERM."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return Subscriber(settings, stop).run()


def _made_once(begin: Callable[[], Callable[[], float]]) -> Callable[[], float]:
    """Tables are opened in the thread that uses them, and again where that failed."""
    made: list[Callable[[], float]] = []

    def once() -> float:
        if not made:
            made.append(begin())
        return made[0]()

    return once


def _reference(folder: Path, name: str) -> str | None:
    try:
        shelf = Shelf(folder)
    except (sqlite3.OperationalError, IndexNotFound):
        return None
    try:
        return shelf.reference_of(name)
    finally:
        shelf.close()

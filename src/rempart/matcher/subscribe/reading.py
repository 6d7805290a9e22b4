"""Reading one list again and again: in its own time, patient with an owner who does not answer, exact about where it stopped."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from rempart.matcher.shelf.writing import ShelfWriter, Taken, TooManyParts
from rempart.matcher.subscribe.interface import ListRefused, ListUnreachable, Reader

logger = logging.getLogger("rempart.matcher.reading")

JITTER = 0.2
"""Many matchers that started together must not ask together: each interval is longer or shorter by up to this part."""
LONGEST_WAIT = timedelta(hours=1)
AFTER_REFUSAL = timedelta(minutes=15)
"""Credentials do not mend themselves; but a person may, at the owner's."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one reading did. ``trouble``: why it ended before its end; what came before counts."""

    taken: Taken
    next_at: datetime
    trouble: str | None = None


class Reading:
    """One list. ``name`` is for the log; ``draw`` gives a number from 0 to 1."""

    def __init__(
        self,
        name: str,
        reader: Reader,
        shelf: ShelfWriter,
        interval: timedelta,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._name, self._reader, self._shelf, self._interval, self._draw = name, reader, shelf, interval, draw
        self._failures = 0

    def once(self, now: datetime, *, stop: Event | None = None) -> Round:
        """Read all that is new. Never raises for what the owner does; stops between two pages when told to."""
        taken, trouble, next_at = Taken(0, 0, 0), None, None
        try:
            for batch in self._reader.read(self._shelf.checkpoint, now=now):
                one = self._shelf.take(batch, now=now)
                taken = Taken(taken.written + one.written, taken.restated + one.restated, taken.gone + one.gone)
                if stop is not None and stop.is_set():
                    break
        except ListRefused as error:
            trouble, next_at = str(error), now + AFTER_REFUSAL
        except ListUnreachable as error:
            trouble, next_at = str(error), error.retry_at
        except TooManyParts as error:
            trouble = str(error)
        self._shelf.note_try(now=now, trouble=trouble)
        self._say(taken, trouble)
        return Round(taken, self._next(now, trouble is not None, next_at), trouble)

    def _next(self, now: datetime, has_failed: bool, asked: datetime | None) -> datetime:
        self._failures = self._failures + 1 if has_failed else 0
        wait: timedelta = min(self._interval * 2 ** min(self._failures, 20), max(LONGEST_WAIT, self._interval))
        wait *= 1 + JITTER * (2 * self._draw() - 1)
        return max(now + wait, asked or now)

    def _say(self, taken: Taken, trouble: str | None) -> None:
        if taken != Taken(0, 0, 0):
            logger.info("List %s: %d written, %d restated, %d gone.", self._name, taken.written, taken.restated, taken.gone)
        if trouble:
            logger.warning("List %s: %s", self._name, trouble)

"""How far the first reading of a list is: a line that counts on a terminal, a line in the log from time to time elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

logger = logging.getLogger("rempart.matcher.reading")

SAID_EVERY = 10.0


class FirstReadings:
    """Of all lists; told from a thread for each."""

    def __init__(self, *, is_shown: bool | None = None) -> None:
        is_shown = sys.stderr.isatty() if is_shown is None else is_shown
        self._bar = _bar() if is_shown else None
        self._lock = Lock()
        self._tasks: dict[str, TaskID] = {}
        self._counts: dict[str, int] = {}
        self._began: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def advance(self, name: str, count: int) -> None:
        """So many entries of this list more are read."""
        with self._lock:
            now = time.monotonic()
            began = self._began.setdefault(name, now)
            self._counts[name] = self._counts.get(name, 0) + count
            text = f"{self._counts[name]:,} entries read, {self._counts[name] / max(now - began, 0.001):,.0f} a second"
            if self._bar is not None:
                self._show(name, text)
            elif now - self._said.setdefault(name, now) > SAID_EVERY:
                self._said[name] = now
                logger.info("List %s, first reading: %s.", name, text)

    def end(self, name: str) -> None:
        """The first reading of this list is over, or will be another one."""
        with self._lock:
            if self._bar is not None and name in self._tasks:
                self._bar.remove_task(self._tasks.pop(name))
                if not self._tasks:
                    self._bar.stop()

    def _show(self, name: str, text: str) -> None:
        assert self._bar is not None
        if not self._tasks:
            self._bar.start()
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=None)
        self._bar.update(self._tasks[name], description=f"List {name}, first reading: {text}")


def _bar() -> Progress:
    # Read when it is needed: a start without terminal is quicker by a tenth of a second.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    )

"""Children of one process: started as copies of it, watched, started again after a fall, stopped together.

As copies they are there in some milliseconds and share what was read into memory before. The parent has no threads.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

logger = logging.getLogger("rempart.matcher.service")

FIRST_WAIT, LONGEST_WAIT = 0.1, 30.0
LIVED_LONG_ENOUGH = 10.0
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(slots=True)
class Child:
    """One process. ``act`` runs in it; what it returns is its exit code."""

    name: str
    act: Callable[[], int]
    pid: int = 0
    started: float = 0.0
    falls: int = 0
    start_again: float = 0.0

    def start(self) -> None:
        """Copy this process."""
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._live(parent)

    def _live(self, parent: int) -> None:
        code = 70
        try:
            os.setsid()  # Ctrl-C reaches the parent alone
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            if _libc is not None:
                _libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
            if os.getppid() == parent:
                code = self.act()
        except BaseException:  # whatever it is, a copy of the parent must not go on as the parent
            logger.exception("%s failed.", self.name)
        finally:
            logging.shutdown()
            os._exit(code)

    def send(self, number: signal.Signals) -> None:
        """A signal, if it lives."""
        if self.pid:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


class Family:
    """All the children. ``fell`` is told of a child that ended by itself with this exit code."""

    def __init__(self, children: Sequence[Child], fell: Callable[[Child, int], None] = lambda _child, _code: None) -> None:
        self.children, self._fell = tuple(children), fell

    def start(self) -> None:
        """All of them."""
        gc.freeze()  # what is there now is shared, and stays so
        for child in self.children:
            child.start()

    def tend(self) -> None:
        """Start again those that fell, each a little later every time it falls young."""
        for child in self.children:
            if child.pid == 0:
                if time.monotonic() >= child.start_again:
                    child.start()
            elif (status := _ended(child)) is not None:
                self._note_fall(child, status)

    def _note_fall(self, child: Child, status: int) -> None:
        code, now = os.waitstatus_to_exitcode(status), time.monotonic()
        child.falls = 1 if now - child.started > LIVED_LONG_ENOUGH else child.falls + 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (child.falls - 1))
        child.start_again = now + wait
        logger.error("%s stopped by itself (%s); starting it again in %.1f s.", child.name, ending(code), wait)
        self._fell(child, code)

    def stop(self, patience: float, is_hurried: Callable[[], bool] = lambda: False) -> None:
        """Ask every child to end; after ``patience`` seconds, end those that have not."""
        for child in self.children:
            child.send(signal.SIGTERM)
        until = time.monotonic() + patience
        while any(child.pid and _ended(child) is None for child in self.children):
            if time.monotonic() > until or is_hurried():
                for child in self.children:
                    child.send(signal.SIGKILL)
            time.sleep(0.01)


def _ended(child: Child) -> int | None:
    pid, status = os.waitpid(child.pid, os.WNOHANG)
    if pid == 0:
        return None
    child.pid = 0
    return status


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"

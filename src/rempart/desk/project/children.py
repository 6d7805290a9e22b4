"""Child processes of ``rempart desk run``: started, watched, started again after a fall, stopped together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
LIVED_LONG_ENOUGH = 5.0
PATIENCE = 12.0
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    # If the parent is killed outright, nobody is left to stop the children: the kernel does.
    if _libc is not None:
        _libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where it writes what it has to say; None: on the terminal."""
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    falls: int = 0
    start_again: float = 0.0

    def start(self) -> None:
        """Start it, in a process group of its own so that Ctrl-C reaches the parent alone."""
        with ExitStack() as files:
            said = files.enter_context(self.log.open("ab")) if self.log else None
            self.process = subprocess.Popen(  # noqa: S603 - the commands are ours
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.started = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def sweep(self) -> None:
        """End at once the process and whatever it started and left behind."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


class Family:
    """All the children, and what to do when one falls."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say

    def start(self) -> None:
        """Start them all."""
        for child in self.children:
            child.start()

    def tend(self) -> None:
        """Start again those that fell, each a little later every time it falls young."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.start_again:
                    child.start()
            elif child.process.poll() is not None:
                self._note_fall(child, now)

    def _note_fall(self, child: Child, now: float) -> None:
        status = child.process.returncode if child.process else 0
        child.sweep()
        child.falls = 1 if now - child.started > LIVED_LONG_ENOUGH else child.falls + 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (child.falls - 1))
        child.process, child.start_again = None, now + wait
        self.say(f"{child.name} stopped by itself ({ending(status)}); starting it again in {wait:g} s.")

    def stop(self, is_hurried: Callable[[], bool] = lambda: False) -> None:
        """Ask every child to end, wait a few seconds, then end those that do not."""
        for child in self.children:
            # The leader alone: gunicorn and the worker finish what they hold and end their own.
            if child.process is not None and child.is_alive:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while any(child.is_alive for child in self.children) and time.monotonic() < deadline and not is_hurried():
            time.sleep(0.05)
        for child in self.children:
            child.sweep()
            if child.process is not None:
                child.process.wait()
            child.process = None


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
    return f"exit code {status}"

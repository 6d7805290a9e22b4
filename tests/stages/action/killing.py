"""Killing the worker between any two lines that matter: before and after each commit, before and after each letter leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.db.transaction import Atomic

from rempart.desk.outlets.interface import Letter, Outlet, Result


class Killed(BaseException):
    """Not an Exception: no line of the product may catch it, as none could catch a signal."""


@dataclass
class Killer:
    """Kills at the n-th point it passes; with ``at`` 0 it only counts."""

    at: int = 0
    passed: int = 0
    where: str = ""

    def point(self, where: str) -> None:
        self.passed += 1
        if self.passed == self.at:
            self.where = where
            raise Killed(where)


@dataclass
class WatchedOutlet:
    """The real outlet, with a point on either side of each letter."""

    outlet: Outlet
    killer: Killer

    def send(self, letter: Letter) -> Result:
        self.killer.point("before sending")
        result = self.outlet.send(letter)
        self.killer.point("after sending")
        return result

    def close(self) -> None:
        self.outlet.close()


@contextmanager
def commits_watched(killer: Killer) -> Iterator[None]:
    """Every outermost transaction of the product gets a point just before its commit, and one just after."""
    depth = 0
    enter, leave = Atomic.__enter__, Atomic.__exit__

    def entering(self: Atomic) -> None:
        nonlocal depth
        enter(self)
        depth += 1

    def leaving(self: Atomic, kind: Any, error: Any, trace: Any) -> None:
        nonlocal depth
        depth -= 1
        if depth or kind is not None:
            leave(self, kind, error, trace)
            return
        try:
            killer.point("before commit")
        except Killed as killed:
            leave(self, Killed, killed, killed.__traceback__)
            raise
        leave(self, None, None, None)
        killer.point("after commit")

    with patch.object(Atomic, "__enter__", entering), patch.object(Atomic, "__exit__", leaving):
        yield

"""How far a command is, for whoever watches: a bar on standard error where that is a terminal, and nothing where it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text


class Rate(ProgressColumn):
    """How many a second, once that is known."""

    def render(self, task: Task) -> Text:
        """Three digits are enough."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.3g}/s")


class Screen:
    """Where a command speaks to people: remarks, and the bar below them. Nothing secret is ever shown here."""

    def __init__(self, bar: Progress | None = None, task: TaskID | None = None) -> None:
        self._bar = bar
        self._task = task
        self._video: TaskID | None = None

    def advance(self, count: int = 1) -> None:
        """So many more are done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)

    def expect(self, total: int) -> None:
        """How many there are, once more is known."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=total)

    def video(self, done: float, total: float | None) -> None:
        """Seconds of the video that is being read. For a long one: it has a bar of its own."""
        if self._bar is None:
            return
        if self._video is None:
            self._video = self._bar.add_task("Seconds", total=None)
        self._bar.update(self._video, completed=int(done), total=None if total is None else int(total))

    def remark(self, text: str) -> None:
        """One line for people, on standard error, above the bar."""
        if self._bar is None:
            sys.stderr.write(text + "\n")
        else:
            self._bar.console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)


@contextmanager
def screen(what: str, total: int | None, *, is_shown: bool = True) -> Iterator[Screen]:
    """A screen with a bar: what is counted, how many there are (None where that is not known), the rate, the time left.

    Without bar where standard error is no terminal, or ``is_shown`` is false: where the answer itself runs over the terminal.
    """
    console = Console(stderr=True)
    if not (is_shown and console.is_terminal):
        yield Screen()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=False) as bar:
        yield Screen(bar, bar.add_task(what, total=total))

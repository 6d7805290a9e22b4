"""What a scan says on the terminal: how far it is, what it found, how it ended. Paths and counts; never a fingerprint."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rempart.engine.commands.finding import printable
from rempart.engine.commands.progress import Screen, screen
from rempart.matcher.scan.pieces import Line
from rempart.matcher.scan.reports import text_line


class Bar:
    """On standard error, where that is a terminal. ``stack``: takes it away at the end."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._screen, self._shown = stack, Screen(), -1
        self._is_begun = False
        self._before = self._advanced = 0

    def planned(self, files: int) -> None:
        """See Progress."""
        if self._shown < 0:
            self._screen, self._shown = self._stack.enter_context(screen("Files found", None)), 0
        self._screen.advance(files - self._shown)
        self._shown = files

    def done(self, files: int, total: int) -> None:
        """See Progress. What was done before this began is not in the rate."""
        if not self._is_begun:
            self._stack.close()
            self._is_begun = True
            self._screen, self._before = self._stack.enter_context(screen("Files", total - files)), files
        self._screen.expect(total - self._before)
        self._screen.advance(files - self._before - self._advanced)
        self._advanced = files - self._before


def show(report: Path, *, is_json: bool) -> None:
    """The lines of a report that was only made to be shown."""
    with report.open(encoding="ascii") as lines:
        for line in lines:
            sys.stdout.write(line if is_json else text_line(Line(**json.loads(line))) + "\n")


def tell(said: dict[str, Any], report: Path | None) -> None:
    """The last words, on standard error."""
    counts = said["counts"]
    remarks = {
        "Pictures": counts.get("pictures", 0),
        "Videos": counts.get("videos", 0),
        "Archives": counts.get("archives", 0),
        "Neither": counts.get("passed_over", 0),
        "Could not be compared": sum(said["refused"].values()),
    }
    words = [f"Files: {counts.get('files', 0):,}."]
    words += [f"{remark}: {number:,}." for remark, number in remarks.items() if number]
    words += [f"On a list: {counts.get('files_with_hits', 0):,}."]
    if not said["is_whole"]:
        words += ["Not all is done yet."]
    if report:
        words += [f"Written to {printable(str(report))}."]
    sys.stderr.write(" ".join(words) + "\n")

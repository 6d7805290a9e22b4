"""One scan from its plan to its report: begun, gone on with, or only told how far it is."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from rempart.matcher.scan.asking import Asked, CannotAsk
from rempart.matcher.scan.pieces import Task
from rempart.matcher.scan.reports import Form, write_report, write_summary
from rempart.matcher.scan.sources import Sources, items_of
from rempart.matcher.scan.state import State, died, size_of
from rempart.matcher.scan.working import Workers


class Progress(Protocol):
    """Whoever waits is told."""

    def planned(self, files: int) -> None:
        """So many were found so far."""

    def done(self, files: int, total: int) -> None:
        """So many are done, of so many by now."""


class ScanRefused(Exception):
    """It is not begun, or not gone on with; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be scanned and where what comes of it goes. ``folder``: of the state, beside the report."""

    sources: Sources
    asked: Asked
    report: Path
    form: Form
    folder: Path

    @classmethod
    def of(cls, sources: Sources, asked: Asked, report: Path, form: Form) -> Job:
        """With what it writes left out of what it reads."""
        folder = folder_of(report)
        beside = report.with_name(f".{report.name}.writing")
        written = (*sources.without, *map(str, (report, folder, beside, summary_of(report))))
        left_out = replace(sources, without=written)
        return cls(left_out, asked, report, form, folder)

    def words(self) -> str:
        """Kept with the state: what was asked otherwise is not gone on with."""
        sources, sight = self.sources, self.asked.sight
        lists = sorted((one.name, str(one.folder), one.radius) for one in self.asked.lists)
        said = [sources.words, sources.manifests, sources.root, lists, str(self.asked.index), self.asked.radius]
        return json.dumps([said, sight.pipelines, sight.asks_views, os.getcwd()])  # noqa: PTH109


def folder_of(report: Path) -> Path:
    """Of a scan's state."""
    return report.with_name(f"{report.name}.scan")


def summary_of(report: Path) -> Path:
    """Beside the report."""
    return report.with_name(f"{report.name}.summary.json")


def run(job: Job, workers: Workers, progress: Progress) -> dict[str, Any]:
    """To the end. Returns the summary. Raises ScanRefused, CannotAsk, ManifestRefused, ReportRefused, OSError.

    Stopped in whatever way, all that was done is in the state's folder, and the same call goes on from there.
    """
    with opened(job) as state:
        if not state.is_planned:
            state.note("asked", job.words())
            for count in state.plan(items_of(job.sources)):
                progress.planned(count)
        _work(state, workers, job.asked, progress)
        said = summary(state)
        if not said["is_whole"]:
            raise ScanRefused("Some files were not reached. Nothing is lost: go on with --resume.")
        write_report(job.report, job.form, state.lines())
        write_summary(summary_of(job.report), said)
    shutil.rmtree(job.folder)
    return said


def so_far(job: Job) -> dict[str, Any]:
    """The report of what is done by now, of a scan that was stopped or still runs. Raises ReportRefused, OSError."""
    with closing(State(job.folder)) as state:
        said = summary(state)
        write_report(job.report, job.form, state.lines())
    return said


def summary(state: State) -> dict[str, Any]:
    """Counts, time, versions of the lists; no fingerprint."""
    counts = state.counts()
    done, total = state.progress()
    seconds = float(state.about("seconds") or 0)
    named = {name: count for name, count in counts.items() if ":" not in name}
    return {
        "is_whole": state.is_planned and done == total,
        "seconds": round(seconds, 1),
        "pictures_per_second": round(counts["pictures"] / seconds, 1) if seconds else None,
        "counts": named,
        "refused": {name.partition(":")[2]: count for name, count in counts.items() if name.startswith("refused:")},
        "hits": {name.partition(":")[2]: count for name, count in counts.items() if name.startswith("hits:")},
        "lists": state.versions(),
    }


@contextmanager
def opened(job: Job) -> Iterator[State]:
    """The state, for one process at a time. Raises ScanRefused."""
    job.folder.mkdir(mode=0o700, exist_ok=True)
    with (job.folder / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ScanRefused("Another process is scanning for this report.") from None
        with closing(State(job.folder)) as state:
            asked = state.about("asked")
            if asked not in (None, job.words()):
                raise ScanRefused(
                    "The scan that was begun for this report looked at other files, asked other lists or asked otherwise."
                    " Go on with the same words from the same folder, or name another report."
                )
            yield state


def _work(state: State, workers: Workers, asked: Asked, progress: Progress) -> None:
    done, total = state.progress()
    progress.done(done, total)
    before, began = float(state.about("seconds") or 0), monotonic()
    for task, result in workers.work(state.next_task, asked):
        if result is None:
            _suspect(state, task)
            continue
        if result.trouble:
            raise CannotAsk(result.trouble)
        done += state.keep(task, result)
        total += sum(size_of(item) for item in result.further)
        state.note("seconds", str(before + monotonic() - began))
        progress.done(done, total)


def _suspect(state: State, task: Task) -> None:
    """A process died of it."""
    if len(task.items) == 1 and task.items[0].is_suspect:
        state.keep(task, died(task.items[0]))
    else:
        state.suspect(task)

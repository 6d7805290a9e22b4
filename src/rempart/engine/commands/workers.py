"""Files shared out over processes. One that dies of a hostile file takes nothing with it but that file."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import islice
from threading import Thread

from rempart.engine.commands.finding import FoundFile
from rempart.engine.commands.records import Outcome, Wanted, outcome_of

AHEAD = 4  # files waiting for each process, so that none is idle and memory does not grow with their number
DIED = "The process that read it died: it may be a file made to break software, or memory was short."

Work = Callable[[FoundFile, Wanted], Outcome]


def usual_jobs() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outcomes(files: Iterable[FoundFile], wanted: Wanted, jobs: int, work: Work = outcome_of) -> Iterator[Outcome]:
    """One for each file, in the order in which they are ready. With one job, nothing is started."""
    if jobs == 1:
        yield from (work(file, wanted) for file in files)
        return
    waiting = iter(files)
    while True:
        suspects: list[FoundFile] = []
        yield from _until_one_dies(waiting, wanted, jobs, work, suspects)
        if not suspects:
            return
        yield from _one_by_one(suspects, wanted, work)


def _until_one_dies(
    waiting: Iterator[FoundFile], wanted: Wanted, jobs: int, work: Work, suspects: list[FoundFile]
) -> Iterator[Outcome]:
    """Up to the end, or to the death of a process; ``suspects`` then receives every file that was being read."""
    with _pool(jobs) as pool:
        running: dict[Future[Outcome], FoundFile] = {}
        while True:
            try:
                for file in islice(waiting, jobs * AHEAD - len(running)):
                    suspects.append(file)
                    running[pool.submit(work, file, wanted)] = suspects.pop()
            except BrokenProcessPool:
                suspects += running.values()
                return
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                file = running.pop(done)
                try:
                    outcome = done.result()
                except BrokenProcessPool:
                    suspects += [file, *running.values()]
                    return
                yield outcome


def _one_by_one(suspects: Iterable[FoundFile], wanted: Wanted, work: Work) -> Iterator[Outcome]:
    """In one process that reads nothing else meanwhile: if it dies, it is by the file that it was reading."""
    waiting = deque(suspects)
    while waiting:
        with _pool(1) as pool:
            has_died = False
            while waiting and not has_died:
                file = waiting.popleft()
                try:
                    yield pool.submit(work, file, wanted).result()
                except BrokenProcessPool:
                    has_died = True
                    yield Outcome(file, refusal=DIED)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes, not copies of this one: threads of the caller cannot leave a lock held in them.

    Left in a hurry (Ctrl-C, an error), it ends its processes rather than wait for what they are reading.
    """
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_prepare)
    try:
        yield pool
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _prepare() -> None:
    """In each process: Ctrl-C is the parent's affair, and the parent's end is the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        with suppress(OSError):
            parent.join()
        os._exit(1)

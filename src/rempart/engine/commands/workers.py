"""Files shared out over processes. One that dies of a hostile file takes nothing with it but that file."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
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
    while suspects := (yield from _until_one_dies(waiting, wanted, work, jobs, jobs * AHEAD)):
        alone = iter(suspects)
        while guilty := (yield from _until_one_dies(alone, wanted, work, 1, 1)):
            yield Outcome(guilty[0], refusal=DIED)


def _until_one_dies(
    waiting: Iterator[FoundFile], wanted: Wanted, work: Work, jobs: int, at_once: int
) -> Generator[Outcome, None, list[FoundFile]]:
    """Outcomes up to the end, or to the death of a process. Returns the files that were in hand then: one of them did it."""
    in_hand: list[FoundFile] = []
    try:
        with process_pool(jobs) as pool:
            yield from _shared_out(pool, waiting, wanted, work, at_once, in_hand)
    except BrokenProcessPool:
        return in_hand
    return []


def _shared_out(
    pool: ProcessPoolExecutor, waiting: Iterator[FoundFile], wanted: Wanted, work: Work, at_once: int, in_hand: list[FoundFile]
) -> Iterator[Outcome]:
    """Raises BrokenProcessPool; ``in_hand`` then holds the files that were taken and have no outcome."""
    running: dict[Future[Outcome], FoundFile] = {}
    while True:
        for file in islice(waiting, at_once - len(running)):
            in_hand.append(file)
            with interruption_waits():
                running[pool.submit(work, file, wanted)] = file
        if not running:
            return
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            file, outcome = running.pop(done), done.result()
            in_hand.remove(file)
            yield outcome


@contextmanager
def process_pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
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


@contextmanager
def interruption_waits() -> Iterator[None]:
    """A process may be started here: it inherits that Ctrl-C is held back, and is not struck before `_prepare` has run in it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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

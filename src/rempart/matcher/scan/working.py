"""Who does the tasks: processes of this machine, or (see :mod:`cluster`) those of a cluster. One that dies loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Protocol

from rempart.engine.commands.workers import AHEAD, interruption_waits, process_pool
from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Result, Task
from rempart.matcher.scan.scanning import scan

NextTask = Callable[[], Task | None]
"""None: there is none now; there may be more once those in hand are done."""
Done = tuple[Task, Result | None]
"""None: the process that did it died of it."""


class Workers(Protocol):
    """Does tasks until there are no more; tells of each as soon as it is done, in any order, perhaps twice."""

    def work(self, next_task: NextTask, asked: Asked) -> Iterator[Done]:
        """Left early, it ends what it started."""


class OneProcess:
    """Here and now."""

    def work(self, next_task: NextTask, asked: Asked) -> Iterator[Done]:
        """See Workers."""
        while task := next_task():
            yield task, scan(task.items, asked)


class Processes:
    """As many as there are cores. When one dies, those tasks that were in hand are done again, one by one."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def work(self, next_task: NextTask, asked: Asked) -> Iterator[Done]:
        """See Workers."""
        while suspects := (yield from _until_one_dies(next_task, asked, self._jobs, self._jobs * AHEAD)):
            alone = iter(suspects)
            while guilty := (yield from _until_one_dies(partial(next, alone, None), asked, 1, 1)):
                yield guilty[0], None


def _until_one_dies(next_task: NextTask, asked: Asked, jobs: int, at_once: int) -> Generator[Done, None, list[Task]]:
    """Up to the end, or to the death of a process. Returns the tasks that were in hand then: one of them did it."""
    in_hand: dict[Future[Result], Task] = {}
    try:
        with process_pool(jobs) as pool:
            while True:
                while len(in_hand) < at_once and (task := next_task()):
                    with interruption_waits():
                        in_hand[pool.submit(scan, task.items, asked)] = task
                if not in_hand:
                    return []
                for done in wait(in_hand, return_when=FIRST_COMPLETED).done:
                    result = done.result()
                    yield in_hand.pop(done), result
    except BrokenProcessPool:
        return list(in_hand.values())

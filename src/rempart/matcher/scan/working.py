"""Who does the tasks: processes of this machine, or (see :mod:`cluster`) those of a cluster. One that dies loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Protocol

from rempart.engine.commands.workers import AHEAD, interruption_waits, process_pool
from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Result, Task
from rempart.matcher.scan.scanning import scan

NextTask = Callable[[], Task | None]
"""None: there is none now; there may be more once those in hand are done."""
Do = Callable[..., Result]
"""As :func:`scan`."""
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

    def __init__(self, jobs: int, do: Do = scan) -> None:
        self._jobs, self._do = jobs, do

    def work(self, next_task: NextTask, asked: Asked) -> Iterator[Done]:
        """See Workers."""
        do = partial(self._do, asked=asked)
        while suspects := (yield from _until_one_dies(next_task, do, self._jobs, self._jobs * AHEAD)):
            alone = iter(suspects)
            while guilty := (yield from _until_one_dies(partial(next, alone, None), do, 1, 1)):
                yield guilty[0], None


def _until_one_dies(next_task: NextTask, do: Do, jobs: int, at_once: int) -> Generator[Done, None, list[Task]]:
    """Up to the end, or to the death of a process. Returns the tasks that were in hand then: one of them did it."""
    in_hand: list[Task] = []
    try:
        with process_pool(jobs) as pool:
            yield from _shared_out(pool, next_task, do, at_once, in_hand)
    except BrokenProcessPool:
        return in_hand
    return []


def _shared_out(pool: ProcessPoolExecutor, next_task: NextTask, do: Do, at_once: int, in_hand: list[Task]) -> Iterator[Done]:
    """Raises BrokenProcessPool; ``in_hand`` then holds the tasks that were taken and not done."""
    running: dict[Future[Result], Task] = {}
    while True:
        while len(running) < at_once and (task := next_task()):
            in_hand.append(task)
            with interruption_waits():
                running[pool.submit(do, task.items)] = task
        if not running:
            return
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            task, result = running.pop(done), done.result()
            in_hand.remove(task)
            yield task, result

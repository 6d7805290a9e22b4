"""A slow processor, for a browser: all its pages' processes are stopped most of the time.

``Emulation.setCPUThrottlingRate`` slows the main thread of a page alone; fingerprints are made in a worker.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SLICE = 0.01  # seconds of work between two stops


@contextmanager
def slow_pages(times: int) -> Iterator[None]:
    """Every page that this process's Chromium shows runs ``times`` slower, until the end."""
    done = threading.Event()
    turning = threading.Thread(target=_hold_back, args=(times, done))
    turning.start()
    try:
        yield
    finally:
        done.set()
        turning.join()


def _hold_back(times: int, done: threading.Event) -> None:
    while not done.is_set():
        stopped = _pages()
        for page in stopped:
            _send(page, signal.SIGSTOP)
        done.wait(SLICE * (times - 1))
        for page in stopped:
            _send(page, signal.SIGCONT)
        done.wait(SLICE)


def _send(process: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # a page that was closed
        os.kill(process, what)


def _pages() -> list[int]:
    """Descendants of this process that draw pages."""
    parents, pages = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            process = int(folder.name)
            parents[process] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                pages.append(process)
    return [page for page in pages if _is_ours(page, parents)]


def _is_ours(process: int, parents: dict[int, int]) -> bool:
    while process in parents:
        process = parents[process]
        if process == os.getpid():
            return True
    return False

"""Who may write: a lock on one file of the folder, that ends with its process however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rempart.engine.errors import IndexBusy
from rempart.engine.index.disk import OWNER_ONLY
from rempart.engine.index.manifest import LOCK

TRIES = 100


def lock(folder: Path) -> int:
    """The right to write, until the descriptor returned is given to ``unlock`` or its process ends. Raises IndexBusy."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    for _ in range(TRIES):
        if _take(descriptor, fcntl.LOCK_EX):
            return descriptor
        if not _take(descriptor, fcntl.LOCK_SH):
            break
        # No writer, but a reader at the end of the log: it will be gone in a moment.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.sched_yield()
    os.close(descriptor)
    raise IndexBusy(f"Another process is writing to the index in {folder}. Try again when it has finished.")


def unlock(descriptor: int) -> None:
    """Also where a forked child still holds a copy of the descriptor."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


@contextmanager
def without_a_writer(folder: Path) -> Iterator[bool]:
    """Whether nobody writes; if so, nobody begins before the end of the block. To be held for a moment only."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield True
        return
    except OSError:
        yield False
        return
    try:
        yield _take(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

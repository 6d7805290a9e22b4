"""Opening a file that may be anything: only what is a regular file is opened, and nothing is waited for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rempart.matcher.scan.pieces import Reason


class Refused(Exception):
    """A file, or a member of one, is not compared. ``reason``: the word of the report."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, int]]:
    """The file, and its length. Links are followed. Raises Refused.

    It is looked at before it is opened, for opening a device may already do something; and after, for it may have been exchanged.
    """
    try:
        _check(os.stat(path))  # noqa: PTH116 - a name that is not UTF-8 must stay the bytes it is
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError) as refused:
        raise Refused(reason_of(refused)) from None
    with os.fdopen(number, "rb") as file:
        known = os.fstat(number)
        _check(known)
        yield file, known.st_size


def _check(known: os.stat_result) -> None:
    if not stat.S_ISREG(known.st_mode):
        raise Refused(Reason.NOT_A_FILE)


def reason_of(refused: Exception) -> Reason:
    """What the system says, as a word."""
    if isinstance(refused, FileNotFoundError | NotADirectoryError):
        return Reason.MISSING
    if isinstance(refused, PermissionError):
        return Reason.PERMISSION
    if isinstance(refused, ValueError):
        return Reason.MISSING  # a name with NUL in it is no file's
    return Reason.UNREADABLE

"""The file that ``rempart hash --output`` writes: one JSON object a line, whole or not there, whatever stops the command."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rempart.engine.commands.records import Record
from rempart.engine.errors import EngineError

PRIVATE = 0o600  # what it holds is as secret as the pictures
LINES_AT_RISK = 64  # that a cut power may take; a process that is killed loses none


Key = tuple[str, object, object, object]
"""Path, length, time of the last change, options: where all are the same, the record need not be made again."""


class OutputRefused(EngineError):
    """The output file cannot be used; the sentence says what to do."""


class Output:
    """Lines are added at the end, each by one write."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unsure = 0

    def add(self, record: Record) -> None:
        """One line more. Raises OSError, such as where the disk is full; the next opening drops the half of a line."""
        self._file.write(line_of(record))
        self._file.flush()
        self._unsure += 1
        if self._unsure >= LINES_AT_RISK:
            self.settle()

    def settle(self) -> None:
        """Everything added is on the disk."""
        os.fsync(self._file.fileno())
        self._unsure = 0

    def records(self) -> Iterator[Record]:
        """What it held when it was opened, line by line. Raises OutputRefused at a line that this command did not write."""
        self._file.seek(0)
        for number, line in enumerate(self._file, start=1):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if not isinstance(record, dict) or not isinstance(record.get("path"), str):
                raise OutputRefused(f"Line {number} of the output file was not written by this command. Name another file.")
            yield record


def line_of(record: Record) -> bytes:
    """In ASCII: a name that is not UTF-8 keeps its bytes as lone surrogates, which Python reads back as they were."""
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


@contextmanager
def open_output(path: str, *, is_resumed: bool) -> Iterator[Output]:
    """Open or create it, readable by its owner alone. The half of a line at its end, left by a crash, is dropped.

    Raises OutputRefused where it exists and is not to be resumed, or another process writes to it; OSError as ``open`` does.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | (0 if is_resumed else os.O_EXCL)
    try:
        number = os.open(path, flags, PRIVATE)
    except FileExistsError:
        raise OutputRefused("The output file exists already. Add --resume to go on with it, or name another.") from None
    with os.fdopen(number, "r+b") as file:
        _lock(file)
        _drop_half_line(file)
        output = Output(file)
        yield output
        output.settle()


def _lock(file: BinaryIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputRefused("Another process is writing to this output file.") from None


def _drop_half_line(file: BinaryIO) -> None:
    """What comes after the last end of line: the start of a record, or zeros that a cut power left."""
    size = end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - (1 << 16))
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            end = start + at + 1
            break
        end = start
    if end < size:
        file.truncate(end)


def keys_of(output: Output) -> set[Key]:
    """Of every line. Raises OutputRefused."""
    return {
        (record["path"], record.get("bytes"), record.get("modified_ns"), record.get("options")) for record in output.records()
    }

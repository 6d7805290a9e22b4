"""All lists of a command read as one: lines are counted through, bad ones remembered by number, never by what they say."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np

from rempart.engine.commands.lines import MOST_KEY, Line, read_lines
from rempart.engine.commands.progress import screen
from rempart.engine.errors import EngineError
from rempart.engine.index.interface import HashArray, KeyArray

STANDARD_INPUT = "-"
PIECE = 1 << 16
"""Entries or questions handed on at once."""

SHOWN_BAD = 10


class Refusal(EngineError):
    """What a command cannot do, said to the person who typed it."""


class Lists:
    """``first_key``: that of a first line without one, on which the next lines count; None refuses such lines.

    ``skips_bad``: pass over what cannot be read. ``has_keys_alone``: a line may be a key without PDQ; they are gathered in
    ``keys_alone``. ``is_shown``: with a bar on standard error. Use ``with``.
    """

    def __init__(
        self, names: Sequence[str], first_key: int | None, *, skips_bad: bool, has_keys_alone: bool, is_shown: bool
    ) -> None:
        self._names, self._first_key = names, first_key
        self._skips_bad, self._has_keys_alone, self._is_shown = skips_bad, has_keys_alone, is_shown
        self._bad: list[str] = []
        self._bad_count = 0
        self._stack = ExitStack()
        self.count = 0
        self.without_key = 0
        self.keys_alone: list[int] = []

    def __enter__(self) -> Self:
        sizes = [Path(name).stat().st_size for name in self._names if name != STANDARD_INPUT]
        total = None if STANDARD_INPUT in self._names else sum(sizes) >> 10
        self._screen = self._stack.enter_context(screen("Read, KiB", total, is_shown=self._is_shown and bool(self._names)))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def entries(self) -> Iterator[tuple[HashArray, KeyArray]]:
        """In pieces. Raises Refusal: for a line without key where there must be one; at the end, for unreadable lines."""
        pdqs: list[bytes] = []
        keys: list[int] = []
        for line in self._lines():
            if not line.pdqs:
                self.keys_alone += [] if line.key is None else [line.key]
                continue
            pdqs += line.pdqs
            keys += [self._key(line)] * len(line.pdqs)
            if len(keys) >= PIECE:
                yield self._piece(pdqs), np.array(keys, np.uint64)
                pdqs, keys = [], []
        yield self._piece(pdqs), np.array(keys, np.uint64)

    def all_entries(self) -> tuple[HashArray, KeyArray]:
        """At once."""
        pieces = list(self.entries())
        return np.concatenate([hashes for hashes, _ in pieces]), np.concatenate([keys for _, keys in pieces])

    def questions(self) -> Iterator[tuple[HashArray, list[int]]]:
        """In pieces, with the number of the line of each; keys are not looked at. Raises Refusal as ``entries`` does."""
        pdqs: list[bytes] = []
        numbers: list[int] = []
        for line in self._lines():
            pdqs += line.pdqs
            numbers += [line.number] * len(line.pdqs)
            if len(numbers) >= PIECE:
                yield self._piece(pdqs), numbers
                pdqs, numbers = [], []
        yield self._piece(pdqs), numbers

    def _piece(self, pdqs: list[bytes]) -> HashArray:
        self.count += len(pdqs)
        return np.frombuffer(b"".join(pdqs), np.uint8).reshape(-1, 32)

    def _key(self, line: Line) -> int:
        if line.key is not None:
            return line.key
        if self._first_key is None:
            remedy = "" if self._has_keys_alone else " With --first-key, such lines are given one."
            raise Refusal(f"Nothing was done: line {line.number:,} gives no key.{remedy}")
        key = self._first_key + line.number - 1
        if key > MOST_KEY:
            raise Refusal(f"Nothing was done: there is no key so large as line {line.number:,} would have.")
        self.without_key += 1
        return key

    def _lines(self) -> Iterator[Line]:
        """Every line that can be read; once one could not and may not be skipped, the others are only looked at."""
        before = 0
        for name in self._names:
            last = before
            for line in self._lines_of(name):
                last = before + line.number
                if line.is_bad or (not line.pdqs and line.key is not None and not self._has_keys_alone):
                    self._remember(name, line.number)
                elif self._skips_bad or not self._bad_count:
                    yield Line(last, line.pdqs, line.key)
            before = last
        self._judge()

    def _lines_of(self, name: str) -> Iterator[Line]:
        bytes_read = 0

        def tell(size: int) -> None:
            nonlocal bytes_read
            before, bytes_read = bytes_read >> 10, bytes_read + size
            if bytes_read >> 10 > before:
                self._screen.advance((bytes_read >> 10) - before)

        if name == STANDARD_INPUT:
            yield from read_lines(sys.stdin.buffer, tell)
            return
        with Path(name).open("rb") as file:
            yield from read_lines(file, tell)

    def _remember(self, name: str, number: int) -> None:
        self._bad_count += 1
        if len(self._bad) < SHOWN_BAD:
            self._bad.append(f"{number:,}" if len(self._names) == 1 else f"{number:,} of {name}")

    def _judge(self) -> None:
        if not self._bad_count:
            return
        more = f" and {self._bad_count - len(self._bad):,} more" if self._bad_count > len(self._bad) else ""
        which = f"{', '.join(self._bad)}{more}"
        lines = "line" if self._bad_count == 1 else "lines"
        if not self._skips_bad:
            raise Refusal(
                f"Nothing was done: {lines} {which} cannot be read. With --skip-bad, what cannot be read is passed over."
            )
        self._screen.remark(f"Passed over {self._bad_count:,} {lines} that cannot be read: {which}.")

"""Fingerprints as people list them, line by line: what each line says, or that it says nothing readable.

A line is ``PDQ`` or ``PDQ,KEY`` or ``PDQ KEY`` (64 hexadecimal digits, a whole number); or a JSON object with ``pdq``, or with
``pdqs`` or ``frames`` as ``rempart hash --json`` prints them, and perhaps ``key``; or a row of a CSV file whose first line
names its columns. Empty lines and lines that begin with # are passed over. No sentence ever repeats a line.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

LONGEST_LINE = 1 << 26  # bytes; a video of a day, hashed every second, is a sixth of it
MOST_KEY = 2**64 - 1
PDQ_COLUMNS = ("pdq", "hash", "pdq_hash", "fingerprint", "value")
KEY_COLUMNS = ("key", "id")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says. ``number``: from 1. ``pdqs``: 32 bytes each. ``key``: None where it gives none."""

    number: int
    pdqs: tuple[bytes, ...] = ()
    key: int | None = None
    is_bad: bool = False


Reader = Callable[[str], tuple[tuple[bytes, ...], int | None]]
"""The fingerprints and the key of a line. Raises ValueError."""


def read_lines(file: BinaryIO, tell: Callable[[int], None] = lambda _: None) -> Iterator[Line]:
    """Every line that says something, or should. ``tell`` is given the bytes of each line read."""
    read: Reader | None = None
    for number, raw in enumerate(_raw_lines(file), start=1):
        tell(len(raw))
        text = raw.removeprefix(BOM).decode("utf-8", "replace").strip() if number == 1 else raw.decode("utf-8", "replace").strip()
        if not text or text.startswith("#"):
            continue
        if read is None:
            columns = columns_of(text)
            read = plain if columns is None else _row_reader(*columns)
            if columns is not None:
                continue
        yield _line(number, text, read if not text.startswith("{") else from_json)


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """A line too long to be one is given as its beginning only, which says nothing readable."""
    while raw := file.readline(LONGEST_LINE):
        yield raw
        while len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raw = file.readline(LONGEST_LINE)


def _line(number: int, text: str, read: Reader) -> Line:
    try:
        pdqs, key = read(text)
    except (ValueError, RecursionError, csv.Error):
        return Line(number, is_bad=True)
    return Line(number, pdqs, key)


def plain(text: str) -> tuple[tuple[bytes, ...], int | None]:
    """``PDQ``, ``PDQ,KEY``, ``PDQ KEY``, or a key alone."""
    words = text.replace(",", " ").split()
    if len(words) == 1 and len(words[0]) < 64:
        return (), key_of(words[0])
    if not 1 <= len(words) <= 2:
        raise ValueError
    return (pdq_of(words[0]),), key_of(words[1]) if len(words) == 2 else None


def from_json(text: str) -> tuple[tuple[bytes, ...], int | None]:
    """An object with ``pdq``, ``pdqs`` or ``frames``, and ``key`` or not. One that has only a key is a key alone."""
    said: Any = json.loads(text)
    if not isinstance(said, dict):
        raise ValueError
    if said.keys().isdisjoint({"pdq", "pdqs", "frames", "key"}):
        raise ValueError
    listed = [*_listed(said, "pdqs"), *_listed(said, "frames"), *([said["pdq"]] if "pdq" in said else [])]
    key = said.get("key")
    found = (one["pdq"] if isinstance(one, dict) and "pdq" in one else one for one in listed)
    return tuple(dict.fromkeys(pdq_of(one) for one in found)), None if key is None else key_of(str(key))


def _listed(said: dict[str, Any], name: str) -> Iterable[Any]:
    listed = said.get(name, [])
    if not isinstance(listed, list):
        raise ValueError
    return listed


def columns_of(text: str) -> tuple[int, int | None] | None:
    """Where a CSV file has its fingerprints and its keys, if this is the line that names its columns."""
    try:
        names = [name.strip().lower() for name in next(csv.reader([text]), [])]
    except csv.Error:
        return None
    pdqs = [place for place, name in enumerate(names) if name in PDQ_COLUMNS]
    keys = [place for place, name in enumerate(names) if name in KEY_COLUMNS]
    if len(pdqs) + len(keys) == 0 or len(pdqs) > 1 or len(keys) > 1:
        return None
    return pdqs[0] if pdqs else -1, keys[0] if keys else None


def _row_reader(pdq: int, key: int | None) -> Reader:
    def read(text: str) -> tuple[tuple[bytes, ...], int | None]:
        row = next(csv.reader([text], strict=True))
        if max(pdq, key or 0) >= len(row):
            raise ValueError
        return (pdq_of(row[pdq]),) if pdq >= 0 else (), None if key is None else key_of(row[key])

    return read


def pdq_of(text: object) -> bytes:
    """Raises ValueError."""
    if not isinstance(text, str) or len(digits := text.strip()) != 64:
        raise ValueError
    value = bytes.fromhex(digits)
    if len(value) != 32:
        raise ValueError
    return value


def key_of(text: str) -> int:
    """Raises ValueError."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 20 or int(digits) > MOST_KEY:
        raise ValueError
    return int(digits)


def looks_like_a_fingerprint(word: str) -> bool:
    """What must not be typed as a word of a command: shells remember what was typed."""
    try:
        pdq_of(word.replace(",", " ").split()[0])
    except (ValueError, IndexError):
        return False
    return True

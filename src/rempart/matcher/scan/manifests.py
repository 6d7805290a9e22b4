"""Lists of files to look at, of any length: names one a line, CSV, JSON lines, Parquet. A bad line is told, others are read."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from rempart.matcher.scan.opening import Refused
from rempart.matcher.scan.unpacking import Budget, unpacked

LONGEST_LINE = 1 << 16
"""Bytes; a path is never so long."""
PATHS, IDS = ("path", "file", "filename", "name"), ("id", "key")
PARQUET = b"PAR1"
PARQUET_ROWS = 10_000


class Listed(NamedTuple):
    """``path`` is None where the line names no file."""

    path: str | None
    id: str = ""


class ManifestRefused(Exception):
    """It cannot be read at all; the text is a sentence."""


def read_manifest(path: Path) -> Iterator[tuple[int, Listed]]:
    """Each line with its number, from 1. Content tells what it is, its ending only CSV. Raises ManifestRefused, OSError."""
    with path.open("rb") as file:
        head = file.read(LONGEST_LINE)
        file.seek(0)
        if head.startswith(PARQUET):
            yield from enumerate(_of_parquet(path), start=1)
            return
        stream = unpacked(file, head, Budget(1 << 40)) or file
        try:
            yield from read_lines(stream, is_csv=path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv")))
        except Refused:
            raise ManifestRefused("The manifest is packed, and damaged.") from None


def read_lines(stream: BinaryIO, *, separator: bytes = b"\n", is_csv: bool = False) -> Iterator[tuple[int, Listed]]:
    """Of text: a name a line, or a JSON object with a path. Empty lines are passed over. Raises ManifestRefused, OSError."""
    lines = pieces(stream, separator)
    if is_csv:
        yield from _of_csv(lines)
        return
    for number, line in enumerate(lines, start=1):
        if line is None:
            yield number, Listed(None)
        elif line.strip():
            is_json = separator == b"\n" and line.lstrip()[:1] in (b"{", b'"')
            yield number, _of_json(line) if is_json else _named(os.fsdecode(line.removesuffix(b"\r")))


def pieces(stream: BinaryIO, separator: bytes) -> Iterator[bytes | None]:
    """Lines without their ends; None in place of one that is too long, which is never held in memory."""
    rest, is_too_long = b"", False
    while block := stream.read(LONGEST_LINE):
        *whole, rest = (rest + block).split(separator)
        for line in whole:
            yield None if is_too_long or len(line) > LONGEST_LINE else line
            is_too_long = False
        if len(rest) > LONGEST_LINE:
            rest, is_too_long = b"", True
    if rest or is_too_long:
        yield None if is_too_long else rest


def _named(path: str, named: object = "") -> Listed:
    """A path, unless no file can be called that."""
    known = str(named) if isinstance(named, str | int) and not isinstance(named, bool) else ""
    return Listed(None, known) if not path or "\0" in path else Listed(path, known)


def _of_json(line: bytes) -> Listed:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return Listed(None)
    if isinstance(said, str):
        return _named(said)
    return _of_row(said) if isinstance(said, dict) else Listed(None)


def _of_row(row: dict[Any, Any]) -> Listed:
    path = next((row[name] for name in PATHS if isinstance(row.get(name), str)), "")
    return _named(path, next((row[name] for name in IDS if row.get(name) is not None), ""))


def _of_csv(lines: Iterable[bytes | None]) -> Iterator[tuple[int, Listed]]:
    """The first line names the columns. A name with an end of line in it is not understood: it is two bad lines."""
    numbered = enumerate(lines, start=1)
    _, first = next(numbered, (1, b""))
    text = os.fsdecode((first or b"").removeprefix(b"\xef\xbb\xbf"))
    delimiter = max(",;\t", key=text.count)
    columns = [cell.strip().lower() for cell in _cells(text, delimiter) or []]
    if not set(columns) & set(PATHS):
        raise ManifestRefused(f"The first line of the CSV manifest names no column {', '.join(PATHS[:-1])} or {PATHS[-1]}.")
    for number, line in numbered:
        cells = None if line is None else _cells(os.fsdecode(line), delimiter)
        if cells != []:
            yield number, Listed(None) if cells is None else _of_row(dict(zip(columns, cells, strict=False)))


def _cells(line: str, delimiter: str) -> list[str] | None:
    """None where it is not CSV."""
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _of_parquet(path: Path) -> Iterator[Listed]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise ManifestRefused('Parquet needs a part that is not installed: pip install ".[scan]" in the clone') from None
    try:
        with ParquetFile(path) as file:
            columns = [name for name in (*PATHS, *IDS) if name in file.schema_arrow.names]
            if not set(columns) & set(PATHS):
                raise ManifestRefused(f"The Parquet manifest has no column {', '.join(PATHS[:-1])} or {PATHS[-1]}.")
            for batch in file.iter_batches(PARQUET_ROWS, columns=columns):
                yield from map(_of_row, batch.to_pylist())
    except (ArrowException, OSError, ValueError):
        raise ManifestRefused("The Parquet manifest is damaged.") from None

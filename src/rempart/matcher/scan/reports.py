"""The report: CSV, JSON lines or Parquet, the same lines in each. Written beside its place, and put there when it is whole."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from rempart.engine.commands.finding import printable
from rempart.matcher.scan.pieces import Line

PRIVATE = 0o600
"""It says which files of a platform are on a list: for its owner's eyes."""
ROWS_AT_ONCE = 10_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = tuple(field.name for field in fields(Line))


class Form(StrEnum):
    """Of a report."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"


ENDINGS = {
    ".csv": Form.CSV,
    ".jsonl": Form.JSON_LINES,
    ".ndjson": Form.JSON_LINES,
    ".json": Form.JSON_LINES,
    ".parquet": Form.PARQUET,
}


class ReportRefused(Exception):
    """It cannot be written so; the text is a sentence."""


def form_of(path: Path) -> Form:
    """By its ending. Raises ReportRefused, also where what writes it is not installed: before the work, not after."""
    form = ENDINGS.get(path.suffix.lower())
    if form is None:
        raise ReportRefused("A report's name ends in .csv, .jsonl or .parquet: that is what it will be.")
    if form is Form.PARQUET:
        _arrow()
    return form


def write_report(path: Path, form: Form, lines: Iterable[Line]) -> None:
    """All lines; the report is there when it is whole, and not before. Raises OSError, ReportRefused."""
    beside = path.with_name(f".{path.name}.writing")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    with os.fdopen(number, "wb") as file:
        _WRITERS[form](file, lines)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)  # noqa: PTH105
    sync_folder(path.parent)


def write_summary(path: Path, said: dict[str, Any]) -> None:
    """Beside the report. Raises OSError."""
    beside = path.with_name(f".{path.name}.writing")
    beside.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    beside.chmod(PRIVATE)
    beside.replace(path)


def sync_folder(folder: Path) -> None:
    """What was renamed in it stays so when the power is cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def json_line(line: Line) -> str:
    """Without what it does not say. In ASCII: a name that is not UTF-8 keeps its bytes as lone surrogates."""
    said = {name: value for name, value in asdict(line).items() if value not in ("", None)}
    return json.dumps(said, ensure_ascii=True, separators=(",", ":"))


def text_line(line: Line) -> str:
    """For people, on a terminal."""
    name = printable(f"{line.path} » {line.member}" if line.member else line.path)
    if not line.list:
        return f"{'-':<8}  {line.reason:<24}  {name}"
    met = "same file" if line.is_exact else f"{line.distance} bits, {line.asked_view}"
    return f"{line.outcome:<8}  {printable(f'{line.list} {line.entry}')} ({met})  {name}"


def _write_json(file: BinaryIO, lines: Iterable[Line]) -> None:
    for line in lines:
        file.write(json_line(line).encode("ascii") + b"\n")


def _write_csv(file: BinaryIO, lines: Iterable[Line]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in asdict(line).values()] for line in lines)
    text.detach()


def _cell(value: object) -> object:
    """As text that a spreadsheet does not take for a formula: whoever named a file may have wished it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _write_parquet(file: BinaryIO, lines: Iterable[Line]) -> None:
    arrow, parquet = _arrow()
    kinds = {"distance": arrow.int32(), "second": arrow.int64(), "is_exact": arrow.bool_()}
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in COLUMNS])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in _by(ROWS_AT_ONCE, (_row(line) for line in lines)):
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))


def _row(line: Line) -> dict[str, object]:
    """Parquet has no texts that are not UTF-8: such names are written as on a terminal."""
    return {name: (_utf8(value) if isinstance(value, str) else value) for name, value in asdict(line).items()}


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _by(count: int, rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    while some := list(islice(rows, count)):
        yield some


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ReportRefused('A Parquet report needs a part that is not installed: pip install ".[scan]" in the clone') from None
    return pyarrow, parquet


_WRITERS = {Form.CSV: _write_csv, Form.JSON_LINES: _write_json, Form.PARQUET: _write_parquet}

"""The report: the same lines in three forms, whole or not there."""

from __future__ import annotations

import csv
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.matcher.scan.pieces import HIT, REFUSED, Item, Line, line_as_text, line_of_text, packed, unpacked
from rempart.matcher.scan.reports import COLUMNS, Form, ReportRefused, form_of, text_line, write_report

HOSTILE = os.fsdecode(b"a\xff\n\x1b[31m.jpg")
LINES = [
    Line("a.jpg", HIT, "=HYPERLINK(1)", list="minors", entry="e", is_exact=False, distance=3, asked_view="whole", outcome="hold"),
    Line(HOSTILE, REFUSED, reason="missing", id="9"),
]


def test_csv(tmp_path: Path) -> None:
    write_report(tmp_path / "r.csv", Form.CSV, LINES)
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["member"], rows[0]["distance"], rows[0]["is_exact"]) == ("'=HYPERLINK(1)", "3", "no")
    assert rows[1]["path"] == "a\\udcff\\n\\x1b[31m.jpg"


def test_json_lines_keep_every_byte_of_a_name(tmp_path: Path) -> None:
    write_report(tmp_path / "r.jsonl", Form.JSON_LINES, LINES)
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [Line(**row) for row in rows] == LINES
    assert os.fsencode(rows[1]["path"]) == b"a\xff\n\x1b[31m.jpg"


def test_parquet(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_report(tmp_path / "r.parquet", Form.PARQUET, LINES)
    rows = parquet.read_table(tmp_path / "r.parquet").to_pylist()
    assert rows[0] == asdict(LINES[0])
    assert rows[1]["path"] == "a\\udcff\n\x1b[31m.jpg"
    write_report(tmp_path / "none.parquet", Form.PARQUET, [])
    assert parquet.read_table(tmp_path / "none.parquet").num_rows == 0


def test_what_cannot_be_written_is_refused_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert form_of(Path("r.CSV")) is Form.CSV
    with pytest.raises(ReportRefused, match="ends in"):
        form_of(Path("r.xlsx"))
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ReportRefused, match="pip install"):
        form_of(Path("r.parquet"))


@pytest.mark.parametrize("form", [Form.CSV, Form.JSON_LINES])
def test_a_report_that_was_cut_short_is_not_there_and_its_lines_are_whole(form: Form, tmp_path: Path) -> None:
    def cut() -> Iterator[Line]:
        yield from LINES * 1000
        raise KeyboardInterrupt

    report = tmp_path / "r"
    report.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        write_report(report, form, cut())
    assert report.read_text() == "before"
    assert (tmp_path / ".r.writing").read_bytes().endswith(b"\n")
    write_report(report, form, LINES)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_a_name_moves_no_cursor() -> None:
    assert all(text_line(line).isprintable() for line in LINES)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.binary(max_size=30).map(os.fsdecode), min_size=1))
def test_whatever_files_are_called_csv_can_be_read_again(names: list[str], tmp_path: Path) -> None:
    lines = [Line(name, HIT, member=name) for name in names]
    assert [line_of_text(line_as_text(line)) for line in lines] == lines
    items = [Item(number, name) for number, name in enumerate(names)]
    assert list(unpacked(packed(items))) == items
    write_report(tmp_path / "r.csv", Form.CSV, lines)
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert [len(row) for row in rows] == [len(COLUMNS)] * (len(names) + 1)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)

"""Lists of files to look at: every kind, every length, whatever is in them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.matcher.scan.manifests import LONGEST_LINE, Listed, ManifestRefused, pieces, read_lines, read_manifest

pytestmark = pytest.mark.slow

ROWS = [("photos/a.jpg", "1"), ("é t é.png", "two"), ('with "quotes", and commas.jpg', ""), ("-dash", "4")]
GOOD = [Listed(path, known) for path, known in ROWS]


def listed(path: Path) -> list[Listed]:
    return [one for _, one in read_manifest(path)]


def test_names_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"a.jpg\r\n\n  \nb c.jpg\nnot-utf-8-\xff.jpg\nlast")
    assert [one.path for one in listed(tmp_path / "m")] == ["a.jpg", "b c.jpg", os.fsdecode(b"not-utf-8-\xff.jpg"), "last"]
    assert [number for number, _ in read_manifest(tmp_path / "m")] == [1, 4, 5, 6]


def test_csv_and_packed_csv(tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("id", "size", "Path"), *((known, 3, path) for path, known in ROWS)])
    (tmp_path / "m.csv").write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    (tmp_path / "m.csv.gz").write_bytes(gzip.compress(text.getvalue().encode()))
    assert listed(tmp_path / "m.csv") == listed(tmp_path / "m.csv.gz") == GOOD
    (tmp_path / "other.csv").write_text("a;b\n1;2\n")
    with pytest.raises(ManifestRefused, match="names no column"):
        listed(tmp_path / "other.csv")


def test_json_lines(tmp_path: Path) -> None:
    lines = [json.dumps({"path": path, "id": known, "more": [1]}) for path, known in ROWS]
    (tmp_path / "m.jsonl").write_text("\n".join([*lines, '"text.jpg"', '{"path": 3}', "{half", '{"file": "x", "key": 9}']))
    assert listed(tmp_path / "m.jsonl") == [*GOOD, Listed("text.jpg"), Listed(None), Listed(None), Listed("x", "9")]


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"path": [path for path, _ in ROWS] + [None], "id": [known for _, known in ROWS] + ["5"], "n": range(5)})
    parquet.write_table(table, tmp_path / "m")
    assert listed(tmp_path / "m") == [*GOOD, Listed(None, "5")]
    (tmp_path / "cut").write_bytes((tmp_path / "m").read_bytes()[:-20])
    with pytest.raises(ManifestRefused, match="damaged"):
        listed(tmp_path / "cut")


def test_without_the_extra_parquet_is_refused_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "m").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(ManifestRefused, match=r"pip install"):
        listed(tmp_path / "m")


def test_a_packed_manifest_that_is_damaged_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.gz").write_bytes(gzip.compress(os.urandom(5000))[:300])
    with pytest.raises(ManifestRefused, match="damaged"):
        listed(tmp_path / "m.gz")


def test_names_on_standard_input_may_end_with_nul() -> None:
    stream = io.BytesIO(b'a\nb.jpg\0{"path": 1}.jpg\0\0last')
    assert [one.path for _, one in read_lines(stream, separator=b"\0")] == ["a\nb.jpg", '{"path": 1}.jpg', "last"]


class Endless(io.RawIOBase):
    """So many bytes, made as they are read."""

    def __init__(self, piece: bytes, count: int) -> None:
        self._piece, self._left = piece, count

    def read(self, _size: int = -1) -> bytes:
        self._left -= 1
        return self._piece if self._left >= 0 else b""


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    block = b"photos/a.jpg\n" * 5000
    tracemalloc.start()
    count = sum(one.path is not None for _, one in read_lines(Endless(block, 20)))  # type: ignore[arg-type]
    bad = sum(one.path is None for _, one in read_lines(Endless(b"x" * LONGEST_LINE, 300)))  # type: ignore[arg-type]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, bad) == (100_000, 1)
    assert most < 3_000_000


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), separator=st.sampled_from([b"\n", b"\0"]))
def test_whatever_a_manifest_holds_each_line_is_a_name_or_told(data: bytes, separator: bytes, tmp_path: Path) -> None:
    said = list(read_lines(io.BytesIO(data), separator=separator))
    assert len(said) <= data.count(separator) + 1
    assert all(one.path is None or (one.path and "\0" not in one.path) for _, one in said)
    assert separator.join(line or b"" for line in pieces(io.BytesIO(data), separator)) == data.removesuffix(separator)
    for ending in (".csv", ".jsonl", ".parquet"):
        (tmp_path / f"m{ending}").write_bytes(data)
        try:
            assert all(one.path is None or "\0" not in one.path for one in listed(tmp_path / f"m{ending}"))
        except ManifestRefused:
            continue


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(st.characters(blacklist_characters="\n\r\0", codec="utf-8"), min_size=1).filter(str.strip)))
def test_every_name_survives_csv_and_json(names: list[str], tmp_path: Path) -> None:
    with (tmp_path / "m.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "id"), *((name, "1") for name in names)])
    (tmp_path / "m.jsonl").write_text("".join(json.dumps({"path": name}) + "\n" for name in names))
    assert [one.path for one in listed(tmp_path / "m.csv")] == names
    assert [one.path for one in listed(tmp_path / "m.jsonl")] == names

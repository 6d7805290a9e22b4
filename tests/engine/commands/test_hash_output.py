"""The output file: whole lines, whatever happens."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine.commands.output import OutputRefused, keys_of, line_of, open_output

RECORDS = [{"path": f"film {n}.mp4\n", "bytes": n, "modified_ns": n, "options": "full", "text": "é" * n} for n in range(5)]


def write(path: Path, records: list[dict[str, object]]) -> None:
    with open_output(str(path), is_resumed=path.exists()) as output:
        for record in records:
            output.add(record)


def read(path: Path) -> list[dict[str, object]]:
    with open_output(str(path), is_resumed=True) as output:
        return list(output.records())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "out", RECORDS)
    assert read(tmp_path / "out") == RECORDS


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "out", RECORDS)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(cut=st.integers(0, sum(len(line_of(record)) for record in RECORDS)), zeros=st.integers(0, 70_000))
def test_cut_anywhere_it_goes_on_and_nothing_is_there_twice(tmp_path: Path, cut: int, zeros: int) -> None:
    path = tmp_path / "out"
    path.unlink(missing_ok=True)
    write(path, RECORDS)
    path.write_bytes(path.read_bytes()[:cut] + bytes(zeros))
    with open_output(str(path), is_resumed=True) as output:
        kept = list(output.records())
        assert kept == RECORDS[: len(kept)]
        known = keys_of(output)
        for record in RECORDS:
            if (record["path"], record["bytes"], record["modified_ns"], record["options"]) not in known:
                output.add(record)
    assert path.read_bytes() == b"".join(line_of(record) for record in RECORDS)


def test_it_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("my notes")
    with pytest.raises(OutputRefused, match="--resume"), open_output(str(tmp_path / "out"), is_resumed=False):
        pass
    assert (tmp_path / "out").read_text() == "my notes"


@pytest.mark.parametrize("text", ["my notes\n", "[]\n", "3\n", '{"path": 3}\n', "[" * 100_000 + "\n"])
def test_lines_of_others_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "out").write_text('{"path": "a"}\n' + text)
    with pytest.raises(OutputRefused, match="Line 2"):
        read(tmp_path / "out")


def test_two_processes_do_not_write_to_it(tmp_path: Path) -> None:
    with (
        open_output(str(tmp_path / "out"), is_resumed=False),
        pytest.raises(OutputRefused, match="Another process"),
        open_output(str(tmp_path / "out"), is_resumed=True),
    ):
        pass


def test_a_name_that_is_no_text_keeps_its_bytes() -> None:
    name = os.fsdecode(b"caf\xe9")
    assert os.fsencode(json.loads(line_of({"path": name}))["path"]) == b"caf\xe9"
    assert line_of({"path": name}).isascii()

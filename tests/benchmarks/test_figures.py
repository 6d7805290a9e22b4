"""One shape of a figure, one table, one JSON object: what every benchmark prints, and what the documentation is drawn from."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as all_of_them
from benchmarks import figures
from benchmarks.figures import Figure, as_json, faster, plain, row, run, shorter

SHAPE = ["name", "value", "unit", "peer", "peer_value", "ratio", "target", "met"]


@pytest.fixture(autouse=True)
def a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its limit is not what is tested."""
    monkeypatch.setattr(figures, "READ_BYTES", 1 << 16)


def two_figures(asked: argparse.Namespace) -> Iterator[Figure]:
    yield faster("lookups", 300.0, "look-ups/s", peer="another", peer_value=2.0, times=150)
    yield plain("missed", 1, "entries", at_most=0)


@pytest.mark.parametrize(
    ("figure", "ratio", "met"),
    [
        (faster("a", 30, "/s", peer="p", peer_value=10, times=3), 3, True),
        (faster("a", 29, "/s", peer="p", peer_value=10, times=3), 2.9, False),
        (faster("a", 30, "/s", peer="p", peer_value=10), 3, None),
        (shorter("a", 2, "s", peer="p", peer_value=10, times=5), 5, True),
        (shorter("a", 2.5, "s", peer="p", peer_value=10, times=5), 4, False),
        (plain("a", 5, "ms", at_most=5), None, True),
        (plain("a", 5.1, "ms", at_most=5), None, False),
        (plain("a", 70, "%", at_least=70), None, True),
        (plain("a", 69.9, "%", at_least=70), None, False),
        (plain("a", 1, "%"), None, None),
    ],
)
def test_a_target_is_met_or_not(figure: Figure, ratio: float | None, met: bool | None) -> None:
    assert (figure.ratio, figure.met) == (ratio, met)
    assert ("NOT MET" in row(figure)) is (met is False)


def test_json_is_one_object_and_the_rest_goes_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("trial", two_figures, ["--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert list(found) == ["figures"]
    assert all(list(figure) == SHAPE for figure in found["figures"])
    assert [figure["name"] for figure in found["figures"]] == ["machine_memory_read", "lookups", "missed"]
    assert "150 ×" in said.err
    assert "kernel" in said.err or "without its compiled half" in said.err


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("trial", two_figures, ["--quick"]) == 0
    said = capsys.readouterr()
    assert "trial, quick" in said.out
    assert "another: 2" in said.out
    assert "NOT MET" in said.out
    assert not said.err


def saved(path: Path) -> dict[str, float]:
    return {figure["name"]: figure["value"] for figure in json.loads(path.read_text(encoding="utf-8"))["figures"]}


def test_what_is_kept_is_of_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept" / "engine.json"
    for value, name in ((1, "a"), (2, "b"), (3, "a")):
        all_of_them.save(path, json.loads(as_json([plain(name, value, "s")]))["figures"])
    assert saved(path) == {"a": 3, "b": 2}
    monkeypatch.setattr(all_of_them, "cpu_model", lambda: "another processor")
    all_of_them.save(path, json.loads(as_json([plain("c", 4, "s")]))["figures"])
    assert saved(path) == {"c": 4}


def test_a_benchmark_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        all_of_them.main(["matchin"])
    assert "no benchmark named “matchin”" in capsys.readouterr().err


def test_every_benchmark_is_there() -> None:
    assert all((Path(figures.__file__).parent / f"{name}.py").exists() for name in all_of_them.NAMES)

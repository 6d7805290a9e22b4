"""The benchmark of matching runs from end to end on a tiny bank, and sees what it looks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGTERM, getsignal, signal

import numpy as np
import pytest

from benchmarks import matching, natural, pictures
from benchmarks.matching_exactness import distances_of, missing, wrong
from benchmarks.matching_setting import FIRST_KEY, QUICK, Size
from benchmarks.matching_speed import answers_of
from benchmarks.natural import planted, uniform_hashes
from rempart.engine.index.exact import ExactIndex
from rempart.engine.index.interface import Match, Matches
from rempart.engine.native.build import find_compiler
from rempart.engine.native.library import Kernel, best_kernel

TINY = Size(
    bank=20_000, questions=400, peer_questions=60, rounds=2, planted=2_000, joined=2_500, smaller=(1_000,), changes=3, opened=1
)
PROMISED = {
    "lookups_1_thread", "p99_us", "missed", "false_answers", "join_seconds", "add_ms", "withdraw_ms", "open_ms",
    "memory_4_processes_mib", "skew", "lookups_at_1000", "lookups_at_20000",
}  # fmt: skip
SHAPE = {"name", "value", "unit", "peer", "peer_value", "ratio", "target", "met"}


needs_compiler = pytest.mark.skipif(
    find_compiler() is None or best_kernel() is Kernel.NUMPY, reason="the benchmark measures the compiled half"
)


@pytest.fixture(autouse=True)
def signals_stay_as_they_were() -> Iterator[None]:
    before = getsignal(SIGTERM)
    yield
    signal(SIGTERM, before)


@pytest.fixture
def drawn_pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is fetched, and what others measure with stays as it is."""
    natural._program()
    monkeypatch.setattr(pictures, "CACHE", tmp_path / "pictures")
    monkeypatch.setattr(natural, "FOLDER", tmp_path)
    some = pictures.draw(6)
    monkeypatch.setattr(natural, "_photographs", lambda: some)
    monkeypatch.setattr(natural, "_recipe", lambda: "drawn")


@pytest.mark.slow
@needs_compiler
@pytest.mark.usefixtures("drawn_pictures")
def test_every_figure_is_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(matching, "QUICK", TINY)
    assert matching.main(["--quick", "--json"]) == 0
    told = capsys.readouterr()
    figures = {figure["name"]: figure for figure in json.loads(told.out)["figures"]}
    assert figures.keys() >= PROMISED
    for figure in figures.values():
        assert figure.keys() == SHAPE
        assert (figure["peer"] is None) == (figure["peer_value"] is None)
        assert (figure["target"] is None) == (figure["met"] is None)
    assert figures["missed"]["value"] == figures["false_answers"]["value"] == 0
    assert figures["add_ms"]["peer"].startswith("threatexchange")
    assert "drawn by code" in told.err


@pytest.mark.slow
@needs_compiler
@pytest.mark.usefixtures("drawn_pictures")
def test_parts_can_be_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(matching, "QUICK", replace(TINY, bank=2_000))
    assert matching.main(["--quick", "--json", "--only", "join"]) == 0
    names = [figure["name"] for figure in json.loads(capsys.readouterr().out)["figures"]]
    assert names[-1] == "join_seconds"
    assert not {"lookups_1_thread", "skew"} & set(names)


def test_a_part_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        matching.main(["--only", "lookups,nothing"])
    assert "no such part: nothing" in capsys.readouterr().err


def test_without_the_compiled_half_it_says_so_and_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matching, "best_kernel", lambda: Kernel.NUMPY)
    assert matching.main(["--quick", "--json"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "--kernel numpy" in told.err


def exact_answers() -> tuple[Matches, np.ndarray, np.ndarray, np.ndarray]:
    """Of an index that is right: matches, questions, the bank, the row planted for each question or −1."""
    bank = uniform_hashes(500, 1)
    distances = distances_of(1, 320)
    questions, rows = planted(bank, distances, "even", 2)
    index = ExactIndex(bank, np.arange(FIRST_KEY, FIRST_KEY + 500, dtype=np.uint64))
    return index.lookup_many(questions), questions, bank, np.where(distances <= 31, rows, -1)


def without(matches: Matches, number: int) -> Matches:
    return Matches(*(np.delete(getattr(matches, name), number) for name in ("question", "key", "distance")))


def test_an_index_that_is_right_passes() -> None:
    matches, questions, bank, wanted = exact_answers()
    assert ((wanted >= 0).sum(), (wanted < 0).sum(), len(matches)) == (320, 40, 320)
    assert (missing(matches, wanted), wrong(matches, questions, bank)) == (0, 0)


def test_each_neighbour_that_is_missed_counts() -> None:
    matches, _, _, wanted = exact_answers()
    assert missing(without(without(matches, 7), 11), wanted) == 2


def test_each_answer_that_is_false_counts() -> None:
    matches, questions, bank, _ = exact_answers()
    for column, change in (("distance", 1), ("key", 1), ("key", 10_000), ("question", 1)):
        array = getattr(matches, column).copy()
        array[7] += array.dtype.type(change)
        assert wrong(replace(matches, **{column: array}), questions, bank) == 1
    again = Matches(*(np.append(getattr(matches, name), getattr(matches, name)[7]) for name in ("question", "key", "distance")))
    assert wrong(again, questions, bank) == 1
    beyond, _ = planted(bank, np.array([32]), "random", 3)
    row = int(np.bitwise_count(bank ^ beyond).sum(axis=1).argmin())
    far = Matches(np.array([0]), np.array([FIRST_KEY + row], np.uint64), np.array([32], np.uint16))
    assert wrong(far, beyond, bank) == 1


def test_answers_are_told_by_question() -> None:
    matches = Matches(np.array([0, 2, 2]), np.array([5, 6, 7], np.uint64), np.array([1, 2, 3], np.uint16))
    assert answers_of(matches, 4) == [[Match(5, 1)], [], [Match(6, 2), Match(7, 3)], []]


def test_quick_measures_a_tenth() -> None:
    assert matching.FULL.bank == 10 * QUICK.bank == 10_000_000
    assert matching.FULL.planted == 1_000_000

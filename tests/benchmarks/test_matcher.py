"""The benchmarks of the matcher run from end to end on tiny lists, and say what they promise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from benchmarks import matcher_day, matcher_http, scan
from benchmarks.drawn import scene
from benchmarks.figures import run
from benchmarks.natural import uniform_hashes
from rempart.engine.index.interface import HashArray

pytestmark = pytest.mark.slow

PROMISED = {
    "single_lookups_per_second", "single_p99_ms", "batched_lookups_per_second", "uploads_1080p_per_second",
    "uploads_1080p_variants_per_second", "update_visible_seconds", "slowest_during_update_ms", "memory_mib",
    "restart_ready_seconds", "single_beside_peer_per_second",
}  # fmt: skip
SHAPE = {"name", "value", "unit", "peer", "peer_value", "ratio", "target", "met"}


def figures(main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    assert main(["--quick", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["figures"]
    assert all(set(one) == SHAPE for one in told)
    return {one["name"]: one["value"] for one in told}


def drawn_hashes(count: int, seed: int, _part: str = "bank") -> HashArray:
    return uniform_hashes(count, seed)


def test_over_http(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(matcher_http, "QUICK", matcher_http.Size(2_000, 0.3))
    monkeypatch.setattr(matcher_http, "FOLDER", tmp_path)
    monkeypatch.setattr(matcher_http, "ROUNDS", 1)
    monkeypatch.setattr(matcher_http, "natural_hashes", drawn_hashes)
    told = figures(partial(run, "matcher_http", matcher_http.measure), capsys)
    assert set(told) >= PROMISED
    assert min(told[name] for name in PROMISED) > 0
    assert not list(tmp_path.iterdir())


def test_a_day(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(matcher_day, "MINUTES", 240)
    monkeypatch.setattr(matcher_day, "ENTRIES", 200)
    told = figures(matcher_day.main, capsys)
    assert told["day_changes"] == 24 * matcher_day.ROUNDS * matcher_day.CHANGES_OF_ROUND
    assert told["day_wrong_answers"] == 0
    assert told["day_memory_mib"] > 20


def test_a_scan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(scan, "QUICK", scan.Size(copies=1, entries=300, small=60, peer_files=4))
    monkeypatch.setattr(scan, "PICTURES", 4)
    monkeypatch.setattr(scan, "SAMPLE_SECONDS", 0.02)
    monkeypatch.setattr(scan, "originals", lambda count: [scene(seed) for seed in range(count)])
    told = figures(partial(run, "scan", scan.measure), capsys)
    assert {"pictures_per_second_1_process", "pictures_per_second_views_2_processes", "memory_growth_mib"} <= set(told)

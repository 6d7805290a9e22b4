"""The same scan on a cluster of several processes, one of them killed in the middle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rempart.matcher.scan import state
from rempart.matcher.scan.cluster import Cluster, ClusterRefused
from rempart.matcher.scan.command import main
from rempart.matcher.scan.reports import Form
from rempart.matcher.scan.running import Job, run
from rempart.matcher.scan.sources import Sources
from rempart.matcher.scan.working import OneProcess
from tests.matcher.scan.deadly import dying, slowly
from tests.matcher.scan.stored import asked, jpeg, zipped
from tests.matcher.scan.test_running import Silent
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    options = {"n_workers": 3, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0", "silence_logs": 60}
    with distributed.LocalCluster(**options) as made:
        yield made


def address(cluster: Any) -> str:
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


def job(folder: Path, report: Path) -> Job:
    return Job.of(Sources((str(folder),)), asked(folder.parent), report, Form.JSON_LINES)


def test_one_worker_killed_in_the_middle_nothing_lost_nothing_twice(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "AT_ONCE", 2)
    folder, at_work = tmp_path / "stored", tmp_path / "at-work"
    folder.mkdir()
    at_work.mkdir()
    for number in range(120):
        (folder / f"{number:03}.jpg").write_bytes(jpeg(7 if number % 6 == 0 else 3))
    (folder / "many.zip").write_bytes(zipped({f"{number:03}.jpg": jpeg(7 if number % 9 == 0 else 3) for number in range(90)}))
    before = run(job(folder, tmp_path / "alone.jsonl"), OneProcess(), Silent())
    killed: list[int] = []

    def kill_one() -> None:
        while len(list(at_work.iterdir())) < 3:
            time.sleep(0.01)
        victim = int(next(at_work.iterdir()).name)
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)

    threading.Thread(target=kill_one, daemon=True).start()
    with Cluster(address(cluster), slowly) as workers:
        said = run(job(folder, tmp_path / "cluster.jsonl"), workers, Silent())
    assert len(killed) == 1
    assert {int(one.name) for one in at_work.iterdir()} >= set(killed)
    assert (tmp_path / "cluster.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()
    assert all(said[name] == before[name] for name in ("counts", "refused", "hits"))


def test_a_file_that_kills_every_worker_is_told(cluster: Any, tmp_path: Path) -> None:
    folder = tmp_path / "stored"
    folder.mkdir()
    for name in ("1.jpg", "2deadly.jpg", "3.jpg"):
        (folder / name).write_bytes(jpeg())
    with Cluster(address(cluster), dying) as workers:
        said = run(job(folder, tmp_path / "r.jsonl"), workers, Silent())
    assert said["refused"] == {"died": 1}
    assert said["hits"] == {"minors:hold": 2}


def test_when_the_scheduler_dies_the_scan_goes_on_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, at_work, port = tmp_path / "stored", tmp_path / "at-work", free_port()
    folder.mkdir()
    at_work.mkdir()
    for number in range(400):
        (folder / f"{number:03}.jpg").write_bytes(jpeg(7 if number % 9 == 0 else 3))
    before = run(job(folder, tmp_path / "alone.jsonl"), OneProcess(), Silent())
    with (
        running("dask_scheduler", "--host", "127.0.0.1", "--port", str(port)) as scheduler,
        running("dask_worker", f"tcp://127.0.0.1:{port}", "--nworkers", "2", "--nthreads", "1"),
        Cluster(f"dask://127.0.0.1:{port}", slowly) as workers,
    ):
        threading.Thread(target=kill_when, args=(scheduler, at_work), daemon=True).start()
        with pytest.raises(ClusterRefused, match="gone away"):
            run(job(folder, tmp_path / "r.jsonl"), workers, Silent())
    said = run(job(folder, tmp_path / "r.jsonl"), OneProcess(), Silent())
    assert (tmp_path / "r.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()
    assert said["counts"] == before["counts"]


def kill_when(process: subprocess.Popen[bytes], at_work: Path) -> None:
    """As soon as somebody works."""
    while not list(at_work.iterdir()):
        time.sleep(0.01)
    process.kill()


@contextmanager
def running(program: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of Dask's own commands, until the end of the block."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *words, "--no-dashboard"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_no_scheduler_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.matcher.scan.cluster.CONNECT_SECONDS", 1)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ClusterRefused, match="does not answer"):
            Cluster(f"dask://127.0.0.1:{unused.getsockname()[1]}")


def test_the_command_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "a.jpg").write_bytes(jpeg())
    asked(tmp_path)
    words = [str(tmp_path / "stored"), "--folder", str(tmp_path / "shelf"), "-o", str(tmp_path / "r.csv")]
    assert main([*words, "--on", address(cluster)]) == 0
    assert "shelf,listed" in (tmp_path / "r.csv").read_text()

"""Children are started again after a fall, later and later, and all stop together."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rempart.desk.project.children import FIRST_WAIT, Child, Family, ending


def child(code: str) -> Child:
    return Child("The child", [sys.executable, "-c", code])


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


SLEEP = "import time; time.sleep(60)"


def test_a_killed_child_is_started_again_and_it_is_said() -> None:
    said: list[str] = []
    one = child(SLEEP)
    family = Family([one], said.append)
    family.start()
    try:
        assert one.process is not None
        first = one.process.pid
        os.kill(first, signal.SIGKILL)
        one.process.wait()
        family.tend()
        assert said == [f"The child stopped by itself (SIGKILL); starting it again in {FIRST_WAIT:g} s."]
        wait_until(lambda: bool(family.tend() or one.is_alive))
        assert one.process is not None
        assert one.process.pid != first
    finally:
        family.stop()
    assert not one.is_alive


def test_a_child_that_falls_at_once_waits_longer_each_time() -> None:
    said: list[str] = []
    one = child("raise SystemExit(3)")
    family = Family([one], said.append)
    family.start()
    wait_until(lambda: bool(family.tend() or len(said) == 2))
    family.stop()
    waits = [line.rsplit(" ", 2)[1] for line in said]
    assert waits == ["0.5", "1"]
    assert "exit code 3" in said[0]


def test_all_stop_together_even_one_that_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.desk.project.children.PATIENCE", 0.5)
    deaf = child("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)")
    polite = child(SLEEP)
    family = Family([deaf, polite], lambda text: None)
    family.start()
    time.sleep(0.3)
    family.stop()
    assert not deaf.is_alive
    assert not polite.is_alive


def test_what_a_fallen_child_left_behind_is_swept_away() -> None:
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); import time; time.sleep(60)"
    one = child(code)
    family = Family([one], lambda text: None)
    family.start()
    assert one.process is not None
    leader = one.process.pid
    wait_until(lambda: len(members_of(leader)) == 2)
    os.kill(leader, signal.SIGKILL)
    one.process.wait()
    family.tend()
    wait_until(lambda: not members_of(leader))
    family.stop()


def members_of(group: int) -> list[int]:
    """Living processes of a group; a zombie waits for its parent and holds nothing."""
    found = []
    for path in Path("/proc").iterdir():
        try:
            if path.name.isdigit() and os.getpgid(int(path.name)) == group and state_of(path) != "Z":
                found.append(int(path.name))
        except (ProcessLookupError, FileNotFoundError):
            continue
    return found


def state_of(path: Path) -> str:
    return (path / "stat").read_text().rpartition(")")[2].split()[0]


def test_endings_in_words() -> None:
    assert ending(-9) == "SIGKILL"
    assert ending(-200) == "signal 200"
    assert ending(3) == "exit code 3"

"""`rempart desk run --rehearsal`: it starts, keeps what it has, begins again when asked, and ends cleanly."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from tests.project.crash_desk import Desk, Line, NoCode, children_of, command_of
from tests.rehearsal.whole import has_read, until

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk.at(tmp_path, "")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.process.kill()
        found.process.wait()


def reset(desk: Desk) -> None:
    """Press the button of the tour."""
    host = f"127.0.0.1:{desk.environment['REMPART_REHEARSAL_PORT']}"
    connection = http.client.HTTPConnection(host, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}"}
    connection.request("POST", "/reset", urlencode({"language": "en"}), headers)
    assert connection.getresponse().status == 303
    connection.close()


def report(desk: Desk) -> str:
    line = Line(desk.port)
    try:
        return line.report(desk.address("pixels", "/image/7"))
    finally:
        line.connection.close()


def reports(desk: Desk) -> int:
    code = "from rempart.desk.stages.intake.models import Report; print(Report.objects.count())"
    return int(desk.python(code))


def processes_of(desk: Desk) -> list[int]:
    assert desk.process is not None
    direct = children_of(desk.process.pid)
    return [*direct, *(pid for child in direct for pid in children_of(child))]


def test_from_the_first_start_to_the_reset(desk: Desk) -> None:
    desk.start()
    first_log = (desk.folder / "log").read_text()
    assert "First start" in first_log
    assert f"http://127.0.0.1:{desk.port}/console/" in first_log
    assert "ines" in first_log
    report(desk)
    until(lambda: has_read(desk))
    everybody = processes_of(desk)
    # Web and its child, two workers, the world; the platform's matcher with the one that reads and the one that answers.
    assert len(everybody) == 8, [command_of(pid) for pid in everybody]
    assert desk.stop() < 10
    assert [pid for pid in everybody if command_of(pid)] == []
    assert "Traceback" not in (desk.folder / "log").read_text()

    (desk.folder / "log").write_text("")
    desk.start()
    assert "First start" not in (desk.folder / "log").read_text()
    assert reports(desk) == 1
    reset(desk)
    wait_for(desk, "The rehearsal is as on the first day.")
    assert reports(desk) == 0
    report(desk)
    desk.stop()


def wait_for(desk: Desk, words: str) -> None:
    deadline = time.monotonic() + 90
    while words not in (desk.folder / "log").read_text():
        assert time.monotonic() < deadline, (desk.folder / "log").read_text()
        time.sleep(0.2)


def test_nobody_is_left_when_the_parent_is_killed_outright(desk: Desk) -> None:
    desk.start()
    everybody = processes_of(desk)
    assert desk.process is not None
    os.kill(desk.process.pid, signal.SIGKILL)
    desk.process.wait()
    deadline = time.monotonic() + 20
    while left := [pid for pid in everybody if command_of(pid)]:
        assert time.monotonic() < deadline, [command_of(pid) for pid in left]
        time.sleep(0.1)
    desk.start()
    report(desk)
    desk.stop()


def test_without_the_matchers_libraries_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from rempart.desk.project import run
    from rempart.desk.rehearsal import platform_matcher

    said: list[str] = []
    monkeypatch.setattr(run, "say", said.append)
    opened = SimpleNamespace(config=SimpleNamespace(is_rehearsal=True), data=Path("data"))
    (child,) = run.platform_children(opened, only=None)  # type: ignore[arg-type]
    assert child.command[-1].endswith("matcher.toml")
    assert run.platform_children(opened, only="web") == []  # type: ignore[arg-type]
    monkeypatch.setattr(platform_matcher, "NEEDED", ("no_such_library",))
    assert run.platform_children(opened, only=None) == []  # type: ignore[arg-type]
    assert said == [platform_matcher.MISSING]


def test_a_taken_port_is_named_before_anything_starts(desk: Desk) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", desk.port))
        other.listen()
        done = desk.type("desk", "run", "--rehearsal")
    assert done.returncode == 1
    assert f"Port {desk.port} is taken" in done.stderr
    assert "REMPART_LISTEN" in done.stderr
    with pytest.raises((OSError, NoCode)):
        report(desk)


def test_the_port_of_the_platforms_matcher_is_looked_at_too(desk: Desk) -> None:
    port = int(desk.environment["REMPART_REHEARSAL_MATCHER_PORT"])
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        done = desk.type("desk", "run", "--rehearsal")
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "REMPART_REHEARSAL_MATCHER_PORT" in done.stderr


def test_an_interrupted_first_start_begins_again(desk: Desk) -> None:
    desk.start()
    desk.stop()
    world = desk.settings_file.parent / "world.sqlite3"
    world.unlink()
    (desk.folder / "log").write_text("")
    desk.start()
    assert "First start" in (desk.folder / "log").read_text()
    desk.stop()

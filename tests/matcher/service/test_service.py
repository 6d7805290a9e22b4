"""A whole matcher against a double: it reads, answers, tells, survives the death of any of its processes, and ends in order."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.matcher.shelf.tables import NAME
from rempart.matcher.subscribe.doubles.planted import Garden
from rempart.matcher.subscribe.doubles.server import Double, running
from rempart.matcher.subscribe.doubles.shapes import SHAPES
from tests.matcher.feedback.test_webhooks import SECRET, Platform
from tests.matcher.service.running import (
    REMPART,
    Matcher,
    kill,
    matcher,
    start,
    stop,
    until_it_is_so,
    write_settings,
)
from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def owner() -> Iterator[Double]:
    with running(SHAPES["rempart"](Garden()), free_port()) as double:
        double.shape.garden.add(5)
        yield double


@pytest.fixture
def one(owner: Double, tmp_path: Path) -> Iterator[Matcher]:
    port = free_port()
    with matcher(write_settings(tmp_path, owner.url, port), port, "--json-logs") as made:
        until_it_is_so(lambda: made.ask("GET", "/readyz")[0] == 200)
        yield made


def is_found(one: Matcher, double: Double, number: int) -> bool:
    """Of what it has now; asked often enough to reach every worker."""
    planted = next(it for it in double.shape.garden.all() if it.number == number)
    found = [bool(one.match(planted.pdqs[0])["found"]) for _ in range(8)]
    if planted.is_gone:
        assert found == sorted(found, reverse=True), "what one worker does not find any more, no other finds"
    return all(found)


def test_from_the_owner_to_the_answer_and_back(one: Matcher, owner: Double) -> None:
    garden = owner.shape.garden
    (fresh,) = garden.add()
    until_it_is_so(lambda: is_found(one, owner, fresh.number))
    answer = one.match(fresh.pdqs[0], account="anna")
    assert one.ask("POST", "/v1/decisions", {"trace_id": answer["trace_id"], "verdict": "blocked"})[0] == 200
    assert one.ask("POST", "/v1/decisions", {"trace_id": "0" * 24, "verdict": "blocked"})[0] == 404
    until_it_is_so(lambda: any(told.get("outcome") == "blocked" for told in garden.told))
    assert {told["name"] for told in garden.told} == {fresh.name}
    garden.withdraw(fresh.number)
    until_it_is_so(lambda: not is_found(one, owner, fresh.number))
    assert not re.search(r"[0-9a-f]{64}", one.said())
    assert all(json.loads(line)["message"] for line in one.said().splitlines())


def test_whoever_dies_is_started_again(one: Matcher, owner: Double) -> None:
    for place in range(3):
        before = one.children()
        kill(before[place])
        until_it_is_so(lambda before=before: len(set(one.children()) - set(before)) == 1)  # type: ignore[misc]
    (fresh,) = owner.shape.garden.add()
    until_it_is_so(lambda: is_found(one, owner, fresh.number))


def test_a_second_one_is_refused_and_a_killed_one_is_followed_at_once(one: Matcher, tmp_path: Path) -> None:
    settings = tmp_path / "matcher.toml"
    done = subprocess.run([REMPART, "matcher", "run", "--settings", str(settings)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "Another matcher runs in the folder" in done.stderr
    one.process.kill()
    one.process.wait()
    after = start(settings, one.port, tmp_path / "log-2.txt")
    try:
        until_it_is_so(lambda: "The matcher answers on" in after.said())
    finally:
        assert stop(after) == 0


def test_it_starts_from_its_own_disk(owner: Double, tmp_path: Path) -> None:
    port = free_port()
    settings = write_settings(tmp_path, owner.url, port)
    with matcher(settings, port) as one:
        until_it_is_so(lambda: is_found(one, owner, 1))
    write_settings(tmp_path, owner.url, port, interval="1 h")
    owner.user = "away"
    with matcher(settings, port) as one:
        assert is_found(one, owner, 1)
        assert one.ask("GET", "/readyz")[0] == 200


def test_a_list_of_another_owner_is_never_mixed(owner: Double, tmp_path: Path) -> None:
    port = free_port()
    settings = write_settings(tmp_path, owner.url, port)
    with matcher(settings, port) as one:
        until_it_is_so(lambda: is_found(one, owner, 1))
    with running(SHAPES["ncmec"](Garden(seed=7)), free_port()) as other:
        other.shape.garden.add(3)
        write_settings(tmp_path, other.url, port, shape="ncmec")
        with matcher(settings, port) as one:
            until_it_is_so(lambda: is_found(one, other, 1), 40)
            assert not is_found(one, owner, 1)


def test_what_is_damaged_is_read_anew(owner: Double, tmp_path: Path) -> None:
    port = free_port()
    settings = write_settings(tmp_path, owner.url, port)
    with matcher(settings, port) as one:
        until_it_is_so(lambda: is_found(one, owner, 1))
    shelf = tmp_path / "data" / "lists" / "drawn"
    for path in (shelf / NAME, *(one for one in (shelf / "index").iterdir() if one.stat().st_size > 20)):
        path.write_bytes(b"\xff" * 4_096 + path.read_bytes()[4_096:])
    with matcher(settings, port) as one:
        until_it_is_so(lambda: _is_found_or_not_yet(one, owner))
        assert "is damaged on the disk" in one.said()


def _is_found_or_not_yet(one: Matcher, double: Double) -> bool:
    try:
        return is_found(one, double, 1)
    except (AssertionError, OSError, http.client.HTTPException):
        return False


def test_hits_are_told_to_the_platform(owner: Double, tmp_path: Path) -> None:
    platform, port = Platform(), free_port()
    thread = threading.Thread(target=platform.server.serve_forever, args=(0.02,))
    thread.start()
    more = f'[[webhook]]\nurl = "{platform.webhook.url}"\nsecret = "{SECRET}"'
    with matcher(write_settings(tmp_path, owner.url, port, more=more), port) as one:
        until_it_is_so(lambda: is_found(one, owner, 1))
        until_it_is_so(lambda: bool(platform.heard))
    platform.server.shutdown()
    platform.server.server_close()
    thread.join()
    assert json.loads(platform.heard[0][1])["type"] == "match.found"


def test_what_was_begun_is_ended(one: Matcher) -> None:
    body = b'{"pdq": "' + b"0" * 64 + b'"}'
    with socket.create_connection(("127.0.0.1", one.port), timeout=20) as line:
        head = (
            f"POST /v1/match HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line.sendall(head.encode() + body[:10])
        time.sleep(0.2)
        one.process.terminate()
        time.sleep(0.3)
        line.sendall(body[10:])
        assert line.recv(1_000).startswith(b"HTTP/1.1 200")
    assert one.process.wait(timeout=30) == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", one.port), timeout=5)


def test_a_port_that_is_taken_is_said(owner: Double, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, owner.url, owner.port)
    done = subprocess.run([REMPART, "matcher", "run", "--settings", str(settings)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {owner.port}" in done.stderr
    shutil.rmtree(tmp_path / "data")


def test_systemd_is_told(owner: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port, heard = free_port(), tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(heard))
        line.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(heard))
        with matcher(write_settings(tmp_path, owner.url, port), port):
            assert line.recv(100) == b"READY=1"
        assert line.recv(100) == b"STOPPING=1"

"""A whole matcher as a platform starts it: processes of their own, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rempart.engine import Pdq
from tests.project.commands import clean_environment

REMPART = str(Path(sys.executable).with_name("rempart"))
SETTINGS = """
folder = "data"
{top}
[server]
port = {port}
workers = 2
[[list]]
name = "drawn"
shape = "{shape}"
url = "{url}"
user = "double"
password = "drawn"
interval = "{interval}"
{more}
"""


@dataclass
class Matcher:
    """One running matcher."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, method: str, path: str, content: object = None) -> tuple[int, Any]:
        """Status and answer. Raises OSError, HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            body = None if content is None else json.dumps(content).encode()
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            said = answer.read()
            is_json = answer.getheader("Content-Type", "").startswith("application/json")
            return answer.status, json.loads(said) if is_json else said.decode()
        finally:
            connection.close()

    def match(self, pdq: Pdq, **more: object) -> dict[str, Any]:
        """What it says of an upload with this fingerprint."""
        status, answer = self.ask("POST", "/v1/match", {"pdq": pdq.hex(), **more})
        assert status == 200, answer
        found: dict[str, Any] = answer
        return found

    def children(self) -> list[int]:
        """Its processes but the first: the subscriber, then the workers, in the order of their start."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(one) for one in found.split()]

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


def write_settings(folder: Path, url: str, port: int, *, shape: str = "rempart", **more: str) -> Path:
    path = folder / "matcher.toml"
    given = {"top": "", "more": "", "interval": "0.2 s", **more}
    path.write_text(SETTINGS.format(url=url, port=port, shape=shape, **given), encoding="utf-8")
    return path


@contextmanager
def matcher(settings: Path, port: int, *words: str) -> Iterator[Matcher]:
    """Answering until the end of the block."""
    log = settings.with_name("log.txt")
    one = start(settings, port, log, *words)
    try:
        until_it_is_so(lambda: answers(one))
        yield one
    finally:
        stop(one)


def start(settings: Path, port: int, log: Path, *words: str) -> Matcher:
    command = [REMPART, "matcher", "run", "--settings", str(settings), *words]
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=clean_environment(), start_new_session=True)
    return Matcher(process, port, log)


def stop(one: Matcher) -> int:
    if one.process.poll() is None:
        one.process.send_signal(signal.SIGTERM)
    return one.process.wait(timeout=30)


def answers(one: Matcher) -> bool:
    assert one.process.poll() is None, one.said()
    try:
        return one.ask("GET", "/livez")[0] == 200
    except (OSError, http.client.HTTPException, ValueError):
        return False


def until_it_is_so(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits for it; how long it takes is not judged."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it is not so after all that time"
        time.sleep(0.02)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)

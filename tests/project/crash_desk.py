"""A whole desk of real processes, for the crash test: started by the product's own command, fed over HTTP, hit at random."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from tests.conventions.sources import ROOT
from tests.ports import free_port
from tests.project.commands import REMPART, Terminal, clean_environment

PATIENCE = 90
CODE = re.compile(r'name="code" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Desk:
    """One installation in one folder."""

    folder: Path
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, folder: Path, database: str) -> Desk:
        """Ports nobody uses, and no limit on reports: they all come from one machine here."""
        port, world, mail, matcher = free_port(), free_port(), free_port(), free_port()
        environment = {
            "REMPART_LISTEN": f"127.0.0.1:{port}",
            "REMPART_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "REMPART_REHEARSAL_PORT": str(world),
            "REMPART_SMTP_PORT": str(mail),
            "REMPART_REHEARSAL_MATCHER_PORT": str(matcher),
            "REMPART_REPORTS_PER_HOUR": "1000000",
            "REMPART_REPORTS_PER_HOUR_EACH": "1000000",
            "REMPART_DATABASE": database,
        }
        return cls(folder, clean_environment(**environment), port)

    @property
    def settings_file(self) -> Path:
        return self.folder / "var" / "rehearsal" / "rempart.toml"

    def address(self, host: str, path: str) -> str:
        return f"http://{host}.localhost:{self.environment['REMPART_REHEARSAL_PORT']}{path}"

    def start(self) -> None:
        """Web, two workers, hosts and catcher."""
        words = [REMPART, "desk", "run", "--rehearsal", "--empty", "--workers", "2"]
        (self.folder / "log").touch()
        already = (self.folder / "log").stat().st_size
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while b"Guided tour" not in (self.folder / "log").read_bytes()[already:]:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.2)

    def stop(self) -> float:
        """Ask it to end, as Ctrl-C does; returns how many seconds that took."""
        assert self.process is not None
        start = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=30)
        assert status == 0, (self.folder / "log").read_text()[-3000:]
        return time.monotonic() - start

    def type(self, *words: str, settings: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A command of the person who keeps the machine."""
        command = [REMPART, *words, "--settings", str(settings or self.settings_file)]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120)

    def python(self, code: str) -> str:
        """A few lines inside this installation."""
        return Terminal(self.settings_file.parent, {**self.environment}).python(code)

    def people(self, *words: str) -> subprocess.Popen[str]:
        """The scripted people, inside this installation."""
        environment = {
            **self.environment,
            "DJANGO_SETTINGS_MODULE": "rempart.desk.project.settings",
            "REMPART_SETTINGS": str(self.settings_file),
        }
        command = [sys.executable, "-m", "tests.project.crash_people", *words]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, *words: str) -> str:
        """What the scripted people answer."""
        process = self.people(*words)
        output, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors[-3000:]
        return output

    @contextmanager
    def invented_world(self) -> Iterator[None]:
        """Hosts and catcher alone."""
        environment = {**self.environment, "REMPART_SETTINGS": str(self.settings_file)}
        world = subprocess.Popen([sys.executable, "-m", "rempart.desk.rehearsal.server"], env=environment)
        try:
            wait_for_port(int(self.environment["REMPART_SMTP_PORT"]))
            yield
        finally:
            world.terminate()
            world.wait(timeout=20)


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


@dataclass
class Senders:
    """People who report over HTTP, and try again when the line breaks. Only what was acknowledged is written down."""

    desk: Desk
    wanted: int
    acknowledged: list[dict[str, str]] = field(default_factory=list)
    broken_lines: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, threads: int = 4) -> None:
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _send(self) -> None:
        line = Line(self.desk.port)
        while (number := self._take()) is not None:
            host, path = [("pixels", "image"), ("clips", "video"), ("fjord", "photo"), ("depot", "fichier")][number % 4]
            address = self.desk.address(host, f"/{path}/{1 + number % 400}")
            while True:
                try:
                    code = line.report(address)
                    break
                except (OSError, http.client.HTTPException, NoCode):
                    self.broken_lines += 1
                    line.connection.close()
                    line = Line(self.desk.port)
                    time.sleep(0.15)
            with self._lock:
                self.acknowledged.append({"code": code, "address": address})
        line.connection.close()

    def _take(self) -> int | None:
        with self._lock:
            self._next += 1
            return self._next if self._next <= self.wanted else None

    def write_down(self, path: Path) -> None:
        with self._lock:
            path.write_text("".join(json.dumps(one) + "\n" for one in self.acknowledged))


class NoCode(Exception):
    """The page that came back carries no case code."""


class Line:
    """A browser without JavaScript, reduced to what it sends."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.cookie = self.token = ""

    def report(self, address: str) -> str:
        """Send one report through the public form; returns the case code shown."""
        if not self.token:
            page = self._ask("GET", "")
            found = TOKEN.search(page)
            if found is None:
                raise NoCode
            self.token = found[1]
        form = {"csrfmiddlewaretoken": self.token, "step": "1", "action": "next", "addresses": address, "website": ""}
        found = CODE.search(self._ask("POST", urlencode(form)))
        if found is None:
            raise NoCode
        return unescape(found[1])

    def _ask(self, method: str, body: str) -> str:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, "/en/report/", body, headers)
        answer = self.connection.getresponse()
        if answer.headers["Set-Cookie"]:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        text = answer.read().decode()
        if answer.status >= 500:
            raise NoCode
        return text


class Killer:
    """Hits web and workers with SIGKILL, never the invented world nor the parent."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.chance, self.hit = desk, random.Random(seed), Counter[str]()

    def kill_one(self) -> None:
        """Wait for a moment nobody chose, then hit one process that runs."""
        deadline = time.monotonic() + PATIENCE
        kind = self.chance.choice(["worker", "worker", "worker", "web", "web", "web parent"])
        if kind == "worker":
            self._wait_for_mail()
        time.sleep(self.chance.random() * (0.02 if kind == "worker" else 0.6))
        while time.monotonic() < deadline:
            found = self._targets()[kind]
            if found and hit(self.chance.choice(found)):
                self.hit[kind] += 1
                return
            time.sleep(0.05)
        raise AssertionError(f"there is no {kind} left to kill: processes are not started again")

    def _wait_for_mail(self) -> None:
        """The most dangerous moment: a mail was just taken, and the worker has not written it down yet."""
        with closing(sqlite3.connect(self.desk.settings_file.parent / "world.sqlite3", timeout=10)) as world:
            before = world.execute("SELECT count(*) FROM mail").fetchone()
            deadline = time.monotonic() + 3
            while world.execute("SELECT count(*) FROM mail").fetchone() == before and time.monotonic() < deadline:
                time.sleep(0.003)

    def _targets(self) -> dict[str, list[int]]:
        assert self.desk.process is not None
        found: dict[str, list[int]] = {"worker": [], "web": [], "web parent": []}
        for pid in children_of(self.desk.process.pid):
            command = command_of(pid)
            if "rempart.desk.project.worker" in command:
                found["worker"].append(pid)
            elif "gunicorn" in command:
                found["web parent"].append(pid)
                found["web"] += children_of(pid)
        return found


def hit(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def children_of(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""

"""A matcher's worker as a process of its own, and the shortest way to ask it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rempart.matcher.lists import Entry, Gone
from rempart.matcher.shelf.writing import ShelfWriter
from tests.matcher.made import NOW, batch
from tests.ports import free_port

KEY, ASKING_KEY = "a key for tests, drawn by nobody", "a key that may not decide"
SETTINGS = """
folder = "."
{top}
[server]
port = 1
time_out = "{time_out}"
most_upload = "{most_upload}"
[[key]]
name = "platform"
secret = "{key}"
[[key]]
name = "asks"
secret = "{asking_key}"
may_decide = false
[[list]]
name = "minors"
url = "https://desk.example"
user = "u"
password = "p"
stale_after = "3650 d"
[[list]]
name = "adult-lists"
url = "https://desk.example"
user = "u"
password = "p"
{more}
"""


@dataclass
class Told:
    """An answer: status, headers in small letters, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Worker:
    """A process that answers."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    log: Path
    key: str | None = KEY
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Told:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Told:
        return self.ask("GET", path, **headers)

    def post(self, path: str, content: object, **headers: str) -> Told:
        return self.ask("POST", path, json.dumps(content).encode(), Content_Type="application/json", **headers)

    def send(self, path: str, data: bytes, field_name: str = "file", *, kind: str = "image/png", **texts: str) -> Told:
        """A file in a form, as browsers send it."""
        mark = b"----a mark 7Hq"
        parts = [
            b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (mark, name.encode(), value.encode())
            for name, value in texts.items()
        ]
        head = f'Content-Disposition: form-data; name="{field_name}"; filename="x.bin"\r\nContent-Type: {kind}'
        parts.append(b"--%s\r\n%s\r\n\r\n%s\r\n" % (mark, head.encode(), data))
        body = b"".join(parts) + b"--%s--\r\n" % mark
        return self.ask("POST", path, body, Content_Type=f'multipart/form-data; boundary="{mark.decode()}"')

    def said(self) -> list[dict[str, Any]]:
        """What its hooks were told."""
        files = sorted(self.folder.glob("said-*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def memory(self) -> int:
        """The most bytes of memory that it had so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(("VmHWM", "VmRSS"))) * 1024


def hold(folder: Path, *changes: Entry | Gone, name: str = "minors") -> None:
    """Put these on a list's shelf."""
    with ShelfWriter(folder / "lists" / name) as writer:
        writer.take(batch(*changes), now=NOW)


@contextmanager
def worker(
    folder: Path,
    *,
    port: int | None = None,
    slot: int = 0,
    top: str = "",
    more: str = "",
    time_out: str = "20 s",
    most: str = "8 MB",
) -> Iterator[Worker]:
    """Asked until the end of the block."""
    settings = folder / f"settings-{slot}.toml"
    text = SETTINGS.format(top=top, more=more, key=KEY, asking_key=ASKING_KEY, time_out=time_out, most_upload=most)
    settings.write_text(text, encoding="utf-8")
    port = port or free_port()
    log = folder / f"log-{slot}.txt"
    command = [sys.executable, "-m", "tests.matcher.web.worker", str(settings), str(port), str(slot)]
    with log.open("a", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n", log.read_text(encoding="utf-8")
        yield Worker(folder, port, process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()

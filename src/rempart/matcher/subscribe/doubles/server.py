"""A double behind an address of this machine, with faults on demand."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from rempart.matcher.subscribe.doubles.shapes import PASSWORD, USER, Asked, Said, Shape

HOST = "127.0.0.1"


class Fault(StrEnum):
    """What may go wrong with one answer."""

    SLOW = "slow"
    CUT = "cut"
    """Half of it, then silence."""
    BUSY = "busy"
    """429, with a time to wait."""
    BROKEN = "broken"
    """500."""
    WRONG = "wrong"
    """A page of something else, with status 200."""
    STRANGER = "stranger"
    """401, whatever the credentials."""
    AFTER = "after"
    """What was asked is done, but the answer does not arrive."""


@dataclass
class Double:
    """One running server. ``faults``: for the next answers, one each; None is an answer that goes well."""

    shape: Shape
    port: int
    faults: list[Fault | None] = field(default_factory=list)
    every: Fault | None = None
    """For all answers for which no other is waiting."""
    body: bytes | None = field(default=None, repr=False)
    """Said instead of any answer, word for word."""
    slow_seconds: float = 2.0
    wait_seconds: int = 2
    asked: list[Asked] = field(default_factory=list, repr=False)

    @property
    def url(self) -> str:
        """For the settings of a matcher."""
        return f"http://{HOST}:{self.port}{self.shape.base}"

    user, password = USER, PASSWORD

    def answer(self, asked: Asked) -> tuple[Said, Fault | None]:
        """What to send, and what goes wrong with it."""
        self.asked.append(asked)
        fault = self.faults.pop(0) if self.faults else self.every
        if not self.shape.is_known(asked) or fault is Fault.STRANGER:
            return Said(401), None
        if fault is Fault.BUSY:
            return Said(429), fault
        if fault is Fault.BROKEN:
            return Said(500), None
        if fault is Fault.WRONG:
            return Said(200, b"<html><body>Welcome to nginx!</body></html>", "text/html"), None
        said = self.shape.answer(asked)
        return (said if self.body is None else Said(200, self.body, said.kind)), fault


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: Double

    def do_GET(self) -> None:
        """Pages."""
        self._serve()

    do_POST = do_PUT = do_GET  # noqa: N815  # as the library wants them named

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        base = self.double.shape.base
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = parts.path.removeprefix(base) if parts.path.startswith(base) else "/nowhere"
        said, fault = self.double.answer(Asked(self.command, path, dict(parse_qsl(parts.query)), headers, body))
        if fault is Fault.SLOW:
            time.sleep(self.double.slow_seconds)
        if fault is Fault.AFTER:
            self.close_connection = True
            return
        self._send(said, fault, is_packed="gzip" in headers.get("accept-encoding", ""))

    def _send(self, said: Said, fault: Fault | None, *, is_packed: bool) -> None:
        body = gzip.compress(said.body, 1) if is_packed else said.body
        self.send_response(said.status)
        self.send_header("Content-Type", said.kind)
        self.send_header("Content-Length", str(len(body)))
        if is_packed:
            self.send_header("Content-Encoding", "gzip")
        if fault is Fault.BUSY:
            self.send_header("Retry-After", str(self.double.wait_seconds))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault is Fault.CUT else body)
        self.close_connection = self.close_connection or fault is Fault.CUT

    def log_message(self, *_: object) -> None:
        """A double says nothing of what it is asked."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever asked is gone: tests kill them."""


def server_of(double: Double) -> ThreadingHTTPServer:
    """Listens at once; the caller serves and closes it."""
    return _Server((HOST, double.port), type("Door", (_Door,), {"double": double}))


@contextmanager
def running(shape: Shape, port: int) -> Iterator[Double]:
    """A double for as long as the block lasts."""
    double = Double(shape, port)
    server = server_of(double)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A small site around the frame, and ears for everything that might leave it."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rempart.desk.web.public import hasher
from rempart.desk.web.shared.headers import PERMISSIONS_POLICY
from tests.ports import free_port

WORDS = {name: name for name in hasher.WORDS} | {
    "picture": "Picture {n}",
    "video": "Video {n}",
    "done": "{n} codes",
    "all_done": "{n} ready",
    "working_on": "Reading {name}",
    "removed": "{name} removed",
    "remove": "Remove",
    "seconds_left": "{n} s left",
    "minutes_left": "{n} min left",
}
SAVED = {name: name for name in hasher.SAVED_WORDS} | WORDS
HOUSE = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""As every page of the house; in the tests of leaks, the frame's own headers must do alone."""

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Site</title></head><body>
<h1>Site</h1>
<form method="post" action="/sent"><input type="hidden" id="sent" name="sent"><button id="go" disabled>Go</button></form>
<p id="refused" hidden>refused</p><p id="count"></p>
<iframe id="hasher" title="Files"{sandbox} data-field="sent" data-button="go" data-refused="refused"
 data-count="count" width="340" srcdoc="{srcdoc}"></iframe>
<script type="module" src="/page.js"></script></body></html>"""


@dataclass
class Site:
    """One page at ``/`` and its script, ``/blank``, our modules under ``/module/``; all else that is asked for is remembered."""

    made: hasher.Frame
    headers: Mapping[str, str]
    sandbox: str | None = "allow-scripts"
    asked: list[str] = field(default_factory=list)
    origin: str = ""

    def page(self) -> bytes:
        sandbox = "" if self.sandbox is None else f' sandbox="{self.sandbox}"'
        return PAGE.format(sandbox=sandbox, srcdoc=html.escape(self.made.srcdoc)).encode()


@contextmanager
def site(made: hasher.Frame | None = None) -> Iterator[Site]:
    """With this frame, or the one that people get."""
    made = made or hasher.frame(WORDS, language="en")
    served = Site(made, {**HOUSE, **made.headers})
    with listening(served) as origin:
        served.origin = origin
        yield served


@contextmanager
def listening(served: Site) -> Iterator[str]:
    """The page's own server, on a port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/":
                self.answer(served.page(), "text/html; charset=utf-8", served.headers)
            elif self.path == "/page.js":
                self.answer((hasher.FOLDER / "page.js").read_bytes(), "text/javascript", {})
            elif self.path == "/blank":
                self.answer(b"<!doctype html><title>Blank</title>", "text/html", {})
            elif self.path.startswith("/module/"):
                self.answer((hasher.FOLDER / Path(self.path).name).read_bytes(), "text/javascript", {})
            elif self.path != "/favicon.ico":
                served.asked.append(self.path)
                self.answer(b"heard", "text/plain", {"Access-Control-Allow-Origin": "*"})
            else:
                self.answer(b"", "image/x-icon", {})

        def do_POST(self) -> None:
            self.do_GET()

        def answer(self, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
            self.send_response(200)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # a page that was left
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

"""A small server that answers as a desk's list of the NCMEC shape must, strictly: what is asked of it is what it gives.

It forgives no wrong clock, so that a client whose dates are wrong is seen; the desk itself forgives some.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.ports import free_port

USER, SECRET = "kaaaaaaaaaaaa", "rempart_secretsecret"
SPACE = "https://hashsharing.ncmec.org/hashsharing/v2"


@dataclass
class Shown:
    """One entry as it is now; without fingerprints it is withdrawn."""

    name: str
    at: int
    fingerprints: dict[str, str]
    classification: str = "self_declared"
    kind: str = "image"

    def xml(self) -> str:
        facts = f'<member id="42">A hotline</member><id>{self.name}</id><timestamp>{written(self.at)}</timestamp>'
        if not self.fingerprints:
            return f"<deleted{self.kind.capitalize()}>{facts}</deleted{self.kind.capitalize()}>"
        prints = "".join(f"<{kind}>{value}</{kind}>" for kind, value in self.fingerprints.items())
        word = f"<classification>{self.classification}</classification>" if self.classification else ""
        return f"<{self.kind}>{facts}{word}<fingerprints>{prints}</fingerprints></{self.kind}>"


@dataclass
class Desk:
    """The list, how it is paged, and every request that came."""

    entries: list[Shown] = field(default_factory=list)
    page_size: int = 1000
    asked: list[str] = field(default_factory=list)
    votes: list[tuple[str, bytes]] = field(default_factory=list)
    url: str = ""
    forgets_pages: bool = False
    raw: bytes | None = None
    next_path: str | None = None

    def answer(self, path: str) -> tuple[int, bytes]:
        if self.raw is not None:
            return 200, self.raw
        parts = urlsplit(path)
        if parts.path.endswith("/reasons"):
            reason = '<reason guid="11111111-2222-4333-8444-555555555555" name="Not the same picture" type="PDQ"/>'
            return 200, f'<availableFeedbackReasons xmlns="{SPACE}">{reason}</availableFeedbackReasons>'.encode()
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        start = int(words.get("start", 0))
        if start and self.forgets_pages:
            return 410, b""
        since, until = (datetime.fromisoformat(words[name]).timestamp() for name in ("from", "to"))
        found = sorted((one for one in self.entries if since <= one.at <= until), key=lambda one: one.at)
        return 200, self._page(found, start, words).encode()

    def _page(self, found: list[Shown], start: int, words: dict[str, str]) -> str:
        shown = found[start : start + self.page_size]
        pages = ""
        if len(found) > start + self.page_size or self.next_path:
            next_path = (
                f"/v2/entries?from={words['from']}&to={words['to']}&start={start + self.page_size}"
                f"&size={self.page_size}&max={len(found)}"
            )
            pages = f"<paging><next>{escape(self.next_path or next_path)}</next></paging>"
        body = ""
        for kind in ("image", "video"):
            some = [one for one in shown if one.kind == kind]
            last = f' maxTimestamp="{written(max(one.at for one in some))}"' if some else ""
            body += f'<{kind}s count="{len(some)}"{last}>{"".join(one.xml() for one in some)}</{kind}s>'
        return f'<queryResult xmlns="{SPACE}">{body}{pages}</queryResult>'


def written(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def desk(*entries: Shown, page_size: int = 1000) -> Iterator[Desk]:
    """A list that can be fetched while the block lasts."""
    told = Desk(list(entries), page_size)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            status, body = told.answer(self.path.removeprefix("/exchange/minors/hashsharing"))
            self._say(status if self._is_known() else 401, body if self._is_known() else b"")

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.votes.append((self.path, body))
            self._say(200 if self._is_known() else 401, b"")

        def _is_known(self) -> bool:
            return self.headers["Authorization"] == "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/exchange/minors/hashsharing"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()

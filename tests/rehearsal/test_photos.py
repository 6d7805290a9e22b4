"""The pages of the invented platform, with a matcher that says what the test wants."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rehearsal import web
from rempart.desk.rehearsal.copies import Change, file_of
from rempart.desk.rehearsal.gallery import MOST, Gallery, State
from rempart.desk.rehearsal.photos import CHANGES, DRAWN, REASONS
from rempart.desk.rehearsal.platform_matcher import Said, write_settings
from rempart.desk.rehearsal.world import SEEDED
from rempart.desk.rules.trust import RefusalReason
from rempart.matcher.settings import read_settings
from tests.rehearsal.conftest import Invented

RONDE = "ronde.localhost"
PNG = file_of(200_000, Change.SAME).content
SAID = Said("accept", "t", (), 1)


@dataclass
class Scripted:
    """A matcher's answers; what it was asked."""

    outcome: str = "accept"
    status: int = 200
    unready: list[str] = field(default_factory=list)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    def answer(self, method: str, path: str, kind: str, body: bytes) -> tuple[int, object]:
        self.asked.append((f"{method} {path}", kind, body))
        if path == "/readyz":
            return 200, {"ready": True, "lists": [{"list": "minors", "state": "ready", "entries": 1, "age_seconds": 2.2}]}
        if path == "/v1/decisions":
            return self.status, {"noted": True}
        entry = {
            "list": "minors",
            "entry": "e",
            "exact": False,
            "distance": 4,
            "asked_view": "trimmed/centre-90/mirror",
            "trust": "self_declared",
        }
        found = [] if self.outcome == "accept" else [entry]
        return self.status, {"outcome": self.outcome, "trace_id": "t-1", "found": found, "unready": self.unready}

    def decisions(self) -> list[dict[str, str]]:
        return [json.loads(body) for what, _, body in self.asked if what == "POST /v1/decisions"]


@pytest.fixture
def matcher(invented: Invented) -> Iterator[Scripted]:
    scripted = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, content = scripted.answer(self.command, self.path, self.headers["Content-Type"], body)
            said = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815 - named by the library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", invented.config.rehearsal_matcher_port), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield scripted
    server.shutdown()
    server.server_close()


def post(invented: Invented, content: bytes, *, origin: str | None = None, length: int | None = None) -> http.client.HTTPResponse:
    edge = "edge-of-the-form"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\nContent-Type: image/png\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    host = f"{RONDE}:{invented.config.rehearsal_port}"
    headers = {
        "Host": host,
        "Origin": f"http://{host}" if origin is None else origin,
        "Content-Type": f"multipart/form-data; boundary={edge}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", invented.config.rehearsal_port, timeout=20)
    try:
        connection.request("POST", "/photos/post", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def title(invented: Invented, path: str, language: str = "en") -> str:
    found = re.search("<h1>(.*)</h1>", invented.ask(RONDE, path, language)[1])
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("outcome", "heading", "is_shown"),
    [
        ("accept", "It is published", True),
        ("count", "It is published", True),
        ("hold", "A person looks first", True),
        ("block", "We did not publish this picture", False),
    ],
)
def test_the_site_does_what_the_matcher_says(
    invented: Invented, matcher: Scripted, outcome: str, heading: str, is_shown: bool
) -> None:
    matcher.outcome = outcome
    answer = post(invented, PNG)
    assert (answer.status, answer.headers["Location"]) == (303, "/photos/1")
    what, kind, body = next(one for one in matcher.asked if "/v1/match" in one[0])
    assert what.startswith("POST /v1/match?account=")
    assert (kind, body) == ("image/png", PNG)
    assert title(invented, "/photos/1") == heading
    assert ("It was recognised in a mirror." in invented.ask(RONDE, "/photos/1")[1]) == (outcome != "accept")
    host = f"http://127.0.0.1:{invented.config.rehearsal_port}"
    assert host in invented.ask(RONDE, "/photos/1")[1]
    connection = http.client.HTTPConnection("127.0.0.1", invented.config.rehearsal_port, timeout=10)
    connection.request("GET", "/photos/1/picture", headers={"Host": f"{RONDE}:{invented.config.rehearsal_port}"})
    shown = connection.getresponse()
    assert (shown.status, shown.read() == PNG) == (200 if is_shown else 404, is_shown)
    connection.close()
    assert ("/photos/1/picture" in invented.ask(RONDE, "/photos/")[1]) == (heading == "It is published")


@pytest.mark.parametrize(("act", "verdict"), [("block", "blocked"), ("publish", "not_blocked")])
def test_somebody_of_the_team_decides_once(invented: Invented, matcher: Scripted, act: str, verdict: str) -> None:
    matcher.outcome = "hold"
    post(invented, PNG)
    assert matcher.decisions() == [{"trace_id": "t-1", "verdict": "under_review"}]
    assert "/photos/1/picture" in invented.ask(RONDE, "/photos/team/")[1]
    form = {"number": "1", "act": act, "reason": RefusalReason.WITH_CONSENT.value}
    assert invented.press(RONDE, "/photos/team/decide", form).headers["Location"] == "/photos/1"
    (told,) = matcher.decisions()[1:]
    assert told["verdict"] == verdict
    assert ("reason" in told) == (act == "publish")
    assert "Nothing waits." in invented.ask(RONDE, "/photos/team/")[1]
    invented.press(RONDE, "/photos/team/decide", form)
    assert len(matcher.decisions()) == 2


def test_nothing_is_published_without_the_matchers_answer(invented: Invented) -> None:
    assert post(invented, PNG).status == 503
    assert "has not read the desk’s lists yet" in invented.ask(RONDE, "/photos/")[1]
    assert "Nobody has posted anything yet." in invented.ask(RONDE, "/photos/")[1]


@pytest.mark.usefixtures("matcher")
def test_what_is_refused_before_anybody_is_asked(invented: Invented, matcher: Scripted) -> None:
    assert post(invented, b"not a picture").status == 422
    assert post(invented, b"").status == 422
    assert post(invented, b"\x89PNG\r\n\x1a\n" + bytes(web.BIGGEST_UPLOAD)).status == 413
    for origin in ("https://evil.example", "null", "", "http://clips.localhost:8001"):
        assert post(invented, PNG, origin=origin).status == 404
        assert invented.press(RONDE, "/photos/team/decide", {"number": "1", "act": "block"}, origin=origin).status == 404
    assert not any("/v1/" in what for what, _, _ in matcher.asked)
    assert invented.ask("clips.localhost", "/photos/")[0].status == 404


def test_a_list_that_was_not_read_yet_publishes_nothing(invented: Invented, matcher: Scripted) -> None:
    matcher.unready = ["minors"]
    assert post(invented, PNG).status == 503
    matcher.unready, matcher.status = [], 422
    assert post(invented, PNG).status == 422


def test_the_drawing_saved_last_is_posted_in_every_shape(invented: Invented, matcher: Scripted) -> None:
    assert 'name="copy"' not in invented.ask(RONDE, "/photos/")[1]
    invented.world.set_note(DRAWN, "200000")
    page = invented.ask(RONDE, "/photos/")[1]
    for change in Change:
        assert f'value="{change}"' in page
        assert invented.press(RONDE, "/photos/post", {"copy": change.value}).status == 303
        assert matcher.asked[-1][2] == file_of(200_000, change).content


@pytest.mark.usefixtures("matcher")
def test_the_pictures_go_when_the_rehearsal_begins_again(invented: Invented) -> None:
    post(invented, PNG)
    assert invented.ask(RONDE, "/photos/1")[0].status == 200
    invented.world.set_note(SEEDED, "another beginning")
    assert invented.ask(RONDE, "/photos/1")[0].status == 404


def test_the_gallery_keeps_a_few_and_no_refused_picture() -> None:
    gallery = Gallery()
    for _ in range(MOST + 5):
        gallery.add("a", "image/png", PNG, State.PUBLISHED, SAID)
    shown = gallery.all(State.PUBLISHED)
    assert len(shown) == MOST
    assert shown[0].number == MOST + 5
    assert gallery.add("a", "image/png", PNG, State.REFUSED, SAID).content == b""
    held = gallery.add("a", "image/png", PNG, State.HELD, SAID)
    gallery.decide(held.number, State.REFUSED)
    kept = gallery.get(held.number)
    assert kept is not None
    assert kept.content == b""
    assert "content" not in repr(held)


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_form_breaks_the_reader(body: bytes, boundary: str) -> None:
    environ = {"CONTENT_TYPE": f"multipart/form-data; boundary={boundary}"}
    texts, file = web._parts(environ, body)
    assert isinstance(texts, dict)
    assert isinstance(file, bytes)


def test_the_matcher_takes_the_settings_written_for_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    settings = read_settings(write_settings(folder, desk="http://127.0.0.1:1", port=2))
    assert settings.server.port == 2
    assert [(one.name, one.url) for one in settings.lists] == [
        (name, f"http://127.0.0.1:1/api/v1/lists/{name}") for name in ("adults", "minors")
    ]


def test_words_for_everything() -> None:
    assert set(CHANGES) == set(Change)
    assert set(REASONS) == set(RefusalReason)

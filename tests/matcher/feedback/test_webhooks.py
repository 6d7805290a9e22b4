"""The platform's own address is told of each hit: signed, again and again, never through a door of its own network."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Peer
from standardwebhooks import WebhookVerificationError

from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.feedback.webhooks import Sender, addresses_of, signature, state_of
from rempart.matcher.policy import Outcome
from rempart.matcher.settings import Webhook
from tests.matcher.feedback.found import answer
from tests.matcher.made import NOW
from tests.ports import free_port

SECRET = "whsec_" + b64encode(b"nobody's secret, 24 bytes").decode()


class Platform:
    """Receives events; ``statuses``: what it answers, one after the other, then 204."""

    def __init__(self) -> None:
        self.statuses, self.heard = list[int](), list[tuple[dict[str, str], bytes]]()
        platform = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                platform.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(platform.statuses.pop(0) if platform.statuses else 204)
                self.send_header("Location", "http://127.0.0.1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.port = free_port()
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Door)
        self.webhook = Webhook(f"http://127.0.0.1:{self.port}/hits", SECRET)


@pytest.fixture
def platform() -> Iterator[Platform]:
    one = Platform()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.02,))
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


def sender(folder: Path, webhook: Webhook) -> Sender:
    return Sender(folder, webhook, draw=lambda: 0.5)


def test_a_hit_is_told_once_signed_as_the_standard_has_it(tmp_path: Path, platform: Platform) -> None:
    now = datetime.now(UTC)
    outbox = Outbox(tmp_path, webhooks=[platform.webhook])
    outbox.hit(answer("a", trace="t1"), account="anna", now=now)
    outbox.hit(answer("b", outcome=Outcome.ACCEPT), account=None, now=now)
    one = sender(tmp_path, platform.webhook)
    assert (one.once(now), one.once(now)) == (1, 0)
    ((headers, body),) = platform.heard
    assert Peer(SECRET).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Peer(SECRET).verify(body + b" ", headers)
    assert json.loads(body) == {
        "type": "match.found",
        "timestamp": now.isoformat(),
        "data": {
            "trace_id": "t1",
            "outcome": "block",
            "matches": [{"list": "minors", "entry": "a", "outcome": "block", "because": "rule"}],
        },
    }
    assert headers["host"] == f"127.0.0.1:{platform.port}"
    assert state_of(tmp_path, platform.webhook).sent == 1


@pytest.mark.parametrize("status", [500, 404, 302, 429])
def test_what_was_not_received_is_sent_again_under_its_name(tmp_path: Path, platform: Platform, status: int) -> None:
    Outbox(tmp_path, webhooks=[platform.webhook]).hit(answer("a"), account=None, now=NOW)
    platform.statuses = [status, status]
    one = sender(tmp_path, platform.webhook)
    found = [one.once(NOW + timedelta(seconds=second)) for second in (0, 4, 5, 14, 15)]
    assert found == [0, 0, 0, 0, 1]
    assert len({headers["webhook-id"] for headers, _ in platform.heard}) == 1
    assert len({headers["webhook-signature"] for headers, _ in platform.heard}) == 3, "of the moment it is sent"
    assert state_of(tmp_path, platform.webhook).trouble is None


def test_failing_is_seen(tmp_path: Path, platform: Platform) -> None:
    Outbox(tmp_path, webhooks=[platform.webhook]).hit(answer("a"), account=None, now=NOW)
    platform.statuses = [500]
    sender(tmp_path, platform.webhook).once(NOW)
    found = state_of(tmp_path, platform.webhook)
    assert (found.waiting, found.trouble, found.failing_since) == (1, "It answered with status 500.", NOW)


def test_after_three_days_it_is_given_up(tmp_path: Path, platform: Platform) -> None:
    Outbox(tmp_path, webhooks=[platform.webhook]).hit(answer("a"), account=None, now=NOW)
    sender(tmp_path, platform.webhook).once(NOW + timedelta(days=3, seconds=1))
    assert not platform.heard
    found = state_of(tmp_path, platform.webhook)
    assert (found.waiting, found.lost) == (0, 1)


def test_410_ends_it_until_the_settings_name_another(tmp_path: Path, platform: Platform) -> None:
    outbox = Outbox(tmp_path, webhooks=[platform.webhook])
    outbox.hit(answer("a"), account=None, now=NOW)
    platform.statuses = [410]
    one = sender(tmp_path, platform.webhook)
    one.once(NOW)
    outbox.hit(answer("b"), account=None, now=NOW)
    assert one.once(NOW + timedelta(days=1)) == 0
    assert len(platform.heard) == 1
    assert state_of(tmp_path, platform.webhook).ended_at == NOW
    other = Webhook(platform.webhook.url + "/2", SECRET)
    Outbox(tmp_path, webhooks=[other]).hit(answer("c"), account=None, now=NOW)
    assert sender(tmp_path, other).once(NOW) == 1


@pytest.mark.parametrize(
    ("host", "leads_to", "is_private", "is_sent"),
    [
        ("platform.test", ["127.0.0.1"], False, False),
        ("platform.test", ["93.184.216.34", "10.0.0.7"], False, False),
        ("platform.test", ["169.254.169.254"], False, False),
        ("platform.test", ["::1"], False, False),
        ("platform.test", [], False, False),
        ("platform.test", ["127.0.0.1"], True, True),
        ("localhost", ["127.0.0.1"], False, True),
    ],
)
def test_a_name_must_not_lead_inside(
    tmp_path: Path, platform: Platform, host: str, leads_to: list[str], is_private: bool, is_sent: bool
) -> None:
    webhook = Webhook(f"http://{host}:{platform.port}/hits", SECRET, is_private)
    Outbox(tmp_path, webhooks=[webhook]).hit(answer("a"), account=None, now=NOW)
    one = Sender(tmp_path, webhook, resolve=lambda _host, _port: leads_to)
    assert one.once(NOW) == is_sent
    assert len(platform.heard) == is_sent
    if is_sent:
        assert platform.heard[0][0]["host"] == f"{host}:{platform.port}"


def test_names_are_resolved() -> None:
    assert set(addresses_of("localhost", 80)) <= {"127.0.0.1", "::1"}
    assert addresses_of("nobody.invalid", 80) == []


def test_a_secret_that_is_none_is_said(tmp_path: Path, platform: Platform) -> None:
    webhook = Webhook(platform.webhook.url, "whsec_é")
    Outbox(tmp_path, webhooks=[webhook]).hit(answer("a"), account=None, now=NOW)
    sender(tmp_path, webhook).once(NOW)
    assert "whsec_ and base64" in str(state_of(tmp_path, webhook).trouble)
    assert not platform.heard


def test_our_signature_is_the_librarys() -> None:
    assert signature(SECRET, "msg_1", int(NOW.timestamp()), b"{}") == Peer(SECRET).sign("msg_1", NOW, "{}")

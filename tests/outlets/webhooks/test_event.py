"""What is sent is what the libraries of receivers read: Standard Webhooks around CloudEvents."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from rempart.desk.outlets.webhooks.event import Event, body_of, headers_of
from rempart.desk.rules.lists import ListName

SOURCE = "https://desk.example/api/v1/lists/minors/entries"
MADE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def library(key: bytes) -> Webhook:
    return Webhook("whsec_" + base64.b64encode(key).decode())


def now() -> datetime:
    # The library reads the real clock.
    return datetime.now(UTC)


@given(key=st.binary(min_size=24, max_size=64), position=st.integers(0, 2**60), counts=st.tuples(*[st.integers(0, 2**40)] * 3))
def test_the_library_of_receivers_verifies_it(key: bytes, position: int, counts: tuple[int, int, int]) -> None:
    body = body_of(Event("evt_1", SOURCE, MADE, ListName.MINORS, position, *counts))
    told = library(key).verify(body, headers_of("evt_1", body, [key], now=now()))
    added, changed, withdrawn = counts
    assert told["data"] == {
        "list": "minors", "position": position, "added": added, "changed": changed, "withdrawn": withdrawn,
    }  # fmt: skip


def test_the_body_is_a_whole_cloudevent_and_never_changes() -> None:
    event = Event("evt_1", SOURCE, MADE, ListName.ADULTS, 7, 1, 0, 2)
    told = json.loads(body_of(event))
    assert body_of(event) == body_of(event)
    assert told == {
        "specversion": "1.0",
        "id": "evt_1",
        "source": SOURCE,
        "type": "rempart.list.changed.v1",
        "time": "2026-03-02T09:00:00.000000Z",
        "datacontenttype": "application/json",
        "subject": "adults",
        "data": {"list": "adults", "position": 7, "added": 1, "changed": 0, "withdrawn": 2},
    }
    assert json.loads(body_of(Event("evt_2", "https://desk.example", MADE)))["type"] == "rempart.webhook.test.v1"


def test_either_secret_verifies_while_it_changes() -> None:
    body = body_of(Event("evt_1", SOURCE, MADE, ListName.MINORS, 1, 1))
    headers = headers_of("evt_1", body, [b"n" * 32, b"f" * 32], now=now())
    assert headers["webhook-signature"].count("v1,") == 2
    for key in (b"n" * 32, b"f" * 32):
        library(key).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        library(b"x" * 32).verify(body, headers)


@pytest.mark.parametrize("late", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_a_replay_is_refused_by_the_receiver(late: timedelta) -> None:
    body = body_of(Event("evt_1", SOURCE, MADE, ListName.MINORS, 1, 1))
    with pytest.raises(WebhookVerificationError):
        library(b"k" * 32).verify(body, headers_of("evt_1", body, [b"k" * 32], now=now() + late))


def test_what_is_changed_on_the_way_is_refused() -> None:
    body = body_of(Event("evt_1", SOURCE, MADE, ListName.MINORS, 1, 1))
    headers = headers_of("evt_1", body, [b"k" * 32], now=now())
    for other in (body.replace(b'"added":1', b'"added":2'), body + b" "):
        with pytest.raises(WebhookVerificationError):
            library(b"k" * 32).verify(other, headers)
    with pytest.raises(WebhookVerificationError):
        library(b"k" * 32).verify(body, {**headers, "webhook-id": "evt_2"})

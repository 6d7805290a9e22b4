"""What is sent: a CloudEvents 1.0 body in structured mode, with the headers of Standard Webhooks. Values in, bytes out.

It carries a list's name, a position and counts. Nothing in it serves whoever intercepts it: the platform then reads the list with
its own credential.
"""

import base64
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rempart.desk.rules.lists import ListName

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
CHANGED = "rempart.list.changed.v1"
TEST = "rempart.webhook.test.v1"


@dataclass(frozen=True, slots=True)
class Event:
    """``list_name`` None: a test."""

    event_id: str
    source: str
    made_at: datetime
    list_name: ListName | None = None
    position: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0


def body_of(event: Event) -> bytes:
    """The same bytes each time for the same event."""
    content: dict[str, object] = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": event.source,
        "type": CHANGED if event.list_name else TEST,
        "time": event.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json",
    }
    if event.list_name is None:
        return _bytes({**content, "data": {}})
    counts = {name: getattr(event, name) for name in ("position", "added", "changed", "withdrawn")}
    return _bytes({**content, "subject": event.list_name.value, "data": {"list": event.list_name.value, **counts}})


def _bytes(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def headers_of(event_id: str, body: bytes, keys: Iterable[bytes], *, now: datetime) -> dict[str, str]:
    """Name of the event, the moment of this attempt, and a signature for each key (Standard Webhooks, ``v1``)."""
    moment = str(int(now.timestamp()))
    signed = f"{event_id}.{moment}.".encode() + body
    marks = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys]
    return {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": event_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }

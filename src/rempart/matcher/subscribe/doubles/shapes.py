"""How each shape says what is planted: pages out, opinions in. Values only; the server is beside."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode
from xml.sax.saxutils import escape

from rempart.engine import Pdq
from rempart.matcher.lists import Trust
from rempart.matcher.subscribe.doubles.planted import Garden, Planted

USER, PASSWORD = "double", "drawn"  # of a test double
JSON, XML = "application/json", "application/xml"
NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
MEMBER = "1"
REASONS = {
    "11111111-0000-4000-8000-000000000001": "Not the same picture",
    "11111111-0000-4000-8000-000000000002": "Another reason",
}
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; ``path`` without its base."""

    method: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    status: int
    body: bytes = field(default=b"", repr=False)
    kind: str = JSON


class Shape:
    """One way of publishing a garden. ``base``: where its addresses begin; ``page``: entries on one."""

    base = ""

    def __init__(self, garden: Garden, *, page: int = 500) -> None:
        self.garden, self.page = garden, page

    def answer(self, asked: Asked) -> Said:
        """Whatever is asked."""
        raise NotImplementedError

    def standing(self) -> dict[str, tuple[Pdq, ...]]:
        """What a matcher that read everything holds: names and fingerprints."""
        raise NotImplementedError

    def is_known(self, asked: Asked) -> bool:
        """Whether it brings the credentials of a double."""
        raise NotImplementedError


class RempartShape(Shape):
    """Our own."""

    base = "/api/v1/lists/drawn"

    def is_known(self, asked: Asked) -> bool:
        """A bearer's key."""
        return asked.headers.get("authorization") == f"Bearer {USER}.{PASSWORD}"

    def standing(self) -> dict[str, tuple[Pdq, ...]]:
        """By our own names."""
        return {one.name: one.pdqs for one in self.garden.standing()}

    def answer(self, asked: Asked) -> Said:
        """Entries after a cursor, or results."""
        if (asked.method, asked.path) == ("POST", "/results"):
            results = json.loads(asked.body)["results"]
            is_new = self.garden.hear(asked.headers.get("idempotency-key", ""), results)
            return Said(200, json.dumps({"taken": len(results), "unknown": [], "repeated": not is_new}).encode())
        if (asked.method, asked.path) != ("GET", "/entries"):
            return Said(404)
        after = int(asked.fields.get("after", "0").rpartition(",")[2])
        if after > self.garden.head:
            return Said(400, b'{"error": {"reason": "unknown_cursor", "message": "The cursor is not one that this list gave."}}')
        later = [one for one in self.garden.all() if one.position > after]
        page = later[: self.page]
        following = f"{page[-1].at.isoformat()},{page[-1].position}" if page else asked.fields.get("after", "1970-01-01,0")
        body = {"entries": [_rempart(one) for one in page], "next": following, "has_more": len(later) > len(page)}
        return Said(200, json.dumps(body).encode())


def _rempart(one: Planted) -> dict[str, Any]:
    told = {"name": one.name, "state": "withdrawn" if one.is_gone else "listed", "updated_at": one.at.isoformat()}
    if one.is_gone:
        return told | {"kind": "picture"}
    near = "block" if one.trust is Trust.CONFIRMED else "review"
    pdqs = [{"pdq": pdq.hex(), "quality": 100, "variant": "whole" if not place else "trim"} for place, pdq in enumerate(one.pdqs)]
    return told | {
        "kind": "picture",
        "classification": "drawn",
        "trust": one.trust.value,
        "advice": {"exact": "block", "near": near},
        "sha256": None,
        "pdqs": pdqs,
    }


class NcmecShape(Shape):
    """NCMEC's, version 2."""

    base = "/hashsharing"

    def __init__(self, garden: Garden, *, page: int = 500) -> None:
        super().__init__(garden, page=page)
        self.links = 0
        """Page links made before this many are forgotten: see :meth:`forget_links`."""
        self._made = 0

    def forget_links(self) -> None:
        """As after twelve hours."""
        self.links = self._made + 1

    def is_known(self, asked: Asked) -> bool:
        """Basic."""
        return asked.headers.get("authorization") == "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def standing(self) -> dict[str, tuple[Pdq, ...]]:
        """Each fingerprint is an entry."""
        return {f"{MEMBER}-{one.name}-{place}": (pdq,) for one in self.garden.standing() for place, pdq in enumerate(one.pdqs)}

    def answer(self, asked: Asked) -> Said:
        """Entries of a time, reasons, or a vote."""
        if asked.method == "PUT":
            _, _, _, _, identity, _, _ = asked.path.split("/")
            self.garden.hear("", [{"entry": unquote(identity), "body": asked.body.decode()}])
            return Said(200, b"<feedbackResult/>", XML)
        if asked.path.startswith("/v2/feedback/"):
            reasons = "".join(f'<reason guid="{guid}" name="{name}" type="PDQ"/>' for guid, name in REASONS.items())
            return self._document("availableFeedbackReasons", reasons)
        return self._entries(asked) if asked.path == "/v2/entries" else Said(404)

    def _entries(self, asked: Asked) -> Said:
        start, end = (datetime.fromisoformat(asked.fields[name]).astimezone(UTC) for name in ("from", "to"))
        first = int(asked.fields.get("start", "0"))
        if first and int(asked.fields["link"]) < self.links:
            return Said(400, b"<error/>", XML)
        found = [one for one in self.garden.all() if start <= one.at <= end and one.position > first]
        page = found[: self.page]
        body = (
            f'<images count="{len(page)}" maxTimestamp="{_written(end)}">{"".join(map(_ncmec, page))}</images><videos count="0"/>'
        )
        if len(found) > len(page):
            self._made += 1
            fields = {"from": asked.fields["from"], "to": asked.fields["to"], "start": page[-1].position, "link": self._made}
            body += f"<paging><next>{escape('/v2/entries?' + urlencode(fields))}</next></paging>"
        return self._document("queryResult", body)

    @staticmethod
    def _document(root: str, body: str) -> Said:
        return Said(200, f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">{body}</{root}>'.encode(), XML)


def _ncmec(one: Planted) -> str:
    # Of a picture that has fewer views than before, those that are no more are gone.
    alive = 0 if one.is_gone else len(one.pdqs)
    head = f'<member id="{MEMBER}">Double</member><timestamp>{_written(one.at)}</timestamp>'
    found = "".join(
        f"<image>{head}<id>{one.name}-{place}</id><fingerprints><pdq>{pdq.hex()}</pdq></fingerprints></image>"
        for place, pdq in enumerate(one.pdqs[:alive])
    )
    gone = range(alive, one.parts_ever)
    return found + "".join(f"<deletedImage>{head}<id>{one.name}-{place}</id></deletedImage>" for place in gone)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class StopNciiShape(Shape):
    """StopNCII's, version 1. ``is_nameless``: what is withdrawn is told without its fingerprint, as our own desk does."""

    base = "/v1"

    def __init__(self, garden: Garden, *, page: int = 500, is_nameless: bool = False) -> None:
        super().__init__(garden, page=page)
        self.is_nameless = is_nameless

    def is_known(self, asked: Asked) -> bool:
        """Two keys."""
        return (asked.headers.get("ocp-apim-subscription-key"), asked.headers.get("x-functions-key")) == (USER, PASSWORD)

    def standing(self) -> dict[str, tuple[Pdq, ...]]:
        """By their values alone: the reader draws names from them."""
        return {pdq.hex(): (pdq,) for one in self.garden.standing() for pdq in one.pdqs}

    def answer(self, asked: Asked) -> Said:
        """Records since a time, or opinions."""
        if (asked.method, asked.path) == ("POST", "/SubmitFeedback"):
            self.garden.hear("", json.loads(asked.body)["hashFeedbacks"])
            return Said(200, b"{}")
        if (asked.method, asked.path) != ("GET", "/FetchHashes"):
            return Said(404)
        start, after = int(asked.fields["startTimestamp"]), int(asked.fields.get("nextPageToken", "0"))
        now = self.garden.now()
        later = [one for one in self.garden.all() if one.at.timestamp() >= start and one.position > after]
        later = [one for one in later if not one.is_gone or now - one.at <= KEPT_FOR]
        page = later[: self.page]
        has_more = len(later) > len(page)
        body = {
            "count": len(page),
            "nextPageToken": str(page[-1].position) if has_more else None,
            "nextSetTimestamp": int(page[-1].at.timestamp()) if page else start,
            "hasMoreRecords": has_more,
            "hashRecords": [record for one in page for record in self._records(one)],
        }
        return Said(200, json.dumps(body).encode())

    def _records(self, one: Planted) -> list[dict[str, Any]]:
        common = {"lastModtimestamp": int(one.at.timestamp()), "caseNumbers": {one.name: "Active"}}
        if one.former and self.is_nameless:
            gone = [common | {"signalType": "Unknown", "hashValue": "", "hashStatus": "Withdrawn"}]
        else:
            gone = [_stopncii(common, pdq, "Withdrawn") for pdq in one.former]
        return gone + [_stopncii(common, pdq, "Active") for pdq in one.pdqs if not one.is_gone]


def _stopncii(common: dict[str, Any], pdq: Pdq, status: str) -> dict[str, Any]:
    return common | {"signalType": "ImagePDQ", "hashValue": pdq.hex(), "hashStatus": status}


SHAPES: dict[str, type[Shape]] = {"rempart": RempartShape, "ncmec": NcmecShape, "stopncii": StopNciiShape}

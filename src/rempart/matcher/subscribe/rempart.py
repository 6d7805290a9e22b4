"""Lists of a Rempart desk, in its own shape (JSON): trust, advice, all views of a picture together, tombstones for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from rempart.engine import Pdq, Sha256
from rempart.engine.errors import NotAFingerprint
from rempart.matcher.lists import UNSTATED_ADVICE, Act, Advice, Batch, Entry, Gone, Kind, Part, Trust
from rempart.matcher.results import Reason, Result, Verdict
from rempart.matcher.subscribe.interface import ListUnreachable, UnknownCheckpoint
from rempart.matcher.subscribe.wire import Wire

PAGE = 2_000
MOST_RESULTS = 1_000
BUCKETS = ((100, "100+"), (10, "10-99"), (2, "2-9"), (1, "1"))


class RempartReader:
    """One list: ``url`` is its address, ``https://…/api/v1/lists/minors``."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._wire = wire_of(url, user, password)

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        """See Reader. A desk that was put back from a backup does not know a later checkpoint: the list is then read anew."""
        try:
            yield from self._pages(checkpoint, starts_afresh=checkpoint is None)
        except UnknownCheckpoint:
            yield from self._pages(None, starts_afresh=True)

    def _pages(self, cursor: str | None, *, starts_afresh: bool) -> Iterator[Batch]:
        is_first = True
        while True:
            fields = {"limit": str(PAGE)} | ({"after": cursor} if cursor else {})
            page = self._wire.get("/entries", fields).json()
            try:
                following, has_more = page["next"], page["has_more"]
                changes = tuple(_change(one) for one in page["entries"])
            except (KeyError, TypeError, ValueError, AttributeError, NotAFingerprint):
                raise ListUnreachable("The list's owner answered something that is not a page of this shape.") from None
            if not isinstance(following, str) or (has_more is True and following == cursor):
                raise ListUnreachable("The list's owner gives a page that leads to itself.")
            yield Batch(following, changes, is_last=not has_more, starts_afresh=starts_afresh and is_first)
            if not has_more:
                return
            cursor, is_first = following, False


class RempartTeller:
    """Tells the owner of one list; ``url`` as for the reader."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._wire = wire_of(url, user, password)

    def tell(self, results: Sequence[Result], *, message: str) -> None:
        """See Teller. Entries that the owner does not know any more are passed over by it."""
        for place in range(0, len(results), MOST_RESULTS):
            some = results[place : place + MOST_RESULTS]
            body = json.dumps({"results": [_told(one) for one in some]}).encode()
            name = f"{message}-{place // MOST_RESULTS}"
            self._wire.send("POST", "/results", body, "application/json", {"Idempotency-Key": name})


def wire_of(url: str, user: str, password: str) -> Wire:
    """Calls with the desk's kind of credentials."""
    return Wire(url, {"Authorization": f"Bearer {user}.{password}", "Accept-Encoding": "gzip"})


def _change(one: dict[str, Any]) -> Entry | Gone:
    name, at = _text(one["name"]), datetime.fromisoformat(one["updated_at"]).astimezone(UTC)
    if one["state"] != "listed":
        return Gone(name, at)
    kind, trust = Kind(one["kind"]), one["trust"]
    return Entry(
        name=name,
        kind=kind,
        parts=tuple(_part(part, kind) for part in one["pdqs"]),
        trust=Trust(trust) if trust in set(Trust) else Trust.UNSTATED,
        advice=Advice(_act(one["advice"]["exact"], UNSTATED_ADVICE.exact), _act(one["advice"]["near"], UNSTATED_ADVICE.near)),
        updated_at=at,
        classification=_text(one["classification"]),
        sha256=Sha256.parse(one["sha256"]) if one["sha256"] else None,
    )


def _part(part: dict[str, Any], kind: Kind) -> Part:
    pdq, quality = Pdq.parse(part["pdq"]), int(part["quality"])
    return Part(pdq, quality, second=int(part["second"])) if kind is Kind.VIDEO else Part(pdq, quality, _text(part["variant"]))


def _act(text: str, usual: Act) -> Act:
    """An act of a later day that we do not know is answered by looking."""
    return Act(text) if text in set(Act) else min(usual, Act.REVIEW, key=list(Act).index)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError("not a text")
    return value


def _told(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"name": result.entry}
    if result.seen:
        told["seen"] = result.seen
        told["accounts"] = next((word for least, word in BUCKETS if result.accounts >= least), "1")
    if result.verdict is not None:
        told["outcome"] = result.verdict.value
        if result.verdict is Verdict.NOT_BLOCKED:
            told["reason"] = (result.reason or Reason.OTHER).value
        if result.at is not None:
            told["at"] = result.at.astimezone(UTC).isoformat()
    return told

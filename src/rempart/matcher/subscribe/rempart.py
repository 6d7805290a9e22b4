"""Lists of a Rempart desk, in its own shape (JSON): trust, advice, all views of a picture together, tombstones for ever."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from rempart.engine import Pdq, Sha256
from rempart.engine.errors import NotAFingerprint
from rempart.matcher.lists import UNSTATED_ADVICE, Act, Advice, Batch, Entry, Gone, Kind, Part, Trust
from rempart.matcher.results import Reason, Result, Verdict
from rempart.matcher.shelf.tables import MOST_PARTS
from rempart.matcher.subscribe.interface import ListUnreachable, UnknownCheckpoint
from rempart.matcher.subscribe.wire import Wire

logger = logging.getLogger("rempart.matcher.reading")

PAGE = 2_000
MOST_RESULTS = 1_000
BUCKETS = ((100, "100+"), (10, "10-99"), (2, "2-9"), (1, "1"))
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, NotAFingerprint)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


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
        seen = {cursor}
        while True:
            fields = {"limit": str(PAGE)} | ({"after": cursor} if cursor else {})
            following, has_more, entries = _envelope(self._wire.get("/entries", fields).json())
            yield Batch(following, tuple(_changes(entries)), is_last=not has_more, starts_afresh=starts_afresh and len(seen) == 1)
            if not has_more:
                return
            if following in seen:
                raise ListUnreachable("The list's owner gives a page that leads to itself.")
            seen.add(following)
            cursor = following


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


def _envelope(page: Any) -> tuple[str, bool, list[Any]]:
    try:
        following, has_more, entries = _text(page["next"]), page["has_more"], page["entries"]
    except (KeyError, TypeError, ValueError):
        raise _not_a_page() from None
    if not isinstance(has_more, bool) or not isinstance(entries, list):
        raise _not_a_page()
    return following, has_more, entries


def _not_a_page() -> ListUnreachable:
    return ListUnreachable("The list's owner answered something that is not a page of this shape.")


def _changes(entries: list[Any]) -> Iterator[Entry | Gone]:
    """One that cannot be read must not stop the others; nor match by what was said of it before."""
    unread = 0
    for one in entries:
        try:
            yield _change(one)
        except UNREADABLE:
            unread += 1
            with suppress(*UNREADABLE):
                yield Gone(_text(one["name"]), NEVER)
    if unread:
        logger.warning("%d entries of a list could not be read.", unread)


def _change(one: dict[str, Any]) -> Entry | Gone:
    name, at = _text(one["name"]), datetime.fromisoformat(one["updated_at"]).astimezone(UTC)
    if one["state"] != "listed":
        return Gone(name, at)
    kind, trust = Kind(one["kind"]), one["trust"]
    parts = tuple(_part(part, kind) for part in one["pdqs"])
    return Entry(
        name=name,
        kind=kind,
        parts=parts[:: -(-len(parts) // MOST_PARTS) or 1],  # of a very long video, evenly
        trust=Trust(trust) if trust in set(Trust) else Trust.UNSTATED,
        advice=Advice(_act(one["advice"]["exact"], UNSTATED_ADVICE.exact), _act(one["advice"]["near"], UNSTATED_ADVICE.near)),
        updated_at=at,
        classification=_text(one["classification"]),
        sha256=Sha256.parse(one["sha256"]) if one["sha256"] else None,
    )


def _part(part: dict[str, Any], kind: Kind) -> Part:
    pdq, quality = Pdq.parse(part["pdq"]), max(0, min(100, int(part["quality"])))
    return Part(pdq, quality, second=int(part["second"])) if kind is Kind.VIDEO else Part(pdq, quality, _text(part["variant"]))


def _act(text: str, usual: Act) -> Act:
    """An act of a later day that we do not know is answered by looking."""
    return Act(text) if text in set(Act) else min(usual, Act.REVIEW, key=list(Act).index)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError("not a text")
    value.encode()  # half a character cannot be kept
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

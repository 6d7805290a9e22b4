"""Lists in the shape of StopNCII, version 1 (JSON).

Withdrawals are told for 30 days only: a list that was not asked for longer is read anew. Some owners do not keep the fingerprint
of what was withdrawn, and tell only that something was: nothing says which of ours it is, so the list is read anew then, too.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rempart.engine import Md5, Pdq
from rempart.engine.errors import NotAFingerprint
from rempart.matcher.lists import UNSTATED_ADVICE, Act, Advice, Batch, Entry, Gone, Kind, Part, Trust
from rempart.matcher.subscribe.interface import ListUnreachable
from rempart.matcher.subscribe.wire import Wire

logger = logging.getLogger("rempart.matcher.reading")

BEGINNING = 10
"""What the shape's own client sends to be told everything."""
PAGE = 800
KEPT_FOR = timedelta(days=30)
SKEW = 300
"""Seconds by which an owner's clock may differ from ours."""
GONE = ("Withdrawn", "Deleted")
UNKNOWN_QUALITY = 100
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, NotAFingerprint)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far we are, in seconds since 1970. ``reached``: by the owner's times; ``asked_at`` and ``whole_at``: by ours, when we
    last asked, and when we last began at the beginning. ``is_due``: the list must be read anew."""

    reached: int = BEGINNING
    asked_at: int = 0
    whole_at: int = 0
    is_due: bool = True

    def written(self) -> str:
        """As a checkpoint."""
        return json.dumps([self.reached, self.asked_at, self.whole_at, self.is_due])

    @classmethod
    def read(cls, checkpoint: str | None) -> Mark:
        """Back from a checkpoint of ours."""
        return cls(*json.loads(checkpoint)) if checkpoint else cls()


class StopNciiReader:
    """One list. ``url`` ends with ``/v1``; ``fetch_key`` and ``subscription_key`` as the shape has them."""

    def __init__(self, url: str, subscription_key: str, fetch_key: str) -> None:
        self._wire = Wire(
            url, {"Ocp-Apim-Subscription-Key": subscription_key, "x-functions-key": fetch_key, "Accept-Encoding": "gzip"}
        )

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        """See Reader. What was cut short goes on from the time of the last page; the pages' own tokens are not remembered."""
        mark, at = Mark.read(checkpoint), int(now.timestamp())
        if not mark.is_due and at - mark.asked_at <= KEPT_FOR.total_seconds():
            for after, batch in self._pages(replace(mark, asked_at=at), starts_afresh=False):
                mark = after
                yield batch
            if not mark.is_due:
                return
        for _, batch in self._pages(Mark(BEGINNING, at, at, is_due=False), starts_afresh=True):
            yield batch

    def _pages(self, mark: Mark, *, starts_afresh: bool) -> Iterator[tuple[Mark, Batch]]:
        start, token, seen = mark.reached, None, set[str | None]({None})
        while True:
            fields = {"startTimestamp": str(start), "pageSize": str(PAGE)} | ({"nextPageToken": token} if token else {})
            records, next_set, has_more, token = _envelope(self._wire.get("/FetchHashes", fields).json())
            is_due = mark.is_due or any(_is_nameless(one, since=mark.whole_at - SKEW) for one in records)
            # A clock that runs ahead of ours must not make us pass over what comes before it.
            mark = replace(mark, reached=max(mark.reached, min(next_set, mark.asked_at)), is_due=is_due)
            changes = tuple(_changes(records))
            yield mark, Batch(mark.written(), changes, is_last=not has_more, starts_afresh=starts_afresh and len(seen) == 1)
            if not has_more:
                return
            if token in seen:
                raise ListUnreachable("The list's owner gives a page that leads to itself.")
            seen.add(token)


def _envelope(page: Any) -> tuple[list[Any], int, bool, str | None]:
    try:
        records, next_set = page["hashRecords"], page["nextSetTimestamp"]
        has_more, token = page["hasMoreRecords"], page["nextPageToken"]
    except (KeyError, TypeError):
        raise ListUnreachable("The list's owner answered something that is not a page of this shape.") from None
    is_one = isinstance(records, list) and type(next_set) is int and isinstance(has_more, bool)
    if not is_one or not (token is None or (isinstance(token, str) and token.isascii())):
        raise ListUnreachable("The list's owner answered something that is not a page of this shape.")
    return records, next_set, has_more, token


def _is_nameless(record: Any, *, since: int) -> bool:
    """Whether it says that something was withdrawn, but not what."""
    if not isinstance(record, dict) or record.get("hashStatus") not in GONE or record.get("hashValue"):
        return False
    at = record.get("lastModtimestamp")
    return type(at) is not int or at >= since


def _changes(records: list[Any]) -> Iterator[Entry | Gone]:
    """A record that cannot be read is passed over, as the shape's own client does: the others count."""
    unread = 0
    for record in records:
        try:
            yield _change(record)
        except UNREADABLE:
            unread += 1
    if unread:
        logger.warning("%d records of a list could not be read.", unread)


def _change(record: dict[str, Any]) -> Entry | Gone:
    signal, value = record["signalType"], record["hashValue"].strip().lower()
    at = _moment(record.get("lastModtimestamp"))
    name = f"{signal}-{hashlib.sha256(f'{signal} {value}'.encode()).hexdigest()[:32]}"
    if signal not in {"ImagePDQ", "VideoMD5"} or record["hashStatus"] in GONE:
        return Gone(name, at)
    trust, advice = _votes(record.get("CSPFeedbacks") or [])
    reference = f"{signal} {value}"
    if signal == "VideoMD5":
        return Entry(name, Kind.VIDEO, (), trust, advice, at, md5=Md5.parse(value), reference=reference)
    return Entry(name, Kind.PICTURE, (Part(Pdq.parse(value), UNKNOWN_QUALITY),), trust, advice, at, reference=reference)


def _moment(seconds: Any) -> datetime:
    """A record without a date is a record all the same."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _votes(feedbacks: list[Any]) -> tuple[Trust, Advice]:
    said = {str(one.get("feedbackValue")) for one in feedbacks if isinstance(one, dict)}
    if "NotBlocked" in said and "Blocked" not in said:
        return Trust.DISPUTED, Advice(Act.REVIEW, Act.REVIEW)
    return Trust.UNSTATED, UNSTATED_ADVICE

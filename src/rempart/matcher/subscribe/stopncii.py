"""Lists in the shape of StopNCII, version 1 (JSON).

Withdrawals are told for 30 days only: a list left alone for longer is read anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from rempart.engine import Md5, Pdq
from rempart.engine.errors import NotAFingerprint
from rempart.matcher.lists import UNSTATED_ADVICE, Act, Advice, Batch, Entry, Gone, Kind, Part, Trust
from rempart.matcher.subscribe.interface import ListUnreachable
from rempart.matcher.subscribe.wire import Wire

BEGINNING = 10
"""What the shape's own client sends to be told everything."""
PAGE = 800
KEPT_FOR = timedelta(days=30)
GONE = {"Withdrawn", "Deleted"}
UNKNOWN_QUALITY = 100


class StopNciiReader:
    """One list. ``url`` ends with ``/v1``; ``fetch_key`` and ``subscription_key`` as the shape has them."""

    def __init__(self, url: str, subscription_key: str, fetch_key: str) -> None:
        self._wire = Wire(
            url, {"Ocp-Apim-Subscription-Key": subscription_key, "x-functions-key": fetch_key, "Accept-Encoding": "gzip"}
        )

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        """See Reader. A later reading goes on from the time of the last page; the pages' own tokens are not remembered."""
        start = int(checkpoint) if checkpoint else BEGINNING
        starts_afresh = start == BEGINNING or now - datetime.fromtimestamp(start, UTC) > KEPT_FOR
        start = BEGINNING if starts_afresh else start
        token, reached, seen = None, start, set[str]()
        while True:
            fields = {"startTimestamp": str(start), "pageSize": str(PAGE)} | ({"nextPageToken": token} if token else {})
            page = self._wire.get("/FetchHashes", fields).json()
            records, next_set, has_more, token = _envelope(page)
            reached = max(reached, next_set)
            # A reading that starts afresh counts only once it is whole: cut short, it starts afresh again.
            mark = str(BEGINNING if starts_afresh and has_more else reached)
            yield Batch(mark, tuple(_changes(records)), is_last=not has_more, starts_afresh=starts_afresh and not seen)
            if not has_more:
                return
            if token is None or token in seen:
                raise ListUnreachable("The list's owner gives a page that leads to itself.")
            seen.add(token)


def _envelope(page: Any) -> tuple[list[Any], int, bool, str | None]:
    try:
        records, next_set = page["hashRecords"], page["nextSetTimestamp"]
        has_more, token = page["hasMoreRecords"], page["nextPageToken"]
    except (KeyError, TypeError):
        raise ListUnreachable("The list's owner answered something that is not a page of this shape.") from None
    is_one = isinstance(records, list) and type(next_set) is int and isinstance(has_more, bool)
    if not is_one or not (token is None or isinstance(token, str)):
        raise ListUnreachable("The list's owner answered something that is not a page of this shape.")
    return records, next_set, has_more, token


def _changes(records: list[Any]) -> Iterator[Entry | Gone]:
    """A record that cannot be read is passed over, as the shape's own client does: the others count."""
    for record in records:
        try:
            yield _change(record)
        except (KeyError, TypeError, ValueError, OverflowError, OSError, AttributeError, NotAFingerprint):
            continue


def _change(record: dict[str, Any]) -> Entry | Gone:
    signal, value = record["signalType"], record["hashValue"].strip().lower()
    at = datetime.fromtimestamp(record["lastModtimestamp"], UTC)
    name = f"{signal}-{hashlib.sha256(f'{signal} {value}'.encode()).hexdigest()[:32]}"
    if signal not in {"ImagePDQ", "VideoMD5"} or record["hashStatus"] in GONE:
        return Gone(name, at)
    trust, advice = _votes(record.get("CSPFeedbacks") or [])
    reference = f"{signal} {value}"
    if signal == "VideoMD5":
        return Entry(name, Kind.VIDEO, (), trust, advice, at, md5=Md5.parse(value), reference=reference)
    return Entry(name, Kind.PICTURE, (Part(Pdq.parse(value), UNKNOWN_QUALITY),), trust, advice, at, reference=reference)


def _votes(feedbacks: list[Any]) -> tuple[Trust, Advice]:
    said = {one["feedbackValue"] for one in feedbacks}
    if "NotBlocked" in said and "Blocked" not in said:
        return Trust.DISPUTED, Advice(Act.REVIEW, Act.REVIEW)
    return Trust.UNSTATED, UNSTATED_ADVICE

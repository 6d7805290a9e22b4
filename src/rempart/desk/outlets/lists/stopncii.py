"""The shape of StopNCII, version 1 (JSON): one record for each PDQ, known by its value.

A record has opinions, and they carry our trust: a self-declared picture comes with none that is positive, so that its clients
hold it for a person; a confirmed one is *blocked* by us. A doubt is a withdrawn record with *not blocked*, which makes clients
call it disputed.

What a person took back cannot be named here: this shape names a record by the fingerprint, and we no longer have it. So its
tombstone carries the case number alone, under a signal type that clients pass over; one that keeps case numbers can remove by it.
All others are rid of it after a full reading into an empty store: this shape is never the only one to offer.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from rempart.desk.outlets.lists.opinions import Members
from rempart.desk.registers.lists.entries import Published
from rempart.desk.rules.protection import LEAST_QUALITY, Kind
from rempart.desk.rules.trust import RefusalReason, Trust, Vote
from rempart.engine import Pdq
from rempart.engine.errors import NotAFingerprint

CONTENT_TYPE = "application/json"
LATEST = 253_402_300_799
"""The last second that a date can name."""
MOST_FEEDBACKS = 1_000
MOST_TEXT = 64


class Value(StrEnum):
    """What a platform did, as this shape writes it."""

    UNKNOWN = "Unknown"
    NONE = "None"
    QUALITY_UNKNOWN = "QualityUnknown"
    PENDING_REVIEW = "PendingReview"
    BLOCKED = "Blocked"
    NOT_BLOCKED = "NotBlocked"
    WITHDRAWN = "Withdrawn"
    DELETED = "Deleted"


_OF_VOTE = {Vote.BLOCKED: Value.BLOCKED, Vote.NOT_BLOCKED: Value.NOT_BLOCKED}


class NotFeedback(ValueError):
    """The body is not one that this shape knows; the message is a sentence and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a client says of one fingerprint."""

    pdq: Pdq
    value: Value
    reason: RefusalReason | None


def second(at: datetime) -> int:
    """The second that a moment is in, from 1970."""
    return int(at.timestamp() // 1)


def moment(seconds: int) -> datetime:
    """The beginning of that second. Raises ValueError."""
    if not 0 <= seconds <= LATEST:
        raise ValueError("no such time")
    return datetime.fromtimestamp(seconds, UTC)


def write_page(
    entries: Sequence[Published], *, namer: Callable[[int], str], members: Members, since: int, next_token: str | None
) -> bytes:
    """A page of records. Its checkpoint is the time of its own last entry, and never before ``since``."""
    records = [record for entry in entries for record in _records(entry, namer(entry.number), members)]
    last = max((second(entry.updated_at) for entry in entries), default=since)
    return _written(
        {
            "count": len(records),
            "nextPageToken": next_token,
            "nextSetTimestamp": max(last, since),
            "hasMoreRecords": next_token is not None,
            "hashRecords": records,
        }
    )


def _records(entry: Published, name: str, members: Members) -> Iterator[dict[str, Any]]:
    if entry.is_gone:
        yield _record(entry, name, "", "Withdrawn", [_said(members.ours.name, Value.NOT_BLOCKED)])
        return
    if entry.kind is Kind.VIDEO:
        return  # this shape knows the MD5 of a video's file, which nobody sent us
    stands = entry.stands_without_advice
    opinions = _opinions(entry, members) if stands else [_said(members.ours.name, Value.NOT_BLOCKED, entry.trust)]
    for part in entry.parts:
        if part.quality >= LEAST_QUALITY:
            yield _record(entry, name, part.pdq.hex(), "Active" if stands else "Withdrawn", opinions)


def _record(entry: Published, name: str, value: str, status: str, opinions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "lastModtimestamp": second(entry.updated_at),
        "signalType": "ImagePDQ" if value else "Unknown",
        "hashValue": value,
        "hashStatus": status,
        "caseNumbers": {name: status},
        "CSPFeedbacks": opinions,
    }


def _opinions(entry: Published, members: Members) -> list[dict[str, Any]]:
    ours = Value.BLOCKED if entry.trust is Trust.CONFIRMED else Value.NONE
    own = [_said(opinion.member.name, _OF_VOTE[opinion.vote]) for opinion in members.opinions(entry.votes)]
    return [_said(members.ours.name, ours, entry.trust), *own]


def _said(source: str, value: Value, trust: Trust | None = None) -> dict[str, Any]:
    return {"source": source, "feedbackValue": value.value, "tags": [trust.value] if trust else []}


def write_error(reason: str, sentence: str) -> bytes:
    """What went wrong: a stable word and a sentence."""
    return _written({"error": reason, "message": sentence})


def write_taken(taken: int, unknown: int) -> bytes:
    """How many statements were taken, and how many were about fingerprints that are not on this client's copy."""
    return _written({"taken": taken, "unknown": unknown})


def _written(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def read_feedback(body: bytes) -> list[Spoken]:
    """What a client says. Raises :class:`NotFeedback`; then nothing of it is taken."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise NotFeedback("The body is not JSON.") from None
    rows = given.get("hashFeedbacks") if isinstance(given, dict) else None
    if not isinstance(rows, list):
        raise NotFeedback("hashFeedbacks must be a list.")
    if len(rows) > MOST_FEEDBACKS:
        raise NotFeedback(f"At most {MOST_FEEDBACKS} feedbacks at once.")
    return [_spoken(row) for row in rows]


def _spoken(row: Any) -> Spoken:
    if not isinstance(row, dict) or not isinstance(row.get("hashValue"), str):
        raise NotFeedback("Each feedback needs a hashValue.")
    try:
        pdq = Pdq.parse(row["hashValue"])
        # Clients that write Python's name of the value are understood too.
        value = Value(str(row.get("feedbackValue")).rpartition(".")[2])
    except (NotAFingerprint, ValueError):
        raise NotFeedback("A hashValue is not a PDQ, or a feedbackValue is not one of the shape.") from None
    return Spoken(pdq, value, _reason(row.get("tags")))


def _reason(tags: Any) -> RefusalReason | None:
    """A tag that is one of our reasons says why; any other is passed over."""
    known = {reason.value: reason for reason in RefusalReason}
    given = tags if isinstance(tags, list) else []
    return next((known[tag] for tag in given if isinstance(tag, str) and tag in known), None)

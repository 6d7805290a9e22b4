"""Our own shape (JSON): each entry with its trust and our advice, its fingerprints grouped by picture, tombstones for ever."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rempart.desk.registers.bank.facts import Statement
from rempart.desk.registers.lists.entries import Part, Published
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import LEAST_QUALITY, Kind
from rempart.desk.rules.trust import RefusalReason, Trust, Vote
from rempart.engine import USUAL_RADIUS, Pipeline

CONTENT_TYPE = "application/json"
USUAL, MOST = 500, 2_000
MOST_PDQS = 20_000
"""PDQs on a page: an hour of video has 3,600."""
MOST_RESULTS = 1_000
MOST_MATCHES = 1_000_000_000
ACCOUNTS = {"1": 1, "2-9": 2, "10-99": 10, "100+": 100}
"""How many accounts sent it, roughly: the exact number is nobody's business. Counted as the least it can be."""
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z),(\d{1,18})", re.ASCII)
_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Refused(ValueError):
    """The question is not one of ours; the message is a sentence and repeats nothing of it."""


class Cursor(NamedTuple):
    """How far somebody has read: the time of the last entry, and its position."""

    at: datetime
    position: int


BEGINNING = Cursor(datetime(1970, 1, 1, tzinfo=UTC), 0)


def read_cursor(text: str) -> Cursor:
    """Raises :class:`Refused`."""
    found = _CURSOR.fullmatch(text)
    try:
        return Cursor(datetime.fromisoformat(found[1]), int(found[2])) if found else _not_a_cursor()
    except ValueError:
        return _not_a_cursor()


def _not_a_cursor() -> Cursor:
    raise Refused("The cursor is not one that this list gave; leave it out to begin again.")


def write_cursor(cursor: Cursor) -> str:
    """``timestamp,position``."""
    return f"{_moment(cursor.at)},{cursor.position}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_limit(text: str | None) -> int:
    """Raises :class:`Refused`."""
    if text is None:
        return USUAL
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= MOST:
        raise Refused(f"limit must be a number from 1 to {MOST}.")
    return int(text)


def write_page(
    list_name: ListName, entries: Sequence[Published], *, namer: Callable[[int], str], next_cursor: Cursor, has_more: bool
) -> bytes:
    """A page of the list."""
    return _written(
        {
            "list": list_name.value,
            "distance": USUAL_RADIUS,
            "least_quality": LEAST_QUALITY,
            "entries": [_entry(entry, namer(entry.number)) for entry in entries],
            "next": write_cursor(next_cursor),
            "has_more": has_more,
        }
    )


def _entry(entry: Published, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name,
        "state": _state(entry),
        "kind": entry.kind.value,
        "updated_at": _moment(entry.updated_at),
    }
    if entry.is_gone:
        return told
    advice = entry.advice
    return told | {
        "classification": entry.list_name.value,
        "trust": entry.trust.value,
        "advice": {"exact": advice.exact.value, "near": advice.near.value},
        "own_vote": entry.own_vote.value if entry.own_vote else None,
        "declared_at": entry.declared_at.isoformat(),
        "sha256": entry.sha256.hex() if entry.sha256 else None,
        "pipeline": Pipeline.FULL.value,
        "pdqs": [_part(part, entry.kind) for part in entry.parts],
    }


def _state(entry: Published) -> str:
    """``listed``; ``withdrawn`` and ``expired`` for ever; ``not_listed``: not on this copy, it may come yet."""
    if not entry.is_gone:
        return "listed"
    return entry.trust.value if entry.trust in {Trust.WITHDRAWN, Trust.EXPIRED} else "not_listed"


def _part(part: Part, kind: Kind) -> dict[str, Any]:
    place = {"second": part.second} if kind is Kind.VIDEO else {"variant": part.variant}
    return {"pdq": part.pdq.hex(), "quality": part.quality, **place}


def write_error(reason: str, sentence: str) -> bytes:
    """What went wrong: a stable word and a sentence."""
    return _written({"error": reason, "message": sentence})


def write_taken(taken: int, unknown: Sequence[str], *, is_repeated: bool) -> bytes:
    """How many results were taken, and the names that are not on this client's copy."""
    return _written({"taken": taken, "unknown": list(unknown), "repeated": is_repeated})


def _written(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Result:
    """What a platform says of one entry, by the name it knows."""

    name: str
    statement: Statement


_FIELDS = {"name", "seen", "accounts", "outcome", "reason", "at"}
_OUTCOMES = {"blocked": Vote.BLOCKED, "not_blocked": Vote.NOT_BLOCKED}


def read_results(body: bytes) -> list[Result]:
    """Raises :class:`Refused`; then nothing of it is taken."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("The body is not JSON.") from None
    rows = given.get("results") if isinstance(given, dict) and set(given) == {"results"} else None
    if not isinstance(rows, list) or not rows:
        raise Refused("The body must be an object with one list, results, that is not empty.")
    if len(rows) > MOST_RESULTS:
        raise Refused(f"At most {MOST_RESULTS} results at once.")
    return [_result(row, place) for place, row in enumerate(rows)]


def _result(row: Any, place: int) -> Result:
    if not isinstance(row, dict) or not set(row) <= _FIELDS or not isinstance(row.get("name"), str):
        raise Refused(f"results[{place}] must be an object with a name and no field that is not described.")
    if not _NAME.fullmatch(row["name"]):
        raise Refused(f"results[{place}].name is not the name of an entry.")
    if not {"seen", "outcome"} & set(row):
        raise Refused(f"results[{place}] says nothing: give seen, outcome or both.")
    return Result(row["name"], _statement(row, place))


def _statement(row: dict[str, Any], place: int) -> Statement:
    seen, outcome = row.get("seen", 0), row.get("outcome")
    accounts, reason = row.get("accounts"), row.get("reason")
    if type(seen) is not int or not 0 <= seen <= MOST_MATCHES:
        raise Refused(f"results[{place}].seen must be a count.")
    if accounts is not None and (not isinstance(accounts, str) or accounts not in ACCOUNTS):
        raise Refused(f"results[{place}].accounts must be one of {', '.join(ACCOUNTS)}.")
    if outcome is not None and (not isinstance(outcome, str) or outcome not in {*_OUTCOMES, "under_review"}):
        raise Refused(f"results[{place}].outcome must be one of {', '.join(_OUTCOMES)}, under_review.")
    if (reason is not None) != (outcome == "not_blocked") or (reason is not None and reason not in [*RefusalReason]):
        raise Refused(
            f"results[{place}].reason must be one of {', '.join(RefusalReason)}, with not_blocked and with nothing else."
        )
    return Statement(
        matches=seen,
        accounts=ACCOUNTS[accounts] if accounts else 0,
        vote=_OUTCOMES.get(outcome or ""),
        reason=RefusalReason(reason) if reason else None,
        is_under_review=outcome == "under_review",
        at=_decided_at(row.get("at"), place),
    )


def _decided_at(text: Any, place: int) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) and len(text) <= 40 else None
        if at is None or at.tzinfo is None:
            raise ValueError("no moment")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(f"results[{place}].at must be a moment with its time zone, like 2026-11-22T10:00:00Z.") from None

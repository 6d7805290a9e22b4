"""What was found and what people decided, in one file of the matcher's folder: several processes write, none waits long.

A hit is remembered for 30 days by its trace id alone. What the owner of a list is told is counted for each entry; of the accounts
that uploaded it, only how many, from digests that end with the day.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from rempart.matcher.feedback.tables import open_tables, transaction
from rempart.matcher.policy import Because, Outcome
from rempart.matcher.results import Reason, Verdict
from rempart.matcher.settings import Flood, Webhook

KEPT_FOR = timedelta(days=30)
AT_ONCE = 5_000
HOUR = 3_600
EVENT = "match.found"


class UnknownTrace(LookupError):
    """No hit of this name is remembered: it never was, or more than 30 days ago."""


class Matched(Protocol):
    """One entry that an upload met, as ``lookup.Found`` says it."""

    @property
    def list_name(self) -> str:
        """Whose."""

    @property
    def entry(self) -> str:
        """Its name on the list."""

    @property
    def outcome(self) -> Outcome:
        """Of this match alone."""

    @property
    def because(self) -> Because:
        """Why it is milder than the rule."""


class Answered(Protocol):
    """What was answered, as ``lookup.Answer`` says it."""

    @property
    def trace_id(self) -> str:
        """Its name."""

    @property
    def outcome(self) -> Outcome:
        """Of all matches."""

    @property
    def found(self) -> Sequence[Matched]:
        """Of this upload."""


@dataclass(frozen=True, slots=True)
class Paused:
    """An entry that was hit so often that it is held for review instead of blocked."""

    list_name: str
    entry: str
    at: datetime
    hits: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Hits of one list in the hour that begins at ``hour``."""

    list_name: str
    outcome: Outcome
    hour: datetime
    hits: int


class Outbox:
    """One for each thread. ``webhooks``: who is told of each hit."""

    def __init__(self, folder: Path, *, flood: Flood | None = None, webhooks: Sequence[Webhook] = ()) -> None:
        self._tables = open_tables(folder)
        self._flood = flood or Flood()
        self._endpoints = [endpoint_of(one) for one in webhooks]

    def close(self) -> None:
        """Write no more."""
        self._tables.close()

    # ── hits ──

    def hit(self, answer: Answered, *, account: str | None, now: datetime) -> None:
        """Remember an answer that found something; one that found nothing leaves no trace.

        ``account``: the platform's own word for who uploaded; kept as a digest that ends with the day.
        """
        self.hits([answer], accounts=[account], now=now)

    def hits(self, answers: Sequence[Answered], *, accounts: Sequence[str | None], now: datetime) -> None:
        """The same for many, at the cost of one."""
        found = [pair for pair in zip(answers, accounts, strict=True) if pair[0].found]
        if not found:
            return
        with transaction(self._tables):
            key = self._key_of(now) if any(account for _, account in found) else b""
            for answer, account in found:
                for one in answer.found:
                    self._note(answer.trace_id, one, account, key, now.timestamp())
                if answer.outcome is not Outcome.ACCEPT:
                    self._announce(answer, now)

    def _note(self, trace: str, one: Matched, account: str | None, key: bytes, at: float) -> None:
        execute = self._tables.execute
        number, serial, flood_from, paused_at = execute(
            "INSERT INTO entries (list, entry, hits) VALUES (?, ?, 1) ON CONFLICT (list, entry) DO UPDATE SET hits = hits + 1"
            " RETURNING number, hits, flood_from, paused_at",
            (one.list_name, one.entry),
        ).fetchone()
        execute(
            "INSERT INTO hits (trace, entry, serial, at, outcome) VALUES (?, ?, ?, ?, ?)",
            (trace, number, serial, at, one.outcome),
        )
        if account:
            digest = hashlib.blake2b(account.encode(), key=key, digest_size=16).digest()
            execute("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)", (number, digest, serial))
        execute(
            "INSERT INTO tally VALUES (?, ?, ?, 1) ON CONFLICT (hour, list, outcome) DO UPDATE SET hits = hits + 1",
            (one.list_name, one.outcome, int(at // HOUR)),
        )
        if self._flood.hits and paused_at is None:
            self._pause_if_flooded(number, serial, flood_from, at)

    def _pause_if_flooded(self, number: int, serial: int, flood_from: int, at: float) -> None:
        """One hit more than allowed within the time: then the one that many before this was not long ago."""
        first = serial - self._flood.hits
        if first <= flood_from:
            return
        row = self._tables.execute("SELECT at FROM hits WHERE entry = ? AND serial = ?", (number, first)).fetchone()
        if row is not None and at - row[0] <= self._flood.within.total_seconds():
            self._tables.execute("UPDATE entries SET paused_at = ? WHERE number = ?", (at, number))

    def _announce(self, answer: Answered, now: datetime) -> None:
        if not self._endpoints:
            return
        matches = [
            {"list": one.list_name, "entry": one.entry, "outcome": one.outcome, "because": one.because} for one in answer.found
        ]
        data = {"trace_id": answer.trace_id, "outcome": answer.outcome, "matches": matches}
        body = json.dumps({"type": EVENT, "timestamp": now.astimezone(UTC).isoformat(), "data": data}, separators=(",", ":"))
        for endpoint in self._endpoints:
            ended = self._tables.execute("SELECT ended_at FROM endpoints WHERE endpoint = ?", (endpoint,)).fetchone()
            if ended is None or ended[0] is None:
                self._tables.execute(
                    "INSERT INTO events (endpoint, message, body, made_at, next_at) VALUES (?, ?, ?, ?, ?)",
                    (endpoint, f"msg_{secrets.token_hex(12)}", body, now.timestamp(), now.timestamp()),
                )

    # ── floods ──

    def is_flooded(self, list_name: str, entry: str) -> bool:
        """Whether it waits for a person. Some microseconds."""
        found = self._tables.execute(
            "SELECT 1 FROM entries WHERE list = ? AND entry = ? AND paused_at IS NOT NULL", (list_name, entry)
        )
        return found.fetchone() is not None

    def paused(self) -> list[Paused]:
        """Everything that waits for a person, the oldest first."""
        rows = self._tables.execute(
            "SELECT list, entry, paused_at, hits FROM entries WHERE paused_at IS NOT NULL ORDER BY paused_at"
        )
        return [Paused(list_name, entry, _moment(at), hits) for list_name, entry, at, hits in rows]

    def resume(self, list_name: str, entry: str) -> bool:
        """A person looked: it blocks again. False where it was not paused."""
        with transaction(self._tables, is_durable=True):
            return self._resume(list_name, entry)

    def _resume(self, list_name: str, entry: str) -> bool:
        done = self._tables.execute(
            "UPDATE entries SET paused_at = NULL, flood_from = hits WHERE list = ? AND entry = ? AND paused_at IS NOT NULL",
            (list_name, entry),
        )
        return done.rowcount == 1

    # ── decisions ──

    def decide(self, list_name: str, entry: str, verdict: Verdict, reason: Reason | None, *, now: datetime) -> None:
        """What a person decided about an entry; the owner of the list is told, and told again when it changes.

        Raises ValueError where a reason is missing, or given without need.
        """
        _check(verdict, reason)
        with transaction(self._tables, is_durable=True):
            self._decide(list_name, entry, verdict, reason, now)

    def decide_trace(self, trace_id: str, verdict: Verdict, reason: Reason | None, *, now: datetime) -> list[tuple[str, str]]:
        """The same for everything that one upload met; returns list and entry of each. Raises UnknownTrace, ValueError."""
        _check(verdict, reason)
        with transaction(self._tables, is_durable=True):
            rows = self._tables.execute(
                "SELECT DISTINCT list, entries.entry FROM hits JOIN entries ON entries.number = hits.entry WHERE trace = ?",
                (trace_id,),
            ).fetchall()
            if not rows:
                raise UnknownTrace("No match of this name is remembered.")
            for list_name, entry in rows:
                self._decide(list_name, entry, verdict, reason, now)
        return rows

    def _decide(self, list_name: str, entry: str, verdict: Verdict, reason: Reason | None, now: datetime) -> None:
        self._tables.execute(
            "INSERT INTO entries (list, entry, verdict, reason, decided_at, is_untold) VALUES (?, ?, ?, ?, ?, 1)"
            " ON CONFLICT (list, entry) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason,"
            " decided_at = excluded.decided_at, is_untold = 1",
            (list_name, entry, verdict, reason, now.timestamp()),
        )
        if verdict is not Verdict.UNDER_REVIEW:
            self._resume(list_name, entry)

    # ── over time ──

    def tallies(self, since: datetime) -> list[Tally]:
        """Hits by list, outcome and hour, the oldest first; 30 days at most."""
        rows = self._tables.execute(
            "SELECT list, outcome, hour, hits FROM tally WHERE hour >= ? ORDER BY hour, list, outcome",
            (int(since.timestamp() // HOUR),),
        )
        return [Tally(list_name, Outcome(outcome), _moment(hour * HOUR), hits) for list_name, outcome, hour, hits in rows]

    def sweep(self, now: datetime) -> None:
        """Forget what is too old, and tidy the file; a little at a time, so that nobody waits."""
        with transaction(self._tables):
            self._end_the_day(now)
            self._tables.execute("DELETE FROM tally WHERE hour < ?", (int((now - KEPT_FOR).timestamp() // HOUR),))
        while self._forget_some((now - KEPT_FOR).timestamp()):
            pass
        self.tidy()

    def tidy(self) -> None:
        """Move what was written into the file itself. Nobody else does, and nobody waits for it."""
        self._tables.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _forget_some(self, before: float) -> bool:
        with transaction(self._tables):
            # In the order of time: what is old is at the beginning.
            rows = self._tables.execute("SELECT number, at FROM hits ORDER BY number LIMIT ?", (AT_ONCE,)).fetchall()
            old = [(number,) for number, at in rows if at < before]
            self._tables.executemany("DELETE FROM hits WHERE number = ?", old)
        return len(old) == AT_ONCE

    def _key_of(self, now: datetime) -> bytes:
        self._end_the_day(now)
        row = self._tables.execute("SELECT key FROM today").fetchone()
        if row is not None:
            return bytes(row[0])
        key = secrets.token_bytes(32)
        self._tables.execute("INSERT INTO today VALUES (1, ?, ?)", (_day(now), key))
        return key

    def _end_the_day(self, now: datetime) -> None:
        row = self._tables.execute("SELECT day FROM today").fetchone()
        if row is None or row[0] >= _day(now):
            return
        self._tables.execute(
            "UPDATE entries SET accounts = max(accounts, counted.many) FROM (SELECT accounts.entry AS number, count(*) AS many"
            " FROM accounts JOIN entries ON entries.number = accounts.entry WHERE serial > told_hits GROUP BY accounts.entry)"
            " AS counted WHERE entries.number = counted.number"
        )
        self._tables.execute("DELETE FROM accounts")
        self._tables.execute("DELETE FROM today")


def endpoint_of(webhook: Webhook) -> str:
    """What a webhook is called in the tables: says neither its address nor its secret, and changes with either."""
    return hashlib.sha256(f"{webhook.url}\0{webhook.secret}".encode()).hexdigest()[:32]


def _check(verdict: Verdict, reason: Reason | None) -> None:
    if (verdict is Verdict.NOT_BLOCKED) != (reason is not None):
        raise ValueError("A reason goes with “not_blocked”, and with nothing else.")


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

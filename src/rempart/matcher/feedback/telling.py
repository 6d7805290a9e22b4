"""Telling the owners of lists: one message at a time for each list, under one name until it was received."""

from __future__ import annotations

import logging
import random
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rempart.matcher.feedback.tables import open_tables, transaction
from rempart.matcher.results import Reason, Result, Verdict
from rempart.matcher.subscribe.interface import ListRefused, ListUnreachable, Teller

logger = logging.getLogger("rempart.matcher.telling")

MOST_RESULTS = 1_000
COUNTS_EVERY = timedelta(minutes=1)
"""Counts are gathered for so long; what a person decided goes at once."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
AFTER_REFUSAL = timedelta(minutes=15)
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Owner:
    """How telling one list's owner goes. ``waiting``: entries that there is something to tell of."""

    waiting: int
    told_at: datetime | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What is on its way, under a name that stays the same."""

    name: str
    results: tuple[Result, ...] = field(repr=False)


class Telling:
    """One list, in a thread of its own. ``reference_of``: see ``Shelf``; None where the entry is gone."""

    def __init__(
        self,
        folder: Path,
        list_name: str,
        teller: Teller,
        reference_of: Callable[[str], str | None] = lambda name: name,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._tables, self._list, self._teller = open_tables(folder), list_name, teller
        self._reference_of, self._draw = reference_of, draw
        self._tables.execute("INSERT OR IGNORE INTO owners (list) VALUES (?)", (list_name,))

    def close(self) -> None:
        """Tell no more."""
        self._tables.close()

    def once(self, now: datetime) -> bool:
        """Tell what there is, if it is time. True where a message was received, and the next may follow at once."""
        message = self._message(now)
        if message is None:
            return False
        try:
            self._teller.tell(message.results, message=message.name)
        except ListRefused as error:
            self._note_failure(now, str(error), now + AFTER_REFUSAL)
            return False
        except ListUnreachable as error:
            self._note_failure(now, str(error), error.retry_at)
            return False
        self._note_received(now)
        return True

    # ── what to say ──

    def _message(self, now: datetime) -> Message | None:
        name, next_at, told_at = self._tables.execute(
            "SELECT message, next_at, told_at FROM owners WHERE list = ?", (self._list,)
        ).fetchone()
        # A clock that was set back must not silence us for long.
        if now.timestamp() < next_at <= (now + 2 * LONGEST_WAIT).timestamp():
            return None
        if name is None:
            is_soon = told_at is not None and 0 <= now.timestamp() - told_at < COUNTS_EVERY.total_seconds()
            name = self._form(is_time_for_counts=not is_soon)
        return None if name is None else Message(name, tuple(self._results()))

    def _form(self, *, is_time_for_counts: bool) -> str | None:
        """Take what is to tell out of the counts and into a message, all in one transaction: it is in exactly one of both."""
        if not self._is_there(is_time_for_counts):
            return None
        with transaction(self._tables):
            self._tables.execute(
                "INSERT INTO telling SELECT list, number, hits - told_hits, max(accounts, (SELECT count(*) FROM accounts"
                " WHERE accounts.entry = number AND serial > told_hits)), iif(is_untold, verdict, NULL),"
                " iif(is_untold, reason, NULL), iif(is_untold, decided_at, NULL) FROM entries"
                " WHERE list = ? AND (hits > told_hits OR is_untold) ORDER BY is_untold DESC LIMIT ?",
                (self._list, MOST_RESULTS),
            )
            self._tables.execute(
                "UPDATE entries SET told_hits = hits, accounts = 0, is_untold = 0"
                " WHERE number IN (SELECT entry FROM telling WHERE list = ?)",
                (self._list,),
            )
            name = f"results-{secrets.token_hex(12)}"
            self._tables.execute("UPDATE owners SET message = ?, tries = 0 WHERE list = ?", (name, self._list))
        return name

    def _is_there(self, is_time_for_counts: bool) -> bool:
        untold = "SELECT 1 FROM entries WHERE list = ? AND (hits > told_hits OR is_untold)"
        more = "" if is_time_for_counts else " AND is_untold = 1"
        return self._tables.execute(f"{untold}{more} LIMIT 1", (self._list,)).fetchone() is not None

    def _results(self) -> list[Result]:
        rows = self._tables.execute(
            "SELECT entries.entry, seen, telling.accounts, telling.verdict, telling.reason, telling.decided_at FROM telling"
            " JOIN entries ON number = telling.entry WHERE telling.list = ? ORDER BY number",
            (self._list,),
        )
        return [self._result(row) for row in rows.fetchall()]

    def _result(self, row: tuple[Any, ...]) -> Result:
        entry, seen, accounts, verdict, reason, at = row
        return Result(
            entry=entry,
            reference=self._reference_of(entry) or "",
            seen=seen,
            accounts=max(accounts, 1) if seen else 0,
            verdict=None if verdict is None else Verdict(verdict),
            reason=None if reason is None else Reason(reason),
            at=None if at is None else datetime.fromtimestamp(at, UTC),
        )

    # ── how it went ──

    def _note_received(self, now: datetime) -> None:
        with transaction(self._tables, is_durable=True):
            self._tables.execute("DELETE FROM telling WHERE list = ?", (self._list,))
            self._tables.execute(
                "UPDATE owners SET message = NULL, tries = 0, next_at = 0, told_at = ?, trouble = NULL WHERE list = ?",
                (now.timestamp(), self._list),
            )

    def _note_failure(self, now: datetime, trouble: str, asked: datetime | None) -> None:
        (tries,) = self._tables.execute("SELECT tries FROM owners WHERE list = ?", (self._list,)).fetchone()
        wait = min(FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT) * (1 + JITTER * (2 * self._draw() - 1))
        next_at = min(max(now + wait, asked or now), now + 2 * LONGEST_WAIT)
        self._tables.execute(
            "UPDATE owners SET tries = tries + 1, next_at = ?, trouble = ? WHERE list = ?",
            (next_at.timestamp(), trouble, self._list),
        )
        logger.warning("List %s: what was found is not told yet. %s", self._list, trouble)


def owner_of(tables: sqlite3.Connection, list_name: str) -> Owner:
    """How telling goes, for whoever looks."""
    row = tables.execute("SELECT told_at, trouble FROM owners WHERE list = ?", (list_name,)).fetchone()
    (waiting,) = tables.execute(
        "SELECT (SELECT count(*) FROM entries WHERE list = ?1 AND (hits > told_hits OR is_untold))"
        " + (SELECT count(*) FROM telling WHERE list = ?1)",
        (list_name,),
    ).fetchone()
    told_at, trouble = row or (None, None)
    return Owner(waiting, None if told_at is None else datetime.fromtimestamp(told_at, UTC), trouble)

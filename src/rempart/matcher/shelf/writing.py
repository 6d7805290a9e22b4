"""Writing a list on the disk, so that a power cut at any moment leaves it right.

A batch is committed in the tables first, with its checkpoint and with what the index has still to learn; then the index learns
it; then that note is torn up. Whoever is cut short between two of these begins again from the note. An entry that is gone is gone
from the moment of the commit: what the index still finds of it leads to no row, and answers nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from rempart.engine import IndexStore, IndexWriter
from rempart.engine.errors import IndexNotFound
from rempart.matcher.lists import Batch, Entry, Gone
from rempart.matcher.shelf.tables import MOST_PARTS, PARTS_BITS, make

INDEX = "index"
AT_ONCE = 50_000  # keys that the index learns in one change


class TooManyParts(ValueError):
    """An entry has more fingerprints than a shelf can hold."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch changed: entries that are new or have other fingerprints, others that only say something else, and ends."""

    written: int
    restated: int
    gone: int


class ShelfWriter:
    """The one writer of a list. Raises IndexBusy where there is one already, IndexDamaged where :meth:`reset` is needed."""

    def __init__(self, folder: Path) -> None:
        self._tables = make(folder)
        try:
            self._index = _open_index(folder / INDEX)
        except BaseException:
            self._tables.close()
            raise
        self._learn()

    def __enter__(self) -> "ShelfWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write."""
        self._index.close()
        self._tables.close()

    @property
    def checkpoint(self) -> str | None:
        """Where reading goes on; None: from the beginning."""
        found: str | None = self._tables.execute("SELECT checkpoint FROM state").fetchone()[0]
        return found

    def take(self, batch: Batch, *, now: datetime) -> Taken:
        """Put a batch on the disk; when this returns, every reader answers by it. Taken twice, it is once.

        Raises TooManyParts: then nothing of it was kept.
        """
        with self._transaction():
            taken = self._write(batch, now)
        self._learn()
        return taken

    def note_try(self, *, now: datetime, trouble: str | None) -> None:
        """The owner was asked; ``trouble``: a sentence, or None when all went well."""
        self._tables.execute("UPDATE state SET tried_at = ?, trouble = ?", (now.timestamp(), trouble))

    def disable(self, name: str, *, why: str, now: datetime) -> None:
        """This entry does not block here any more, whatever its owner says, also once it is replaced."""
        self._tables.execute("INSERT OR REPLACE INTO disabled VALUES (?, ?, ?)", (name, now.timestamp(), why))

    def enable(self, name: str) -> None:
        """Take that back."""
        self._tables.execute("DELETE FROM disabled WHERE name = ?", (name,))

    # ── one batch ──

    def _write(self, batch: Batch, now: datetime) -> Taken:
        if batch.starts_afresh:
            self._tables.execute("UPDATE state SET round = round + 1, is_afresh = 1")
        written = restated = gone = 0
        for change in batch.changes:
            if isinstance(change, Gone):
                gone += self._forget(change.name)
            elif self._restate(change):
                restated += 1
            else:
                self._forget(change.name)
                self._insert(change)
                written += 1
        if batch.is_last:
            gone += self._forget_unnamed()
            self._tables.execute("UPDATE state SET read_at = ?", (now.timestamp(),))
        self._tables.execute("UPDATE state SET checkpoint = ?", (batch.checkpoint,))
        return Taken(written, restated, gone)

    def _restate(self, entry: Entry) -> bool:
        """Whether its fingerprints are those we have: then only what is said of it changes, and the index learns nothing."""
        changed = self._tables.execute(
            "UPDATE entries SET kind = ?, trust = ?, exact = ?, near = ?, classification = ?, updated_at = ?, parts = ?,"
            " reference = ?, round = (SELECT round FROM state) WHERE name = ? AND content = ?",
            (*_said(entry), entry.name, _content(entry)),
        )
        return changed.rowcount == 1

    def _insert(self, entry: Entry) -> None:
        if len(entry.parts) > MOST_PARTS:
            raise TooManyParts(f"An entry has {len(entry.parts)} fingerprints; {MOST_PARTS} are the most.")
        number, round_ = self._tables.execute("SELECT next_number, round FROM state").fetchone()
        self._tables.execute("UPDATE state SET next_number = next_number + 1, held = held + 1")
        self._tables.execute(
            "INSERT INTO entries (kind, trust, exact, near, classification, updated_at, parts, reference, name, content, number,"
            " round) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*_said(entry), entry.name, _content(entry), number, round_),
        )
        digests = {one.value for one in (entry.sha256, entry.md5) if one is not None}
        self._tables.executemany("INSERT INTO digests VALUES (?, ?)", [(digest, number) for digest in digests])
        keys = ((number << PARTS_BITS) + place for place in range(len(entry.parts)))
        self._tables.executemany(
            "INSERT INTO to_add VALUES (?, ?)", [(key, part.pdq.value) for key, part in zip(keys, entry.parts, strict=True)]
        )

    def _forget(self, name: str) -> int:
        return self._forget_rows(self._tables.execute("SELECT number, parts FROM entries WHERE name = ?", (name,)).fetchall())

    def _forget_unnamed(self) -> int:
        """Of a list that is read whole each time: what this reading did not name."""
        if not self._tables.execute("UPDATE state SET is_afresh = 0 WHERE is_afresh = 1").rowcount:
            return 0
        unnamed = "SELECT number, parts FROM entries WHERE round < (SELECT round FROM state)"
        return self._forget_rows(self._tables.execute(unnamed).fetchall())

    def _forget_rows(self, rows: Iterable[tuple[int, str]]) -> int:
        forgotten = 0
        for number, parts in rows:
            first = number << PARTS_BITS
            keys = [(key,) for key in range(first, first + len(json.loads(parts)))]
            self._tables.execute("DELETE FROM entries WHERE number = ?", (number,))
            self._tables.execute("DELETE FROM digests WHERE number = ?", (number,))
            # What the index had not learnt yet it need not unlearn; asking it to do no harm.
            self._tables.executemany("DELETE FROM to_add WHERE key = ?", keys)
            self._tables.executemany("INSERT OR IGNORE INTO to_remove VALUES (?)", keys)
            forgotten += 1
        self._tables.execute("UPDATE state SET held = held - ?", (forgotten,))
        return forgotten

    # ── the index ──

    def _learn(self) -> None:
        """Bring the index to where the tables are. Each step may be done twice."""
        while rows := self._tables.execute("SELECT key FROM to_remove ORDER BY key LIMIT ?", (AT_ONCE,)).fetchall():
            self._index.remove(np.array([key for (key,) in rows], dtype=np.uint64))
            self._tear("to_remove", rows[-1][0])
        while added := self._tables.execute("SELECT key, pdq FROM to_add ORDER BY key LIMIT ?", (AT_ONCE,)).fetchall():
            hashes = np.frombuffer(b"".join(pdq for _, pdq in added), np.uint8).reshape(-1, 32)
            self._index.add(hashes, np.array([key for key, _ in added], dtype=np.uint64))
            self._tear("to_add", added[-1][0])

    def _tear(self, table: str, up_to: int) -> None:
        self._tables.execute(f"DELETE FROM {table} WHERE key <= ?", (up_to,))  # noqa: S608  # one of two names above

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._tables.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._tables.execute("ROLLBACK")
            raise
        self._tables.execute("COMMIT")


def _said(entry: Entry) -> tuple[str, str, str, str, str, float, str, str]:
    parts = json.dumps([[part.variant, part.second, part.quality] for part in entry.parts], separators=(",", ":"))
    return (
        entry.kind,
        entry.trust,
        entry.advice.exact,
        entry.advice.near,
        entry.classification,
        entry.updated_at.timestamp(),
        parts,
        entry.reference,
    )


def _content(entry: Entry) -> bytes:
    content = hashlib.sha256()
    for part in entry.parts:
        content.update(part.pdq.value)
    for digest in (entry.sha256, entry.md5):
        content.update(b"\0" if digest is None else b"\1" + digest.value)
    return content.digest()


def _open_index(folder: Path) -> IndexWriter:
    try:
        return IndexStore.writer(folder)
    except IndexNotFound:
        IndexStore.build(folder, np.empty((0, 32), np.uint8), np.empty(0, np.uint64))
        return IndexStore.writer(folder)

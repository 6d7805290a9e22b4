"""The plan of a scan and how far it is, in one file beside the report. Whatever is killed, each task counts once.

What a task found and that it is done are written in one transaction: a task that was cut short is simply done again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from rempart.matcher.scan.pieces import (
    REFUSED,
    Item,
    Line,
    Place,
    Reason,
    Result,
    Task,
    line_as_text,
    line_of_text,
    packed,
    unpacked,
)

NAME = "scan.sqlite3"
AT_ONCE = 16
"""Files of one task: some tenths of a second of work, and what a killed process has to do again."""
PLANNED_AT_ONCE = 500
BUSY_SECONDS = 60.0

TABLES = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY,
    items BLOB NOT NULL,
    files INTEGER NOT NULL,     -- for whoever waits; of a piece of an archive, its members
    done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS tasks_to_do ON tasks (number) WHERE done = 0;
CREATE TABLE IF NOT EXISTS lines (
    file INTEGER, member INTEGER, part INTEGER, rank INTEGER, line TEXT NOT NULL, PRIMARY KEY (file, member, part, rank)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (list TEXT, version TEXT, PRIMARY KEY (list, version)) STRICT, WITHOUT ROWID;
"""


class State:
    """Open, or made where there is none. One process writes; others may read what there is so far."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / NAME
        path.touch(mode=0o600, exist_ok=True)
        self._tables = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        self._tables.execute("PRAGMA journal_mode = WAL")
        self._tables.execute("PRAGMA synchronous = NORMAL")  # a cut power may take the last tasks: they are done again
        self._tables.executescript(TABLES)
        self._handed_out = -1
        self._first_new = 0

    def close(self) -> None:
        """Until the next time."""
        self._tables.close()

    # ── the plan ──

    def about(self, key: str) -> str | None:
        """What was noted."""
        row = self._tables.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def note(self, key: str, value: str) -> None:
        """Keep it."""
        self._tables.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    @property
    def is_planned(self) -> bool:
        """Whether the plan is whole: only then is anything done."""
        return self.about("planned") is not None

    def plan(self, items: Iterable[Item]) -> Iterator[int]:
        """Write it down, from the beginning; yields how many files there are so far."""
        self._tables.execute("DELETE FROM tasks")
        waiting, files = iter(items), 0
        tasks = enumerate(iter(lambda: tuple(islice(waiting, AT_ONCE)), ()))
        while some := [(number, packed(of), len(of)) for number, of in islice(tasks, PLANNED_AT_ONCE)]:
            with self._transaction():
                self._tables.executemany("INSERT INTO tasks (number, items, files) VALUES (?, ?, ?)", some)
            files += sum(count for _, _, count in some)
            yield files
        self.note("planned", str(files))

    def progress(self) -> tuple[int, int]:
        """Files done, and in all."""
        done, total = self._tables.execute("SELECT coalesce(sum(files * done), 0), coalesce(sum(files), 0) FROM tasks").fetchone()
        return done, total

    # ── the work ──

    def next_task(self) -> Task | None:
        """One that was not handed out since this was opened; None when there is none now."""
        row = self._tables.execute(
            "SELECT number, items FROM tasks WHERE done = 0 AND number > ? ORDER BY number LIMIT 1", (self._handed_out,)
        ).fetchone()
        if row is None:
            return None
        self._handed_out = row[0]
        return Task(row[0], unpacked(row[1]))

    def keep(self, task: Task, result: Result) -> int:
        """What came of a task, and that it is done, at once; the second time, nothing. Returns how many files are done by it."""
        with self._transaction():
            found = self._tables.execute(
                "UPDATE tasks SET done = 1 WHERE number = ? AND done = 0 RETURNING files", (task.number,)
            )
            row = found.fetchone()
            if row is None:
                return 0
            self._add(result.further)
            self._tables.executemany(
                "INSERT INTO lines VALUES (?, ?, ?, ?, ?)", [(*place, line_as_text(line)) for place, line in result.lines]
            )
            self._tables.executemany(
                "INSERT INTO counts VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
                [(name, count) for name, count in result.counts.items() if count],
            )
            self._tables.executemany("INSERT OR IGNORE INTO versions VALUES (?, ?)", list(result.versions.items()))
        return int(row[0])

    def suspect(self, task: Task) -> None:
        """A process died of it: each of its files becomes a task; one that was alone is not opened as it was again."""
        is_alone = len(task.items) == 1
        with self._transaction():
            self._tables.execute("UPDATE tasks SET done = 1, files = 0 WHERE number = ?", (task.number,))
            self._add([item._replace(is_suspect=is_alone) for item in task.items])

    def _add(self, items: list[Item]) -> None:
        """Each as a task."""
        (last,) = self._tables.execute("SELECT coalesce(max(number), -1) FROM tasks").fetchone()
        rows = [(number, packed([item]), size_of(item)) for number, item in enumerate(items, start=last + 1)]
        self._tables.executemany("INSERT INTO tasks (number, items, files) VALUES (?, ?, ?)", rows)

    # ── the report ──

    def lines(self) -> Iterator[Line]:
        """In the order of the files, whoever read them and when."""
        rows = self._tables.execute("SELECT line FROM lines ORDER BY file, member, part, rank")
        return (line_of_text(line) for (line,) in rows)

    def counts(self) -> Counter[str]:
        """By name."""
        return Counter(dict(self._tables.execute("SELECT name, count FROM counts ORDER BY name").fetchall()))

    def versions(self) -> dict[str, list[object]]:
        """Of each list, those that were asked."""
        said: dict[str, list[object]] = {}
        for name, version in self._tables.execute("SELECT list, version FROM versions ORDER BY list, version"):
            said.setdefault(name, []).append(json.loads(version))
        return said

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._tables.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._tables.execute("ROLLBACK")
            raise
        self._tables.execute("COMMIT")


def size_of(item: Item) -> int:
    """For whoever waits: a file, or so many members of one."""
    return 1 if item.last is None else item.last - item.first


def died(item: Item) -> Result:
    """Of a file that cannot even be counted."""
    line = Line(item.path, REFUSED, id=item.id, reason=Reason.DIED)
    counts = Counter({"files": int(item.last is None), f"refused:{Reason.DIED}": 1})
    return Result([(Place(item.number, item.first, -1, 0), line)], counts)

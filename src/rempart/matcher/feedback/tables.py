"""The tables of the outbox, and how to open them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "feedback.sqlite3"
BUSY_SECONDS = 20.0
VERSION = 1

TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    list TEXT NOT NULL,
    entry TEXT NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,      -- ever; the number of its latest hit
    told_hits INTEGER NOT NULL DEFAULT 0, -- up to which the owner was told, or is being told
    accounts INTEGER NOT NULL DEFAULT 0,  -- of hits not told yet, on days that are over
    verdict TEXT, reason TEXT, decided_at REAL,
    is_untold INTEGER NOT NULL DEFAULT 0, -- the verdict
    flood_from INTEGER NOT NULL DEFAULT 0,-- hits up to this one are no part of a flood
    paused_at REAL,
    UNIQUE (list, entry)
) STRICT;
CREATE INDEX IF NOT EXISTS untold ON entries (list, is_untold) WHERE hits > told_hits OR is_untold;
CREATE INDEX IF NOT EXISTS paused ON entries (paused_at) WHERE paused_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS hits (
    number INTEGER PRIMARY KEY,           -- in the order of time
    trace TEXT NOT NULL, entry INTEGER NOT NULL, serial INTEGER NOT NULL, at REAL NOT NULL, outcome TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS hits_of_trace ON hits (trace);
CREATE UNIQUE INDEX IF NOT EXISTS hits_of_entry ON hits (entry, serial);
-- Of today only, under a key that is forgotten with the day: who uploaded is nobody's business, how many is.
CREATE TABLE IF NOT EXISTS accounts (
    entry INTEGER NOT NULL, digest BLOB NOT NULL, serial INTEGER NOT NULL, PRIMARY KEY (entry, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS today (one INTEGER PRIMARY KEY CHECK (one = 1), day TEXT NOT NULL, key BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tally (
    list TEXT NOT NULL, outcome TEXT NOT NULL, hour INTEGER NOT NULL, hits INTEGER NOT NULL, PRIMARY KEY (hour, list, outcome)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    list TEXT PRIMARY KEY,
    message TEXT,                         -- on its way; NULL: none
    tries INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0,
    told_at REAL, trouble TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS telling (      -- what the message on its way says
    list TEXT NOT NULL, entry INTEGER NOT NULL, seen INTEGER NOT NULL, accounts INTEGER NOT NULL,
    verdict TEXT, reason TEXT, decided_at REAL, PRIMARY KEY (list, entry)
) STRICT;
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL,
    made_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_due ON events (endpoint, next_at);
CREATE TABLE IF NOT EXISTS endpoints (
    endpoint TEXT PRIMARY KEY, ended_at REAL, failing_since REAL, trouble TEXT,
    sent INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


def open_tables(folder: Path) -> sqlite3.Connection:
    """For one thread; made where they are missing, for their owner's eyes only. Several processes write."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / NAME
    path.touch(mode=0o600, exist_ok=True)
    tables = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # Of an answer's few hits, what a power cut takes is counts; what people decide is written through, see `transaction`.
    tables.execute("PRAGMA synchronous = NORMAL")
    # Whoever answers must not stop to tidy up: the sweep does it.
    tables.execute("PRAGMA wal_autocheckpoint = 0")
    tables.execute("PRAGMA secure_delete = ON")
    if tables.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        tables.execute("PRAGMA journal_mode = WAL")
        tables.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    return tables


@contextmanager
def transaction(tables: sqlite3.Connection, *, is_durable: bool = False) -> Iterator[None]:
    """All or nothing. ``is_durable``: on the disk when it returns, even if the power goes."""
    if is_durable:
        tables.execute("PRAGMA synchronous = FULL")
    try:
        tables.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            tables.execute("ROLLBACK")
            raise
        tables.execute("COMMIT")
    finally:
        if is_durable:
            tables.execute("PRAGMA synchronous = NORMAL")

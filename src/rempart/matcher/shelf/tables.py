"""The tables of a shelf, and how to open them."""

import sqlite3
from contextlib import closing
from pathlib import Path

NAME = "entries.sqlite3"
BUSY_SECONDS = 20.0

PARTS_BITS = 12
"""A key of the index is the entry's number, then the place of the PDQ among its parts: at most 4,096 of them."""
MOST_PARTS = 1 << PARTS_BITS

TABLES = """
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    checkpoint TEXT,          -- of the owner; all that came before it is in these tables
    read_at REAL,             -- when the owner last had nothing newer for us, seconds since 1970
    round INTEGER NOT NULL,   -- of readings that start afresh
    is_afresh INTEGER NOT NULL,  -- such a reading is under way: what it does not name is to be forgotten at its end
    next_number INTEGER NOT NULL,
    held INTEGER NOT NULL,    -- entries; counting millions would take a while
    tried_at REAL,            -- when the owner was last asked
    trouble TEXT              -- what went wrong then, as a sentence; NULL when nothing did
) STRICT;
INSERT OR IGNORE INTO state VALUES (1, NULL, NULL, 0, 0, 1, 0, NULL, NULL);
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    trust TEXT NOT NULL,
    exact TEXT NOT NULL,
    near TEXT NOT NULL,
    classification TEXT NOT NULL,
    updated_at REAL NOT NULL,
    parts TEXT NOT NULL,      -- JSON: [variant, second, quality] of each, in the order of the keys
    reference TEXT NOT NULL,  -- what its owner wants to read, if not the name
    content BLOB NOT NULL,    -- tells whether the PDQs are those we have
    round INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS digests (
    digest BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (digest, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS digests_of_entry ON digests (number);
CREATE TABLE IF NOT EXISTS to_add (key INTEGER PRIMARY KEY, pdq BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS to_remove (key INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS disabled (name TEXT PRIMARY KEY, at REAL NOT NULL, why TEXT NOT NULL) STRICT;
"""


def make(folder: Path) -> sqlite3.Connection:
    """Open the tables for the one who writes; made where they are missing. For its owner's eyes only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / NAME
    path.touch(mode=0o600, exist_ok=True)
    tables = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    tables.execute("PRAGMA journal_mode = WAL")
    tables.execute("PRAGMA synchronous = FULL")
    tables.execute("PRAGMA secure_delete = ON")
    tables.executescript(TABLES)
    return tables


def read_only(folder: Path) -> sqlite3.Connection:
    """Open them to ask. Raises sqlite3.OperationalError where there are none."""
    path = folder / NAME
    tables = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", timeout=BUSY_SECONDS, uri=True, isolation_level=None, check_same_thread=False
    )
    with closing(tables.execute("SELECT one FROM state")) as found:
        found.fetchone()
    return tables

"""One key for each case, in a file of its own, so that what it seals can be forgotten for ever, in every backup too.

The fingerprints of *protect my image* lie in the database, sealed with the key of their case. A backup holds the database; it
never holds this file. Deleting a key here therefore deletes what it sealed wherever a copy lies. What this cannot do: take back a
copy of the file itself, or what a laboratory reads off a disk below its file system.

The file is SQLite, safe among several processes and at a power cut; freed pages are overwritten with zeros (``secure_delete``),
and the rollback journal is emptied after each change.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

BUSY_SECONDS = 20.0
MOST_AT_ONCE = 500  # numbers in one question: SQLite's own limit is higher
OWNER_ONLY = 0o600
TABLE = "CREATE TABLE keys (case_number INTEGER PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32)) STRICT"


class KeyringError(RuntimeError):
    """The keyring is missing, already there, or no keyring; the message is a sentence that says what to do."""


class Keyring:
    """The keys of one installation. Opens its file for each act: nothing is kept in memory but by the caller."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return "Keyring(…)"

    def make(self) -> None:
        """Create the file, empty. Raises KeyringError where there is one: a new keyring would hide that keys were lost."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except FileExistsError:
            raise KeyringError(f"{self.path} already exists; a keyring is never overwritten.") from None
        os.close(descriptor)
        with closing(self._open(must_hold_keys=False)) as keys:
            keys.execute(TABLE)

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def key_for(self, case_number: int) -> bytes:
        """The key of this case (32 bytes), made now if it has none yet. Two askers at one moment get the same."""
        with self._changing() as keys:
            made = random_bytes(SecretBox.KEY_SIZE)
            keys.execute("INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING", (case_number, made))
            row = keys.execute("SELECT key FROM keys WHERE case_number = ?", (case_number,)).fetchone()
        return bytes(row[0])

    def keys_of(self, case_numbers: Iterable[int]) -> dict[int, bytes]:
        """The keys of these cases that have one; a case without was forgotten, or never had any."""
        wanted = sorted(set(case_numbers))
        found: dict[int, bytes] = {}
        with closing(self._open()) as keys:
            for start in range(0, len(wanted), MOST_AT_ONCE):
                some = wanted[start : start + MOST_AT_ONCE]
                marks = ",".join("?" * len(some))
                found |= dict(keys.execute(f"SELECT case_number, key FROM keys WHERE case_number IN ({marks})", some))  # noqa: S608
        return found

    def forget(self, case_numbers: Iterable[int]) -> int:
        """Delete the keys of these cases. Once this returns they are gone from the file. Returns how many there were."""
        with self._changing() as keys:
            keys.execute("CREATE TEMP TABLE gone (case_number INTEGER PRIMARY KEY)")
            keys.executemany("INSERT OR IGNORE INTO gone VALUES (?)", [(number,) for number in case_numbers])
            return keys.execute("DELETE FROM keys WHERE case_number IN (SELECT case_number FROM gone)").rowcount

    def copy(self, target: Path) -> None:
        """Replace ``target`` by the keyring of now. One copy, never a dated one: it would bring the forgotten back.

        Raises KeyringError.
        """
        aside = target.with_name(f".{target.name}.new")
        aside.unlink(missing_ok=True)
        os.close(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        with closing(self._open()) as keys, closing(sqlite3.connect(aside)) as copied:
            keys.backup(copied)
        aside.replace(target)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One change, whole or not at all."""
        with closing(self._open()) as keys:
            keys.execute("BEGIN IMMEDIATE")
            yield keys
            keys.execute("COMMIT")

    def _open(self, *, must_hold_keys: bool = True) -> sqlite3.Connection:
        if not self.path.exists():
            raise KeyringError(f"The keyring {self.path} does not exist: put back its copy, or make one with rempart desk init.")
        keys = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            keys.execute("PRAGMA secure_delete = ON")
            keys.execute("PRAGMA synchronous = FULL")
            keys.execute("PRAGMA journal_mode = TRUNCATE")
            keys.execute("PRAGMA temp_store = MEMORY")
            if must_hold_keys:
                keys.execute("SELECT key FROM keys LIMIT 0")
        except sqlite3.DatabaseError as error:
            keys.close()
            raise KeyringError(f"{self.path} is not a keyring, or it is damaged: put back its copy.") from error
        return keys


def seal(key: bytes, fingerprint: bytes) -> bytes:
    """Seal the bytes of one fingerprint with the key of its case (XSalsa20-Poly1305, a random nonce in front)."""
    return bytes(SecretBox(key).encrypt(fingerprint))


def unseal(key: bytes, sealed: bytes | memoryview) -> bytes:
    """Open it again. Raises nacl.exceptions.CryptoError where it was sealed with another key, or damaged."""
    return bytes(SecretBox(key).decrypt(bytes(sealed)))

"""A key for each protection in a file of its own, so that what it seals can be forgotten for ever, in every backup too.

The fingerprints of *protect my image* lie in the database, sealed with the key of their protection. A backup holds the database
and never this file. Deleting a key here therefore deletes what it sealed wherever a copy lies. What this cannot do: take back a
copy of the file itself, or what a laboratory reads off a disk below its file system.

Keys go by a number drawn by chance, never used twice: a database put back from a backup cannot take the key of something else.
That a number was forgotten is kept: a protection that comes back with an old database is known to have been taken back.

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

NAME = "keyring.sqlite3"
"""Its usual name, beside the keys."""
BUSY_SECONDS = 20.0
MOST_AT_ONCE = 500  # numbers in one question: SQLite's own limit is higher
OWNER_ONLY = 0o600
TABLES = (
    "CREATE TABLE ring (identity BLOB NOT NULL CHECK (length(identity) = 16)) STRICT",
    "CREATE TABLE keys (number INTEGER PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32)) STRICT",
    "CREATE TABLE forgotten (number INTEGER PRIMARY KEY) STRICT",
)


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
        with _aside(self.path) as aside:
            with closing(_connect(aside)) as keys:
                keys.execute("BEGIN")
                for table in TABLES:
                    keys.execute(table)
                keys.execute("INSERT INTO ring VALUES (?)", (random_bytes(16),))
                keys.execute("COMMIT")
            try:
                os.link(aside, self.path)
            except FileExistsError:
                raise KeyringError(f"{self.path} already exists; a keyring is never overwritten.") from None

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def identity(self) -> bytes:
        """Sixteen bytes that tell this keyring, and its copies, from any other. Not a secret."""
        with closing(self._open()) as keys:
            return bytes(keys.execute("SELECT identity FROM ring").fetchone()[0])

    def key_for(self, number: int) -> bytes:
        """The key of this number (32 bytes), made now if it has none yet. Two askers at one moment get the same."""
        return self.keys_for([number])[number]

    def keys_for(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The keys of these numbers, those that have none yet made now; all of them or none. A forgotten one is refused.

        Raises KeyringError.
        """
        wanted = sorted(set(numbers))
        with self._changing() as keys:
            if _those("forgotten", "number, NULL", wanted, keys):
                raise KeyringError("A number whose key was forgotten is never used again.")
            made = [(number, random_bytes(SecretBox.KEY_SIZE)) for number in wanted]
            keys.executemany("INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING", made)
            return _those("keys", "number, key", wanted, keys)

    def keys_of(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The keys of these numbers that have one; a number without was forgotten, or never had any."""
        with closing(self._open()) as keys:
            return _those("keys", "number, key", sorted(set(numbers)), keys)

    def forgotten_of(self, numbers: Iterable[int]) -> set[int]:
        """Those of these numbers whose key was there and was forgotten."""
        with closing(self._open()) as keys:
            return set(_those("forgotten", "number, NULL", sorted(set(numbers)), keys))

    def forget(self, numbers: Iterable[int]) -> int:
        """Delete the keys of these numbers. Once this returns they are gone from the file. Returns how many there were."""
        gone = [(number,) for number in set(numbers)]
        with self._changing() as keys:
            keys.executemany("INSERT OR IGNORE INTO forgotten VALUES (?)", gone)
            return keys.executemany("DELETE FROM keys WHERE number = ?", gone).rowcount

    def copy(self, target: Path) -> bool:
        """Replace ``target`` by the keyring of now. One copy, never a dated one: it would bring the forgotten back.

        Returns False where ``target`` is the keyring itself. Raises KeyringError where another keyring, or another file, lies.
        """
        if target.exists() and target.samefile(self.path):
            return False
        if target.exists() and Keyring(target).identity() != self.identity():
            raise KeyringError(f"{target} is the keyring of another desk; it is left alone.")
        with _aside(target) as aside:
            with closing(self._open()) as keys, closing(sqlite3.connect(aside)) as copied:
                keys.backup(copied)
            aside.replace(target)
        return True

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One change, whole or not at all."""
        with closing(self._open()) as keys:
            keys.execute("BEGIN IMMEDIATE")
            yield keys
            keys.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise KeyringError(f"The keyring {self.path} does not exist: put back its copy.")
        keys = _connect(self.path)
        try:
            keys.execute("SELECT key, identity FROM keys, ring LIMIT 0")
        except sqlite3.DatabaseError as error:
            keys.close()
            raise KeyringError(f"{self.path} is not a keyring, or it is damaged: put back its copy.") from error
        return keys


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """An empty file beside this one, readable by its owner only; gone afterwards, unless it took its place."""
    aside = path.with_name(f".{path.name}.{random_bytes(6).hex()}")
    os.close(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    try:
        yield aside
    finally:
        aside.unlink(missing_ok=True)
        aside.with_name(f"{aside.name}-journal").unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    keys = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in ("secure_delete = ON", "synchronous = FULL", "journal_mode = TRUNCATE", "temp_store = MEMORY"):
            keys.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError as error:
        keys.close()
        raise KeyringError(f"{path} is not a keyring, or it is damaged: put back its copy.") from error
    return keys


def _those(table: str, columns: str, numbers: list[int], keys: sqlite3.Connection) -> dict[int, bytes]:
    """The rows of these numbers, in questions of a size that SQLite takes."""
    found: dict[int, bytes] = {}
    for start in range(0, len(numbers), MOST_AT_ONCE):
        some = numbers[start : start + MOST_AT_ONCE]
        marks = ",".join("?" * len(some))
        found |= dict(keys.execute(f"SELECT {columns} FROM {table} WHERE number IN ({marks})", some))  # noqa: S608
    return found


OVERHEAD = SecretBox.NONCE_SIZE + SecretBox.MACBYTES
"""By how many bytes a sealed fingerprint is longer than what it holds."""


def seal(key: bytes, fingerprint: bytes) -> bytes:
    """Seal the bytes of a fingerprint with the key of its protection (XSalsa20-Poly1305, a random nonce in front)."""
    return bytes(SecretBox(key).encrypt(fingerprint))


def unseal(key: bytes, sealed: bytes | memoryview) -> bytes:
    """Open it again. Raises nacl.exceptions.CryptoError where it was sealed with another key, or damaged."""
    return bytes(SecretBox(key).decrypt(bytes(sealed)))

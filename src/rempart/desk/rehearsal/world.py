"""What the invented hosts remember: pages removed or moved, mails received. One file, kept from one start to the next."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

from rempart.desk.rehearsal.hosts import Place

FILE = "world.sqlite3"
SEEDED = "seeded"
"""The note that says when the rehearsal was ready."""
TABLES = """
CREATE TABLE IF NOT EXISTS page (
    host TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, moved_to TEXT NOT NULL DEFAULT '', at TEXT NOT NULL,
    PRIMARY KEY (host, path)
);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL,
    at TEXT NOT NULL, raw BLOB NOT NULL, read_at TEXT
);
CREATE INDEX IF NOT EXISTS mail_of ON mail (mailbox, id);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class PageState(StrEnum):
    """What a visitor finds."""

    ONLINE = "online"
    REMOVED = "removed"
    MOVED = "moved"
    REFUSED = "refused"
    """Still online: the host said no."""


@dataclass(frozen=True, slots=True)
class Page:
    """The state of one page; those never touched are online."""

    state: PageState = PageState.ONLINE
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived."""

    pk: int
    mailbox: str
    subject: str
    at: datetime
    raw: bytes
    is_read: bool
    message_id: str = ""

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.message.get_body(preferencelist=("plain", "html"))
        return str(body.get_content()) if body is not None else ""


class World:
    """The file, opened for each gesture: hosts and catcher are threads of one process, tests read from another."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE
        with self._open() as connection:
            connection.executescript(TABLES)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            with connection:
                yield connection

    def page(self, place: Place) -> Page:
        """The present state of a page."""
        with self._open() as connection:
            row = connection.execute("SELECT state, moved_to FROM page WHERE host=? AND path=?", _key(place)).fetchone()
        return Page(PageState(row[0]), row[1]) if row else Page()

    def set_page(self, place: Place, state: PageState, moved_to: str = "") -> None:
        """The host acted on a page."""
        with self._open() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?)", (*_key(place), state.value, moved_to, _now())
            )

    def keep_mail(self, mailbox: str, raw: bytes) -> None:
        """A mail arrived; its own date is believed, so that an invented past has its dates."""
        message = message_from_bytes(raw, policy=policy.default)
        with self._open() as connection:
            connection.execute(
                "INSERT INTO mail (mailbox, message_id, subject, at, raw) VALUES (?, ?, ?, ?, ?)",
                (mailbox.lower(), str(message["Message-ID"] or ""), str(message["Subject"] or ""), _date_of(message), raw),
            )

    def mails(self, mailbox: str | None = None) -> list[Mail]:
        """Mails, newest first; all of them without a mailbox."""
        where, values = ("WHERE mailbox=?", (mailbox,)) if mailbox else ("", ())
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT id, mailbox, subject, at, raw, read_at, message_id FROM mail {where} ORDER BY at DESC, id DESC",  # noqa: S608
                values,
            ).fetchall()
        return [_mail(row) for row in rows]

    def mail(self, pk: int) -> Mail | None:
        """One mail, marked as read."""
        with self._open() as connection:
            connection.execute("UPDATE mail SET read_at=? WHERE id=? AND read_at IS NULL", (_now(), pk))
            row = connection.execute(
                "SELECT id, mailbox, subject, at, raw, read_at, message_id FROM mail WHERE id=?", (pk,)
            ).fetchone()
        return _mail(row) if row else None

    def mailboxes(self) -> list[tuple[str, int, int]]:
        """Each mailbox that got mail, with how many mails, and how many unread."""
        with self._open() as connection:
            return connection.execute(
                "SELECT mailbox, count(*), sum(read_at IS NULL) FROM mail GROUP BY mailbox ORDER BY mailbox"
            ).fetchall()

    def note(self, name: str) -> str:
        """A word kept between two starts."""
        with self._open() as connection:
            row = connection.execute("SELECT value FROM note WHERE name=?", (name,)).fetchone()
        return row[0] if row else ""

    def set_note(self, name: str, value: str) -> None:
        """Keep a word."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def redate_new(self, at: datetime) -> None:
        """Mails that arrived since the last call came at that moment of the invented past, and were read then."""
        with self._open() as connection:
            connection.execute("UPDATE mail SET at=?, read_at=? WHERE read_at IS NULL", (at.isoformat(), at.isoformat()))

    def forget_everything(self) -> None:
        """As on the first day."""
        with self._open() as connection:
            for table in ("page", "mail", "note"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own three names


def _key(place: Place) -> tuple[str, str]:
    return place.host.name, place.path


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _date_of(message: EmailMessage) -> str:
    date = message["Date"]
    found: datetime | None = getattr(date, "datetime", None)
    if found is None:
        return _now()
    # "-0000" means UTC from a machine that does not tell where it is (RFC 5322).
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _mail(row: tuple[int, str, str, str, bytes, str | None, str]) -> Mail:
    pk, mailbox, subject, at, raw, read_at, message_id = row
    return Mail(pk, mailbox, subject, datetime.fromisoformat(at), raw, read_at is not None, message_id)

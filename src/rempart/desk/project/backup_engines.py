"""How each database is copied out and put back: SQLite by its online backup, PostgreSQL by its own programs."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rempart.desk.project.opening import Refusal

SQLITE = "sqlite"
POSTGRESQL = "postgresql"


def dump(target: Path) -> str:
    """Write a consistent copy of the database while others read and write it; returns the engine's name."""
    from django.db import connection

    if connection.vendor == SQLITE:
        _dump_sqlite(Path(str(connection.settings_dict["NAME"])), target)
        return SQLITE
    _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return POSTGRESQL


def load(source: Path, engine: str) -> None:
    """Put a copy in place of the database. Raises :class:`Refusal` when it belongs to the other engine."""
    from django.db import connection

    if engine != connection.vendor:
        raise Refusal(f"This backup comes from {engine}; the settings name a {connection.vendor} database.")
    if engine == SQLITE:
        connection.close()
        _load_sqlite(source, Path(str(connection.settings_dict["NAME"])))
        return
    _load_postgres(source)


def _load_postgres(source: Path) -> None:
    """The present tables step aside until the copy is whole; they come back if it fails."""
    from django.db import connection

    _execute(
        "DROP SCHEMA IF EXISTS before_restore CASCADE", "ALTER SCHEMA public RENAME TO before_restore", "CREATE SCHEMA public"
    )
    name = connection.settings_dict["NAME"]
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--dbname={name}")
    try:
        _postgres("pg_restore", *options, str(source))
    except Refusal:
        _execute("DROP SCHEMA public CASCADE", "ALTER SCHEMA before_restore RENAME TO public")
        raise
    _execute("DROP SCHEMA before_restore CASCADE")


def _execute(*sentences: str) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for one in sentences:
            cursor.execute(one)
    connection.close()


def _dump_sqlite(database: Path, target: Path) -> None:
    if not database.exists():
        raise Refusal(f"There is no database at {database}.")
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    copy = sqlite3.connect(target)
    try:
        # All pages in one step: one read transaction, so writers go on in the log and the copy is of one moment.
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        _refuse_damaged(copy)
    finally:
        copy.close()
        source.close()


def _load_sqlite(source: Path, database: Path) -> None:
    copy = sqlite3.connect(source)
    try:
        _refuse_damaged(copy)
    finally:
        copy.close()
    source.chmod(0o600)
    with source.open("rb") as file:
        sync(file.fileno())
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    source.replace(database)


def _refuse_damaged(connection: sqlite3.Connection) -> None:
    try:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Refusal(f"The copy of the database is damaged: {error}.") from error
    if verdict != "ok":
        raise Refusal(f"The copy of the database is damaged: {verdict}.")


def _postgres(program: str, *arguments: str) -> None:
    from django.db import connection

    found = shutil.which(program) or _debian(program)
    if found is None:
        raise Refusal(f"{program} is not installed. On Debian: apt install postgresql-client")
    settings = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    # By the environment: a password on the command line is readable by every program of the machine.
    given = {variable: str(settings[name]) for variable, name in names.items() if settings.get(name)}
    run([found, *arguments], {**os.environ, **given})


def _debian(program: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(found[-1]) if found else None


def run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Run a program of PostgreSQL; its complaint becomes ours."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - our own command
    if done.returncode:
        raise Refusal(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def sync(descriptor: int) -> None:
    """Wait until the file is on the disk."""
    os.fsync(descriptor)

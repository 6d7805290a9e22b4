"""The state of the database: are its tables those of this version, and what happens when they are not."""

from datetime import UTC, datetime

from rempart.desk.project.opening import Refusal, sentence
from rempart.desk.registers.installation.config import Config


def pending_migrations() -> list[str]:
    """Names of the migrations this version brings and the database lacks. Raises :class:`Refusal` when it cannot be reached."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise Refusal(f"The database cannot be reached: {_first_line(error)}.") from error
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> int:
    """Bring the tables to this version; returns how many migrations were applied."""
    from django.core.management import call_command

    pending = pending_migrations()
    if pending:
        call_command("migrate", interactive=False, verbosity=0)
    return len(pending)


def found(config: Config) -> None:
    """Write for ever whether this database is a rehearsal. Raises :class:`Refusal` when it already is the contrary."""
    from rempart.desk.registers.installation import steps

    try:
        steps.found(is_rehearsal=config.is_rehearsal, now=datetime.now(UTC))
    except steps.WrongInstallation as error:
        raise Refusal(sentence(error)) from error


def is_empty() -> bool:
    """Whether there is no table at all yet. Raises :class:`Refusal` when the database cannot be reached."""
    from django.db import DatabaseError, connection

    try:
        return not connection.introspection.table_names()
    except DatabaseError as error:
        raise Refusal(f"The database cannot be reached: {_first_line(error)}.") from error


def refuse_contrary(config: Config) -> None:
    """Refuse tables founded as the contrary of what the settings say; tables without the founding row pass."""
    from rempart.desk.registers.installation.models import Installation

    if not is_empty() and _has_table(Installation._meta.db_table) and Installation.objects.exists():
        found(config)


def refuse_pending() -> None:
    """A desk never starts on tables of another version. Raises :class:`Refusal`."""
    pending = pending_migrations()
    if pending:
        raise Refusal(
            f"The database is older than this version of Rempart ({len(pending)} changes to make). "
            "Make a backup, then run: rempart desk migrate"
        )


def begin_rehearsal(config: Config, *, is_complete: bool) -> None:
    """The tables of a rehearsal, of this version. One that was not made whole begins again; anything else is refused."""
    if not is_empty() and not is_complete:
        if not _is_rehearsal_for_sure():
            refuse_contrary(config)
            raise Refusal(
                "The database is not empty and was not made by a rehearsal, so it is left alone. "
                "Name another one, or leave the setting database empty."
            )
        _forget_everything()
    migrate()
    found(config)


def _is_rehearsal_for_sure() -> bool:
    from rempart.desk.registers.installation.models import Installation

    return _has_table(Installation._meta.db_table) and Installation.objects.filter(pk=1, is_rehearsal=True).exists()


def _has_table(name: str) -> bool:
    from django.db import connection

    return name in connection.introspection.table_names()


def _forget_everything() -> None:
    """Drop every table. Only ever called once the database itself said that it is a rehearsal."""
    from django.conf import settings
    from django.db import connection, transaction

    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        return
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        (settings.REMPART_DATA / f"desk.sqlite3{suffix}").unlink(missing_ok=True)


def close() -> None:
    """Close this process's connections, before children are started or after work is done."""
    from django.db import connections

    connections.close_all()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__

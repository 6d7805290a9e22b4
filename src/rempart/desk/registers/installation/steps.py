"""The one row that says whether this database is a rehearsal or real: written once, compared at every start."""

from datetime import datetime

from django.db import DatabaseError, transaction

from rempart.desk.registers.installation.models import Installation


class WrongInstallation(RuntimeError):
    """The settings and the database do not belong together; the message is a sentence for the person who runs the desk."""


@transaction.atomic
def found(*, is_rehearsal: bool, now: datetime) -> None:
    """Say for ever what this database is. A second call changes nothing; a contrary one raises :class:`WrongInstallation`."""
    row, _ = Installation.objects.get_or_create(pk=1, defaults={"is_rehearsal": is_rehearsal, "created_at": now})
    _compare(row, is_rehearsal=is_rehearsal)


def must_match(*, is_rehearsal: bool) -> None:
    """Raise :class:`WrongInstallation` unless the database was founded as what the settings say."""
    try:
        row = Installation.objects.filter(pk=1).first()
    except DatabaseError as error:
        raise WrongInstallation(
            "the database cannot be read or holds no desk yet; a new desk is made by: rempart desk init"
        ) from error
    if row is None:
        raise WrongInstallation("this database was never founded; a new desk is made by: rempart desk init")
    _compare(row, is_rehearsal=is_rehearsal)


def _compare(row: Installation, *, is_rehearsal: bool) -> None:
    if row.is_rehearsal == is_rehearsal:
        return
    if is_rehearsal:
        raise WrongInstallation(
            "this database holds real reports: rehearsal mode can never be switched on over it. "
            "Set is_rehearsal = false, or name another database"
        )
    raise WrongInstallation(
        "this database holds invented reports of a rehearsal: it can never become real. "
        "For real work make a new installation in another folder: rempart desk init"
    )

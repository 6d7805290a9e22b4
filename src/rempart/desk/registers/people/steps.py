"""Accounts of the staff: made, changed, stopped. Each function is one transaction and one line of the journal."""

from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.errors import AccountRefused, PasswordRefused
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.people.second_factor import enrol_known_totp, forget_second_factor
from rempart.desk.rules.access import Role

__all__ = [
    "change_language",
    "change_role",
    "create_person",
    "deactivate",
    "enrol_known_totp",
    "reactivate",
    "reset_second_factor",
    "set_password",
    "set_shortcuts",
]


@transaction.atomic
def create_person(
    sign_in_name: str,
    display_name: str,
    role: Role,
    password: str,
    *,
    now: datetime,
    language: str = "fr",
    by: int | None = None,
) -> Person:
    """Make an account. The second factor is enrolled by the person at the first sign-in.

    Raises :class:`AccountRefused` or :class:`PasswordRefused`; then nothing was kept.
    """
    name, shown = sign_in_name.strip().lower(), " ".join(display_name.split())
    if not name or any(sign.isspace() for sign in name):
        raise AccountRefused("name_missing")
    if not shown:
        raise AccountRefused("display_name_missing")
    person = Person(sign_in_name=name, display_name=shown, role=role.value, language=language, created_at=now)
    _give_password(person, password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise AccountRefused("name_taken") from error
    journal.write("person_created", f"person:{person.pk}", now=now, by=by, detail={"role": role.value})
    return person


def _give_password(person: Person, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PasswordRefused(list(error.messages)) from error
    person.set_password(password)


@transaction.atomic
def set_password(person: Person, password: str, *, by: int, now: datetime) -> None:
    """Give a new password; every other session of the person ends. Raises :class:`PasswordRefused`."""
    _give_password(person, password)
    person.save(update_fields=["password"])
    journal.write("password_changed", f"person:{person.pk}", now=now, by=by)


@transaction.atomic
def change_language(person: Person, language: str, *, now: datetime) -> None:
    """The language the console speaks to this person."""
    person.language = language
    person.save(update_fields=["language"])
    journal.write("language_chosen", f"person:{person.pk}", now=now, by=person.pk, detail={"language": language})


@transaction.atomic
def set_shortcuts(person: Person, has_shortcuts: bool, *, now: datetime) -> None:
    """Switch the single-key shortcuts on or off."""
    person.has_shortcuts = has_shortcuts
    person.save(update_fields=["has_shortcuts"])
    journal.write("shortcuts_set", f"person:{person.pk}", now=now, by=person.pk, detail={"has_shortcuts": has_shortcuts})


@transaction.atomic
def change_role(person: Person, role: Role, *, by: int, now: datetime) -> None:
    """Give another role. Raises :class:`AccountRefused` for oneself or for the last administrator."""
    _change(person, "role", role.value, by=by, leaves_admin=role is not Role.ADMINISTRATOR)
    journal.write("role_changed", f"person:{person.pk}", now=now, by=by, detail={"role": role.value})


@transaction.atomic
def deactivate(person: Person, *, by: int, now: datetime) -> None:
    """Stop an account: its sessions end at their next request. Raises :class:`AccountRefused`."""
    _change(person, "is_active", False, by=by, leaves_admin=True)
    journal.write("person_deactivated", f"person:{person.pk}", now=now, by=by)


@transaction.atomic
def reactivate(person: Person, *, by: int, now: datetime) -> None:
    """Let a stopped account sign in again."""
    _change(person, "is_active", True, by=by, leaves_admin=False)
    journal.write("person_reactivated", f"person:{person.pk}", now=now, by=by)


def _change(person: Person, name: str, value: Any, *, by: int, leaves_admin: bool) -> None:
    if person.pk == by:
        raise AccountRefused("yourself")
    is_administrator = person.role == Role.ADMINISTRATOR
    others = Person.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=person.pk)
    if is_administrator and leaves_admin and not others.exists():
        raise AccountRefused("last_administrator")
    setattr(person, name, value)
    person.save(update_fields=[name])


@transaction.atomic
def reset_second_factor(person: Person, *, by: int, now: datetime) -> None:
    """Forget the second factor of a colleague who lost it; a new one is enrolled at the next sign-in."""
    if person.pk == by:
        raise AccountRefused("yourself")
    forget_second_factor(person)
    journal.write("second_factor_reset", f"person:{person.pk}", now=now, by=by)

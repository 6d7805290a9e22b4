"""Signing in: name and password, then the second factor. Guessing is slowed per name; nobody is ever locked out for good."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people import second_factor
from rempart.desk.registers.people.errors import SecondFactorRefused, SignInRefused, SlowDown
from rempart.desk.registers.people.models import Person, SignInAttempt
from rempart.desk.registers.vault import sealing

T = TypeVar("T")

WITHOUT_WAIT = 3
"""Failures that cost no waiting: people mistype."""
PASSWORD_LIMIT = timedelta(seconds=30)
"""Longest wait after wrong passwords: anybody can cause it by knowing a name, so it stays short."""
CODE_LIMIT = timedelta(minutes=10)
"""Longest wait after wrong codes: only somebody who has the password can cause it."""
REMEMBERED = timedelta(hours=2)


def check_name_and_password(sign_in_name: str, password: str, *, now: datetime) -> Person:
    """The person this name and password belong to. Raises :class:`SignInRefused` or :class:`SlowDown`."""
    name = sign_in_name.strip().lower()
    attempt = _reserve_attempt(sealing.digest("sign_in", name), PASSWORD_LIMIT, now)
    person = Person.objects.filter(sign_in_name=name).first()
    if person is None:
        # As slow as for a name that exists, so that the answer's delay tells nothing.
        make_password(password)
    elif check_password(password, person.password) and person.is_active:
        _forget_attempts(bytes(attempt.sign_in_digest))
        return person
    _journal_failure(person, "password", now)
    raise SignInRefused("wrong")


def check_code(person: Person, code: str, *, now: datetime) -> None:
    """The second factor. Raises :class:`SecondFactorRefused` or :class:`SlowDown`."""
    _slowly(person, now, lambda: second_factor.verify(person, code, now=now))


def check_recovery_code(person: Person, code: str, *, now: datetime) -> int:
    """A recovery code instead of it; returns how many are left. Raises like :func:`check_code`."""
    return _slowly(person, now, lambda: second_factor.use_recovery_code(person, code, now=now))


def confirm_first_code(person: Person, code: str, *, now: datetime) -> list[str]:
    """The first code of an enrolment; returns the recovery codes. Raises like :func:`check_code`."""
    return _slowly(person, now, lambda: second_factor.confirm_enrolment(person, code, now=now))


def _slowly(person: Person, now: datetime, check: Callable[[], T]) -> T:
    digest = sealing.digest("sign_in_code", person.sign_in_name)
    _reserve_attempt(digest, CODE_LIMIT, now)
    try:
        result = check()
    except SecondFactorRefused:
        _journal_failure(person, "code", now)
        raise
    _forget_attempts(digest)
    return result


@transaction.atomic
def _reserve_attempt(digest: bytes, limit: timedelta, now: datetime) -> SignInAttempt:
    """Count the attempt before it is judged, so that many at once are not free. Raises :class:`SlowDown`."""
    SignInAttempt.objects.filter(at__lt=now - REMEMBERED).delete()
    failures = list(SignInAttempt.objects.filter(sign_in_digest=digest).order_by("-at").values_list("at", flat=True))
    if len(failures) >= WITHOUT_WAIT:
        wait = min(limit, timedelta(seconds=2 ** min(len(failures) - WITHOUT_WAIT + 1, 12)))
        left = failures[0] + wait - now
        if left > timedelta(0):
            raise SlowDown(ceil(left.total_seconds()))
    return SignInAttempt.objects.create(sign_in_digest=digest, at=now)


def _forget_attempts(digest: bytes) -> None:
    SignInAttempt.objects.filter(sign_in_digest=digest).delete()


@transaction.atomic
def _journal_failure(person: Person | None, part: str, now: datetime) -> None:
    # A name nobody has may be a password typed in the wrong field: it is written nowhere.
    subject = f"person:{person.pk}" if person else "person:unknown"
    journal.write("sign_in_failed", subject, now=now, detail={"part": part})


@transaction.atomic
def note_sign_in(person: Person, *, now: datetime) -> None:
    """Both factors were good."""
    journal.write("signed_in", f"person:{person.pk}", now=now, by=person.pk)


@transaction.atomic
def note_sign_out(person: Person, *, now: datetime, is_expired: bool = False) -> None:
    """The person left, or the session ended by itself."""
    verb = "session_ended" if is_expired else "signed_out"
    journal.write(verb, f"person:{person.pk}", now=now, by=person.pk)

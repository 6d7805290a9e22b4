"""The second factor: a secret shared with a telephone (TOTP, RFC 6238), and recovery codes for the day it is lost."""

import hmac
import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.errors import SecondFactorRefused
from rempart.desk.registers.people.models import Person, RecoveryCode
from rempart.desk.registers.vault import sealing

STEP_SECONDS = 30
WINDOW = 1
"""Steps accepted before and after the present one: a telephone's clock is rarely exact."""
RECOVERY_CODES = 10
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP_LENGTH = 3, 4


@transaction.atomic
def start_enrolment(person: Person) -> str:
    """The secret to show, sealed and kept until confirmed. The same one until then, so that a reload breaks nothing.

    Raises :class:`SecondFactorRefused` when a second factor already stands.
    """
    if person.totp_confirmed_at is not None:
        raise SecondFactorRefused("already_enrolled")
    if person.sealed_totp_secret is None:
        person.sealed_totp_secret = sealing.seal_words(pyotp.random_base32())
        person.save(update_fields=["sealed_totp_secret"])
    return sealing.unseal(person.sealed_totp_secret)


def enrolment_uri(person: Person, secret: str) -> str:
    """What the QR code says to the telephone."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.sign_in_name, issuer_name=settings.REMPART.association)


@transaction.atomic
def confirm_enrolment(person: Person, code: str, *, now: datetime) -> list[str]:
    """The first code proves that the telephone has the secret. Returns the recovery codes, to be shown once.

    Raises :class:`SecondFactorRefused`.
    """
    _accept(person, code, now)
    person.totp_confirmed_at = now
    person.save(update_fields=["totp_confirmed_at"])
    journal.write("second_factor_enrolled", f"person:{person.pk}", now=now, by=person.pk)
    return _fresh_recovery_codes(person)


@transaction.atomic
def enrol_known_totp(person: Person, secret: str, now: datetime) -> list[str]:
    """Enrol a secret known beforehand, for rehearsal people only. Returns the recovery codes."""
    person.sealed_totp_secret, person.totp_confirmed_at = sealing.seal_words(secret), now
    person.save(update_fields=["sealed_totp_secret", "totp_confirmed_at"])
    journal.write("second_factor_enrolled", f"person:{person.pk}", now=now, detail={"is_known": True})
    return _fresh_recovery_codes(person)


@transaction.atomic
def verify(person: Person, code: str, *, now: datetime) -> None:
    """Accept a code once. Raises :class:`SecondFactorRefused` when it is wrong, old or already used."""
    if person.totp_confirmed_at is None:
        raise SecondFactorRefused("not_enrolled")
    _accept(person, code, now)


def _accept(person: Person, code: str, now: datetime) -> None:
    if person.sealed_totp_secret is None:
        raise SecondFactorRefused("not_enrolled")
    step = _step_of(sealing.unseal(person.sealed_totp_secret), code, now)
    if step is None:
        raise SecondFactorRefused("wrong")
    # Conditional: of two requests with the same code, one wins.
    if not Person.objects.filter(pk=person.pk, totp_last_step__lt=step).update(totp_last_step=step):
        raise SecondFactorRefused("used")
    person.totp_last_step = step


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step a code belongs to, within the window."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = range(present - WINDOW, present + WINDOW + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), typed)), None)


@transaction.atomic
def renew_recovery_codes(person: Person, *, now: datetime) -> list[str]:
    """Ten fresh codes, to be shown once; the former ones no longer open anything."""
    journal.write("recovery_codes_renewed", f"person:{person.pk}", now=now, by=person.pk)
    return _fresh_recovery_codes(person)


def _fresh_recovery_codes(person: Person) -> list[str]:
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    person.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(person=person, digest=_digest(person, code)) for code in codes)
    return codes


def _recovery_code() -> str:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _digest(person: Person, code: str) -> bytes:
    # Signs that look alike on paper are read as the one we use.
    signs = "".join(sign for sign in code.upper() if sign.isalnum()).translate(str.maketrans("OIL", "011"))
    return sealing.digest("recovery", f"{person.pk}\x00{signs}")


@transaction.atomic
def use_recovery_code(person: Person, code: str, *, now: datetime) -> int:
    """Spend one recovery code; returns how many are left. Raises :class:`SecondFactorRefused`."""
    unused = RecoveryCode.objects.filter(person=person, used_at__isnull=True)
    if person.totp_confirmed_at is None or not unused.filter(digest=_digest(person, code)).update(used_at=now):
        raise SecondFactorRefused("wrong")
    journal.write("recovery_code_used", f"person:{person.pk}", now=now, by=person.pk)
    return unused.count()


def forget_second_factor(person: Person) -> None:
    """Back to before the enrolment. Call inside a transaction that writes the journal."""
    person.sealed_totp_secret, person.totp_confirmed_at = None, None
    person.save(update_fields=["sealed_totp_secret", "totp_confirmed_at"])
    person.recovery_codes.all().delete()

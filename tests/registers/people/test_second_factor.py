"""The second factor: enrolled once, each code good once, recovery codes good once."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import second_factor, steps
from rempart.desk.registers.people.errors import AccountRefused, SecondFactorRefused
from rempart.desk.registers.people.models import Person, RecoveryCode
from tests.registers.people.conftest import NOW


def code_at(secret: str, seconds: int = 0) -> str:
    return pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds))


def enrolled(person: Person) -> str:
    secret = second_factor.start_enrolment(person)
    second_factor.confirm_enrolment(person, code_at(secret, -60), now=NOW - timedelta(seconds=60))
    return secret


def test_enrolment_shows_the_same_secret_until_confirmed(person: Person) -> None:
    secret = second_factor.start_enrolment(person)
    assert second_factor.start_enrolment(person) == secret
    assert secret.encode() not in bytes(person.sealed_totp_secret or b"")
    assert secret in second_factor.enrolment_uri(person, secret)
    with pytest.raises(SecondFactorRefused, match="wrong"):
        second_factor.confirm_enrolment(person, "000000" if code_at(secret) != "000000" else "111111", now=NOW)
    codes = second_factor.confirm_enrolment(person, code_at(secret), now=NOW)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    with pytest.raises(SecondFactorRefused, match="already_enrolled"):
        second_factor.start_enrolment(person)


def test_a_code_is_good_once(person: Person) -> None:
    secret = enrolled(person)
    second_factor.verify(person, code_at(secret), now=NOW)
    with pytest.raises(SecondFactorRefused, match="used"):
        second_factor.verify(person, code_at(secret), now=NOW)
    other_process = Person.objects.get(pk=person.pk)
    with pytest.raises(SecondFactorRefused, match="used"):
        second_factor.verify(other_process, code_at(secret), now=NOW)
    second_factor.verify(person, code_at(secret, 30), now=NOW)
    with pytest.raises(SecondFactorRefused, match="used"):
        second_factor.verify(person, code_at(secret), now=NOW)


@pytest.mark.parametrize(("seconds", "is_good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_the_window_is_one_step_each_way(person: Person, seconds: int, is_good: bool) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    second_factor.enrol_known_totp(person, secret, NOW)
    if is_good:
        second_factor.verify(person, code_at(secret, seconds), now=NOW)
        return
    with pytest.raises(SecondFactorRefused, match="wrong"):
        second_factor.verify(person, code_at(secret, seconds), now=NOW)


@pytest.mark.parametrize("typed", ["", "abc", "１２３４５６", "12345", "1234567", "-12345"])
def test_what_is_not_a_code_is_refused(person: Person, typed: str) -> None:
    enrolled(person)
    with pytest.raises(SecondFactorRefused, match="wrong"):
        second_factor.verify(person, typed, now=NOW)


def test_recovery_codes_are_kept_as_digests_and_good_once(person: Person) -> None:
    codes = second_factor.enrol_known_totp(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", NOW)
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert not any(code.encode() in kept for code in codes)
    assert second_factor.use_recovery_code(person, f" {codes[0].lower()} ", now=NOW) == 9
    with pytest.raises(SecondFactorRefused):
        second_factor.use_recovery_code(person, codes[0], now=NOW)
    fresh = second_factor.renew_recovery_codes(person, now=NOW)
    with pytest.raises(SecondFactorRefused):
        second_factor.use_recovery_code(person, codes[1], now=NOW)
    assert second_factor.use_recovery_code(person, fresh[3], now=NOW) == 9


def test_a_recovery_code_opens_only_its_person(person: Person) -> None:
    codes = second_factor.enrol_known_totp(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", NOW)
    other = Person.objects.create(sign_in_name="noor", display_name="Noor", role=person.role, created_at=NOW)
    second_factor.enrol_known_totp(other, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", NOW)
    with pytest.raises(SecondFactorRefused):
        second_factor.use_recovery_code(other, codes[0], now=NOW)


def test_an_administrator_resets_a_colleague_never_oneself(person: Person) -> None:
    admin = Person.objects.create(sign_in_name="noor", display_name="Noor", role="administrator", created_at=NOW)
    secret = enrolled(person)
    steps.reset_second_factor(person, by=admin.pk, now=NOW)
    with pytest.raises(SecondFactorRefused, match="not_enrolled"):
        second_factor.verify(person, code_at(secret), now=NOW)
    assert not person.recovery_codes.exists()
    assert second_factor.start_enrolment(person) != secret
    line = Entry.objects.get(verb="second_factor_reset")
    assert (line.by_id, line.subject) == (admin.pk, f"person:{person.pk}")
    with pytest.raises(AccountRefused, match="yourself"):
        steps.reset_second_factor(person, by=person.pk, now=NOW)

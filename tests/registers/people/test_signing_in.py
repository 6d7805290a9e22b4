"""Guessing is slowed per name, told in the journal, and never locks anybody out for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import second_factor, signing_in
from rempart.desk.registers.people.errors import SecondFactorRefused, SignInRefused, SlowDown
from rempart.desk.registers.people.models import Person, SignInAttempt
from tests.registers.people.conftest import NOW, PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under test here is the slowing, not argon2."""
    monkeypatch.setattr(signing_in, "check_password", lambda typed, _: typed == PASSWORD)
    monkeypatch.setattr(signing_in, "make_password", lambda typed: typed)


def fail(name: str, now: datetime) -> None:
    with pytest.raises(SignInRefused):
        signing_in.check_name_and_password(name, "wrong", now=now)


def test_the_right_password_opens(person: Person) -> None:
    assert signing_in.check_name_and_password(" Camille ", PASSWORD, now=NOW) == person
    assert not SignInAttempt.objects.exists()


@pytest.mark.django_db
def test_the_answer_is_the_same_for_a_name_nobody_has() -> None:
    with pytest.raises(SignInRefused) as refusal:
        signing_in.check_name_and_password("my password typed here", "x", now=NOW)
    assert refusal.value.reasons == ("wrong",)
    line = Entry.objects.get()
    assert (line.verb, line.subject) == ("sign_in_failed", "person:unknown")
    assert "typed" not in str(line.detail)
    assert b"typed" not in bytes(SignInAttempt.objects.get().sign_in_digest)


def test_a_stopped_account_does_not_open(person: Person) -> None:
    Person.objects.update(is_active=False)
    with pytest.raises(SignInRefused):
        signing_in.check_name_and_password("camille", PASSWORD, now=NOW)


def test_failures_slow_down_and_the_wait_is_short(person: Person) -> None:
    for _ in range(signing_in.WITHOUT_WAIT):
        fail("camille", NOW)
    with pytest.raises(SlowDown) as first:
        signing_in.check_name_and_password("camille", PASSWORD, now=NOW)
    assert first.value.wait == 2
    # However long somebody keeps failing, the wait stays under its limit, and then the right password opens.
    now = NOW
    for _ in range(20):
        now += signing_in.PASSWORD_LIMIT
        fail("camille", now)
    with pytest.raises(SlowDown) as last:
        signing_in.check_name_and_password("camille", PASSWORD, now=now)
    assert last.value.wait == 30
    assert signing_in.check_name_and_password("camille", PASSWORD, now=now + signing_in.PASSWORD_LIMIT) == person
    assert signing_in.check_name_and_password("camille", PASSWORD, now=now + signing_in.PASSWORD_LIMIT) == person


def test_one_name_does_not_slow_another(person: Person) -> None:
    for _ in range(signing_in.WITHOUT_WAIT):
        fail("somebody", NOW)
    assert signing_in.check_name_and_password("camille", PASSWORD, now=NOW) == person


def test_a_refused_try_while_waiting_counts_for_nothing(person: Person) -> None:
    for _ in range(signing_in.WITHOUT_WAIT):
        fail("camille", NOW)
    for _ in range(50):
        with pytest.raises(SlowDown):
            signing_in.check_name_and_password("camille", "wrong", now=NOW)
    assert SignInAttempt.objects.count() == signing_in.WITHOUT_WAIT


def test_old_failures_are_forgotten(person: Person) -> None:
    for _ in range(signing_in.WITHOUT_WAIT):
        fail("camille", NOW)
    fail("camille", NOW + signing_in.REMEMBERED + timedelta(seconds=1))
    assert SignInAttempt.objects.count() == 1


def test_wrong_codes_slow_down_and_are_told(person: Person) -> None:
    second_factor.enrol_known_totp(person, SECRET, NOW)
    wrong = next(code for code in ("000000", "000001", "000002", "000003") if not _is_good(code))
    now = NOW
    for _ in range(14):
        with pytest.raises(SecondFactorRefused):
            signing_in.check_code(person, wrong, now=now)
        now += signing_in.CODE_LIMIT
    with pytest.raises(SlowDown) as refusal:
        signing_in.check_code(person, wrong, now=now - signing_in.CODE_LIMIT)
    assert refusal.value.wait == signing_in.CODE_LIMIT.total_seconds()
    assert Entry.objects.filter(verb="sign_in_failed", detail__part="code").count() == 14
    signing_in.check_code(person, pyotp.TOTP(SECRET).at(now), now=now)


def _is_good(code: str) -> bool:
    # A fixed wrong code could be right by chance in one of the windows the test visits.
    moments = (NOW + n * signing_in.CODE_LIMIT + timedelta(seconds=s) for n in range(16) for s in (-30, 0, 30))
    return any(pyotp.TOTP(SECRET).at(moment) == code for moment in moments)


def test_recovery_codes_are_slowed_too(person: Person) -> None:
    codes = second_factor.enrol_known_totp(person, SECRET, NOW)
    for _ in range(signing_in.WITHOUT_WAIT):
        with pytest.raises(SecondFactorRefused):
            signing_in.check_recovery_code(person, "nonsense", now=NOW)
    with pytest.raises(SlowDown):
        signing_in.check_recovery_code(person, codes[0], now=NOW)
    assert signing_in.check_recovery_code(person, codes[0], now=NOW + timedelta(seconds=3)) == 9

"""Accounts: made, changed, stopped."""

from __future__ import annotations

import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import queries, steps
from rempart.desk.registers.people.errors import AccountRefused, PasswordRefused
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Permission, Role
from tests.registers.people.conftest import NOW, PASSWORD


def verbs(person: Person) -> list[str]:
    return list(Entry.objects.filter(subject=f"person:{person.pk}").order_by("pk").values_list("verb", flat=True))


@pytest.mark.django_db
def test_an_account_is_made_and_told_in_the_journal() -> None:
    made = steps.create_person(" Noor ", "Noor  D.", Role.ADMINISTRATOR, PASSWORD, now=NOW)
    assert (made.sign_in_name, made.display_name, made.totp_confirmed_at) == ("noor", "Noor D.", None)
    assert made.password.startswith("argon2$argon2id$")
    assert verbs(made) == ["person_created"]
    with pytest.raises(AccountRefused, match="name_taken"):
        steps.create_person("NOOR", "Another", Role.ANALYST, PASSWORD, now=NOW)


@pytest.mark.parametrize(
    ("name", "shown", "reason"),
    [("", "A", "name_missing"), ("two words", "A", "name_missing"), ("a", "  ", "display_name_missing")],
)
def test_an_account_needs_names(name: str, shown: str, reason: str) -> None:
    with pytest.raises(AccountRefused, match=reason):
        steps.create_person.__wrapped__(name, shown, Role.ANALYST, PASSWORD, now=NOW)  # type: ignore[attr-defined]


@pytest.mark.parametrize("password", ["short", "password1234", "Camille Berger 1"])
def test_weak_passwords_are_refused(person: Person, password: str) -> None:
    person.display_name = "Camille Berger"
    with pytest.raises(PasswordRefused) as refusal:
        steps.set_password(person, password, by=person.pk, now=NOW)
    assert refusal.value.messages
    assert verbs(person) == []


def test_the_last_administrator_stays(person: Person) -> None:
    admin = Person.objects.create(sign_in_name="noor", display_name="Noor", role=Role.ADMINISTRATOR, created_at=NOW)
    for change in (
        lambda: steps.deactivate(admin, by=person.pk, now=NOW),
        lambda: steps.change_role(admin, Role.AUDITOR, by=person.pk, now=NOW),
    ):
        with pytest.raises(AccountRefused, match="last_administrator"):
            change()
    with pytest.raises(AccountRefused, match="yourself"):
        steps.deactivate(admin, by=admin.pk, now=NOW)
    Person.objects.create(sign_in_name="ana", display_name="Ana", role=Role.ADMINISTRATOR, created_at=NOW)
    steps.deactivate(admin, by=person.pk, now=NOW)
    admin.refresh_from_db()
    assert not admin.is_active
    assert not admin.may(Permission.MANAGE_PEOPLE)
    steps.reactivate(admin, by=person.pk, now=NOW)
    assert verbs(admin) == ["person_deactivated", "person_reactivated"]


def test_colleagues_are_those_who_may(person: Person) -> None:
    rows = {
        role: Person.objects.create(sign_in_name=role.value, display_name=role.value, role=role, created_at=NOW) for role in Role
    }
    found = queries.colleagues_who_may(Permission.ASSESS, person)
    assert set(found) == {rows[Role.ANALYST], rows[Role.SUPERVISOR]}
    rows[Role.ANALYST].is_active = False
    rows[Role.ANALYST].save()
    assert set(found.all()) == {rows[Role.SUPERVISOR]}

"""Accounts are made and stopped by an administrator, who never does it to herself."""

from __future__ import annotations

import pytest
from django.urls import reverse

from rempart.desk.registers.people.models import Person
from rempart.desk.web.console.views.people import first_password
from tests import cast
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is under test elsewhere."""
    monkeypatch.setattr(Person, "set_password", lambda self, password: setattr(self, "password", f"kept:{password}"))


def test_an_account_is_made_with_a_password_shown_once(signed_in: SignedIn) -> None:
    client = signed_in(cast.ANGE)
    typed = {"sign_in_name": "Noor", "display_name": "Noor", "role": "analyst", "language": "en"}
    page = client.post(reverse("console:person-add"), typed)
    made = Person.objects.get(sign_in_name="noor")
    password = page.context["password"]
    assert made.password == f"kept:{password}"
    assert password in page.content.decode()
    assert password not in client.get(reverse("console:person", args=[made.pk])).content.decode()
    assert client.post(reverse("console:person-add"), typed).status_code == 400
    assert client.post(reverse("console:person-add"), {**typed, "sign_in_name": "b", "role": "queen"}).status_code == 400


def test_first_passwords_are_long_and_unlike() -> None:
    made = {first_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(password) == 19 for password in made)


def test_an_account_is_changed_stopped_and_reopened(signed_in: SignedIn) -> None:
    client, idris = signed_in(cast.ANGE), cast.idris()
    client.post(reverse("console:person-role", args=[idris.pk]), {"role": "supervisor"})
    client.post(reverse("console:person-stop", args=[idris.pk]))
    client.post(reverse("console:person-second-factor", args=[idris.pk]))
    idris.refresh_from_db()
    assert (idris.role, idris.is_active, idris.totp_confirmed_at) == ("supervisor", False, None)
    client.post(reverse("console:person-reopen", args=[idris.pk]))
    client.post(reverse("console:person-password", args=[idris.pk]))
    idris.refresh_from_db()
    assert idris.is_active
    assert idris.password.startswith("kept:")


def test_nobody_does_it_to_herself(signed_in: SignedIn) -> None:
    client, ange = signed_in(cast.ANGE), cast.ange()
    for gesture in ("person-stop", "person-second-factor", "person-password"):
        page = client.post(reverse(f"console:{gesture}", args=[ange.pk]), follow=True)
        assert "Another administrator must do this" in page.content.decode()
    client.post(reverse("console:person-role", args=[ange.pk]), {"role": "analyst"})
    ange.refresh_from_db()
    assert (ange.role, ange.is_active) == ("administrator", True)

"""The console as its people use it: a clock of the story's own, and people signed in without the slow password each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.web.console import sessions
from tests import cast

SignedIn = Callable[[cast.Character], Client]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> cast.Clock:
    """The clock of the pages."""
    found = cast.Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: found.now)
    return found


@pytest.fixture
def signed_in(db: None, clock: cast.Clock) -> SignedIn:
    """A browser in which this person passed both factors a moment ago. Signing in itself is tested in test_sign_in."""

    def browser_of(character: cast.Character) -> Client:
        person = cast.account(character)
        Person.objects.filter(pk=person.pk).update(language="en")
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[sessions.BEGAN] = session[sessions.SEEN] = clock.now.timestamp()
        session[sessions.FACTOR] = sessions.factor_mark(person)
        session.save()
        return client

    return browser_of


@pytest.fixture
def camille(signed_in: SignedIn) -> Client:
    """The browser of an analyst."""
    return signed_in(cast.CAMILLE)


@pytest.fixture
def own_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring for this test alone."""
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", made)

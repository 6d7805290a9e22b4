"""One person, whose password is hashed once a session: argon2 is slow on purpose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import make_password

from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Role

PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def hashed() -> str:
    return make_password(PASSWORD)


@pytest.fixture
def person(db: None, hashed: str) -> Person:
    return Person.objects.create(
        sign_in_name="camille", display_name="Camille", role=Role.ANALYST, password=hashed, created_at=NOW
    )

"""Every address of the console × every role × a stranger, against the one table of ``rules.access``."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from rempart.desk.rules.access import Permission, Role, may
from rempart.desk.web.console.urls import urlpatterns
from rempart.desk.web.shared.access import PUBLIC, SIGNED_IN, need_of
from tests import cast
from tests.conventions.samples import make_samples
from tests.web.console.conftest import SignedIn

WHO = {character.role: character for character in reversed(cast.STAFF)}


def addresses(samples: dict[str, int]) -> list[tuple[URLPattern, str]]:
    return [
        (one, reverse(f"console:{one.name}", kwargs={name: samples[name] for name in one.pattern.converters}))
        for one in urlpatterns
    ]


def is_allowed(role: Role, need: object) -> bool:
    return need in {PUBLIC, SIGNED_IN} or (isinstance(need, Permission) and may(role, need))


@pytest.mark.django_db
def test_every_page_asks_for_something() -> None:
    unmarked = [one.name for one in urlpatterns if need_of(one.callback) is None]
    assert not unmarked
    assert {one.name for one in urlpatterns if need_of(one.callback) == PUBLIC} == {"sign-in", "second-factor"}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "stranger")
def test_doors_open_to_those_of_the_table(role: Role | None, signed_in: SignedIn, clock: cast.Clock) -> None:
    samples = make_samples(now=clock.now)
    opened, wrong = 0, []
    for one, address in addresses(samples):
        for method in ("get", "post"):
            # A fresh session each time: some gestures end it, and none may lean on the one before.
            client = signed_in(WHO[role]) if role else Client()
            answer = getattr(client, method)(address)
            need = need_of(one.callback)
            is_open = need == PUBLIC if role is None else is_allowed(role, need)
            opened += is_open
            if is_refused(answer.status_code, answer.headers.get("Location", ""), need) == is_open:
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert opened >= 4


def is_refused(status: int, location: str, need: object) -> bool:
    return need != PUBLIC and (status == 403 or location.startswith(reverse("console:sign-in") + "?next="))

"""One visitor walks every address of the project, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Permission, Role
from rempart.desk.web.shared.access import PUBLIC, SIGNED_IN
from tests import cast
from tests.conventions.routes import Route, routes
from tests.conventions.samples import make_samples

WHO = {character.role: character for character in reversed(cast.STAFF)}
NOWHERE = ("/{language}/nowhere/", "/console/nowhere/", "/answer/no/where/", "/nowhere/")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one visitor got from one address. ``route`` is None for an address that does not exist."""

    label: str
    route: Route | None
    method: str
    path: str
    status: int
    headers: dict[str, str]
    cookies: frozenset[str]
    body: str

    @property
    def is_page(self) -> bool:
        has_page = self.status not in {301, 302, 303, 405}
        return has_page and self.headers.get("Content-Type", "").startswith("text/html")


def walk(role: Role | None, language: str) -> tuple[Answer, ...]:
    """Every answer to GET and to an empty POST. Nothing that was done is kept."""
    with transaction.atomic():
        answers = tuple(_walk(role, language))
        transaction.set_rollback(True)
    return answers


def _walk(role: Role | None, language: str) -> Iterator[Answer]:
    samples = make_samples(now=timezone.now())
    client = Client(headers={"accept-language": language}, raise_request_exception=False)
    if role is not None:
        sign_in(client, WHO[role], language)
    signed_in = deepcopy(client.cookies)
    for route in routes():
        address = route.address(samples, language)
        # Some addresses end the session, or try to: everybody walks on as she came.
        client.cookies = deepcopy(signed_in)
        yield _answer(route, "GET", address, client.get(address))
        client.cookies = deepcopy(signed_in)
        with transaction.atomic():
            response = client.post(address, {})
            transaction.set_rollback(True)
        yield _answer(route, "POST", address, response)
    for pattern in NOWHERE:
        address = pattern.format(language=language)
        yield _answer(None, "GET", address, client.get(address))


def sign_in(client: Client, character: cast.Character, language: str) -> None:
    """Both factors, through the pages themselves."""
    person = cast.account(character)
    Person.objects.filter(pk=person.pk).update(language=language, totp_last_step=0)
    client.post(reverse("console:sign-in"), {"sign_in_name": person.sign_in_name, "password": cast.PASSWORD})
    done = client.post(reverse("console:second-factor"), {"code": cast.totp_code(timezone.now())})
    assert done.status_code == 302, "signing in failed"


def _answer(route: Route | None, method: str, address: str, response: HttpResponse) -> Answer:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Answer(
        label=f"{method} {route.name if route else address}",
        route=route,
        method=method,
        path=address,
        status=response.status_code,
        headers=dict(response.items()),
        cookies=frozenset(response.cookies),
        body=body.decode(errors="replace"),
    )


def may_enter(role: Role | None, route: Route) -> bool:
    """What the mark on the view and the access table say together."""
    if route.need == PUBLIC:
        return True
    if role is None:
        return False
    return route.need == SIGNED_IN or (isinstance(route.need, Permission) and cast.account(WHO[role]).may(route.need))

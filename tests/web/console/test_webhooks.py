"""Where a platform is told of changes, on the page of its client: set, tested, failing and said so, removed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from rempart.desk.outlets.webhooks import courier
from rempart.desk.registers.lists import clients, webhooks
from rempart.desk.registers.lists.models import ListClient, WebhookTarget
from tests import cast
from tests.registers.lists import made
from tests.registers.lists.conftest import keyring
from tests.web.console.conftest import SignedIn

__all__ = ["keyring"]
pytestmark = pytest.mark.django_db
URL = "https://hooks.piximi.example/lists"


def post(client: Client, one: ListClient, name: str, follow: bool = True, **typed: str) -> str:
    return client.post(reverse(f"console:webhook-{name}", args=[one.pk]), typed, follow=follow).content.decode()


def shown(client: Client, one: ListClient) -> str:
    return client.get(reverse("console:client", args=[one.pk])).content.decode()


def secrets_in(text: str) -> list[str]:
    return re.findall(r"whsec_[0-9A-Za-z+/=]{44}", text)


def test_the_life_of_a_webhook(signed_in: SignedIn, clock: cast.Clock) -> None:
    client, (one, _) = signed_in(cast.SOLENE), made.client()
    (first,) = secrets_in(post(client, one, "point", url=URL))
    assert URL in shown(client, one)
    assert secrets_in(shown(client, one)) == []
    (second,) = secrets_in(post(client, one, "rotate"))
    assert second != first
    assert "two signatures" in post(client, one, "rotate")
    post(client, one, "test")
    courier.work(now=clock.now, post=lambda *_: 204)
    assert "taken" in shown(client, one)
    post(client, one, "remove")
    assert URL not in shown(client, one)
    assert "no address where it is told" in post(client, one, "test")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://hooks.example/", "must begin with https://"),
        ("https://10.0.0.1/", "private network"),
        ("nowhere", "cannot be read"),
    ],
)
def test_what_is_refused_is_said(signed_in: SignedIn, url: str, sentence: str) -> None:
    client, (one, _) = signed_in(cast.SOLENE), made.client()
    assert sentence in post(client, one, "point", url=url)
    assert not WebhookTarget.objects.exists()


def test_what_fails_is_seen_on_the_list_and_on_the_page(signed_in: SignedIn, clock: cast.Clock) -> None:
    client, (one, _) = signed_in(cast.SOLENE), made.client()
    post(client, one, "point", url=URL)
    courier.work(now=clock.now, post=lambda *_: 204)
    made.entry(1, 1)
    courier.work(now=clock.now, post=lambda *_: 410)
    assert "cannot be told of changes" in client.get(reverse("console:clients")).content.decode()
    assert "status_410" in shown(client, one)
    post(client, one, "start")
    assert webhooks.failing() == {}
    courier.work(now=clock.now + timedelta(seconds=9), post=lambda *_: 204)
    assert "cannot be told of changes" not in client.get(reverse("console:clients")).content.decode()
    clients.revoke(one, by=None, now=clock.now)
    assert "Change the address" not in shown(client, one)
    assert "stopped, for ever" in post(client, one, "point", url=URL)


def test_only_who_manages_clients(signed_in: SignedIn) -> None:
    client, (one, _) = signed_in(cast.CAMILLE), made.client()
    assert client.post(reverse("console:webhook-point", args=[one.pk]), {"url": URL}).status_code == 403

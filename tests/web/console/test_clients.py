"""The pages of the platforms that read our lists: the secret shown once, changes obeyed, what is stopped stays so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from tests import cast
from tests.registers.lists import made
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
FORM = {
    "label": "production",
    "lists": ["minors"],
    "may_hold_lists": "on",
    "may_ask": "on",
    "calls_per_minute": "600",
    "questions_per_day": "1000000",
}


def add(client: Client, **other: object) -> tuple[str, int]:
    answer = client.post(reverse("console:client-add"), {**FORM, "platform": made.platform().pk, **other})
    return answer.content.decode(), answer.status_code


def secrets_in(text: str) -> list[str]:
    return re.findall(r"rempart_[0-9A-Za-z]{46}", text)


def shown(client: Client, one: ListClient) -> str:
    return client.get(reverse("console:client", args=[one.pk])).content.decode()


def test_the_secret_is_shown_once(signed_in: SignedIn, clock: cast.Clock) -> None:
    client = signed_in(cast.SOLENE)
    answer = client.post(reverse("console:client-add"), {**FORM, "platform": made.platform().pk})
    assert answer.headers["Cache-Control"] == "no-store"
    (secret,) = secrets_in(answer.content.decode())
    one = ListClient.objects.get()
    assert clients.authenticate(one.key_id, secret, now=clock.now) == one
    for address in ("console:clients", "console:journal"):
        assert secrets_in(client.get(reverse(address)).content.decode()) == []
    page = shown(client, one)
    assert secrets_in(page) == []
    assert one.key_id in page


def test_what_is_wrong_is_said_and_what_was_typed_stays(signed_in: SignedIn) -> None:
    client = signed_in(cast.SOLENE)
    page, status = add(client, platform="", lists=[], calls_per_minute="9", questions_per_day="x", label="essais")
    assert status == 400
    for sentence in ("Choose a platform", "Choose at least one list", "from 100 to", "from 0 to"):
        assert sentence in page
    assert 'value="essais"' in page
    assert not ListClient.objects.exists()
    assert add(client)[1] == 200
    page, status = add(client)
    assert status == 400
    assert "already has a client with this label" in page


@pytest.mark.parametrize("platform", ["0", "-1", "9" * 30, "²", "1; DROP"])
def test_a_platform_that_is_none(signed_in: SignedIn, platform: str) -> None:
    assert add(signed_in(cast.SOLENE), platform=platform)[1] == 400


def test_limits_are_changed(signed_in: SignedIn) -> None:
    client, (one, _secret) = signed_in(cast.ANGE), made.client()
    address = reverse("console:client-change", args=[one.pk])
    assert client.post(address, {**FORM, "lists": ["minors", "adults"], "calls_per_minute": "100"}).status_code == 302
    assert clients.limits_of(one).lists == frozenset(ListName)
    one.refresh_from_db()
    assert one.calls_per_minute == 100
    refused = client.post(address, {**FORM, "lists": []})
    assert refused.status_code == 400
    assert "Choose at least one list." in refused.content.decode()
    assert clients.limits_of(one).lists == frozenset(ListName)


def test_a_new_secret(signed_in: SignedIn, clock: cast.Clock) -> None:
    client, (one, former) = signed_in(cast.SOLENE), made.client()
    address = reverse("console:client-rotate", args=[one.pk])
    client.post(address, {"former": "12"})
    assert clients.authenticate(one.key_id, former, now=clock.now)
    (second,) = secrets_in(client.post(address, {"former": "24"}).content.decode())
    assert clients.authenticate(one.key_id, former, now=clock.now)
    assert "taken until" in shown(client, one)
    assert "taken until" not in shown_later(client, one, clock)
    client.post(address, {"former": "0"})
    assert not clients.authenticate(one.key_id, second, now=clock.now)


def shown_later(client: Client, one: ListClient, clock: cast.Clock) -> str:
    earlier = clock.now
    ListClient.objects.filter(pk=one.pk).update(former_until=earlier - timedelta(minutes=1))
    return shown(client, one)


def test_stopping_asks_first(signed_in: SignedIn, clock: cast.Clock) -> None:
    client, (one, secret) = signed_in(cast.SOLENE), made.client()
    address = reverse("console:client-revoke", args=[one.pk])
    assert client.post(address).status_code == 400
    assert clients.authenticate(one.key_id, secret, now=clock.now)
    assert client.post(address, {"confirmed": "on"}).status_code == 302
    assert clients.authenticate(one.key_id, secret, now=clock.now) is None
    page = shown(client, one)
    assert "for ever" in page
    assert "threatexchange" not in page
    refused = client.post(reverse("console:client-rotate", args=[one.pk]), {"former": "24"}, follow=True)
    assert "stopped, for ever" in refused.content.decode()
    assert client.get(reverse("console:client", args=[10**9])).status_code == 404


def test_how_far_each_is(signed_in: SignedIn, clock: cast.Clock) -> None:
    client, (one, _secret) = signed_in(cast.ANGE), made.client()
    for position in range(1, 6):
        made.entry(position, position)
    clients.note_read(one, ListName.MINORS, 2, 2, now=clock.now)
    clients.take_call(one, clock.now)
    page = client.get(reverse("console:clients")).content.decode()
    assert '<td class="number">3</td>' in page
    assert "3 entries behind" in shown(client, one)
    assert ">2</td></tr>" in shown(client, one)


def test_every_command_holds_the_platforms_own_values(signed_in: SignedIn) -> None:
    client, (one, _secret) = signed_in(cast.SOLENE), made.client()
    page = shown(client, one)
    assert f"/exchange/{ListName.MINORS.value}/hashsharing" in page
    assert "adults" not in page.partition("Limits")[0]
    assert page.count(one.key_id) == 6
    asker, _ = made.client("Vidéa", may_hold_lists=False)
    page = shown(client, asker)
    assert "/api/v1/match" in page
    assert "hashsharing" not in page

"""Several workers tell one platform at one moment: each event leaves once, and nothing that changed is missed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from django.conf import settings

from rempart.desk.outlets.webhooks import courier, point
from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.models import Entry
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.webhooks import SPACING
from tests.registers.bank.pictures import protect
from tests.registers.bank.test_at_once import at_once
from tests.registers.lists import made
from tests.registers.lists.made import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_each_event_leaves_once_and_none_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REMPART", replace(settings.REMPART, webhooks_to_private_addresses=True))
    client, _secret = made.client()
    point(client, "https://hooks.piximi.example/", by=None, now=NOW)
    courier.work(now=NOW, post=lambda *_: 204)
    sent: list[tuple[str, int, int]] = []

    def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        data = json.loads(body)["data"]
        sent.append((headers["webhook-id"], data["position"], data["added"]))
        return 204

    def goes_round() -> None:
        for turn in range(6):
            courier.work(now=NOW + SPACING * turn, post=post)

    def protects() -> None:
        for number in range(8):
            protect(f"a {number}", now=NOW)

    wrong = at_once(goes_round, goes_round, goes_round, protects)
    assert not wrong
    courier.work(now=NOW + SPACING * 9, post=post)
    assert len({name for name, _, _ in sent}) == len(sent)
    assert sum(added for _, _, added in sent) == Entry.objects.count() == 8
    assert max(position for _, position, _ in sent) == entries.head(ListName.MINORS)

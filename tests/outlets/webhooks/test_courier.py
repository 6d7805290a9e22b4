"""Events from rows: made when a list changes, sent again until they are taken, never twice under another name."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from standardwebhooks import Webhook

from rempart.desk.outlets.look.troubles import Trouble
from rempart.desk.outlets.webhooks import courier, point
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import canaries, clients, webhooks
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.models import Entry, ListClient, WebhookDelivery, WebhookTarget
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Trust
from rempart.desk.rules.webhooks import SPACING, WAITS
from tests.outlets.webhooks.receiver import Receiver, receiving
from tests.registers.lists import made
from tests.registers.lists.made import NOW

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=1)
URL = "https://hooks.piximi.example/lists"


@pytest.fixture(autouse=True)
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REMPART", replace(settings.REMPART, webhooks_to_private_addresses=True))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def pointed(url: str = URL, name: str = "Piximi", **also: object) -> tuple[ListClient, str]:
    client, _secret = made.client(name, **also)  # type: ignore[arg-type]
    secret = point(client, url, by=None, now=NOW)
    assert secret is not None
    courier.work(now=NOW, post=never)
    return client, secret


def never(url: str, headers: Mapping[str, str], body: bytes) -> int:
    raise AssertionError("nothing is due")


def answers(*results: int | Trouble) -> tuple[Callable[..., int | Trouble], list[tuple[str, str, dict[str, object]]]]:
    """A wire that answers so, the last answer for ever; what it was sent: name, moment, body."""
    left, sent = list(results), []

    def post(url: str, headers: Mapping[str, str], body: bytes) -> int | Trouble:
        sent.append((headers["webhook-id"], headers["webhook-timestamp"], json.loads(body)))
        return left.pop(0) if len(left) > 1 else left[0]

    return post, sent


def target() -> WebhookTarget:
    return WebhookTarget.objects.get()


def test_a_change_arrives_signed_and_thin(receiver: Receiver) -> None:
    _client, secret = pointed(receiver.url())
    made.entry(1, 1)
    made.entry(2, 2)
    assert courier.work(now=NOW + SOON) == 2
    (received,) = receiver.received
    told = json.loads(received.body)
    assert told["data"] == {"list": "minors", "position": 2, "added": 2, "changed": 0, "withdrawn": 0}
    assert received.headers["content-type"].startswith("application/cloudevents+json")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    again = Webhook(secret).sign(received.headers["webhook-id"], NOW + SOON, received.body.decode())
    assert len(key) == 32
    assert again == received.headers["webhook-signature"]
    assert courier.work(now=NOW + SOON) == 0


def test_what_was_there_before_is_no_news() -> None:
    made.entry(1, 1)
    pointed()
    assert courier.work(now=NOW + SOON, post=never) == 0


def test_at_most_one_event_in_a_few_seconds() -> None:
    pointed()
    post, sent = answers(204)
    for number in range(1, 21):
        made.entry(number, number)
        courier.work(now=NOW + SOON * number / 4, post=post)
    courier.work(now=NOW + SPACING + SOON, post=post)
    assert [body["data"]["added"] for _, _, body in sent] == [1, 19]  # type: ignore[index]


def test_added_changed_withdrawn() -> None:
    pointed()
    post, sent = answers(200)
    made.entry(1, 5, first=1)
    made.entry(2, 6, is_gone=True)
    made.entry(3, 7)
    courier.work(now=NOW, post=post)
    made.entry(4, 8, is_gone=True, first=2)
    Entry.objects.filter(protection_number=3).update(position=9, trust=Trust.CONFIRMED)
    courier.work(now=NOW + SPACING, post=post)
    counts = [[body["data"][name] for name in ("added", "changed", "withdrawn")] for _, _, body in sent]  # type: ignore[index]
    assert counts == [[2, 0, 1], [0, 1, 1]]


def test_the_canary_of_another_client_is_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    pointed()
    canaries.make(ListName.MINORS, now=NOW)
    monkeypatch.setattr(canaries, "on_copy_of", lambda _client, _numbers: {})
    assert courier.work(now=NOW + SOON, post=never) == 0
    assert not WebhookDelivery.objects.exists()


def test_its_own_canary_is_news_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    pointed()
    canaries.make(ListName.MINORS, now=NOW)
    monkeypatch.setattr(canaries, "on_copy_of", lambda _client, numbers: {number: [] for number in numbers})
    post, sent = answers(204)
    courier.work(now=NOW + SOON, post=post)
    assert [body["data"]["added"] for _, _, body in sent] == [1]  # type: ignore[index]


def test_tried_again_under_one_name_for_three_days_then_stopped_and_said() -> None:
    client, _ = pointed()
    made.entry(1, 1)
    post, sent = answers(503)
    now = NOW
    courier.work(now=now, post=post)
    assert target().failing_since == NOW
    for wait in WAITS:
        assert courier.work(now=now + wait - SOON, post=never) == 0
        now += wait
        courier.work(now=now, post=post)
    assert len({name for name, _, _ in sent}) == 1
    assert len({moment for _, moment, _ in sent}) == len(sent) == len(WAITS) + 1
    assert timedelta(days=2.5) < now - NOW < timedelta(days=3.5)
    assert target().stopped_at == now
    assert list(webhooks.failing()) == [client.pk]
    assert JournalEntry.objects.get(verb="webhook_stopped").detail == {"why": "status_503"}
    assert courier.work(now=now + timedelta(days=1), post=never) == 0
    # Started again, it hears of all that was missed.
    webhooks.start_again(client, by=None, now=now)
    made.entry(2, 2)
    taken, later = answers(204)
    courier.work(now=now + timedelta(days=1), post=taken)
    assert [body["data"]["added"] for _, _, body in later] == [2]  # type: ignore[index]
    assert webhooks.failing() == {}


def test_while_one_waits_no_other_is_made_and_the_next_covers_all() -> None:
    pointed()
    made.entry(1, 1)
    down, _ = answers(Trouble.TIMEOUT)
    courier.work(now=NOW, post=down)
    for number in range(2, 12):
        made.entry(number, number)
        courier.work(now=NOW + SOON, post=never)
    assert WebhookDelivery.objects.count() == 1
    up, sent = answers(200)
    courier.work(now=NOW + WAITS[0], post=up)
    courier.work(now=NOW + WAITS[0] + SPACING, post=up)
    assert [body["data"]["added"] for _, _, body in sent] == [1, 10]  # type: ignore[index]
    assert target().failing_since is None


def test_gone_ends_it_at_once() -> None:
    pointed()
    made.entry(1, 1)
    post, sent = answers(410)
    courier.work(now=NOW, post=post)
    made.entry(2, 2)
    courier.work(now=NOW + timedelta(days=1), post=never)
    assert len(sent) == 1
    assert target().stopped_at == NOW


def test_killed_between_intention_and_outcome_it_is_sent_again_under_the_same_name() -> None:
    pointed()
    made.entry(1, 1)
    seen: list[str] = []

    def dies(url: str, headers: Mapping[str, str], body: bytes) -> int:
        seen.append(headers["webhook-id"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        courier.work(now=NOW, post=dies)
    assert courier.work(now=NOW + SOON, post=never) == 0
    post, sent = answers(204)
    courier.work(now=NOW + courier.LEASE, post=post)
    assert [name for name, _, _ in sent] == seen
    assert WebhookDelivery.objects.get().outcome == "delivered"


def test_two_workers_send_it_once() -> None:
    pointed()
    made.entry(1, 1)
    inner, sent = answers(204)

    def meanwhile(url: str, headers: Mapping[str, str], body: bytes) -> int | Trouble:
        return inner(url, headers, body)

    courier.announce(now=NOW)
    first = courier._claim(NOW)
    assert len(first) == 1
    assert courier._claim(NOW) == []
    assert courier.announce(now=NOW) == 0
    courier._note(first[0], 204, NOW)
    assert courier.work(now=NOW + SOON, post=meanwhile) == 0
    assert sent == []


def test_one_that_never_answers_delays_no_other(receiver: Receiver) -> None:
    pointed(URL, "Piximi")
    pointed(URL + "/2", "Parolo")
    made.entry(1, 1)

    def post(url: str, headers: Mapping[str, str], body: bytes) -> int | Trouble:
        return Trouble.TIMEOUT if url == URL else 204

    courier.work(now=NOW, post=post)
    outcomes = dict(WebhookDelivery.objects.values_list("target__url", "outcome"))
    assert outcomes == {URL: "timeout", URL + "/2": "delivered"}


def test_revoked_or_without_a_list_it_is_told_nothing() -> None:
    client, _ = pointed()
    made.entry(1, 1)
    courier.announce(now=NOW)
    clients.revoke(client, by=None, now=NOW)
    made.entry(2, 2)
    assert courier.work(now=NOW + SOON, post=never) == 0
    asks, _ = made.client("Parolo", may_hold_lists=False)
    with pytest.raises(ClientRefused, match="webhook_without_list"):
        point(asks, URL, by=None, now=NOW)


def test_the_secret_changes_with_two_signatures_for_a_day(receiver: Receiver) -> None:
    client, first = pointed(receiver.url())
    second = webhooks.rotate(client, by=None, now=NOW)
    assert second != first
    made.entry(1, 1)
    courier.work(now=NOW)
    made.entry(2, 2)
    courier.work(now=NOW + timedelta(days=1))
    counts = [one.headers["webhook-signature"].count("v1,") for one in receiver.received]
    assert counts == [2, 1]


def test_a_test_is_sent_once_and_changes_nothing_else(receiver: Receiver) -> None:
    client, _ = pointed(receiver.url())
    receiver.statuses = [500]
    webhooks.test(client, by=None, now=NOW)
    webhooks.test(client, by=None, now=NOW)
    courier.work(now=NOW)
    assert courier.work(now=NOW + timedelta(days=1), post=never) == 0
    assert [json.loads(one.body)["type"] for one in receiver.received] == ["rempart.webhook.test.v1"]
    assert (WebhookDelivery.objects.get().outcome, target().failing_since) == ("status_500", None)


def test_no_secret_lies_in_the_database_and_no_address_in_the_journal() -> None:
    client, secret = pointed()
    webhooks.test(client, by=None, now=NOW)
    row = target()
    assert base64.b64decode(secret.removeprefix("whsec_")) not in {bytes(row.salt)}
    said = " ".join(f"{one.subject} {one.detail}" for one in JournalEntry.objects.all())
    assert "hooks" not in said
    assert webhooks.secret_of(row) == secret
    webhooks.remove(client, by=None, now=NOW)
    again = point(client, URL, by=None, now=NOW)
    assert again not in {None, secret}


def test_old_events_are_forgotten() -> None:
    pointed()
    made.entry(1, 1)
    post, _ = answers(200)
    courier.work(now=NOW, post=post)
    assert courier.sweep(now=NOW + timedelta(days=29)) == 0
    assert courier.sweep(now=NOW + timedelta(days=31)) == 1

"""Who may read the lists: made once, recognised by nothing but its secret, changed, stopped at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rempart.desk.registers.directory.models import RecipientKind
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import clients, credentials
from rempart.desk.registers.lists.clients import Limits
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from tests.registers.lists import made
from tests.registers.lists.made import MINORS, NOW

pytestmark = pytest.mark.django_db
BOTH = frozenset(ListName)


def known(client: ListClient, secret: str, **later: float) -> bool:
    found = clients.authenticate(client.key_id, secret, now=NOW + timedelta(**later))
    assert found is None or found.pk == client.pk
    return found is not None


def refusal_of(label: str = "production", *, number: int | None = None, **limits: object) -> set[str]:
    wanted = Limits(**{"lists": MINORS, **limits})  # type: ignore[arg-type]
    with pytest.raises(ClientRefused) as refused:
        clients.issue(made.platform().pk if number is None else number, label, wanted, by=None, now=NOW)
    return set(refused.value.reasons)


def test_only_the_right_secret_is_taken() -> None:
    client, secret = made.client()
    other, others = made.client("Vidéa")
    assert known(client, secret)
    assert known(other, others)
    for name, shown in [
        (client.key_id, others),
        (other.key_id, secret),
        (client.key_id, ""),
        ("", secret),
        (client.key_id.upper(), secret),
        (client.key_id, secret + " "),
        ("\0", "\0"),
        ("\ud800", "é" * 5000),
        (f"{client.key_id}\n", secret),
    ]:
        assert clients.authenticate(name, shown, now=NOW) is None


def test_the_secret_is_kept_nowhere() -> None:
    client, secret = made.client()
    client.refresh_from_db()
    assert bytes(client.secret_digest) == credentials.digest(client.key_id, secret)
    assert secret not in str([list(ListClient.objects.values()), list(JournalEntry.objects.values())])


def test_a_digest_of_other_keys_is_worth_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database without its keys file lets nobody in."""
    client, secret = made.client()
    keys = type("Keys", (), {"digest_key": b"another"})()
    monkeypatch.setattr(settings, "REMPART_KEYS", keys)
    assert not known(client, secret)


def test_an_unknown_name_costs_what_a_wrong_secret_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _secret = made.client()
    compared: list[int] = []
    real = credentials.hmac.compare_digest
    monkeypatch.setattr(credentials.hmac, "compare_digest", lambda a, b: compared.append(len(a) + len(b)) or real(a, b))
    costs = []
    for name in (client.key_id, credentials.make_key_id(), "", "\0"):
        compared.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert clients.authenticate(name, "wrong", now=NOW) is None
        costs.append((len(queries), tuple(compared)))
    assert costs == [(1, (64, 64))] * 4


def test_what_cannot_be_made_is_said() -> None:
    made.client()
    assert refusal_of(number=10**15) == {"platform_unknown"}
    assert refusal_of(number=made.platform("Unit", RecipientKind.POLICE).pk) == {"platform_unknown"}
    assert refusal_of("production") == {"label_taken"}
    assert refusal_of(" \n ") == {"label_missing"}
    assert refusal_of("x" * 61) == {"label_missing"}
    assert refusal_of("other", lists=frozenset()) == {"lists_missing"}
    assert refusal_of("other", may_hold_lists=False, may_ask=False) == {"allowed_nothing"}
    assert refusal_of("other", calls_per_minute=99, questions_per_day=-1) == {"calls_out_of_range", "questions_out_of_range"}
    assert ListClient.objects.count() == 1


def test_after_a_leak_the_same_label_serves_again() -> None:
    client, secret = made.client()
    clients.revoke(client, by=None, now=NOW)
    again, new = made.client()
    assert again.pk != client.pk
    assert known(again, new)
    assert not known(client, secret)


def test_both_secrets_are_taken_for_a_while() -> None:
    client, first = made.client()
    second = clients.rotate(client, by=None, now=NOW)
    assert known(client, first, hours=23.9)
    assert known(client, second)
    assert not known(client, first, hours=24)
    third = clients.rotate(client, by=None, now=NOW + timedelta(hours=1), former_for=timedelta(hours=1))
    assert not known(client, first, hours=1)
    assert known(client, second, hours=1.9)
    assert known(client, third, hours=9999)
    fourth = clients.rotate(client, by=None, now=NOW, former_for=timedelta(0))
    assert not known(client, third)
    assert known(client, fourth)


def test_the_other_secret_is_not_taken_for_ever() -> None:
    client, _ = made.client()
    for wrong in (timedelta(seconds=-1), timedelta(days=30, seconds=1)):
        with pytest.raises(ClientRefused, match="former_too_long"):
            clients.rotate(client, by=None, now=NOW, former_for=wrong)


def test_a_revoked_client_is_refused_at_its_next_request() -> None:
    client, first = made.client()
    second = clients.rotate(client, by=None, now=NOW)
    clients.revoke(client, by=3, now=NOW)
    assert not known(client, first)
    assert not known(client, second)
    clients.revoke(client, by=3, now=NOW + timedelta(hours=1))
    assert client.revoked_at == NOW
    for gesture in (
        lambda: clients.rotate(client, by=None, now=NOW),
        lambda: clients.change(client, Limits(BOTH), by=None, now=NOW),
    ):
        with pytest.raises(ClientRefused, match="revoked"):
            gesture()


def test_a_client_reads_its_lists_and_no_other() -> None:
    client, _ = made.client()
    asker, _ = made.client(label="questions", lists=BOTH, may_hold_lists=False)
    assert clients.may_read(client, ListName.MINORS)
    assert not clients.may_read(client, ListName.ADULTS)
    assert not clients.may_read(asker, ListName.MINORS)
    assert clients.limits_of(asker).lists == BOTH
    assert clients.change(client, Limits(BOTH, calls_per_minute=100), by=3, now=NOW)
    assert clients.may_read(client, ListName.ADULTS)
    assert client.calls_per_minute == 100
    assert not clients.change(client, Limits(BOTH, calls_per_minute=100), by=3, now=NOW)
    with pytest.raises(ClientRefused, match="lists_missing"):
        clients.change(client, Limits(frozenset()), by=3, now=NOW)


def test_a_change_keeps_how_far_the_client_has_read() -> None:
    client, _ = made.client()
    clients.note_read(client, ListName.MINORS, 7, 7, now=NOW)
    clients.change(client, Limits(BOTH), by=3, now=NOW)
    assert client.subscriptions.get(list_name="minors").read_position == 7


def test_every_act_is_a_line_of_the_journal() -> None:
    client, _ = made.client(lists=BOTH)
    clients.change(client, Limits(MINORS, is_cautious=True), by=3, now=NOW)
    clients.rotate(client, by=3, now=NOW)
    clients.revoke(client, by=3, now=NOW)
    lines = JournalEntry.objects.filter(subject=f"client:{client.pk}").order_by("pk")
    assert [(line.verb, line.by_id) for line in lines] == [
        ("client_issued", None),
        ("client_changed", 3),
        ("client_rotated", 3),
        ("client_revoked", 3),
    ]
    assert lines[0].detail == {"platform": client.platform_number, "lists": ["adults", "minors"]}
    assert lines[1].detail == {"fields": ["lists", "is_cautious"], "lists": ["minors"]}

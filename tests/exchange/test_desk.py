"""The real desk and the real ``threatexchange``: connected by the very commands that the client's page prints."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from requests import HTTPError
from threatexchange.exchanges.clients.ncmec.hash_api import FeedbackType, FingerprintType

from rempart.desk.registers.bank.models import Feedback
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.clients import readers_of
from rempart.desk.registers.lists.connecting import Way, commands, ncmec_address
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.web.api.views import ncmec as door
from rempart.exchange import ListClient as Reader
from tests.exchange.people import withdraw
from tests.exchange.platform import Platform
from tests.project.commands import clean_environment
from tests.registers.bank.pictures import pdq, protect, sha256
from tests.registers.lists import made

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NAME = "LES_PHARES_MINORS"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "machine"
    shutil.rmtree(tmp_path / "machine", ignore_errors=True)


def types_block(machine: Path, client: ListClient, secret: str, way: Way, desk: LiveServer, lists: set[ListName]) -> str:
    """Paste the block of one way into a shell, and the secret when it is asked for. ``pip`` has nothing to do here."""
    machine.mkdir(exist_ok=True)
    found = commands(desk.url, client.key_id, "Les Phares", sorted(lists), holds_lists=True)
    block = next(one.text for one in found if one.way is way)
    script = "set -eu\npip() { :; }\n" + block.partition("# Once a day")[0]
    environment = clean_environment(HOME=str(machine), TX_STATEDIR=str(machine / "state"))
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], input=secret + "\n", env=environment, cwd=machine, text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("time_zone", ["UTC", "Europe/Paris", "America/New_York"])
def test_protected_matched_voted_withdrawn(live_server: LiveServer, machine: Path, time_zone: str) -> None:
    now = timezone.now()
    _, (first,) = protect("a", now=now)
    _, (second,) = protect("b", now=now)
    client, secret = made.client()
    types_block(machine, client, secret, Way.EXTENSION, live_server, {ListName.MINORS})
    platform = Platform(machine, time_zone, client.key_id, secret)
    for name in ("a", "b"):
        assert f"({NAME}) INVESTIGATION_SEED self_declared" in platform.matches(pdq(f"{name} whole").hex())
        assert NAME in platform.matches(sha256(name).hex(), kind="photo_sha256")
    assert [name for name, _ in readers_of(first.pk)] == ["Piximi"]
    vote(live_server, client, secret)
    assert sorted(Feedback.objects.values_list("vote", flat=True)) == ["blocked", "not_blocked"]
    withdraw(second)
    _, (third,) = protect("c", now=timezone.now())
    platform.does("fetch", "--only-collab", NAME)
    assert platform.matches(pdq("b whole").hex()) == ""
    assert platform.matches(sha256("b").hex(), kind="photo_sha256") == ""
    assert NAME in platform.matches(pdq("c mirror").hex())
    assert [name for name, _ in readers_of(third.pk)] == ["Piximi"]
    assert readers_of(second.pk) == []


def vote(desk: LiveServer, client: ListClient, secret: str) -> None:
    """Block one picture, and say of the other that it is not the same."""
    reader = Reader(client.key_id, secret, ncmec_address(desk.url, ListName.MINORS))
    entries = [entry for entry in reader.get_entries().updates if entry.id.endswith("-0")]
    assert len(entries) == 2
    guid = next(guid for guid, name in reader.feedback_reasons(FingerprintType.pdq).items() if name == "Not the same picture")
    reader.submit_upvote(entries[0].member_id, entries[0].id, FingerprintType.pdq)
    last = entries[1]
    reader.submit_feedback(last.member_id, last.id, FingerprintType.pdq, FeedbackType.downvote, guid)


def test_both_lists_on_one_machine(live_server: LiveServer, machine: Path) -> None:
    protect("a", now=timezone.now())
    client, secret = made.client(lists=frozenset(ListName))
    types_block(machine, client, secret, Way.EXTENSION, live_server, set(ListName))
    platform = Platform(machine, "UTC", client.key_id, secret)
    assert len(platform.holds(NAME)) == 3
    assert platform.holds("LES_PHARES_ADULTS") == set()
    other, its_secret = made.client("Vidéa", lists=frozenset({ListName.ADULTS}))
    refused = Platform(machine, "UTC", other.key_id, its_secret, verbosity="1").types("fetch", "--only-collab", NAME)
    assert refused.returncode == 3
    assert "403" in refused.stderr


def test_the_stopncii_shape_by_its_block(live_server: LiveServer, machine: Path) -> None:
    """What we say of it is so: a withdrawal stays with these tools until they are emptied."""
    now = timezone.now()
    protect("a", now=now)
    _, (second,) = protect("b", now=now)
    client, secret = made.client()
    types_block(machine, client, secret, Way.STOPNCII, live_server, {ListName.MINORS})
    platform = Platform(machine, "UTC", user="")
    assert NAME in platform.matches(pdq("b whole").hex())
    withdraw(second)
    platform.does("fetch", "--only-collab", NAME)
    assert NAME in platform.matches(pdq("b whole").hex())
    platform.does("fetch", "--clear", "--only-collab", NAME)
    platform.does("fetch", "--only-collab", NAME)
    assert NAME in platform.matches(pdq("a whole").hex())
    assert "INVESTIGATION" not in platform.matches(pdq("b whole").hex())


def test_our_feed_and_questions_by_their_blocks(live_server: LiveServer, machine: Path) -> None:
    protect("a", now=timezone.now())
    client, secret = made.client()
    page = json.loads(types_block(machine, client, secret, Way.FEED, live_server, {ListName.MINORS}))
    assert [entry["sha256"] for entry in page["entries"]] == [sha256("a").hex()]
    (machine / "uploads.json").write_text(json.dumps({"questions": [{"sha256": sha256("a").hex()}, {"pdq": pdq("b").hex()}]}))
    told = json.loads(types_block(machine, client, secret, Way.MATCH, live_server, {ListName.MINORS}))
    assert [answer["match"] for answer in told["answers"]] == ["exact", "none"]


def test_revoked_in_the_middle_of_a_reading(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PAGE", 2)
    protect("a", "b", "c", now=timezone.now())
    client, secret = made.client()
    reader = Reader(client.key_id, secret, ncmec_address(live_server.url, ListName.MINORS))
    first = reader.get_entries()
    assert first.next
    assert reader.get_entries(next_=first.next).updates
    clients.revoke(client, by=None, now=timezone.now())
    with pytest.raises(HTTPError, match="401"):
        reader.get_entries(next_=first.next)

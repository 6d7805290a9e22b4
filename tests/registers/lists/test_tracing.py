"""A copy that leaks names the client it was read by, through the real bank and the real feed; and nobody else."""

from __future__ import annotations

import numpy as np
import pytest

from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import canaries, clients, entries, scenes, tracing
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Fact
from rempart.engine import HashArray, PdqFingerprint, Pipeline
from tests.registers.bank import pictures
from tests.registers.lists.made import NOW, client

pytestmark = pytest.mark.django_db
NOTHING = np.empty((0, 32), np.uint8)


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def fingerprints(chance: np.random.Generator) -> list[PdqFingerprint]:
        return [PdqFingerprint(pictures.pdq(str(chance.integers(2**60))), 90, Pipeline.FULL, "whole")]

    monkeypatch.setattr(scenes, "fingerprints", fingerprints)


@pytest.fixture
def readers() -> list[ListClient]:
    return [client(f"Platform {number}")[0] for number in range(12)]


def copy_of(reader: ListClient, *, with_exact: bool = False) -> HashArray:
    """What this client is given, as one would leak it."""
    entries.catch_up(NOW)
    given = entries.changed(ListName.MINORS, after=0, until=2**60, limit=10_000, client=reader)
    rows = [part.pdq.value for one in given for part in one.parts]
    rows += [one.sha256.value for one in given if one.sha256] if with_exact else []
    return rows_of(rows)


def rows_of(rows: list[bytes]) -> HashArray:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 32).copy()


def named(leaked: HashArray) -> list[int]:
    return [suspect.client.pk for suspect in tracing.trace(leaked, now=NOW).named]


def test_two_fingerprints_are_enough(readers: list[ListClient]) -> None:
    pictures.protect("one", "two", now=NOW)
    found = tracing.trace(copy_of(readers[3])[:2], now=NOW)
    assert [suspect.client.pk for suspect in found.named] == [readers[3].pk]
    assert found.named[0].chance_of_error < 1e-9
    assert (found.given, found.ours, found.unmarked, found.lists, found.suspects) == (2, 2, 0, ("minors",), 12)


def test_a_revoked_client_is_named_too(readers: list[ListClient]) -> None:
    pictures.protect("one", now=NOW)
    leaked = copy_of(readers[0])
    clients.revoke(readers[0], by=None, now=NOW)
    assert named(leaked) == [readers[0].pk]


def test_a_picture_that_many_protect(readers: list[ListClient]) -> None:
    """The same file under several codes: as many originals, all alike, each with a mark of its own."""
    for _ in range(6):
        pictures.protect("one", now=NOW)
    assert named(copy_of(readers[5])) == [readers[5].pk]


def test_changed_bits_hide_little(readers: list[ListClient]) -> None:
    pictures.protect(*(f"picture {number}" for number in range(8)), now=NOW)
    leaked = copy_of(readers[7])
    chance = np.random.default_rng(1)
    for row in leaked:
        bits = np.unpackbits(row)
        bits[chance.choice(256, 6, replace=False)] ^= 1
        row[:] = np.packbits(bits)
    assert named(leaked) == [readers[7].pk]


def test_two_clients_together(readers: list[ListClient]) -> None:
    pictures.protect(*(f"picture {number}" for number in range(12)), now=NOW)
    one, two = copy_of(readers[1]), copy_of(readers[2])
    mixed = np.where(np.arange(len(one))[:, None] % 2, one, two)
    assert set(named(mixed)) == {readers[1].pk, readers[2].pk}


def test_what_never_was_ours_names_nobody(readers: list[ListClient]) -> None:
    pictures.protect("one", now=NOW)
    copy_of(readers[0])
    stranger = rows_of([pictures.pdq("stranger").value, pictures.sha256("one").value])
    found = tracing.trace(stranger, now=NOW)
    assert (found.ours, found.named, found.lists) == (0, (), ())
    assert named(NOTHING) == []


def test_an_unmarked_file_names_nobody(readers: list[ListClient]) -> None:
    """It comes from the desk itself, or from three who voted."""
    pictures.protect("one", "two", now=NOW)
    copy_of(readers[0])
    originals = rows_of([pictures.pdq(f"{name} {view}").value for name in ("one", "two") for view in pictures.VIEWS])
    found = tracing.trace(originals, now=NOW)
    assert (found.ours, found.unmarked, found.named) == (4, 4, ())


def test_withdrawn_pictures_cannot_be_traced(readers: list[ListClient]) -> None:
    pictures.protect("one", now=NOW)
    leaked = copy_of(readers[0])
    bank.end(Protection.objects.all(), Fact.WITHDRAWAL, now=NOW)
    entries.catch_up(NOW)
    assert tracing.trace(leaked, now=NOW).ours == 0


def test_canaries_alone_name_a_client(readers: list[ListClient]) -> None:
    """Marks removed by some miracle: which canaries are there still tells, by their SHA-256 too."""
    for _ in range(150):
        canaries.make(ListName.MINORS, now=NOW)
    own = [found for _, found in sorted(canaries.on_copy_of(readers[4].pk, range(10**4)).items())]
    for place in (0, 1):
        found = tracing.trace(rows_of([views[place].value for views in own]), now=NOW)
        assert [suspect.client.pk for suspect in found.named] == [readers[4].pk]
        assert found.canaries_seen == len(own)
        assert found.canaries <= 150


def test_without_clients_nobody_is_named() -> None:
    pictures.protect("one", now=NOW)
    entries.catch_up(NOW)
    assert named(rows_of([pictures.pdq("one whole").value])) == []


def test_the_act_is_written_down_without_a_fingerprint(readers: list[ListClient]) -> None:
    pictures.protect("one", now=NOW)
    leaked = copy_of(readers[0])
    tracing.trace(leaked, now=NOW)
    line = JournalEntry.objects.get(verb="leak_traced")
    assert line.detail == {"given": 2, "ours": 2, "named": [readers[0].pk]}

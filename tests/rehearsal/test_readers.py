"""Invented platforms that read the lists: their known keys open the doors, and they are where their past left them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import clients, overview
from rempart.desk.rehearsal.cast import make_directory, make_people
from rempart.desk.rehearsal.readers import READERS, make_readers, plan_readings, read, shown_commands
from tests.registers.bank.pictures import protect
from tests.registers.lists.conftest import keyring
from tests.registers.lists.made import NOW

__all__ = ["keyring"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def readers() -> None:
    people = make_people(NOW)
    make_directory(people["salome"], NOW)
    make_readers(people["salome"].pk, NOW)


def test_their_keys_are_known_to_everybody() -> None:
    for reader in READERS:
        client = clients.authenticate(reader.key_id, reader.secret, now=NOW)
        assert client is not None
        assert clients.limits_of(client) == reader.limits
        assert "," not in reader.secret
    printed = "".join(text for _tool, text in shown_commands("http://127.0.0.1:8000", "Phare"))
    assert READERS[0].key_id in printed
    assert READERS[0].secret not in printed


def test_they_have_read_for_weeks_and_are_up_to_date() -> None:
    protect("a", "b", now=NOW)
    calendar = []
    plan_readings(lambda at, play: calendar.append((at, play)), NOW + timedelta(days=30))
    assert calendar == sorted(calendar, key=lambda one: one[0])
    for at, play in calendar[-3:]:
        play(at)
    seen = overview.everybody(NOW + timedelta(days=30))
    holding = [reading for one in seen if one.client.may_hold_lists for reading in one.readings]
    assert [(reading.behind, reading.read_at is None) for reading in holding] == [(0, False)] * 4
    lines = JournalEntry.objects.filter(verb="list_read").count()
    read(NOW + timedelta(days=30))
    assert JournalEntry.objects.filter(verb="list_read").count() > lines

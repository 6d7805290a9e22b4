"""Platforms, clients and entries for the tests of the lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.models import Recipient, RecipientKind
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.clients import Limits
from rempart.desk.registers.lists.models import Entry, ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Kind
from rempart.desk.rules.trust import Trust
from tests import cast

NOW = cast.MONDAY
MINORS = frozenset({ListName.MINORS})


def platform(name: str = "Piximi", kind: RecipientKind = RecipientKind.PLATFORM) -> Recipient:
    known = Recipient.objects.filter(kind=kind, name=name).first()
    return known or directory.add_recipient(Details(kind=kind, name=name), by=None, now=NOW)


def client(
    name: str = "Piximi", label: str = "production", *, lists: frozenset[ListName] = MINORS, **also: Any
) -> tuple[ListClient, str]:
    """A client of the platform called so, and its secret."""
    return clients.issue(platform(name).pk, label, Limits(lists, **also), by=None, now=NOW)


def entry(protection: int, position: int, *, first: int | None = None, trust: Trust = Trust.SELF_DECLARED, **also: Any) -> Entry:
    """An entry of the list of minors, as if the bank's change had been taken over."""
    at: datetime = NOW
    values = {"list_name": "minors", "kind": Kind.PICTURE, "parts": 1, "declared_at": at, "updated_at": at, **also}
    return Entry.objects.create(
        protection_number=protection,
        position=position,
        first_position=position if first is None else first,
        trust=trust,
        **values,
    )

"""What platforms say of the entries they were given: taken once however often it is sent, and counted for the platform."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from rempart.desk.registers.bank.facts import Statement, note_statement
from rempart.desk.registers.bank.models import HeardMessage
from rempart.desk.registers.bank.search import search
from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.canaries import canary_alarm
from rempart.desk.registers.lists.entries import Published
from rempart.desk.registers.lists.keys import Purpose, client_key
from rempart.desk.registers.lists.models import Entry, ListClient
from rempart.desk.registers.lists.names import NotOurName, entry_of, name_of
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.watermark import TURNED
from rempart.engine import Pdq

KEPT = timedelta(days=90)
"""How long a message is known again. Nobody tries to send one for longer."""


class OtherMessage(ValueError):
    """This key was already given to a message that said something else."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the platform calls its message, so that the same one is taken once, and the digest of what it says (32 bytes)."""

    key: str
    digest: bytes


class Told(NamedTuple):
    """What a platform says of one entry."""

    entry: int
    statement: Statement


def namer(client: ListClient) -> bytes:
    """The key of this client's names of entries."""
    return client_key(client.pk, Purpose.ENTRY_NAMES)


def name_for(client: ListClient, entry: int) -> str:
    """What this client calls an entry."""
    return name_of(entry, namer(client))


def entry_named(client: ListClient, list_name: ListName, name: str) -> int | None:
    """The entry that this client calls so, on this list; None where there is none."""
    try:
        number = entry_of(name, namer(client))
    except NotOurName:
        return None
    return number if Entry.objects.filter(pk=number, list_name=list_name.value).exists() else None


def entries_with(client: ListClient, list_name: ListName, pdqs: Sequence[Pdq]) -> dict[Pdq, int]:
    """The entries on this client's copy that hold exactly these PDQs, with their marks; what is not there is missing."""
    near = [found.protection for found in search.near(pdqs, radius=TURNED)]
    rows = Entry.objects.filter(protection_number__in=near, list_name=list_name.value)
    found = _among(entries.published(rows, client), pdqs)
    if len(found) < len(set(pdqs)):
        # Whether it is a canary must not be seen from the answer.
        drawn = Entry.objects.filter(canary_number__isnull=False, list_name=list_name.value)
        found |= _among(entries.published(drawn, client), pdqs)
    return found


def _among(copies: Iterable[Published], pdqs: Sequence[Pdq]) -> dict[Pdq, int]:
    asked = set(pdqs)
    return {part.pdq: copy.number for copy in copies for part in copy.parts if part.pdq in asked}


@transaction.atomic
def hear(client: ListClient, told: Sequence[Told], *, now: datetime, message: Message | None = None) -> bool:
    """Keep what a platform says, all of it or nothing; False where this very message was heard before, and changes nothing.

    What it says of something that has ended is taken and changes nothing; of a canary too, and that it spoke of one is written
    down. Raises :class:`OtherMessage`.
    """
    if message is not None and not _is_new(client, message, now):
        return False
    rows = Entry.objects.filter(pk__in=[one.entry for one in told]).values_list("pk", "protection_number")
    protections = dict(rows)
    if None in protections.values():
        canary_alarm(client.pk, "voted", now=now)
    for one in told:
        number = protections.get(one.entry)
        if number is not None:
            note_statement(number, client.platform_number, one.statement, now=now)
    return True


def _is_new(client: ListClient, message: Message, now: datetime) -> bool:
    # The same message twice at one moment: the second waits here for the first.
    ListClient.objects.select_for_update().get(pk=client.pk)
    heard, key = HeardMessage.objects, f"{client.pk} {message.key}"
    before = heard.filter(platform_number=client.platform_number, key=key).first()
    if before is None:
        heard.filter(heard_at__lt=now - KEPT).delete()
        heard.create(platform_number=client.platform_number, key=key, digest=message.digest, heard_at=now)
        return True
    if bytes(before.digest) != message.digest:
        raise OtherMessage("this key was given to another message")
    return False

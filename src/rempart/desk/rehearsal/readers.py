"""Two invented platforms read the desk's lists: they have done so for weeks, and the visitor may be one of them.

Their keys and secrets are known to everybody, as the password of the invented staff is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.lists import clients, connecting, entries
from rempart.desk.registers.lists.clients import Limits
from rempart.desk.registers.lists.connecting import Way
from rempart.desk.registers.lists.credentials import digest
from rempart.desk.registers.lists.models import Entry, ListClient, Subscription
from rempart.desk.rehearsal.protected import RONDE, SENDINGS
from rempart.desk.rules.lists import ListName

CLIPS = "Clips du Soir"
BOTH = frozenset(ListName)
READ_FOR = timedelta(days=21)
EVERY = timedelta(hours=12)
SOON = timedelta(hours=2)
LAST = timedelta(minutes=9)


@dataclass(frozen=True, slots=True)
class Reader:
    """One client whose key everybody knows."""

    platform: str
    label: str
    key_id: str
    secret: str
    limits: Limits


READERS = (
    Reader(RONDE, "production", "kronde2222222", "secret-of-la-ronde-known-to-everybody", Limits(BOTH)),
    Reader(CLIPS, "production", "kclips2222222", "secret-of-clips-known-to-everybody", Limits(BOTH, is_cautious=True)),
    Reader(CLIPS, "uploads", "kclips3333333", "secret-of-uploads-known-to-everybody", Limits(BOTH, may_hold_lists=False)),
)
SHOWN = READERS[0]
"""The one whose commands the tour shows."""


def make_readers(by: int, now: datetime) -> None:
    """Their clients, through the real step; then their keys are made what everybody knows."""
    for reader in READERS:
        platform = Recipient.objects.get(name=reader.platform)
        client, _secret = clients.issue(platform.pk, reader.label, reader.limits, by=by, now=now)
        known = digest(reader.key_id, reader.secret)
        ListClient.objects.filter(pk=client.pk).update(key_id=reader.key_id, secret_digest=known)


def plan_readings(plan: Callable[[datetime, Callable[[datetime], object]], None], now: datetime) -> None:
    """They read soon after each sending of the invented past, and twice a day in the last weeks."""
    moments = {now - timedelta(days=sending.days_ago) + SOON for sending in SENDINGS}
    moments |= {now - READ_FOR + EVERY * turn for turn in range(int(READ_FOR / EVERY))}
    for at in sorted(moment for moment in moments | {now - LAST} if moment < now):
        plan(at, read)


def read(now: datetime) -> None:
    """Each is sent what changed since its last reading."""
    entries.catch_up(now)
    for subscription in Subscription.objects.filter(client__may_hold_lists=True).select_related("client"):
        name = ListName(subscription.list_name)
        head, since = entries.head(name), subscription.read_position
        count = Entry.objects.filter(list_name=name.value, position__gt=since, position__lte=head).count()
        clients.note_read(subscription.client, name, head, count, now=now, after=since)


def shown_commands(public_url: str, association: str) -> list[tuple[str, str]]:
    """What the tour shows: with our own feed, then with threatexchange; exactly what the client's page prints."""
    lists = sorted(SHOWN.limits.lists)
    every = connecting.commands(public_url, SHOWN.key_id, association, lists, holds_lists=True)
    texts = {one.way: one.text for one in every if one.way in {Way.FEED, Way.EXTENSION}}
    return [("curl", texts[Way.FEED]), ("threatexchange", texts[Way.EXTENSION])]

"""Canaries: entries of harmless pictures drawn for this purpose, each on the copies of some clients only.

They betray those who leak a list together (``rules.collusion``), and whoever asks or votes about a picture that nobody has: the
drawing is thrown away at once. On the feed nothing tells them from protections: as many views of such quality, 128 ones, dates
that follow those of the others, confirmed as often. They are never withdrawn; a protection need not be either.

At rest they are sealed with a key of the keys file: there is no person whose wish could make us forget one.
"""

import os
import struct
from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Count, Q
from nacl.secret import SecretBox

from rempart.desk.registers.bank.boxes import OpenedView
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.journal.models import Entry as JournalEntry
from rempart.desk.registers.lists import scenes
from rempart.desk.registers.lists.keys import Purpose, client_key, list_key
from rempart.desk.registers.lists.models import Canary, Entry, ListLog, Subscription
from rempart.desk.rules import collusion
from rempart.desk.rules.collusion import canaries_due
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Kind
from rempart.desk.rules.trust import Trust
from rempart.engine import PdqFingerprint

AT_ONCE = 4
"""Made in one round of the worker, an eighth of a second each: reports do not wait long for them."""
ALARM = "canary_touched"
ALARM_EVERY = timedelta(hours=1)
"""The same client is written down once in so long."""

_VIEW = struct.Struct("<32sBB")  # PDQ, quality, length of the view's name
_SHA256 = 32


# --- making them --------------------------------------------------------------------------------------------------------------


def keep_in_step(*, now: datetime) -> int:
    """Make canaries where a list that somebody may read has fewer than are due for its length; returns how many were made."""
    return sum(_keep_in_step(ListName(name), now) for name in _read_lists() if _watch.is_news(name, now))


def _read_lists() -> list[str]:
    return sorted(set(Subscription.objects.values_list("list_name", flat=True)))


def _keep_in_step(list_name: ListName, now: datetime) -> int:
    entries = Entry.objects.filter(list_name=list_name.value, protection_number__isnull=False).count()
    # The key hides after which entries a canary comes.
    due = canaries_due(entries, list_key(Purpose.CANARIES) + list_name.encode())
    missing = min(AT_ONCE, due - Canary.objects.filter(list_name=list_name.value).count())
    for _ in range(missing):
        make(list_name, now=now)
    if missing > 0:
        return missing
    confirmed = _confirm_in_step(list_name, now)
    if not confirmed:
        _watch.note(list_name.value, now)
    return confirmed


def _confirm_in_step(list_name: ListName, now: datetime) -> int:
    """Confirm a canary, any, where fewer of them are confirmed than of the protections: else what is confirmed were none.

    Without it the copies of cautious clients would hold none at all.
    """
    live = Entry.objects.filter(list_name=list_name.value, is_gone=False)
    counted = live.aggregate(
        protections=Count("protection_number"),
        protections_confirmed=Count("protection_number", filter=_IS_CONFIRMED),
        drawn=Count("canary_number"),
        drawn_confirmed=Count("canary_number", filter=_IS_CONFIRMED),
    )
    wanted = counted["protections_confirmed"] * counted["drawn"] // max(1, counted["protections"])
    if counted["drawn_confirmed"] >= wanted:
        return 0
    with transaction.atomic():
        log = _turn(now)
        chosen = live.filter(canary_number__isnull=False).exclude(_IS_CONFIRMED).order_by("?").first()
        if chosen is not None:
            chosen.trust, chosen.position, chosen.updated_at = Trust.CONFIRMED.value, log.position, log.updated_at or now
            chosen.save(update_fields=["trust", "position", "updated_at"])
    return 1


_IS_CONFIRMED = Q(trust=Trust.CONFIRMED.value)


def _turn(now: datetime) -> ListLog:
    """The next position of the lists, and its time; others wait until the end of the transaction."""
    log, _ = ListLog.objects.select_for_update().get_or_create(pk=1)
    log.position += 1
    # Never back, whatever the machine's clock does.
    log.updated_at = max(now, log.updated_at or now)
    log.save(update_fields=["position", "updated_at"])
    return log


class _Watch:
    """What was seen when nothing was missing: a worker asks every two seconds, and counting a million entries takes a while."""

    EVERY = timedelta(minutes=1)

    def __init__(self) -> None:
        self.seen: dict[str, tuple[int, datetime]] = {}

    def is_news(self, list_name: str, now: datetime) -> bool:
        if list_name not in self.seen:
            return True
        position, at = self.seen[list_name]
        return not at <= now < at + self.EVERY and position != _position()

    def note(self, list_name: str, now: datetime) -> None:
        self.seen[list_name] = (_position(), now)


_watch = _Watch()


def _position() -> int:
    return ListLog.objects.filter(pk=1).values_list("position", flat=True).first() or 0


def make(list_name: ListName, *, now: datetime) -> Canary:
    """Draw a picture, keep its fingerprints, throw it away, and put the entry on the list."""
    # Secret chance, twice: whoever knew the numbers could draw the picture again.
    views = scenes.fingerprints(np.random.default_rng(int.from_bytes(os.urandom(32))))
    bias = collusion.bias_of(int.from_bytes(os.urandom(7)) / 2**56)
    with transaction.atomic():
        log = _turn(now)
        canary = Canary.objects.create(list_name=list_name.value, sealed=_sealed(views), bias=bias, made_at=now)
        Entry.objects.create(
            list_name=list_name.value,
            canary_number=canary.pk,
            kind=Kind.PICTURE.value,
            trust=Trust.SELF_DECLARED.value,
            parts=len(views),
            declared_at=now,
            position=log.position,
            first_position=log.position,
            updated_at=log.updated_at or now,
        )
    return canary


def _sealed(views: Iterable[PdqFingerprint]) -> bytes:
    # The SHA-256 is of no file: nobody can tell it from that of one.
    packed = [os.urandom(_SHA256)]
    for view in views:
        name = view.variant.encode()
        packed.append(_VIEW.pack(view.pdq.value, view.quality, len(name)) + name)
    return bytes(SecretBox(list_key(Purpose.CANARIES)).encrypt(b"".join(packed)))


# --- reading them -------------------------------------------------------------------------------------------------------------


def on_copy_of(client_number: int, numbers: Iterable[int]) -> dict[int, list[OpenedView]]:
    """Those of these canaries that stand on this client's copy, opened: each as the bank opens a protection, SHA-256 first."""
    key = client_key(client_number, Purpose.CANARIES)
    rows = Canary.objects.filter(pk__in=list(numbers)).order_by("pk")
    return {row.pk: opened(row) for row in rows if collusion.stands_on(key, row.pk, row.bias)}


def opened(canary: Canary) -> list[OpenedView]:
    """Its SHA-256, then its PDQs in their order. ``protection`` of each is the canary's number."""
    content = SecretBox(list_key(Purpose.CANARIES)).decrypt(bytes(canary.sealed))
    views = [OpenedView(canary.pk, content[:_SHA256], None, "", None)]
    place = _SHA256
    while place < len(content):
        pdq, quality, length = _VIEW.unpack_from(content, place)
        place += _VIEW.size + length
        views.append(OpenedView(canary.pk, pdq, quality, content[place - length : place].decode(), None))
    return views


# --- when somebody touches one ------------------------------------------------------------------------------------------------


def canary_alarm(client_number: int, how: str, *, now: datetime) -> None:
    """A client asked (``asked``) or voted (``voted``) about a picture that nobody has. A line of the journal; the doctor says it
    too.

    It accuses nobody: a program that votes on everything, or that is being tried, does it as well as one that tries a stolen
    list.
    """
    subject = f"client:{client_number}"
    lately = JournalEntry.objects.filter(verb=ALARM, subject=subject, at__gt=now - ALARM_EVERY, detail__how=how)
    if not lately.exists():
        journal.write(ALARM, subject, now=now, detail={"how": how})


def alarms_since(moment: datetime) -> set[int]:
    """The clients that touched a canary since then, by number."""
    subjects = JournalEntry.objects.filter(verb=ALARM, at__gt=moment).values_list("subject", flat=True)
    return {int(subject.removeprefix("client:")) for subject in subjects}


def how_many(list_name: ListName) -> int:
    """Canaries of a list."""
    return Canary.objects.filter(list_name=list_name.value).count()

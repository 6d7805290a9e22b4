"""Everything that changes the bank. Each function is one transaction, and moves trust by facts alone."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from rempart.desk.registers.bank import alarms, boxes
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.models import BankEdition, Fingerprint, Protection, TrustFact
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.vault.keyring import Keyring, KeyringError
from rempart.desk.rules.protection import MOST_PROTECTIONS, SentFile, Submission
from rempart.desk.rules.retention import protection_ends
from rempart.desk.rules.trust import Fact, Trust, after

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Declared:
    """What a sending brought to a case: protections that are new, and how many of the files it held already."""

    added: tuple[Protection, ...]
    known_before: int


def keyring() -> Keyring:
    """The keyring of this installation."""
    found: Keyring = settings.REMPART_KEYRING
    return found


def of_case(case_number: int) -> QuerySet[Protection]:
    """Everything a case ever protected, oldest first."""
    return Protection.objects.filter(case_number=case_number).order_by("pk")


def standing(case_number: int) -> QuerySet[Protection]:
    """The protections of a case that protect."""
    return of_case(case_number).filter(ended_at__isnull=True)


@transaction.atomic
def declare(case_number: int, submission: Submission, *, now: datetime) -> Declared:
    """Protect these files for a case; those it already protects stay as they are. Raises BankRefused: then nothing was kept.

    Call with the case locked.
    """
    digests = {boxes.file_digest(file.sha256): file for file in submission.files}
    held = {bytes(digest) for digest in standing(case_number).values_list("file_digest", flat=True) if digest}
    fresh = {digest: file for digest, file in digests.items() if digest not in held}
    if len(held) + len(fresh) > MOST_PROTECTIONS:
        raise BankRefused("case_full")
    added = _write(case_number, submission, fresh, now) if fresh else []
    if added:
        journal.write("protected", f"case:{case_number}", now=now, detail={"files": len(added)})
    return Declared(tuple(added), len(digests) - len(fresh))


def _write(case_number: int, submission: Submission, fresh: dict[bytes, SentFile], now: datetime) -> list[Protection]:
    turn = take_turn(is_edition=True)
    added = Protection.objects.bulk_create(
        Protection(
            case_number=case_number,
            key_number=secrets.randbits(62),
            kind=file.kind,
            age=submission.age,
            helper=submission.helper,
            is_device_shared=submission.is_device_shared,
            trust_at=now,
            declared_at=now,
            expires_at=protection_ends(now, settings.REMPART_RETENTION),
            file_digest=digest,
            edition=turn.number,
            change=turn.changes,
        )
        for digest, file in fresh.items()
    )
    _seal(added, fresh)
    for protection, file in zip(added, fresh.values(), strict=True):
        _link(protection)
        doubt = alarms.doubt_about(file)
        if doubt is not None:
            add_fact(protection, Fact.ALARM, now=now, why=doubt)
    return added


def _seal(added: Sequence[Protection], fresh: dict[bytes, SentFile]) -> None:
    try:
        ring_keys = keyring().keys_for(protection.key_number for protection in added)
    except KeyringError:
        raise BankRefused("bank_closed") from None
    rows = (
        row
        for protection, file in zip(added, fresh.values(), strict=True)
        for row in boxes.sealed_fingerprints(protection, file, ring_keys[protection.key_number])
    )
    Fingerprint.objects.bulk_create(rows, batch_size=AT_ONCE)


def take_turn(*, is_edition: bool) -> BankEdition:
    """The numbers of this change. Whoever changes the bank waits here for whoever changes it now: numbers appear in order.

    Take it before any row of the bank is locked. ``is_edition``: something begins or ends, so that the search must read again.
    """
    turn, _ = BankEdition.objects.select_for_update().get_or_create(pk=1)
    turn.number += is_edition
    turn.changes += 1
    turn.save(update_fields=["number", "changes"])
    return turn


def _link(protection: Protection) -> None:
    """The same file, protected by others: one number for all of them. Near copies are found by the search, not here."""
    others = Protection.objects.filter(file_digest=protection.file_digest, ended_at__isnull=True).exclude(pk=protection.pk)
    first = others.order_by("pk").first()
    if first is None:
        return
    protection.same_as = first.same_as or first.pk
    Protection.objects.filter(pk__in=[protection.pk, first.pk]).update(same_as=protection.same_as)


def add_fact(
    protection: Protection, fact: Fact, *, now: datetime, by: int | None = None, platform: int | None = None, why: str = ""
) -> Trust:
    """Write a fact down and move the trust by it. Call inside a transaction, with the row locked or just made."""
    TrustFact.objects.create(protection=protection, fact=fact, at=now, by_id=by, platform_number=platform, why=why)
    before, trust = Trust(protection.trust), after(Trust(protection.trust), fact)
    if trust is not before:
        protection.trust, protection.trust_at = trust.value, now
        Protection.objects.filter(pk=protection.pk).update(trust=trust.value, trust_at=now)
    return trust


@transaction.atomic
def end(rows: QuerySet[Protection], fact: Fact, *, now: datetime, why: str = "") -> list[Protection]:
    """End those of these protections that still stand: a tombstone stays, the fingerprints are deleted and their keys forgotten.

    ``fact`` is a withdrawal or an expiry. Returns those that ended.
    """
    standing_yet = rows.filter(ended_at__isnull=True).order_by("pk")
    if not standing_yet.exists():
        return []
    # Before the rows are locked: whoever declares takes the same turn, then writes on rows that are like hers.
    turn = take_turn(is_edition=True)
    ending = list(standing_yet.select_for_update(of=("self",)))
    if not ending:
        return []
    numbers = [protection.pk for protection in ending]
    Fingerprint.objects.filter(protection__in=numbers).delete()
    TrustFact.objects.bulk_create(TrustFact(protection=protection, fact=fact, at=now, why=why) for protection in ending)
    for protection in ending:
        protection.trust, protection.ended_at = after(Trust(protection.trust), fact).value, now
    Protection.objects.filter(pk__in=numbers).update(
        trust=ending[0].trust,
        trust_at=now,
        ended_at=now,
        file_digest=None,
        same_as=None,
        withdraw_due_at=None,
        edition=turn.number,
        change=turn.changes,
    )
    _unlink(protection.same_as for protection in ending)
    verb = "protection_withdrawn" if fact is Fact.WITHDRAWAL else "protection_expired"
    journal.write_all(
        journal.entry(verb, f"protection:{number}", now=now, detail={"why": why} if why else {}) for number in numbers
    )
    transaction.on_commit(lambda: _forget(ending, now))
    return ending


def _unlink(groups: Iterable[int | None]) -> None:
    """One that is left alone is linked to nobody."""
    for group in {group for group in groups if group is not None}:
        left = list(Protection.objects.filter(same_as=group).values_list("pk", flat=True)[:2])
        if len(left) == 1:
            Protection.objects.filter(pk__in=left).update(same_as=None)


def _forget(ended: Collection[Protection], now: datetime) -> None:
    if not keyring().exists():
        return  # said by the doctor; whatever is forgotten is asked again by the worker
    keyring().forget(protection.key_number for protection in ended)
    Protection.objects.filter(pk__in=[protection.pk for protection in ended]).update(forgotten_at=now)


def forget_keys(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Forget the keys of what has ended, where a crash came between; returns how many."""
    if not keyring().exists():
        return 0
    waiting = list(unforgotten()[:limit])
    if waiting:
        _forget(waiting, now)
    return len(waiting)


def unforgotten() -> QuerySet[Protection]:
    """Ended, and its key perhaps still there."""
    return Protection.objects.filter(ended_at__isnull=False, forgotten_at__isnull=True).order_by("pk")


def end_forgotten(*, now: datetime) -> int:
    """After a restore: end what the keyring knows to have been taken back since the backup. Returns how many."""
    ended = last = 0
    rows = Protection.objects.filter(ended_at__isnull=True).order_by("pk").values_list("pk", "key_number")
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        last = some[-1][0]
        forgotten = keyring().forgotten_of(number for _, number in some)
        known = [pk for pk, number in some if number in forgotten]
        ended += len(end(Protection.objects.filter(pk__in=known), Fact.WITHDRAWAL, now=now, why="forgotten")) if known else 0
    return ended

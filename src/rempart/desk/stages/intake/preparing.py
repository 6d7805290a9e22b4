"""The intake worker's step: typed text becomes canonical addresses, and items of one address find each other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Case, CharField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Concat

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.lifecycle import State, move
from rempart.desk.rules.locator import Locator, LocatorKind, read_locators
from rempart.desk.stages.intake.models import Address, Item
from rempart.desk.stages.rows import lock


@dataclass(frozen=True, slots=True)
class _Read:
    locator: Locator
    digest: bytes


@transaction.atomic
def prepare(*, now: datetime, limit: int = 200) -> int:
    """Make up to ``limit`` received items ready for an analyst; returns how many."""
    fields = ("pk", "kind", "sealed_typed", "address_digest")
    items = list(lock(Item.objects.filter(state=State.RECEIVED).order_by("pk").only(*fields))[:limit])
    _write_addresses([item for item in items if item.kind != LocatorKind.NO_LINK], now)
    Item.objects.filter(pk__in=[item.pk for item in items]).update(
        group_key=Case(When(address=None, then=_key("i", "pk")), default=_key("a", "address_id")),
        state=move(State.RECEIVED, State.READY),
        ready_at=now,
    )
    return len(items)


def _key(letter: str, number: str) -> Concat:
    return Concat(Value(letter), Cast(number, CharField()))


def _write_addresses(items: list[Item], now: datetime) -> None:
    """Give each item its address. What was typed is opened only where the digest is of an address never seen, or forgotten."""
    digests = {item.pk: bytes(item.address_digest) for item in items if item.address_digest is not None}
    standing = _known(set(digests.values()), sealed__isnull=False)
    read = _read_each([item for item in items if digests.get(item.pk) not in standing], digests)
    written = _write_each({one.digest: one.locator for one in read.values()}, now)
    # The database finds them by their digest, at once; the few others are named one by one.
    same = Address.objects.filter(address_digest=OuterRef("address_digest"))
    Item.objects.filter(pk__in=digests).update(address_id=Subquery(same.values("pk")[:1]))
    others = [item for item in items if item.pk in read and read[item.pk].digest != digests.get(item.pk)]
    for item in others:
        item.address_id = written[read[item.pk].digest]
    if others:
        Item.objects.bulk_update(others, ["address"])


def _read_each(items: list[Item], digests: dict[int, bytes]) -> dict[int, _Read]:
    """What was typed, by item; items of one digest are read once."""
    read: dict[int, _Read] = {}
    known: dict[bytes, _Read] = {}
    for item in items:
        digest = digests.get(item.pk)
        one = known.get(digest) if digest else None
        one = one or _read(item, digest)
        if one is not None:
            read[item.pk] = one
            known[one.digest] = one
    return read


def _read(item: Item, digest: bytes | None) -> _Read | None:
    """Read alone, a text may tell something else than among its neighbours: its address is what stands there to be looked at."""
    if item.sealed_typed is None:
        return None
    each = [
        _Read(locator, sealing.digest("address", "\x00".join(locator.identity)))
        for locator in read_locators(sealing.unseal(item.sealed_typed))
    ]
    return next((one for one in each if one.digest == digest), each[0] if each else None)


def _write_each(wanted: dict[bytes, Locator], now: datetime) -> dict[bytes, int]:
    """Ids of the addresses by digest; those never seen are written."""
    known = _known(wanted)
    if known:
        _remember(wanted)
    fresh = [_address(digest, locator, now) for digest, locator in wanted.items() if digest not in known]
    if fresh:
        # Another worker may be writing the same address at this moment: the one that came first stands.
        Address.objects.bulk_create(fresh, ignore_conflicts=True)
        known.update(_known([bytes(address.address_digest) for address in fresh]))
    return known


def _known(digests: Collection[bytes], **narrower: bool) -> dict[bytes, int]:
    rows = Address.objects.filter(address_digest__in=list(digests), **narrower).values_list("address_digest", "pk")
    return {bytes(digest): pk for digest, pk in rows}


def _remember(wanted: dict[bytes, Locator]) -> None:
    """An address forgotten long ago is reported again: its digest told that it is the same, its text was just given anew."""
    forgotten = list(Address.objects.filter(address_digest__in=list(wanted), sealed__isnull=True))
    for address in forgotten:
        address.sealed = sealing.seal_address(wanted[bytes(address.address_digest)].canonical)
    if forgotten:
        Address.objects.bulk_update(forgotten, ["sealed"])


def _address(digest: bytes, locator: Locator, now: datetime) -> Address:
    return Address(
        kind=locator.kind,
        address_digest=digest,
        host_digest=sealing.digest("host", locator.host) if locator.host else None,
        account_digest=sealing.digest("account", locator.account) if locator.account else None,
        sealed=sealing.seal_address(locator.canonical),
        first_seen_at=now,
    )

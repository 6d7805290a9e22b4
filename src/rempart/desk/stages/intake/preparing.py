"""The intake worker's step: typed text becomes canonical addresses, and items of one address find each other."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

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
    waiting = Item.objects.filter(state=State.RECEIVED).order_by("pk").only("pk", "kind", "sealed_typed", "state")
    items = list(lock(waiting)[:limit])
    read = {item.pk: _read(item) for item in items if item.kind != LocatorKind.NO_LINK}
    addresses = _addresses([found for found in read.values() if found], now)
    for item in items:
        found = read.get(item.pk)
        item.address_id = addresses[found.digest] if found else None
        item.group_key = f"a{item.address_id}" if found else f"i{item.pk}"
        item.state = move(State(item.state), State.READY)
        item.ready_at = now
    Item.objects.bulk_update(items, ["address", "group_key", "state", "ready_at"], batch_size=200)
    return len(items)


def _read(item: Item) -> _Read | None:
    if item.sealed_typed is None:
        return None
    found = read_locators(sealing.unseal(item.sealed_typed))
    if not found:
        return None
    return _Read(found[0], sealing.digest("address", "\x00".join(found[0].identity)))


def _addresses(found: list[_Read], now: datetime) -> dict[bytes, int]:
    """Ids of the addresses by digest; those never seen are written."""
    wanted = {one.digest: one.locator for one in found}
    known = _known(list(wanted))
    _remember(wanted)
    fresh = [_address(digest, locator, now) for digest, locator in wanted.items() if digest not in known]
    if fresh:
        # Another worker may be writing the same address at this moment: the one that came first stands.
        Address.objects.bulk_create(fresh, ignore_conflicts=True)
        known.update(_known([bytes(address.address_digest) for address in fresh]))
    return known


def _known(digests: list[bytes]) -> dict[bytes, int]:
    rows = Address.objects.filter(address_digest__in=digests).values_list("address_digest", "pk")
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

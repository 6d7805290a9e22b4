"""From leaked fingerprints to the client whose copy they come from. Every client is asked about, also a revoked one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists import canaries, entries
from rempart.desk.registers.lists.keys import Purpose, client_key
from rempart.desk.registers.lists.models import Canary, Entry, ListClient
from rempart.desk.rules import collusion, leak
from rempart.desk.rules.collusion import NAMED_BELOW
from rempart.desk.rules.leak import Originals, Pairs
from rempart.engine import HashArray

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Suspect:
    """A client that is named, and the chance, at most, that any innocent one would look as guilty."""

    client: ListClient
    chance_of_error: float


@dataclass(frozen=True, slots=True)
class Traced:
    """What a leaked file tells. ``named``: the surest first; nobody, when nobody may be named.

    ``given`` fingerprints in the file, ``ours`` of them near ours, ``unmarked`` of these without any mark; ``canaries`` that
    stood on the lists it comes from, ``canaries_seen`` in it.
    """

    given: int
    ours: int
    unmarked: int
    lists: tuple[str, ...]
    canaries: int
    canaries_seen: int
    suspects: int
    named: tuple[Suspect, ...]


def trace(leaked: HashArray, *, now: datetime) -> Traced:
    """Name the clients these fingerprints come from; a line in the journal. ``leaked``: distinct rows of shape (n, 32).

    SHA-256 may be among them: those of protections are of no use here, those of canaries are.
    """
    bank, known = _originals(), _known_canaries()
    pairs = leak.beside(leaked, bank)
    lists, canaries_seen = _seen(leaked, bank, pairs, known)
    clients = list(ListClient.objects.order_by("pk"))
    evidence = _evidence(clients, leaked, bank, pairs, canaries_seen)
    chances = [collusion.chance_of_error(float(one), len(clients)) for one in evidence]
    named = [Suspect(client, chance) for client, chance in zip(clients, chances, strict=True) if chance < NAMED_BELOW]
    traced = Traced(
        given=len(leaked),
        ours=len(np.unique(pairs.leaked)),
        unmarked=len(np.unique(pairs.leaked[pairs.distance == 0])),
        lists=lists,
        canaries=len(canaries_seen),
        canaries_seen=sum(canaries_seen.values()),
        suspects=len(clients),
        named=tuple(sorted(named, key=lambda one: one.chance_of_error)),
    )
    _note(traced, now)
    return traced


def _note(traced: Traced, now: datetime) -> None:
    detail = {"given": traced.given, "ours": traced.ours, "named": [suspect.client.pk for suspect in traced.named]}
    journal.write("leak_traced", "lists:0", now=now, detail=detail)


# --- what it is put beside ----------------------------------------------------------------------------------------------------


def _originals() -> Originals:
    """Opened for memory alone. What was withdrawn or has expired is gone, and cannot be compared any more."""
    hashes: list[bytes] = []
    places: list[tuple[int, int]] = []
    for entry, pdqs in _opened():
        hashes += pdqs
        places += [(entry, part) for part in range(len(pdqs))]
    columns = np.array(places, np.int64).reshape(-1, 2)
    return Originals(np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32), columns[:, 0], columns[:, 1])


def _opened() -> Iterator[tuple[int, list[bytes]]]:
    """The PDQs of each entry, in the order of its parts."""
    of_canaries = dict(Entry.objects.filter(canary_number__isnull=False).values_list("canary_number", "pk"))
    for canary in Canary.objects.filter(pk__in=list(of_canaries)).iterator():
        yield of_canaries[canary.pk], [view.value for view in canaries.opened(canary) if view.quality is not None]
    last = 0
    standing = Entry.objects.filter(protection_number__isnull=False, is_gone=False).order_by("pk")
    while rows := {
        number or 0: pk for number, pk in standing.filter(pk__gt=last).values_list("protection_number", "pk")[:_AT_ONCE]
    }:
        last = max(rows.values())
        for number, views in entries.views_of(list(rows)).items():
            yield rows[number], [view.value for view in views if view.quality is not None]


@dataclass(frozen=True, slots=True)
class _Known:
    """One canary as it stands on its list; ``position``: its first."""

    canary: Canary
    entry: int
    position: int


def _known_canaries() -> list[_Known]:
    rows = Entry.objects.filter(canary_number__isnull=False).values_list("canary_number", "pk", "first_position")
    places = {canary: (entry, position or 0) for canary, entry, position in rows}
    return [_Known(canary, *places[canary.pk]) for canary in Canary.objects.filter(pk__in=list(places)).order_by("pk")]


def _seen(leaked: HashArray, bank: Originals, pairs: Pairs, known: list[_Known]) -> tuple[tuple[str, ...], dict[Canary, bool]]:
    """The lists that the file comes from; and of the canaries that stood there by then, which are in it.

    The file is as old as the newest of what it holds.
    """
    found = np.unique(bank.entries[pairs.original]).tolist()
    exact = {row.tobytes() for row in leaked}
    found += [one.entry for one in known if canaries.opened(one.canary)[0].value in exact]
    newest = _newest(set(found))
    seen = {one.canary: one.entry in set(found) for one in known if one.position <= newest.get(one.canary.list_name, -1)}
    return tuple(sorted(newest)), seen


def _newest(entries_found: set[int]) -> dict[str, int]:
    """For each list that has any of these entries, the first position of the newest of them."""
    newest: dict[str, int] = {}
    numbers = sorted(entries_found)
    for start in range(0, len(numbers), _AT_ONCE):
        rows = Entry.objects.filter(pk__in=numbers[start : start + _AT_ONCE]).values_list(
            "list_name", "first_position", "position"
        )
        for list_name, first, position in rows:
            newest[list_name] = max(newest.get(list_name, 0), position if first is None else first)
    return newest


def _evidence(
    clients: list[ListClient], leaked: HashArray, bank: Originals, pairs: Pairs, seen: dict[Canary, bool]
) -> NDArray[np.float64]:
    """What the watermark and the canaries say of each client, together."""
    copies = leak.copies(leaked, bank, pairs)
    marks = np.array([copies.speak_for(client_key(client.pk, Purpose.WATERMARK)) for client in clients])
    keys = [client_key(client.pk, Purpose.CANARIES) for client in clients]
    stands = [[collusion.stands_on(key, canary.pk, canary.bias) for canary in seen] for key in keys]
    code = np.array(stands, np.bool_).reshape(len(clients), len(seen))
    biases = [canary.bias for canary in seen]
    total: NDArray[np.float64] = marks + collusion.evidence(code, biases, np.array(list(seen.values()), np.bool_))
    return total

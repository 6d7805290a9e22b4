"""The search over everything that protects, in memory: rebuilt from the database, never written anywhere.

Every question first reads one number; what began or ended since, in this process or another, is taken over before it is answered.
"""

import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import NamedTuple, cast

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from rempart.desk.registers.bank import boxes
from rempart.desk.registers.bank.boxes import SealedRow
from rempart.desk.registers.bank.models import BankEdition, Fingerprint, FingerprintKind, Protection
from rempart.desk.registers.bank.steps import keyring
from rempart.desk.registers.vault.keyring import KeyringError
from rempart.desk.rules.protection import LEAST_QUALITY
from rempart.desk.rules.trust import Trust, together
from rempart.engine import USUAL_RADIUS, ExactIndex, HashArray, KeyArray, LinearIndex, Pdq, Sha256, rows_of

PART = 5_000  # protections read at once
FEW = 2_000  # entries that are searched one by one before the index is built anew


class Found(NamedTuple):
    """A protection near what was asked, and the smallest distance of its views (bits)."""

    protection: int
    distance: int


class Entries(NamedTuple):
    """PDQs of shape (n, 32), and the protection of each."""

    hashes: HashArray
    keys: KeyArray

    def __repr__(self) -> str:
        return "Entries(…)"

    def __add__(self, other: "Entries") -> "Entries":  # type: ignore[override]
        return Entries(np.concatenate([self.hashes, other.hashes]), np.concatenate([self.keys, other.keys]))

    def without(self, protections: Iterable[int]) -> "Entries":
        """All but those of these protections."""
        kept = ~np.isin(self.keys, np.array(sorted(protections), dtype=np.uint64))
        return Entries(self.hashes[kept], self.keys[kept])


NOTHING = Entries(np.empty((0, 32), np.uint8), np.empty(0, np.uint64))


class _State(NamedTuple):
    """The whole bank at one edition. Never changed: another takes its place."""

    edition: int
    large: Entries
    tables: ExactIndex
    small: Entries
    ended: frozenset[int]


_EMPTY = _State(-1, NOTHING, ExactIndex(*NOTHING), NOTHING, frozenset())


class BankSearch:
    """One for a process; safe from any thread. Holds fingerprints in clear in memory: shows none."""

    def __init__(self) -> None:
        self._state = _EMPTY
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return "BankSearch(…)"

    def __len__(self) -> int:
        """How many PDQs a question is asked of."""
        state = self._current()
        return len(state.large.without(state.ended).keys) + len(state.small.keys)

    def near(self, pdqs: Sequence[Pdq], radius: int = USUAL_RADIUS) -> list[Found]:
        """The protections within ``radius`` of any of these, nearest first."""
        if not pdqs:
            return []
        state, asked = self._current(), rows_of(list(pdqs))
        nearest: dict[int, int] = {}
        for index in (state.tables, LinearIndex(*state.small)):
            for _, match in index.lookup_many(asked, radius):
                nearest[match.key] = min(match.distance, nearest.get(match.key, match.distance))
        return sorted(
            (Found(key, distance) for key, distance in nearest.items() if key not in state.ended),
            key=lambda found: (found.distance, found.protection),
        )

    def near_each(self, pdqs: Sequence[Pdq], radius: int = USUAL_RADIUS) -> list[set[int]]:
        """For each of these the protections within ``radius`` of it."""
        found: list[set[int]] = [set() for _ in pdqs]
        if not pdqs:
            return found
        state, asked = self._current(), rows_of(list(pdqs))
        for index in (state.tables, LinearIndex(*state.small)):
            for question, match in index.lookup_many(asked, radius):
                if match.key not in state.ended:
                    found[question].add(match.key)
        return found

    def _current(self) -> _State:
        edition = BankEdition.objects.filter(pk=1).values_list("number", flat=True).first() or 0
        if connection.in_atomic_block:
            # What is read here may never come to be: answer from it, keep nothing of it.
            return _read_all(edition)
        if edition == self._state.edition:
            return self._state
        with self._turn:
            if edition != self._state.edition:
                self._state = _caught_up(self._state, edition)
            return self._state


def _caught_up(state: _State, edition: int) -> _State:
    if not 0 <= state.edition < edition:
        return _read_all(edition)
    changed = Protection.objects.filter(edition__gt=state.edition, edition__lte=edition)
    ended = frozenset(changed.filter(ended_at__isnull=False).values_list("pk", flat=True))
    small = state.small.without(ended) + _read(changed.filter(ended_at__isnull=True, edition__lte=edition))
    all_ended = state.ended | ended
    if len(small.keys) + len(all_ended) <= max(FEW, len(state.large.keys) // 10):
        return _State(edition, state.large, state.tables, small, all_ended)
    return _whole(edition, state.large.without(all_ended) + small)


def _read_all(edition: int) -> _State:
    return _whole(edition, _read(Protection.objects.filter(ended_at__isnull=True, edition__lte=edition)))


def _whole(edition: int, entries: Entries) -> _State:
    return _State(edition, entries, ExactIndex(*entries), NOTHING, frozenset())


def _read(protections: QuerySet[Protection]) -> Entries:
    numbers = list(protections.order_by("pk").values_list("pk", "key_number"))
    parts = [_read_part(dict(numbers[start : start + PART])) for start in range(0, len(numbers), PART)]
    hashes, keys = b"".join(part[0] for part in parts), [key for part in parts for key in part[1]]
    return Entries(np.frombuffer(hashes, np.uint8).reshape(-1, 32), np.array(keys, dtype=np.uint64))


def _read_part(key_numbers: dict[int, int]) -> tuple[bytes, list[int]]:
    first, last = min(key_numbers), max(key_numbers)
    rows = Fingerprint.objects.filter(protection__gte=first, protection__lte=last).exclude(kind=FingerprintKind.SHA256)
    try:
        ring_keys = keyring().keys_of(key_numbers.values())
    except KeyringError:
        return b"", []  # the doctor says that it is missing; what it sealed cannot be found
    # Closed here whatever happens: PostgreSQL's cursor must not outlive the transaction that it was opened in.
    columns = rows.values_list("protection", "kind", "quality", "sealed")
    with closing(cast(Generator[tuple[int, str, int | None, bytes]], columns.iterator())) as values:
        sealed = (
            SealedRow(protection, key_numbers[protection], kind, quality, content)
            for protection, kind, quality, content in values
            if protection in key_numbers
        )
        found = [one for one in boxes.opened_pdqs(sealed, ring_keys) if one.quality >= LEAST_QUALITY]
    return b"".join(one.pdq for one in found), [one.protection for one in found]


def same_file(sha256: Sha256) -> list[int]:
    """The protections of exactly this file."""
    rows = Protection.objects.filter(file_digest=boxes.file_digest(sha256), ended_at__isnull=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def trust_of(protections: Iterable[int]) -> Trust | None:
    """Where a picture stands that these protections were found for: a doubt about one is a doubt about all."""
    rows = Protection.objects.filter(pk__in=list(protections), ended_at__isnull=True).values_list("trust", flat=True)
    return together(Trust(trust) for trust in rows)


search = BankSearch()
"""That of this process."""

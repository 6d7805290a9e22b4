"""What stands on a list, as one client is given it: fingerprints opened while they are sent, and marked for this client alone.

Everything is read by position, which grows with each change: a reader holds what was sent to it up to a position, and asks for
what came after. A delta costs what changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from rempart.desk.registers.bank import boxes
from rempart.desk.registers.bank.boxes import OpenedView, WholeRow
from rempart.desk.registers.bank.models import Feedback, Fingerprint, Protection
from rempart.desk.registers.bank.steps import keyring
from rempart.desk.registers.lists import canaries, marks
from rempart.desk.registers.lists.models import Entry, ListClient
from rempart.desk.registers.lists.taking_over import catch_up
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Kind
from rempart.desk.rules.publishing import is_on_copy, stands_without_advice
from rempart.desk.rules.trust import Advice, RefusalReason, Trust, Vote, advice_for
from rempart.engine import Pdq, Sha256, rows_of

__all__ = ["Page", "Part", "Published", "Said", "before", "catch_up", "changed", "head", "page", "published", "views_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """One PDQ of an entry, as this client is given it. ``number``: its place, from 0, for ever the same."""

    number: int
    pdq: Pdq
    quality: int
    variant: str
    second: int | None


class Said(NamedTuple):
    """What one platform's people decided."""

    platform: int
    vote: Vote
    at: datetime
    reason: RefusalReason | None


@dataclass(frozen=True, slots=True)
class Published:
    """One entry for one client. ``is_gone``: a tombstone for it, without fingerprints; it may come back, if its trust does."""

    number: int
    kind: Kind
    list_name: ListName
    trust: Trust
    declared_at: date
    updated_at: datetime
    position: int
    is_gone: bool
    parts_ever: int
    sha256: Sha256 | None = None
    parts: tuple[Part, ...] = ()
    votes: tuple[Said, ...] = ()
    own_vote: Vote | None = None

    @property
    def advice(self) -> Advice:
        """What this client is advised."""
        return advice_for(Trust.WITHDRAWN if self.is_gone else self.trust, self.own_vote)

    @property
    def stands_without_advice(self) -> bool:
        """Whether it stands in a shape that has no place for advice."""
        return not self.is_gone and stands_without_advice(self.trust, self.own_vote)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order. ``position``: everything up to it has been read; ``has_more``: something stands after it."""

    entries: tuple[Published, ...]
    position: int
    has_more: bool


@dataclass(slots=True)
class _Bank:
    """What the bank knows of the entries of one page: fingerprints by entry, votes by protection."""

    views: Mapping[int, Sequence[OpenedView]] = field(default_factory=dict)
    votes: Mapping[int, Sequence[Said]] = field(default_factory=dict)


def head(list_name: ListName) -> int:
    """The last position on a list; 0 when nothing was ever on it."""
    rows = Entry.objects.filter(list_name=list_name.value).order_by("-position")
    return rows.values_list("position", flat=True).first() or 0


def before(list_name: ListName, moment: datetime) -> int:
    """The last position of a list that was given before this moment; 0 when none was."""
    rows = Entry.objects.filter(list_name=list_name.value, updated_at__lt=moment).order_by("-updated_at", "-position")
    return rows.values_list("position", flat=True).first() or 0


def changed(list_name: ListName, *, after: int, until: int, limit: int, client: ListClient) -> list[Published]:
    """What changed on a list after a position and up to another, in order, as this client is given it; at most ``limit``.

    Raises KeyringError where the keyring is missing: nothing is then known of any fingerprint, and nothing may be said.
    """
    found: list[Published] = []
    while len(found) < limit:
        some = page(list_name, after=after, until=until, limit=limit - len(found), client=client)
        found += some.entries
        after = some.position
        if not some.has_more:
            break
    return found


def page(list_name: ListName, *, after: int, until: int, limit: int, client: ListClient, most_parts: int | None = None) -> Page:
    """The same as one page. ``most_parts``: no more PDQs than that on it, but for a first entry that has more by itself."""
    rows = list(
        Entry.objects.filter(list_name=list_name.value, position__gt=after, position__lte=until).order_by("position")[: limit + 1]
    )
    kept = _as_many_as_fit(rows[:limit], most_parts)
    has_more = len(kept) < len(rows)
    return Page(tuple(published(kept, client)), kept[-1].position if has_more else until, has_more)


def _as_many_as_fit(rows: list[Entry], most_parts: int | None) -> list[Entry]:
    if most_parts is None:
        return rows
    weight = 0
    for place, row in enumerate(rows):
        weight += row.parts
        if weight > most_parts and place:
            return rows[:place]
    return rows


def published(rows: Iterable[Entry], client: ListClient) -> list[Published]:
    """These entries as this client is given them, without the canaries of other clients.

    One that its person took back a moment ago is left out: its end comes next.
    """
    every = list(rows)
    own = canaries.on_copy_of(client.pk, [row.canary_number for row in every if row.canary_number is not None])
    entries = [row for row in every if row.canary_number is None or row.canary_number in own]
    there = {row.protection_number: row.pk for row in entries if row.protection_number is not None and _is_there(row, client)}
    views = {there[number]: found for number, found in views_of(list(there)).items()}
    views |= {row.pk: own[row.canary_number] for row in entries if row.canary_number is not None and _is_there(row, client)}
    bank = _Bank(views, _votes(list(there)))
    marked = _marked(entries, bank.views, client)
    made = (_published(row, bank, marked.get(row.pk, ()), client) for row in entries)
    return [one for one in made if one is not None]


def _is_there(row: Entry, client: ListClient) -> bool:
    return not row.is_gone and is_on_copy(Trust(row.trust), is_cautious=client.is_cautious)


def _published(row: Entry, bank: _Bank, parts: Sequence[Part], client: ListClient) -> Published | None:
    is_there = _is_there(row, client)
    if is_there and row.pk not in bank.views:
        return None
    votes = tuple(bank.votes.get(row.protection_number or 0, ()))
    exact = next((view for view in bank.views.get(row.pk, ()) if view.quality is None), None)
    return Published(
        number=row.pk,
        kind=Kind(row.kind),
        list_name=ListName(row.list_name),
        trust=Trust(row.trust),
        declared_at=row.declared_at.date(),
        updated_at=row.updated_at,
        position=row.position,
        is_gone=not is_there,
        parts_ever=row.parts,
        sha256=Sha256(exact.value) if exact else None,
        parts=tuple(parts),
        votes=votes,
        own_vote=next((said.vote for said in votes if said.platform == client.platform_number), None),
    )


def _marked(rows: Iterable[Entry], views: Mapping[int, Sequence[OpenedView]], client: ListClient) -> dict[int, list[Part]]:
    """The PDQs of these entries by entry, each with the mark of this client."""
    places: list[tuple[int, int, OpenedView]] = []
    for row in rows:
        pdqs = [view for view in views.get(row.pk, ()) if view.quality is not None]
        places += [(row.pk, part, view) for part, view in enumerate(pdqs)]
    if not places:
        return {}
    hashes = rows_of([Pdq(view.value) for _, _, view in places])
    marked = marks.mark_many(hashes, client.pk, [entry for entry, _, _ in places], [part for _, part, _ in places])
    found: dict[int, list[Part]] = defaultdict(list)
    for (entry, part, view), hash_row in zip(places, marked, strict=True):
        found[entry].append(Part(part, Pdq(hash_row.tobytes()), view.quality or 0, view.variant, view.second))
    return found


def views_of(numbers: Sequence[int]) -> dict[int, list[OpenedView]]:
    """Everything these protections hold, opened, by protection; one that has ended is missing."""
    keys = dict(Protection.objects.filter(pk__in=numbers, ended_at__isnull=True).values_list("pk", "key_number"))
    if not keys:
        return {}
    rows = Fingerprint.objects.filter(protection__in=list(keys)).order_by("protection", "pk")
    values = rows.values_list("protection", "kind", "variant", "quality", "sealed")
    sealed = (
        WholeRow(number, keys[number], kind, variant, quality, content) for number, kind, variant, quality, content in values
    )
    found: dict[int, list[OpenedView]] = defaultdict(list)
    for view in boxes.opened_views(sealed, keyring().keys_of(keys.values())):
        found[view.protection].append(view)
    return found


def _votes(numbers: Sequence[int]) -> dict[int, list[Said]]:
    rows = Feedback.objects.filter(protection__in=numbers).exclude(vote="").order_by("platform_number")
    found: dict[int, list[Said]] = defaultdict(list)
    for row in rows:
        reason = RefusalReason(row.reason) if row.reason else None
        found[row.protection_id].append(Said(row.platform_number, Vote(row.vote), row.voted_at or row.last_at, reason))
    return found

"""Where the fingerprints of what people protect are now: which platforms have them, and which have not read that it is over.

What is said here of somebody's picture is true: in doubt a platform is not named as one that has it, and is named as one that may
not know of the end.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.lists.models import Entry, Subscription
from rempart.desk.registers.lists.readings import platform_names
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.publishing import stands_without_advice
from rempart.desk.rules.trust import Fact, Trust, Vote

Holder = tuple[str, datetime]
"""A platform's name, and when it last read."""

DOUBTS = frozenset({Fact.ALARM, Fact.REFUSED_BY_QUORUM})
CONFIRMING = frozenset({Fact.VOUCHED, Fact.BLOCKED_BY_QUORUM})


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Of one protection. Each platform once, by name.

    ``holders``: while it protects, those that have its fingerprints and are advised to block it; once it has ended, those that
    were sent them and have not read its end.
    ``lost``: those that were sent them, and do not read the list any more.
    ``askers``: those that may ask about their uploads and were not sent it.
    ``is_read``: a platform may read the list on which it stands. ``is_sent``: of those, at least one was sent it, perhaps.
    ``is_listed``: it stands on the list, or stood there. ``is_end_read``: everybody who has read the list has read its end.
    """

    holders: tuple[Holder, ...] = ()
    lost: tuple[str, ...] = ()
    askers: tuple[str, ...] = ()
    is_read: bool = False
    is_sent: bool = False
    is_listed: bool = False
    is_end_read: bool = False


class _Reader(NamedTuple):
    """One subscription of one client. ``reads``: it may read the list now."""

    platform: int
    position: int
    read_at: datetime | None
    is_cautious: bool
    reads: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is known of one protection. ``since``: the position from which on it was sent; None where nobody noted it."""

    entry: Entry
    has_ended: bool
    facts: frozenset[Fact]
    refusing: frozenset[int]

    @property
    def since(self) -> int | None:
        return self.entry.first_position


def readers_of(protection_number: int) -> list[Holder]:
    """The platforms that have this protection's fingerprints now; once it has ended, those that have not read its end."""
    entry = Entry.objects.filter(protection_number=protection_number).values_list("list_name", flat=True).first()
    if entry is None:
        return []
    return list(whereabouts_of({protection_number: ListName(entry)})[protection_number].holders)


def platforms_asking(list_name: ListName) -> list[str]:
    """The platforms that may ask about their uploads without holding this list, by name."""
    rows = Subscription.objects.filter(list_name=list_name.value, client__revoked_at__isnull=True)
    rows = rows.filter(client__may_hold_lists=False, client__may_ask=True)
    return sorted(platform_names(rows.values_list("client__platform_number", flat=True)).values())


def whereabouts_of(lists: Mapping[int, ListName]) -> dict[int, Whereabouts]:
    """Of these protections, each with the list on which it stands. As many questions for two hundred as for one."""
    readers = _readers(set(lists.values()))
    names = platform_names(one.platform for some in readers.values() for one in some)
    known = {name: [one for one in some if one.platform in names] for name, some in readers.items()}
    things = _things(list(lists))
    return {number: _whereabouts(things.get(number), known[name], names) for number, name in lists.items()}


def _readers(lists: Collection[ListName]) -> dict[ListName, list[_Reader]]:
    found: dict[ListName, list[_Reader]] = {name: [] for name in lists}
    rows = Subscription.objects.filter(list_name__in=[name.value for name in lists]).select_related("client").order_by("pk")
    for row in rows:
        client, is_live = row.client, row.client.revoked_at is None
        reads = is_live and client.may_hold_lists
        asks = is_live and client.may_ask and (client.is_cautious or not client.may_hold_lists)
        reader = _Reader(client.platform_number, row.read_position, row.read_at, client.is_cautious, reads, asks)
        found[ListName(row.list_name)].append(reader)
    return found


def _things(numbers: list[int]) -> dict[int, _Thing]:
    ended = set(Protection.objects.filter(pk__in=numbers, ended_at__isnull=False).values_list("pk", flat=True))
    facts: dict[int, set[Fact]] = defaultdict(set)
    told = TrustFact.objects.filter(protection__in=numbers, fact__in=DOUBTS | CONFIRMING)
    for number, fact in told.values_list("protection", "fact"):
        facts[number].add(Fact(fact))
    refusing: dict[int, set[int]] = defaultdict(set)
    votes = Feedback.objects.filter(protection__in=numbers, vote=Vote.NOT_BLOCKED.value)
    for number, platform in votes.values_list("protection", "platform_number"):
        refusing[number].add(platform)
    entries = ((row.protection_number or 0, row) for row in Entry.objects.filter(protection_number__in=numbers))
    return {
        number: _Thing(row, row.is_gone or number in ended, frozenset(facts[number]), frozenset(refusing[number]))
        for number, row in entries
    }


def _whereabouts(thing: _Thing | None, known: list[_Reader], names: Mapping[int, str]) -> Whereabouts:
    reading = [one for one in known if one.reads]
    asking = {one.platform for one in known if one.asks}
    if thing is None:
        return Whereabouts(askers=_named(asking, names), is_read=bool(reading))
    have_read = [one for one in reading if one.read_at is not None]
    still = {one.platform for one in known if _has_it_still(thing, one)}
    if thing.has_ended:
        holders = _by_platform(one for one in have_read if one.platform in still and not _has_read_end(thing, one))
    else:
        holders = _by_platform(one for one in have_read if _has_it(thing, one))
    lost = still - {one.platform for one in have_read}
    return Whereabouts(
        holders=tuple(sorted((names[number], at) for number, at in holders.items())),
        lost=_named(lost, names),
        askers=_named(asking - {one.platform for one in known if _was_sent(thing, one, in_doubt=0)}, names),
        is_read=bool(reading),
        is_sent=any(_was_sent(thing, one, in_doubt=0) for one in reading),
        is_listed=True,
        is_end_read=bool(have_read) and all(_has_read_end(thing, one) for one in have_read),
    )


def _named(platforms: Iterable[int], names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(sorted(names[number] for number in platforms))


def _by_platform(readers: Iterable[_Reader]) -> dict[int, datetime]:
    """Who has it, with the last time that any of its clients read."""
    latest: dict[int, datetime] = {}
    for one in readers:
        if one.read_at is not None:
            latest[one.platform] = max(one.read_at, latest.get(one.platform, one.read_at))
    return latest


def _has_it(thing: _Thing, one: _Reader) -> bool:
    """It protects, and this reader was sent it with the advice to block."""
    entry = thing.entry
    if one.platform in thing.refusing or not stands_without_advice(Trust(entry.trust), None):
        # In some shapes it has been taken off.
        return False
    if one.is_cautious and entry.trust != Trust.CONFIRMED:
        return False
    # After a doubt it was off some copies, and a cautious one holds what is confirmed: it came (back) with the last change.
    needs_last = one.is_cautious or bool(thing.facts & DOUBTS) or thing.since is None
    return one.position >= (entry.position if needs_last else thing.since or 0)


def _has_it_still(thing: _Thing, one: _Reader) -> bool:
    """It was sent to this reader, which has not read its end."""
    return _was_sent(thing, one, in_doubt=thing.entry.position) and not _has_read_end(thing, one)


def _was_sent(thing: _Thing, one: _Reader, *, in_doubt: int) -> bool:
    if one.read_at is None or (one.is_cautious and not thing.facts & CONFIRMING):
        return False
    return one.position >= (in_doubt if thing.since is None else thing.since)


def _has_read_end(thing: _Thing, one: _Reader) -> bool:
    return thing.entry.is_gone and one.position >= thing.entry.position

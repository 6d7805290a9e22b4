"""One task, in whatever process and on whatever machine: open its files, ask, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from rempart.engine.commands.kinds import HEAD, Kind, kind_of
from rempart.matcher.lookup import Found, Question
from rempart.matcher.policy import SEVERITY
from rempart.matcher.scan.archives import Archive, Member, is_archive
from rempart.matcher.scan.asking import Asked, Asker, CannotAsk, asker_of
from rempart.matcher.scan.opening import Refused, opened
from rempart.matcher.scan.pieces import HIT, REFUSED, Item, Line, Place, Reason, Result
from rempart.matcher.scan.seeing import Seeing

ASKED_AT_ONCE = 64
"""Questions that wait until the lists are asked all of them together."""
MEMBERS_AT_ONCE = 64
MOST_RANGES = 64
"""An archive is cut in so many pieces at most: each reads the list of its members again."""
PIECES_OF_SUSPECT = 8
"""Pieces that an archive is cut in when it killed a process."""


def scan(items: Sequence[Item], asked: Asked) -> Result:
    """Never raises for what a file may be. Killed at any moment, it has changed nothing."""
    result = Result()
    try:
        asker = asker_of(asked)
        scanning = _Scanning(asker, Seeing(asked.sight), result)
        for item in items:
            scanning.take(item)
        scanning.ask()
        result.versions = asker.versions()
    except CannotAsk as trouble:
        result.trouble = str(trouble)
    return result


@dataclass(frozen=True, slots=True)
class _Spot:
    """A file, a member, a member of that: what lines of the report are about."""

    item: Item
    member: int = 0
    name: str = ""
    part: int = 0


@dataclass(slots=True)
class _Scanning:
    """The files of one task."""

    asker: Asker
    seeing: Seeing
    result: Result
    waiting: list[tuple[_Spot, Question]] = field(default_factory=list)

    def take(self, item: Item) -> None:
        """One file, or some members of one. Raises CannotAsk."""
        self.result.counts["files"] += item.last is None
        try:
            if item.reason:
                raise Refused(Reason(item.reason))
            self._open(item)
        except Refused as refused:
            self._refuse(_whole(item), refused.reason)
        except CannotAsk:
            raise
        except Exception:  # ours; a million files must not wait for it to be mended
            self._refuse(_whole(item), Reason.FAULT)

    def ask(self) -> None:
        """All that waits. Raises CannotAsk."""
        waiting, self.waiting = self.waiting, []
        answers = self.asker.ask([question for _, question in waiting]) if waiting else []
        met: dict[_Spot, dict[tuple[str, str], Found]] = {}
        for (spot, _), found in zip(waiting, answers, strict=True):
            nearest = met.setdefault(spot, {})
            for one in found:
                key = (one.list_name, one.entry)
                nearest[key] = min(nearest.get(key, one), one, key=_order)
        for spot, nearest in met.items():
            self._tell(spot, sorted(nearest.values(), key=_order))

    def _tell(self, spot: _Spot, found: list[Found]) -> None:
        self.result.counts["files_with_hits"] += bool(found)
        for rank, one in enumerate(found, start=1):
            self.result.counts[f"hits:{one.list_name}:{one.outcome}"] += 1
            self._add(spot, rank, _line(spot, one))

    def _refuse(self, spot: _Spot, reason: Reason) -> None:
        self.result.counts[f"refused:{reason}"] += 1
        self._add(spot, 0, Line(spot.item.path, REFUSED, spot.name, spot.item.id, reason=reason))

    def _add(self, spot: _Spot, rank: int, line: Line) -> None:
        self.result.lines.append((Place(spot.item.number, spot.member, spot.part, rank), line))

    def _open(self, item: Item) -> None:
        """Raises Refused, CannotAsk."""
        with opened(item.path) as (file, length):
            head = file.read(HEAD)
            file.seek(0)
            kind = kind_of(head)
            if kind is Kind.OTHER and is_archive(head):
                self._take_archive(item, Archive(file, length))
            elif item.is_suspect:
                raise Refused(Reason.DIED)
            elif kind is not Kind.OTHER:
                self._see(_Spot(item), kind, file)
            elif item.is_named:
                raise Refused(Reason.NOT_MEDIA)
            else:
                self.result.counts["passed_over"] += 1

    def _take_archive(self, item: Item, archive: Archive) -> None:
        """Raises Refused, CannotAsk."""
        self.result.counts["archives"] += item.last is None
        pieces = list(_cut(item, archive))
        self.result.further += pieces
        if pieces:
            return
        if item.is_suspect:
            raise Refused(Reason.DIED)
        number = part = -1
        for member in archive.members(item.first, item.last):
            part = part + 1 if member.number == number else 0
            number = member.number
            self._take_member(_Spot(item, member.number, member.name, part), member)

    def _take_member(self, spot: _Spot, member: Member) -> None:
        """Raises CannotAsk."""
        self.result.counts["members"] += 1
        try:
            if member.reason is not None:
                raise Refused(member.reason)
            if member.data is None:
                self.result.counts["passed_over"] += 1
            else:
                self._see(spot, kind_of(member.data[:HEAD]), member.data)
        except Refused as refused:
            self._refuse(spot, refused.reason)

    def _see(self, spot: _Spot, kind: Kind, source: bytes | BinaryIO) -> None:
        """Raises Refused, CannotAsk."""
        seen = self.seeing.see(kind, source, spot.item.id or f"{spot.item.path}\0{spot.name}")
        self.result.counts[f"{kind}s"] += 1
        if seen.reason is not None:
            self._refuse(spot, seen.reason)
        self.waiting += [(spot, question) for question in seen.questions]
        if len(self.waiting) >= ASKED_AT_ONCE:
            self.ask()


def _whole(item: Item) -> _Spot:
    """For what is said of all of it: a file, or a piece of an archive."""
    name = "" if item.last is None else f"member {item.first + 1}"
    if item.last is not None and item.last - item.first > 1:
        name = f"members {item.first + 1} to {item.last}"
    return _Spot(item, item.first, name, part=-1)


def _cut(item: Item, archive: Archive) -> Iterator[Item]:
    """Pieces of a large archive, so that all cores work on it; of one that killed a process, down to the member that did."""
    if not (item.is_suspect or (item.last is None and archive.is_seekable)):
        return
    try:
        last = archive.count() if item.last is None else item.last
    except Refused:
        return  # damaged: what can be read of it is read in one piece
    count = last - item.first
    if item.is_suspect:
        step = -(-count // PIECES_OF_SUSPECT) if count > 1 else 0
    else:
        step = max(MEMBERS_AT_ONCE, -(-count // MOST_RANGES)) if count > MEMBERS_AT_ONCE else 0
    for first in range(item.first, last, step) if step else ():
        yield item._replace(first=first, last=min(last, first + step), is_suspect=False)


def _line(spot: _Spot, found: Found) -> Line:
    item = spot.item
    return Line(
        path=item.path,
        what=HIT,
        member=spot.name,
        id=item.id,
        list=found.list_name,
        entry=found.entry,
        classification=found.classification,
        is_exact=found.is_exact,
        distance=found.distance,
        asked_view=found.asked_view,
        variant=found.variant,
        second=found.second,
        trust=found.trust,
        advice=found.advice.exact if found.is_exact else found.advice.near,
        outcome=found.outcome,
        because=found.because,
    )


def _order(found: Found) -> tuple[bool, int, int, str, str]:
    """An exact copy first, then the nearest."""
    near = -1 if found.distance is None else found.distance
    return not found.is_exact, -SEVERITY.index(found.outcome), near, found.list_name, found.entry

"""Lists in the shape of NCMEC's hash sharing, version 2 (XML): NCMEC's own, ours, and those of hotlines that copy it.

Read by time; each entry is told once, as it is now; tombstones for ever. A range is read page by page along ``next``, which lives
for some hours: the checkpoint holds it, and the range, so that what was cut short goes on where it stopped.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from xml.etree import ElementTree

from rempart.engine import Md5, Pdq, Sha256
from rempart.engine.errors import NotAFingerprint
from rempart.matcher.lists import UNSTATED_ADVICE, Act, Advice, Batch, Entry, Gone, Kind, Part, Trust
from rempart.matcher.subscribe.interface import ListUnreachable
from rempart.matcher.subscribe.wire import Wire

BEGINNING = "1970-01-01T00:00:00Z"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
BEHIND = timedelta(seconds=5)
"""An owner may still be writing what happened this very second."""
OVERLAP = timedelta(minutes=15)
"""Read again each time: clocks differ, and an entry told twice is one."""
KINDS = {"image": Kind.PICTURE, "deletedImage": Kind.PICTURE, "video": Kind.VIDEO, "deletedVideo": Kind.VIDEO}
LINK_LIVES = timedelta(hours=12)
GONE_STATUSES = {400, 404, 410}
"""How an owner says that it knows a page link no more."""
MOST_TAGS = 2_000_000
"""In one document: what an honest page of some ten thousand entries has."""
USUAL_TYPE = "PDQ"
TYPES = {USUAL_TYPE, "MD5"}
"""Of fingerprints that an opinion may be told about."""
UNKNOWN_QUALITY = 100
"""The shape has none; owners publish what is good enough."""


F = TypeVar("F", Pdq, Sha256, Md5)


@dataclass(frozen=True, slots=True)
class Range:
    """What is being read: from when to when, and the page that comes next (None: the first)."""

    start: str
    end: str
    next: str | None

    def written(self) -> str:
        """As a checkpoint."""
        return json.dumps([self.start, self.end, self.next])

    @classmethod
    def read(cls, checkpoint: str) -> Range:
        """Back from a checkpoint of ours."""
        start, end, next_ = json.loads(checkpoint)
        return cls(start, end, next_)


class NcmecReader:
    """One list. ``url`` ends before ``/v2``. ``members``: keep entries of these numbers only; none: of all."""

    def __init__(self, url: str, user: str, password: str, *, members: frozenset[str] = frozenset()) -> None:
        token = b64encode(f"{user}:{password}".encode()).decode()
        self._wire = Wire(url, {"Authorization": f"Basic {token}", "Accept": "application/xml", "Accept-Encoding": "gzip"})
        self._members = members

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        """See Reader."""
        last = Range.read(checkpoint) if checkpoint else Range(BEGINNING, BEGINNING, None)
        if last.next is not None:
            try:
                # What was left of the last range; what happened since then comes after it.
                yield from (replace(batch, is_last=False) for batch in self._pages(last))
                last = Range(last.start, last.end, None)
            except ListUnreachable as error:
                if error.status not in GONE_STATUSES and now - (_moment(last.end) or now) < LINK_LIVES:
                    raise
                # The page link grew too old: the range is read again from its beginning, which does no harm.
                last = Range(last.start, last.start, None)
        end = _moment(last.end)
        start = BEGINNING if last.end == BEGINNING or end is None else _text(end - OVERLAP)
        yield from self._pages(Range(start, _text(now - BEHIND), None))

    def _pages(self, reading: Range) -> Iterator[Batch]:
        seen = {reading.next}
        while True:
            root = self._page(reading)
            changes = tuple(change for section in root for change in self._section(section))
            next_ = _next(root)
            is_last = next_ is None
            # The end of the range counts as read only once all of it is.
            after = Range(reading.start, reading.end, next_)
            yield Batch(after.written(), changes, is_last)
            if is_last:
                return
            if next_ in seen:
                raise ListUnreachable("The list's owner gives a page that leads to itself.")
            seen.add(next_)
            reading = after

    def _page(self, reading: Range) -> ElementTree.Element:
        fields = {"from": reading.start, "to": reading.end}
        page = self._wire.get("/v2/entries", fields) if reading.next is None else self._wire.get(reading.next)
        root = parsed(page.body)
        if root.tag != "queryResult":  # a page of some gateway must not pass for a list where nothing is new
            raise ListUnreachable("The list's owner answered something that is not a page of this shape.")
        return root

    def _section(self, section: ElementTree.Element) -> Iterator[Entry | Gone]:
        if section.tag not in {"images", "videos"}:
            return
        for element in section:
            kind = KINDS.get(element.tag)
            if kind is None:
                continue
            member = element.find("member")
            number = "" if member is None else member.get("id", "")
            identity = (element.findtext("id") or "").strip()
            if not identity or not number or (self._members and number not in self._members):
                continue
            name, at = f"{number}-{identity}", _moment(element.findtext("timestamp") or "") or NEVER
            yield Gone(name, at) if element.tag.startswith("deleted") else _entry(name, kind, element, at)


def _entry(name: str, kind: Kind, element: ElementTree.Element, at: datetime) -> Entry | Gone:
    prints = {child.tag: (child.text or "").strip() for child in element.iterfind("fingerprints/*")}
    pdq = _parsed(Pdq, prints.get("pdq"))
    sha256, md5 = _parsed(Sha256, prints.get("sha256")), _parsed(Md5, prints.get("md5"))
    if pdq is None and sha256 is None and md5 is None:
        return Gone(name, at)  # nothing we can look for, any more
    trust, advice = _votes(element)
    parts = () if pdq is None else (Part(pdq, UNKNOWN_QUALITY),)
    said = (element.findtext("classification") or "").strip()
    reference = "MD5" if pdq is None and md5 is not None else USUAL_TYPE
    return Entry(name, kind, parts, trust, advice, at, said, sha256, md5, reference)


def _votes(element: ElementTree.Element) -> tuple[Trust, Advice]:
    """An entry that members refuse and none confirms is one that a person must look at."""
    refused = element.find("feedback/negativeFeedback") is not None
    confirmed = element.find("feedback/affirmativeFeedback") is not None
    if refused and not confirmed:
        return Trust.DISPUTED, Advice(Act.REVIEW, Act.REVIEW)
    return Trust.UNSTATED, UNSTATED_ADVICE


def _parsed(kind: type[F], text: str | None) -> F | None:
    """None for one that is malformed: the others of the list count all the same."""
    try:
        return kind.parse(text) if text else None
    except NotAFingerprint:
        return None


def _next(root: ElementTree.Element) -> str | None:
    text = (root.findtext("paging/next") or "").strip()
    if not text:
        return None
    if not text.startswith("/v2/"):
        raise ListUnreachable("The list's owner gives a next page that is not below its own address.")
    return text


def parsed(body: bytes) -> ElementTree.Element:
    """The document, without its namespace. Raises ListUnreachable."""
    if body.count(b"<") > MOST_TAGS:
        raise ListUnreachable("The list's owner sent a document of too many parts.")
    if b"\0" in body or not _is_utf8(body):  # in another encoding, what is looked for below would not be seen
        raise ListUnreachable("The list's owner sent a document that is not in UTF-8.")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ListUnreachable("The list's owner sent a document with definitions of its own, which we do not read.")
    try:
        # As UTF-8 whatever it says of itself; sizes are bounded by the wire.
        root = ElementTree.fromstring(body, ElementTree.XMLParser(encoding="utf-8"))  # noqa: S314
    except ElementTree.ParseError:
        raise ListUnreachable("The list's owner answered something that is not XML.") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _moment(text: str) -> datetime | None:
    """None where it is none: an entry without a date is an entry all the same."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The addresses of NCMEC's shape, under ``/exchange/LIST/hashsharing/v2/``."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpResponse

from rempart.desk.outlets.lists import ncmec
from rempart.desk.outlets.lists.ncmec import FingerprintType, NotAVote
from rempart.desk.registers.bank.facts import Statement
from rempart.desk.registers.lists import entries, windows
from rempart.desk.registers.lists.hearing import Told, entry_named, hear
from rempart.desk.web.api import cursors, readers, refusals
from rempart.desk.web.api.cursors import Place
from rempart.desk.web.api.door import NCMEC, Asking, opened
from rempart.desk.web.api.readers import members_of, parameter
from rempart.desk.web.api.refusals import Refusal

PAGE = 1_000
"""Entries of this shape on a page, as its clients expect."""
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def _xml(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type=ncmec.CONTENT_TYPE)


@opened(NCMEC, "GET", "HEAD")
def status(asking: Asking) -> HttpResponse:
    """Who the client is. Where it comes from is not looked at, and not said."""
    return _xml(ncmec.write_status(members_of(asking.client), "0.0.0.0", asking.client.key_id))  # noqa: S104


@opened(NCMEC, "GET", "HEAD")
def members(asking: Asking) -> HttpResponse:
    """Whose entries and opinions it may see."""
    return _xml(ncmec.write_members(members_of(asking.client)))


@opened(NCMEC, "GET", "HEAD")
def read(asking: Asking) -> HttpResponse:
    """What changed in a stretch of time, or the next page of it."""
    entries.catch_up(asking.now)
    place = _place(asking)
    page = entries.page(asking.list_name, after=place.after, until=place.until, limit=PAGE, client=asking.client, most_parts=PAGE)
    readers.note(asking, page, after=place.after)
    following = _next(asking, Place(place.began, page.position, place.until)) if page.has_more else None
    namer = readers.Namer(asking.client)
    return _xml(ncmec.write_page(page.entries, namer=namer, members=members_of(asking.client), next_path=following))


def _place(asking: Asking) -> Place:
    cursor = parameter(asking, "cursor")
    if cursor is not None:
        return cursors.read(cursor, "ncmec", asking.client, asking.list_name)
    since, until = _date(asking, "from", FIRST), _date(asking, "to", asking.now)
    if since > until:
        raise refusals.bad_request("from is later than to.")
    found = windows.range_of(asking.client, asking.list_name, since, until, now=asking.now)
    return Place(found.after, found.after, found.until)


def _date(asking: Asking, name: str, otherwise: datetime) -> datetime:
    text = parameter(asking, name)
    try:
        return otherwise if text is None else ncmec.moment(text)
    except ValueError:
        raise refusals.bad_request(f"{name} is not a date like 2026-11-22T10:00:00Z.") from None


def _next(asking: Asking, place: Place) -> str:
    """``start``, ``size`` and ``max`` are for clients that guess how much is left; the cursor alone is read."""
    told = {
        "cursor": cursors.write(place, "ncmec", asking.client, asking.list_name),
        "start": place.after - place.began,
        "size": PAGE,
        "max": place.until - place.began,
    }
    return f"/v2/entries?{urlencode(told)}"


@opened(NCMEC, "GET", "HEAD")
def reasons(asking: Asking, kind: str) -> HttpResponse:
    """Why one may say that one did not block."""
    return _xml(ncmec.write_reasons(_kind(kind)))


@opened(NCMEC, "PUT", "POST")
def feedback(asking: Asking, member: str, name: str, kind: str) -> HttpResponse:
    """What its people decided. The same again changes nothing."""
    try:
        ballot = ncmec.read_vote(asking.body(ncmec.MOST_VOTE), _kind(kind))
    except NotAVote as wrong:
        raise refusals.bad_request(str(wrong)) from None
    named = ncmec.split_name(name)
    entry = entry_named(asking.client, asking.list_name, named[0]) if named else None
    if entry is None:
        raise Refusal(404, "unknown_entry", "This client was never given an entry of this name on this list.")
    hear(asking.client, [Told(entry, Statement(vote=ballot.vote, reason=ballot.reason))], now=asking.now)
    return _xml(ncmec.write_done())


def _kind(text: str) -> FingerprintType:
    try:
        return FingerprintType(text)
    except ValueError:
        raise refusals.bad_request("This is not a type of fingerprint.") from None

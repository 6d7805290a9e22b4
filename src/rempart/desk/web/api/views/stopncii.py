"""The addresses of StopNCII's shape, under ``/exchange/LIST/stopncii/v1/``."""

import re

from django.http import HttpResponse

from rempart.desk.outlets.lists import stopncii
from rempart.desk.outlets.lists.stopncii import NotFeedback, Spoken, Value
from rempart.desk.registers.bank.facts import Statement
from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.hearing import Told, entries_with, hear
from rempart.desk.rules.trust import RefusalReason, Vote
from rempart.desk.web.api import cursors, readers, refusals
from rempart.desk.web.api.cursors import Place
from rempart.desk.web.api.door import STOPNCII, Asking, opened
from rempart.desk.web.api.readers import members_of, parameter
from rempart.desk.web.api.refusals import Refusal

USUAL, MOST = 800, 2_000
MOST_BODY = 256 * 1024
SAYS_SOMETHING = {Value.BLOCKED, Value.NOT_BLOCKED, Value.PENDING_REVIEW}


def _json(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, content_type=stopncii.CONTENT_TYPE, status=status)


@opened(STOPNCII, "GET", "HEAD")
def fetch(asking: Asking) -> HttpResponse:
    """What changed since a second, that second included; or the next page of it."""
    size = min(MOST, max(1, _number(asking, "pageSize", USUAL)))
    entries.catch_up(asking.now)
    place = _place(asking)
    page = entries.page(asking.list_name, after=place.after, until=place.until, limit=size, client=asking.client, most_parts=size)
    readers.note(asking, page, after=place.after)
    following = Place(place.began, page.position, place.until)
    token = cursors.write(following, "stopncii", asking.client, asking.list_name) if page.has_more else None
    namer, members = readers.Namer(asking.client), members_of(asking.client)
    return _json(stopncii.write_page(page.entries, namer=namer, members=members, since=place.began, next_token=token))


def _place(asking: Asking) -> Place:
    token = parameter(asking, "nextPageToken")
    if token:
        return cursors.read(token, "stopncii", asking.client, asking.list_name)
    since = _number(asking, "startTimestamp", 0)
    try:
        after = entries.before(asking.list_name, stopncii.moment(since))
    except (ValueError, OverflowError):
        raise refusals.bad_request("startTimestamp is not a number of seconds since 1970.") from None
    return Place(since, after, max(after, entries.head(asking.list_name)))


def _number(asking: Asking, name: str, otherwise: int) -> int:
    text = parameter(asking, name)
    if text is None:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise refusals.bad_request(f"{name} is not a number.")
    return int(text)


@opened(STOPNCII, "POST")
def submit_feedback(asking: Asking) -> HttpResponse:
    """What its people decided of fingerprints on its copy. Of others it is told how many there were, and nothing else happens."""
    try:
        spoken = stopncii.read_feedback(asking.body(MOST_BODY))
    except NotFeedback as wrong:
        raise refusals.bad_request(str(wrong)) from None
    found = entries_with(asking.client, asking.list_name, [one.pdq for one in spoken])
    known = [one for one in spoken if one.pdq in found]
    told = [Told(found[one.pdq], _statement(one)) for one in known if one.value in SAYS_SOMETHING]
    hear(asking.client, told, now=asking.now)
    unknown = len(spoken) - len(known)
    return _json(stopncii.write_taken(len(spoken) - unknown, unknown))


def _statement(one: Spoken) -> Statement:
    if one.value is Value.BLOCKED:
        return Statement(vote=Vote.BLOCKED)
    if one.value is Value.NOT_BLOCKED:
        return Statement(vote=Vote.NOT_BLOCKED, reason=one.reason or RefusalReason.OTHER)
    return Statement(is_under_review=True)


@opened(STOPNCII, "POST")
def submit_hashes(asking: Asking) -> HttpResponse:
    """Refused: what stands on our lists, a person protects and can take back; a platform's fingerprint has nobody behind it."""
    sentence = (
        "This list takes no fingerprints from platforms: what stands on it, the person concerned protects and can take back. "
        "Nothing of this message was kept."
    )
    raise Refusal(403, "not_taken", sentence)

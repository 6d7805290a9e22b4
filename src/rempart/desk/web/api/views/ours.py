"""Our own feed, under ``/api/v1/``."""

import hashlib
import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from rempart.desk.outlets.lists import feed
from rempart.desk.outlets.lists.feed import Cursor, Result
from rempart.desk.outlets.lists.minisign import signer
from rempart.desk.registers.lists import entries
from rempart.desk.registers.lists.hearing import Message, OtherMessage, Told, entry_named, hear
from rempart.desk.registers.lists.models import Entry
from rempart.desk.web.api import readers, refusals
from rempart.desk.web.api.description import describe
from rempart.desk.web.api.door import OURS, Asking, opened
from rempart.desk.web.api.readers import parameter
from rempart.desk.web.api.refusals import Refusal
from rempart.desk.web.shared.access import public

MOST_BODY = 512 * 1024
MESSAGE_KEY = re.compile(r"[\x21-\x7e]{8,64}", re.ASCII)


def _json(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, content_type=feed.CONTENT_TYPE, status=status)


@public
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """This door, described for programs (OpenAPI)."""
    return JsonResponse(describe())


@public
@require_safe
def signing_key(request: HttpRequest) -> HttpResponse:
    """What verifies lists that are handed over as files, as ``minisign`` reads it."""
    return HttpResponse(signer().public_file(), content_type="text/plain; charset=utf-8")


@opened(OURS, "GET", "HEAD")
def read(asking: Asking) -> HttpResponse:
    """What changed after a cursor, in order."""
    try:
        text = parameter(asking, "after")
        cursor = feed.read_cursor(text) if text else feed.BEGINNING
        limit = feed.read_limit(parameter(asking, "limit"))
    except feed.Refused as wrong:
        raise refusals.bad_request(str(wrong)) from None
    entries.catch_up(asking.now)
    head = entries.head(asking.list_name)
    _refuse_stranger(asking, cursor, head)
    tag = _tag(asking, cursor, limit, head)
    if tag in asking.request.headers.get("If-None-Match", ""):
        return _tagged(HttpResponse(status=304), tag)
    return _tagged(_page(asking, cursor, limit, head), tag)


def _page(asking: Asking, cursor: Cursor, limit: int, head: int) -> HttpResponse:
    page = entries.page(
        asking.list_name,
        after=cursor.position,
        until=max(head, cursor.position),
        limit=limit,
        client=asking.client,
        most_parts=feed.MOST_PDQS,
    )
    readers.note(asking, page, after=cursor.position)
    following = Cursor(page.entries[-1].updated_at, page.position) if page.entries else cursor
    namer = readers.Namer(asking.client)
    return _json(feed.write_page(asking.list_name, page.entries, namer=namer, next_cursor=following, has_more=page.has_more))


def _refuse_stranger(asking: Asking, cursor: Cursor, head: int) -> None:
    """A cursor from before a restore could hide what has changed since: better to begin again than to miss."""
    rows = Entry.objects.filter(list_name=asking.list_name.value)
    later = rows.filter(position__gt=cursor.position).order_by("position").values_list("updated_at", flat=True).first()
    is_ahead = cursor.position > head or (later is not None and later < cursor.at)
    if cursor.position and is_ahead:
        sentence = "The cursor is not one that this list gave; leave it out to begin again."
        raise refusals.bad_request(sentence, "unknown_cursor")


def _tag(asking: Asking, cursor: Cursor, limit: int, head: int) -> str:
    """The same as long as nothing changed on the list for this client."""
    told = f"{asking.client.pk} {asking.client.is_cautious} {asking.list_name} {feed.write_cursor(cursor)} {limit} {head}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def _tagged(answer: HttpResponse, tag: str) -> HttpResponse:
    answer.headers["ETag"] = tag
    return answer


@opened(OURS, "POST")
def results(asking: Asking) -> HttpResponse:
    """What a platform saw and did. Sent twice, it is taken once."""
    key = asking.request.headers.get("Idempotency-Key", "")
    if not MESSAGE_KEY.fullmatch(key):
        sentence = "Give the message a name of 8 to 64 signs in the header Idempotency-Key; the same name when it is sent again."
        raise refusals.bad_request(sentence, "message_key_missing")
    body = asking.body(MOST_BODY)
    try:
        given = feed.read_results(body)
    except feed.Refused as wrong:
        raise refusals.bad_request(str(wrong)) from None
    named = [(one, entry_named(asking.client, asking.list_name, one.name)) for one in given]
    told = [Told(entry, one.statement) for one, entry in named if entry is not None]
    message = Message(key, hashlib.sha256(asking.list_name.encode() + b"\0" + body).digest())
    try:
        is_new = hear(asking.client, told, now=asking.now, message=message)
    except OtherMessage:
        sentence = "Another message already had this name; nothing of this one was kept."
        raise Refusal(409, "message_key_used", sentence) from None
    return _json(feed.write_taken(len(told), _unknown(named), is_repeated=not is_new))


def _unknown(named: list[tuple[Result, int | None]]) -> list[str]:
    return [one.name for one, entry in named if entry is None]

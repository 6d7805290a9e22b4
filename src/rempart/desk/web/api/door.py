"""What every address of this door does first: who asks, how often, for which list; and how it refuses."""

import base64
import binascii
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from rempart.desk.outlets.lists import feed, ncmec, stopncii
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.registers.vault.keyring import KeyringError
from rempart.desk.rules.lists import ListName
from rempart.desk.web.api import refusals
from rempart.desk.web.api.refusals import Refusal
from rempart.desk.web.shared.access import public

WORTH_PACKING = 500  # bytes
PACKING = 3  # gzip: beyond, hexadecimal digits get hardly smaller


@dataclass(frozen=True, slots=True)
class Shape:
    """How a client of one shape says who it is, and how it is told what went wrong."""

    content_type: str
    credentials: Callable[[HttpRequest], tuple[str, str] | None]
    write_error: Callable[[str, str], bytes]
    challenge: str


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of one client for one list it may read."""

    request: HttpRequest
    client: ListClient
    list_name: ListName
    now: datetime

    def body(self, most: int) -> bytes:
        """The body. Raises Refusal where it is longer than ``most``."""
        return body_of(self.request, most)


def body_of(request: HttpRequest, most: int) -> bytes:
    """The body of a request. Raises Refusal where it is longer than ``most``."""
    try:
        body = request.body if _said_length(request) <= most else None
    except RequestDataTooBig:
        body = None
    except UnreadablePostError:
        raise refusals.bad_request("The body did not arrive.") from None
    if body is None or len(body) > most:
        raise refusals.too_large(most)
    return body


Serving = Callable[..., HttpResponse]
"""What stands behind an address, once it is known who asks: the request, then the parts of the address."""


def opened(shape: Shape, *methods: str) -> Callable[[Serving], Serving]:
    """An address of this door. Asked anew for each request: a key that was revoked is refused in the middle of a reading."""

    def make(page: Serving) -> Serving:
        @public
        @csrf_exempt
        @wraps(page)
        @sensitive_variables()
        def view(request: HttpRequest, list_name: str, **parts: str) -> HttpResponse:
            try:
                asking = _asking(request, shape, list_name)
                answer = _answered(page, asking, methods, parts)
            except Refusal as refusal:
                answer = refused(shape, refusal)
            return _packed(request, answer)

        return view

    return make


def _answered(page: Serving, asking: Asking, methods: Sequence[str], parts: dict[str, str]) -> HttpResponse:
    if asking.request.method not in methods:
        raise Refusal(405, "wrong_method", f"This address takes {', '.join(methods)}.")
    try:
        return page(asking, **parts)
    except KeyringError:
        raise refusals.bank_closed() from None


def _asking(request: HttpRequest, shape: Shape, list_name: str) -> Asking:
    now, shown = timezone.now(), shape.credentials(request)
    client = clients.authenticate(*shown, now=now) if shown else None
    if client is None:
        raise refusals.unknown_key()
    wait = clients.take_call(client, now)
    if wait is not None:
        raise refusals.too_many(wait)
    named = next((name for name in ListName if name.value == list_name), None)
    if named is None or not clients.may_read(client, named):
        raise refusals.not_its_list()
    return Asking(request, client, named, now)


def refused(shape: Shape, refusal: Refusal) -> HttpResponse:
    """The refusal in this shape."""
    answer = HttpResponse(
        shape.write_error(refusal.reason, refusal.sentence), status=refusal.status, content_type=shape.content_type
    )
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = shape.challenge
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def _said_length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdigit() else 0


def _packed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    answer.headers["Vary"] = "Accept-Encoding, Authorization"
    answer.headers["X-Robots-Tag"] = "noindex"
    if len(answer.content) >= WORTH_PACKING and _takes_gzip(request.headers.get("Accept-Encoding", "")):
        answer.content = gzip.compress(answer.content, PACKING, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
    if answer.content or answer.status_code != 304:
        answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def _takes_gzip(said: str) -> bool:
    for one in said.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _bearer(request: HttpRequest) -> tuple[str, str] | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key_id, dot, secret = token.strip().partition(".")
    return (key_id, secret) if scheme.lower() == "bearer" and dot else None


def _basic(request: HttpRequest) -> tuple[str, str] | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        key_id, colon, secret = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (key_id, secret) if scheme.lower() == "basic" and colon else None


def _two_headers(request: HttpRequest) -> tuple[str, str] | None:
    key_id, secret = (request.headers.get(name, "") for name in ("Ocp-Apim-Subscription-Key", "x-functions-key"))
    return (key_id, secret) if key_id and secret else None


OURS = Shape(feed.CONTENT_TYPE, _bearer, feed.write_error, 'Bearer realm="lists"')
NCMEC = Shape(ncmec.CONTENT_TYPE, _basic, ncmec.write_error, 'Basic realm="lists", charset="UTF-8"')
STOPNCII = Shape(stopncii.CONTENT_TYPE, _two_headers, stopncii.write_error, 'ApiKey realm="lists"')

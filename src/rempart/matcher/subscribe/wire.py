"""HTTP towards the owners of lists: bounded in size and time, without redirections, and with sentences for what goes wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from rempart.matcher.subscribe.interface import ListRefused, ListUnreachable, UnknownCheckpoint

MOST_BYTES = 32 * 1024 * 1024
"""Of one page, unpacked."""
PIECE = 1 << 16
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
PAGE_SECONDS = 300.0
"""For one page: an owner who sends a byte a minute is not waited for."""
LONGEST_ASKED = timedelta(days=1)
"""An owner may ask us to wait, but not for ever."""
REFUSED = {401, 403}
BUSY = {429, 503}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. ``body`` may hold fingerprints."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def json(self) -> Any:
        """Raises ListUnreachable where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ListUnreachable("The list's owner answered something that is not JSON.") from None


class Wire:
    """Calls to one owner. ``url`` is the base, without a slash at its end; ``headers`` go with every call."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url, self._headers = url.rstrip("/"), dict(headers)
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._pool = urllib3.PoolManager(num_pools=2, timeout=timeout, retries=False)

    def __repr__(self) -> str:
        return "Wire(…)"

    def get(self, path: str, fields: Mapping[str, str] | None = None) -> Page:
        """Raises ListUnreachable, ListRefused; any other status but 200 and 304 is unreachable too."""
        return self._call("GET", path, fields=fields)

    def send(self, method: str, path: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Page:
        """A small body; any 2xx is well."""
        return self._call(method, path, body=body, headers={"Content-Type": content_type, **(headers or {})})

    def _call(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        try:
            answer = self._pool.request(
                method,
                self._url + path,
                fields=fields,
                body=body,
                headers={**self._headers, **(headers or {})},
                preload_content=False,
                redirect=False,
            )
            with answer:
                page = Page(answer.status, _bounded(answer), {name.lower(): value for name, value in answer.headers.items()})
        except (HTTPError, OSError) as error:
            raise ListUnreachable(f"The list's owner does not answer ({type(error).__name__}).") from None
        return _well(page)


def _bounded(answer: urllib3.BaseHTTPResponse) -> bytes:
    pieces, size, until = [], 0, time.monotonic() + PAGE_SECONDS
    while piece := answer.read1(PIECE, decode_content=True):
        size += len(piece)
        if time.monotonic() > until:
            raise ListUnreachable(f"A page of the list did not come within {PAGE_SECONDS:.0f} s.")
        if size > MOST_BYTES:
            raise ListUnreachable(f"A page of the list is larger than {MOST_BYTES // 2**20} MiB.")
        pieces.append(piece)
    return b"".join(pieces)


def _well(page: Page) -> Page:
    if page.status in REFUSED:
        raise ListRefused(f"The list's owner refuses our credentials, or this list (status {page.status}).")
    if page.status in BUSY:
        raise ListUnreachable("The list's owner asks us to wait.", retry_at=_retry_at(page.headers.get("retry-after", "")))
    if 200 <= page.status < 300 or page.status == 304:
        return page
    if page.status == 400 and b'"unknown_cursor"' in page.body:
        raise UnknownCheckpoint("The list's owner does not know where we stopped.")
    raise ListUnreachable(f"The list's owner answered with status {page.status}.", status=page.status)


def _retry_at(text: str) -> datetime | None:
    """Seconds or a date, as RFC 9110 has it; a day from now at most."""
    now = datetime.now(UTC)
    if text.isascii() and text.isdecimal():
        return now + min(timedelta(seconds=int(text[:7])), LONGEST_ASKED)
    try:
        found = parsedate_to_datetime(text)
        return min(found if found.tzinfo else found.replace(tzinfo=UTC), now + LONGEST_ASKED)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

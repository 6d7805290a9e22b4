"""One request and its reply, as the server hands them over: sizes are kept while it is still on the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"
MOST_QUERY = 8_192
DRAINED_BYTES = 1 << 23
"""Read and thrown away after a refusal, so that the client sees the answer rather than a cut connection."""


class Refusal(Exception):
    """A request that is not answered. ``sentence`` is for the person at the other end and repeats nothing they sent."""

    def __init__(self, status: int, code: str, sentence: str, *, headers: Headers = (), closes: bool = False) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence, self.headers, self.closes = status, code, sentence, tuple(headers), closes


class Disconnected(Exception):
    """Nobody waits for the answer any more."""


class Room:
    """How many bytes of uploads a process holds at one moment. Beyond it, it is busy."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0

    def take(self, count: int) -> None:
        """Raises Refusal (503)."""
        if self._held + count > self._most:
            raise busy("Too many large uploads at once: send it again in a moment.", closes=True)
        self._held += count

    def give(self, count: int) -> None:
        """Back again."""
        self._held -= count


def busy(sentence: str, *, closes: bool = False) -> Refusal:
    """The same request may be sent again a second later."""
    return Refusal(503, "busy", sentence, headers=[(b"retry-after", b"1")], closes=closes)


def too_large(most: int) -> Refusal:
    return Refusal(413, "too_large", f"This is longer than the {most:,} bytes that are accepted here.", closes=True)


class Request:
    """One request. ``path`` is decoded; nothing of it is ever written to a log."""

    __slots__ = ("_held", "_receive", "_room", "headers", "is_read", "method", "path", "query_string")

    def __init__(self, scope: Scope, receive: Receive, room: Room) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.query_string: bytes = scope["query_string"]
        self.is_read = False
        self._receive, self._room, self._held = receive, room, 0

    def header(self, name: bytes) -> bytes:
        """The first of this name (in small letters), or nothing."""
        for one, value in self.headers:
            if one == name:
                return value
        return b""

    def query(self) -> dict[str, str]:
        """Of two of one name, the last. Raises Refusal (400)."""
        try:
            text = self.query_string.decode("ascii")
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50, errors="strict", separator="&"))
        except ValueError:
            raise Refusal(400, "malformed", "The part of the address after the question mark cannot be read.") from None

    async def body(self, most: int) -> bytes:
        """All of it, at most so many bytes. Raises Refusal (413 at the first byte too many, 503), Disconnected."""
        stated = self.header(b"content-length")
        if stated.isdigit() and int(stated) > most:
            raise too_large(most)
        message = await self._message()
        first: bytes = message.get("body", b"")
        self._hold(len(first), most)
        if not message.get("more_body", False):
            self.is_read = True
            return first
        pieces = [first]
        while message.get("more_body", False):
            message = await self._message()
            piece = message.get("body", b"")
            self._hold(len(piece), most)
            pieces.append(piece)
        self.is_read = True
        return b"".join(pieces)

    async def drain(self) -> None:
        """Read what is still coming, up to a limit, and forget it."""
        left = DRAINED_BYTES
        while not self.is_read and left > 0:
            message = await self._receive()
            left -= len(message.get("body", b""))
            self.is_read = message["type"] != "http.request" or not message.get("more_body", False)

    def is_unfinished(self) -> bool:
        """Something of its body may still come."""
        return not self.is_read and (self.header(b"content-length") not in {b"", b"0"} or bool(self.header(b"transfer-encoding")))

    def release(self) -> None:
        """The bytes of its body are no longer held."""
        self._room.give(self._held)
        self._held = 0

    async def _message(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        return message

    def _hold(self, count: int, most: int) -> None:
        if self._held + count > most:
            raise too_large(most)
        self._room.take(count)
        self._held += count


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back. ``headers``: beside the usual ones; ``counted``: as which kind of request, if not as its door's."""

    body: bytes = field(repr=False)
    status: int = 200
    kind: bytes = JSON
    headers: Headers = ()
    closes: bool = False
    counted: str = ""

    def head(self) -> list[tuple[bytes, bytes]]:
        """Nothing of a matcher is kept by anybody on the way, and no browser guesses what it is."""
        head = [
            (b"content-type", self.kind),
            (b"content-length", b"%d" % len(self.body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *self.headers,
        ]
        return [*head, (b"connection", b"close")] if self.closes else head


Handler = Callable[[Request], Awaitable[Reply]]
Refused = Callable[[Refusal], Reply]


def media_type(value: bytes) -> tuple[str, Mapping[str, str]]:
    """Of a ``Content-Type``: the type in small letters and its parameters, quotes taken off."""
    kind, *rest = value.decode("latin-1").split(";")
    pairs = (one.partition("=") for one in rest)
    return kind.strip().lower(), {name.strip().lower(): given.strip().strip('"') for name, _, given in pairs}

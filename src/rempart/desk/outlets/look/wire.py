"""One request, one head of a response. Written on sockets: no library that follows, decodes, stores or retries unasked."""

import re
import socket
import ssl
import time
from dataclasses import dataclass

from rempart.desk.outlets.look.destinations import IPAddress, Target

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
LONGEST_HEAD = 32 * 1024
"""More than any honest server sends before a body, interim responses included."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: |\r?\n|$)")
_LOCATION = re.compile(rb"^location[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"\r?\n\r?\n")


class Garbage(Exception):
    """What came back is not HTTP."""


class TooMuch(Exception):
    """The head of the response never ends."""


class Deadline:
    """The time one look may take, whatever the other side does."""

    def __init__(self, seconds: float = TOTAL_SECONDS) -> None:
        self._ends = time.monotonic() + seconds

    def left(self, at_most: float = TOTAL_SECONDS) -> float:
        """Seconds left. Raises ``TimeoutError`` when there are none."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return min(seconds, at_most)


@dataclass(frozen=True, slots=True)
class Head:
    """What is kept of a response."""

    status: int
    location: str | None
    has_bad_certificate: bool


def call(method: str, target: Target, addresses: list[IPAddress], deadline: Deadline) -> Head:
    """Send one request to the first address that answers and read the head of the response.

    A certificate that does not stand is told, not refused: content behind it is served all the same, and we send nothing secret.
    """
    try:
        return _call(method, target, addresses, deadline, is_verified=True)
    except ssl.SSLCertVerificationError:
        return _call(method, target, addresses, deadline, is_verified=False)


def _call(method: str, target: Target, addresses: list[IPAddress], deadline: Deadline, *, is_verified: bool) -> Head:
    with connect(target, addresses, deadline) as plain, dressed(plain, target, deadline, is_verified) as connection:
        connection.settimeout(deadline.left())
        connection.sendall(_request(method, target))
        status, location = read_head(connection, deadline)
    return Head(status, location, has_bad_certificate=target.scheme == "https" and not is_verified)


def connect(target: Target, addresses: list[IPAddress], deadline: Deadline) -> socket.socket:
    """Two addresses are tried: a name often has one of each family and only one of them works from here."""
    for address in addresses[:1] if len(addresses) == 1 else addresses[:2]:
        try:
            return socket.create_connection((str(address), target.port), timeout=deadline.left(CONNECT_SECONDS))
        except OSError as error:
            trouble = error
    raise trouble


def dressed(plain: socket.socket, target: Target, deadline: Deadline, is_verified: bool) -> socket.socket:
    """The connection as the scheme wants it: with TLS, or as it is."""
    if target.scheme == "http":
        return plain
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    plain.settimeout(deadline.left(CONNECT_SECONDS))
    return context.wrap_socket(plain, server_hostname=target.host)


def _request(method: str, target: Target) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [
        f"{method} {target.path} HTTP/1.1",
        f"Host: {host}" if target.has_usual_port else f"Host: {host}:{target.port}",
        # Says neither who we are (pages hide from hotlines) nor a browser that we are not.
        "User-Agent: Mozilla/5.0",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    if method == "GET":
        lines.append("Range: bytes=0-0")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def read_head(connection: socket.socket, deadline: Deadline) -> tuple[int, str | None]:
    """Status and ``Location``. Read up to the empty line, skipping interim (1xx) responses; whatever follows is never read on."""
    data, seen = b"", 0
    while True:
        end = _END.search(data)
        if end is None:
            piece = _receive(connection, deadline)
            seen += len(piece)
            if seen > LONGEST_HEAD:
                raise TooMuch
            data += piece
            if not piece:
                raise Garbage
            if not data.startswith(b"HTTP/"[: len(data)]):
                raise Garbage
            continue
        head, data = data[: end.start()], data[end.end() :]
        status = _STATUS.match(head)
        if status is None:
            raise Garbage
        if status[1][:1] != b"1":
            return int(status[1]), _location_in(head)


def _receive(connection: socket.socket, deadline: Deadline) -> bytes:
    connection.settimeout(deadline.left())
    return connection.recv(2048)


def _location_in(head: bytes) -> str | None:
    found = _LOCATION.search(head)
    return found[1].decode("utf-8", errors="replace") if found else None

"""One POST, one status. Built on the wire of looks: one resolution, one connection, one deadline, no redirect, no body read."""

import socket
import ssl
from collections.abc import Mapping

from rempart.desk.outlets.look.destinations import Refused, Resolve, Target, read_target, system_resolve
from rempart.desk.outlets.look.troubles import Trouble
from rempart.desk.outlets.look.wire import Deadline, Garbage, TooMuch, connect, dressed, read_head
from rempart.desk.outlets.webhooks import destination

SECONDS = 10.0


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool, resolve: Resolve = system_resolve
) -> int | Trouble:
    """The status that came back, or why none did; in ten seconds at most. Never raises for what the other side does."""
    try:
        return _post(read_target(url), headers, body, allow_private=allow_private, resolve=resolve)
    except Refused as refused:
        return refused.trouble
    except socket.gaierror:
        return Trouble.NO_ADDRESS
    except (Garbage, UnicodeError):
        return Trouble.GARBAGE
    except TooMuch:
        return Trouble.TOO_MUCH
    except TimeoutError:
        return Trouble.TIMEOUT
    except ConnectionRefusedError:
        return Trouble.REFUSED
    except ssl.SSLCertVerificationError:
        return Trouble.CERTIFICATE
    except ssl.SSLError:
        return Trouble.TLS
    except OSError:
        return Trouble.CONNECTION


def _post(target: Target, headers: Mapping[str, str], body: bytes, *, allow_private: bool, resolve: Resolve) -> int:
    deadline = Deadline(SECONDS)
    destination.check(target, allow_private=allow_private)
    found = destination.addresses(target, resolve, deadline.left(), allow_private=allow_private)
    if not found:
        raise Refused(Trouble.NO_ADDRESS)
    # Unlike a look, what is sent matters: a certificate that does not stand ends it here.
    with connect(target, found, deadline) as plain, dressed(plain, target, deadline, True) as connection:
        connection.settimeout(deadline.left())
        connection.sendall(_request(target, headers, body))
        status, _location = read_head(connection, deadline)
    return status


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {host}" if target.has_usual_port else f"Host: {host}:{target.port}",
        "User-Agent: Rempart",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body

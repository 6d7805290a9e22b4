"""Places on 127.0.0.1 that hear whatever a frame says: requests, mere connections, packets."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.ports import free_port

NAMED = re.compile(rb"/leak/([\w-]+)")


@dataclass
class Ears:
    """``heard``: names of the ways that reached a listener."""

    http: int
    tcp: int
    udp: int
    heard: set[str] = field(default_factory=set)


@contextmanager
def ears() -> Iterator[Ears]:
    """Open for the time of one page."""
    made = Ears(free_port(), free_port(), free_port())
    for_requests, for_connections = (socket.create_server(("127.0.0.1", port)) for port in (made.http, made.tcp))
    for_packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for_packets.bind(("127.0.0.1", made.udp))
    for serve, ear in ((_requests, for_requests), (_connections, for_connections), (_packets, for_packets)):
        threading.Thread(target=serve, args=(ear, made), daemon=True).start()
    try:
        yield made
    finally:
        for ear in (for_requests, for_connections, for_packets):
            _close(ear)


def _close(ear: socket.socket) -> None:
    with suppress(OSError):  # a socket that nobody is connected to
        ear.shutdown(socket.SHUT_RDWR)  # wakes up whoever waits there
    ear.close()


def _requests(ear: socket.socket, made: Ears) -> None:
    while connection := _next(ear):
        threading.Thread(target=_answer, args=(connection, made), daemon=True).start()


def _answer(connection: socket.socket, made: Ears) -> None:
    with connection:
        connection.settimeout(10)
        try:
            received = connection.recv(1 << 14)
            named = NAMED.search(received)
            if named:
                made.heard.add(named[1].decode())
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        except OSError:
            pass  # a connection made in advance, and given up


def _connections(ear: socket.socket, made: Ears) -> None:
    while connection := _next(ear):
        made.heard.add("preconnect")
        connection.close()


def _packets(ear: socket.socket, made: Ears) -> None:
    while True:
        try:
            packet = ear.recv(2048)
        except OSError:
            return
        if not packet:
            return
        # A STUN message holds this number at its fifth byte (RFC 8489, 5); anything else is another protocol's.
        made.heard.add("call" if packet[4:8] == b"\x21\x12\xa4\x42" else "web-transport")


def _next(ear: socket.socket) -> socket.socket | None:
    try:
        return ear.accept()[0]
    except OSError:
        return None

"""Real servers on 127.0.0.1, some of them ill-mannered."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[[socket.socket, bytes], None]


@dataclass
class Server:
    """What it was asked, and how many bytes the caller let it send."""

    port: int
    heads: list[bytes] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)

    def url(self, path: str = "/page", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def methods(self) -> list[str]:
        return [head.split(b" ", 1)[0].decode() for head in self.heads]


@contextmanager
def serving(answer: Answer, tls: Path | None = None) -> Iterator[Server]:
    """Answer each connection with this function, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1])
    context = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.settimeout(20)
            dressed = context.wrap_socket(connection, server_side=True) if context else connection
            with dressed:
                head = read_head(dressed)
                server.heads.append(head)
                answer(dressed, head)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_head(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            break
        data += piece
    return data


def says(status: int, *headers: str, body: bytes = b"") -> Answer:
    """A plain, well-formed response."""

    def answer(connection: socket.socket, _: bytes) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", *headers, f"Content-Length: {len(body)}", "", ""]
        connection.sendall("\r\n".join(lines).encode() + body)

    return answer


def by_path(pages: dict[str, Answer]) -> Answer:
    def answer(connection: socket.socket, head: bytes) -> None:
        pages[head.split(b" ", 2)[1].decode()](connection, head)

    return answer


def by_method(methods: dict[str, Answer]) -> Answer:
    def answer(connection: socket.socket, head: bytes) -> None:
        methods[head.split(b" ", 1)[0].decode()](connection, head)

    return answer


def raw(data: bytes) -> Answer:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)

    return answer

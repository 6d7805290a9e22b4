"""Serving the doors of one worker process, on a socket that several share."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Protocol, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rempart.matcher.web.exchange import Receive, Scope, Send

HEAD_SECONDS = 10.0
"""For the first line and the headers of a request, all of them."""
MOST_HEAD = 32_768
IDLE_SECONDS = 75
"""A connection may wait so long for its next request."""
MOST_CONNECTIONS = 1_000
SWITCH_SECONDS = 0.0005
"""How long a thread that hashes may keep the interpreter while a look-up waits for it."""
BACKLOG = 1_024


class Application(Protocol):
    """`Doors`, or what stands in for them in a measurement."""

    def close(self) -> None:
        """After the last request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""


class PatientProtocol(HttpToolsProtocol):
    """The server's own, with a limit to how long and how large the head of a request may be: it has none."""

    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Whoever connects has something to ask."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A piece of a head, or of a body."""
        super().data_received(data)
        if self._timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD:
                self._give_up()

    def on_message_begin(self) -> None:
        """The next request of a connection."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """The rest is a body, which has limits of its own."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop()
        self._head_bytes = 0
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.close()


def listen(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """A socket that child processes may inherit; port 0: any free one. Raises OSError.

    ``is_shared``: each worker process opens its own on the same port, and the system deals connections out between them.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
        made.setblocking(False)
        made.set_inheritable(True)
    except BaseException:
        made.close()
        raise
    return made


def serve(doors: Application, listening: socket.socket, *, told: Callable[[], None] = lambda: None, grace: float = 10.0) -> None:
    """Answer until the process is asked to stop (SIGTERM, SIGINT); then what was begun is ended, for ``grace`` seconds at most.

    ``told`` is called when the first request may come.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    server = _Server(_config(doors, grace), told)
    try:
        server.run(sockets=[listening])
    finally:
        doors.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._told()


def _config(doors: Application, grace: float) -> uvicorn.Config:
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # what it warns of is what strangers send
    return uvicorn.Config(
        cast(Any, doors),
        http=PatientProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # an address may hold a fingerprint: HMA's paths put it there
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=int(grace),
        backlog=BACKLOG,
    )

"""The application of one worker process: which path leads to what, who may come in, what is said when it is refused."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from rempart.matcher.lookup import Answer, ListRules, Lookup
from rempart.matcher.settings import Settings
from rempart.matcher.web import hma, openapi, wire
from rempart.matcher.web.asking import Asking
from rempart.matcher.web.counts import Counts, Totals
from rempart.matcher.web.exchange import (
    Disconnected,
    Handler,
    Receive,
    Refusal,
    Refused,
    Reply,
    Request,
    Room,
    Scope,
    Send,
)
from rempart.matcher.web.health import Health, Watched
from rempart.matcher.web.hooks import Hooks
from rempart.matcher.web.keys import Doorkeeper, Needs
from rempart.matcher.web.match import Matching
from rempart.matcher.web.metrics import TEXT, prometheus
from rempart.matcher.web.page.page import StatusPage
from rempart.matcher.web.uploads import Uploads

logger = logging.getLogger("rempart.matcher.web")

HMA_PREFIX = "/hma"
ROOM_BESIDE_ONE = 64 << 20
"""Bytes of uploads that a process holds beside one of the largest."""
DRAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one path. ``kind``: how it is counted."""

    handler: Handler
    needs: Needs
    kind: str = "other"
    refused: Refused = lambda refusal: refused(refusal)


def refused(refusal: Refusal) -> Reply:
    """As our own paths say it."""
    body = msgspec.json.encode(wire.Refused(wire.Trouble(refusal.code, refusal.sentence)))
    return Reply(body, refusal.status, headers=refusal.headers, closes=refusal.closes)


class Doors:
    """An ASGI application. ``folder_of`` names the folder of a list's shelf; ``slot``: which worker this is, from 0."""

    def __init__(
        self,
        settings: Settings,
        folder_of: Callable[[str], Path],
        *,
        slot: int = 0,
        hooks: Hooks | None = None,
        hma_prefix: str = HMA_PREFIX,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._hooks, self._now = settings, hooks or Hooks(), now
        names = [one.name for one in settings.lists]
        self._counts_folder = settings.folder / "counts"
        self._counts = Counts(self._counts_folder, slot, names)
        self._rules = [ListRules(one.name, folder_of(one.name), one.radius, one.rules) for one in settings.lists]
        watched = [Watched(one.name, folder_of(one.name), one.stale_after, one.shape) for one in settings.lists]
        self.health = Health(watched, now)
        self._time_out = settings.server.time_out.total_seconds()
        self._room = Room(settings.server.most_upload + ROOM_BESIDE_ONE)
        self._keeper = Doorkeeper(settings.keys)
        uploads = Uploads(
            settings.pipelines,
            asks_variants=settings.asks_variants,
            most_bytes=settings.server.most_upload,
            seconds=self._time_out * 0.8,
        )
        self._asking = Asking(self._lookup, uploads, self._hooks, self._count)
        self._hma_prefix = hma_prefix
        self._paths = self._all_paths(hma_prefix)

    def close(self) -> None:
        """After the last request."""
        self._asking.close()
        self.health.close()
        self._counts.close()

    @property
    def paths(self) -> Mapping[str, Mapping[str, Door]]:
        """Every path with its methods."""
        return self._paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the process."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        began = time.perf_counter()
        request = Request(scope, receive, self._room)
        methods = self._paths.get(request.path)
        method = "GET" if request.method == "HEAD" else request.method
        door = methods.get(method) if methods else None
        try:
            reply = await self._reply(request, methods, door)
            await _send(reply, request, send)
            kind = reply.counted or (door.kind if door else "other")
            self._counts.request(kind, reply.status, time.perf_counter() - began, time.time())
        except Disconnected:
            return
        finally:
            request.release()

    async def _reply(self, request: Request, methods: Mapping[str, Door] | None, door: Door | None) -> Reply:
        say = door.refused if door else refused
        try:
            if door is None:
                raise _no_door(methods)
            self._keeper.check(request, door.needs)
            async with asyncio.timeout(self._time_out):
                return await door.handler(request)
        except Refusal as refusal:
            request.release()  # now: others may need the room while the rest of this one is thrown away
            return say(refusal)
        except TimeoutError:
            request.release()
            sentence = f"This was not here whole, or not done, after {self._time_out:g} seconds."
            return say(Refusal(503 if request.is_read else 408, "time_out", sentence, closes=True))
        except Disconnected:
            raise
        except Exception as error:
            # Neither the message of an exception nor the values around it are written down: they may hold a fingerprint.
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("A request failed: %s in %s, line %d.", type(error).__name__, place.name, place.lineno or 0)
            return say(Refusal(500, "broken", "This matcher made a mistake; it is noted in its log.", closes=True))

    def _lookup(self) -> Lookup:
        return Lookup(self._rules, is_dry_run=self._settings.is_dry_run, is_flooded=self._hooks.is_flooded)

    def _count(self, answers: Sequence[Answer]) -> None:
        now = time.time()
        self._counts.questions(len(answers))
        for answer in answers:
            for one in answer.found:
                self._counts.hit(one.list_name, one.outcome, one.because, now)

    def _all_paths(self, prefix: str) -> dict[str, dict[str, Door]]:
        most = self._settings.server.most_upload
        matching = Matching(self._asking, self._hooks, most_upload=most)
        page = StatusPage(self._settings, self.health, self._totals, self._now)
        paths = {
            "/v1/match": {"POST": Door(matching.match, Needs.KEY, "single")},
            "/v1/decisions": {"POST": Door(matching.decide, Needs.DECIDE)},
            "/v1/entries/disable": {"POST": Door(matching.disable, Needs.DECIDE)},
            "/v1/entries/enable": {"POST": Door(matching.enable, Needs.DECIDE)},
            "/livez": {"GET": Door(self._livez, Needs.NOTHING)},
            "/readyz": {"GET": Door(self._readyz, Needs.NOTHING)},
            "/metrics": {"GET": Door(self._metrics, Needs.KEY)},
            "/openapi.json": {"GET": Door(self._openapi, Needs.NOTHING)},
            "/": {"GET": Door(page.show, Needs.LOOK)},
            "/status.css": {"GET": Door(page.style, Needs.NOTHING)},
        }
        theirs = hma.Hma(self._asking, self.health, most_upload=most)
        for (path, method), handler in theirs.paths().items():
            needs = Needs.NOTHING if path.startswith("/status") else Needs.KEY
            paths.setdefault(prefix + path, {})[method] = Door(handler, needs, "hma", hma.refused)
        return paths

    def _totals(self) -> Totals:
        return Totals(self._counts_folder, [one.name for one in self._settings.lists])

    async def _livez(self, request: Request) -> Reply:
        return Reply(b"alive\n", kind=b"text/plain; charset=utf-8")

    async def _readyz(self, request: Request) -> Reply:
        states = [wire.ListState(one.name, one.state, one.entries, one.age) for one in self.health.standings()]
        is_ready = self.health.is_ready()
        return Reply(msgspec.json.encode(wire.Ready(is_ready, states)), 200 if is_ready else 503)

    async def _metrics(self, request: Request) -> Reply:
        return Reply(prometheus(self._totals(), self.health.standings()), kind=TEXT)

    async def _openapi(self, request: Request) -> Reply:
        return Reply(openapi.written(self._hma_prefix, self._settings.server.most_upload))


def _no_door(methods: Mapping[str, Door] | None) -> Refusal:
    if methods is None:
        return Refusal(404, "no_such_path", "There is nothing at this address: /openapi.json names all there is.")
    allowed = ", ".join(sorted(methods)).encode()
    return Refusal(405, "no_such_method", "This address is asked in another way.", headers=[(b"allow", allowed)])


async def _send(reply: Reply, request: Request, send: Send) -> None:
    """After a refusal in the middle of an upload, what is still coming is read first: a cut connection would hide the reason."""
    body = b"" if request.method == "HEAD" else reply.body
    if request.is_unfinished() and not reply.closes:
        reply = replace(reply, closes=True)
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.head()})
    if reply.closes:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await request.drain()
        body = b""
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    """A process begins and ends."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

"""One process that answers: the doors, and what stands behind them in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.service.places import shelf_of
from rempart.matcher.settings import Settings
from rempart.matcher.shelf.switches import NoShelf, disable, enable
from rempart.matcher.web.doors import Doors
from rempart.matcher.web.hooks import DecisionMade, Hit, Hooks
from rempart.matcher.web.serving import serve

GRACE = 10.0


class Behind:
    """What the doors are connected to. Each thread has an outbox of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._own = settings, threading.local()
        self._names = frozenset(one.name for one in settings.lists)

    def hooks(self) -> Hooks:
        """For the doors."""
        return Hooks(
            on_hits=self._on_hits,
            is_flooded=lambda list_name, entry: self._outbox().is_flooded(list_name, entry),
            decide=self._decide,
            disable=self._disable,
            enable=self._enable,
        )

    def _on_hits(self, hits: Sequence[Hit]) -> None:
        self._outbox().hits([one.answer for one in hits], accounts=[one.account or None for one in hits], now=_now())

    def _decide(self, made: DecisionMade) -> None:
        if made.trace_id is not None:
            self._outbox().decide_trace(made.trace_id, made.verdict, made.reason, now=_now())
        elif made.list_name in self._names and made.entry:
            self._outbox().decide(made.list_name, made.entry, made.verdict, made.reason, now=_now())
        else:
            raise LookupError

    def _disable(self, list_name: str, entry: str, why: str) -> None:
        self._known(list_name)
        disable(shelf_of(self._settings, list_name), entry, why=why, now=_now())

    def _enable(self, list_name: str, entry: str, _why: str) -> None:
        self._known(list_name)
        if not enable(shelf_of(self._settings, list_name), entry):
            raise LookupError

    def _known(self, list_name: str) -> None:
        if list_name not in self._names:
            raise NoShelf

    def _outbox(self) -> Outbox:
        found: Outbox | None = getattr(self._own, "outbox", None)
        if found is None:
            settings = self._settings
            found = self._own.outbox = Outbox(settings.folder, flood=settings.flood, webhooks=settings.webhooks)
        return found


def answer(settings: Settings, listening: socket.socket, *, slot: int, told: Callable[[], None]) -> int:
    """Until SIGTERM; then what was begun is ended. ``told`` is called when the first request may come."""
    doors = Doors(settings, lambda name: shelf_of(settings, name), slot=slot, hooks=Behind(settings).hooks())
    serve(doors, listening, told=told, grace=GRACE)
    return 0


def _now() -> datetime:
    return datetime.now(UTC)

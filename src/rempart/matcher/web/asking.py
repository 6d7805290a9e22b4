"""Where questions are answered: a few where the server runs, many or files in threads beside it, a bounded number at once."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from rempart.engine import IndexDamaged
from rempart.matcher.lookup import Answer, Lookup, Question, new_trace_id
from rempart.matcher.web.exchange import Refusal, busy
from rempart.matcher.web.hooks import Hit, Hooks
from rempart.matcher.web.uploads import Read, Uploads

T = TypeVar("T")
HASHING_THREADS = 2
"""For each process: the second lets small pictures pass while a large one is decoded."""
MOST_WAITING = 32
"""Uploads or batches that wait for a thread; the next one is told to come again."""
FEW = 4
"""So many questions are answered at once, without a thread: it would cost more than it frees."""


Count = Callable[[Sequence[Answer]], None]


class Asking:
    """``make_lookup`` is called once in each thread; ``count`` is told of every answer, in the thread of the server."""

    def __init__(self, make_lookup: Callable[[], Lookup], uploads: Uploads, hooks: Hooks, count: Count) -> None:
        self._make, self._uploads, self._on_hits, self._count = make_lookup, uploads, hooks.on_hits, count
        self._own = threading.local()
        self._made: list[Lookup] = []
        self._hashing = ThreadPoolExecutor(HASHING_THREADS, "hashing")
        self._batches = ThreadPoolExecutor(1, "batches")
        self._telling = ThreadPoolExecutor(1, "telling")
        self._waiting = 0

    def close(self) -> None:
        """After the last request."""
        for pool in (self._hashing, self._batches, self._telling):
            pool.shutdown(wait=False, cancel_futures=True)
        for lookup in self._made:
            lookup.close()

    async def one(self, question: Question, account: str = "") -> Answer:
        """Raises Refusal (503)."""
        answer = self._ask([question])[0]
        await self._told([answer], [account])
        return answer

    async def many(self, questions: Sequence[Question], accounts: Sequence[str]) -> list[Answer]:
        """In the same order. Raises Refusal (503)."""
        few = len(questions) <= FEW
        answers = self._ask(questions) if few else await self._in(self._batches, lambda: self._ask(questions))
        await self._told(answers, accounts)
        return answers

    async def upload(self, data: bytes, content_type: str, *, seed: str = "", account: str = "") -> tuple[Read, Answer]:
        """Where a file cannot be read, ``Read`` says why, and it was asked for by its digests alone. Raises Refusal (503)."""
        read, answer = await self._in(self._hashing, lambda: self._upload(data, content_type, seed))
        await self._told([answer], [account])
        return read, answer

    async def read(self, data: bytes, content_type: str) -> Read:
        """Only fingerprints, for whoever asked for them."""
        return await self._in(self._hashing, lambda: self._uploads.read(data, content_type, ""))

    async def run(self, call: Callable[[], T]) -> T:
        """Something short that waits for a disk."""
        return await asyncio.get_running_loop().run_in_executor(self._telling, call)

    def _upload(self, data: bytes, content_type: str, seed: str) -> tuple[Read, Answer]:
        read = self._uploads.read(data, content_type, seed)
        answer = self._ask([read.question])[0]
        return replace(read, question=Question()), answer  # its fingerprints are needed no more

    def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        lookup: Lookup | None = getattr(self._own, "lookup", None)
        if lookup is None:
            lookup = self._own.lookup = self._make()
            self._made.append(lookup)
        try:
            return lookup.ask_many(questions, trace_ids=[new_trace_id() for _ in questions])
        except (IndexDamaged, sqlite3.DatabaseError):
            raise Refusal(503, "list_unusable", "A list on this machine's disk cannot be relied on: see the log.") from None

    async def _in(self, pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise busy("Too many uploads and batches wait already: send it again in a moment.")
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(pool, call)
        future.add_done_callback(self._end)
        return await asyncio.shield(future)

    def _end(self, future: asyncio.Future[T]) -> None:
        """Also of a call that nobody waits for any more: its thread was taken until now."""
        self._waiting -= 1
        if not future.cancelled():
            future.exception()

    async def _told(self, answers: Sequence[Answer], accounts: Sequence[str]) -> None:
        """Before anybody acts on an answer, it is written down that it was given."""
        self._count(answers)
        hits = [Hit(answer, account) for answer, account in zip(answers, accounts, strict=True) if answer.found]
        if hits:
            await self.run(lambda: self._on_hits(hits))

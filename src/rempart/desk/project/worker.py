"""The worker: asks each stage in turn to do one round of its work, for ever, and rests when there is none.

Several may run at once: the stages claim their rows.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import NamedTuple

logger = logging.getLogger("rempart.worker")

STAGES = ("intake", "triage", "action", "followup")
REST = 2.0
REHEARSAL_REST = 0.7
LONGEST_REST_AFTER_FAILURE = 60.0
BEAT_EVERY = timedelta(seconds=10)
COURIER_ENDS_IN = 3.0
CLEAN_EVERY = timedelta(hours=1)


class Stage(NamedTuple):
    """One link of the chain, with the function that does one round of its work and says how many rows moved."""

    name: str
    work: Callable[..., int]


def load_stages(names: Sequence[str] = STAGES) -> list[Stage]:
    """The stages in the order of the chain. A stage that cannot be imported is a broken installation: it raises."""
    return [Stage(name, import_module(f"rempart.desk.stages.{name}.worker").work) for name in names]


def work_once(now: datetime, *, stages: Sequence[Stage] | None = None) -> int:
    """One round of every stage, in the order of the chain; returns how many rows moved. Failures are raised."""
    return sum(stage.work(now=now) for stage in (load_stages() if stages is None else stages))


def work_until_idle(now: datetime, *, stages: Sequence[Stage] | None = None, rounds: int = 10_000) -> int:
    """Go round until no stage has anything left to do at that moment; returns how many rows moved. Failures are raised."""
    chain = load_stages() if stages is None else stages
    total = 0
    for _ in range(rounds):
        moved = work_once(now, stages=chain)
        if not moved:
            return total
        total += moved
    raise RuntimeError(f"work does not end: {rounds} rounds moved {total} rows")


class Worker:
    """The endless loop. ``stop`` may be set from a signal: the round under way of the stage under way is finished first."""

    def __init__(self, stages: Sequence[Stage], *, rest: float, clock: Callable[[], datetime]) -> None:
        self.stages = stages
        self.rest = rest
        self.clock = clock
        self.stop = threading.Event()
        self.failures: dict[str, int] = {}
        self._retry_at: dict[str, datetime] = {}

    def round(self) -> int:
        """One round of every stage. A stage that fails is said in the log and rests longer each time; the others go on."""
        moved = 0
        for stage in self.stages:
            if self.stop.is_set():
                break
            if self.clock() >= self._retry_at.get(stage.name, datetime.min.replace(tzinfo=UTC)):
                moved += self._try(stage)
        return moved

    def _try(self, stage: Stage) -> int:
        try:
            moved = stage.work(now=self.clock())
        except Exception:
            self._note_failure(stage)
            return 0
        self.failures.pop(stage.name, None)
        self._retry_at.pop(stage.name, None)
        return moved

    def _note_failure(self, stage: Stage) -> None:
        self.failures[stage.name] = self.failures.get(stage.name, 0) + 1
        wait = min(LONGEST_REST_AFTER_FAILURE, 2.0 ** self.failures[stage.name])
        self._retry_at[stage.name] = self.clock() + timedelta(seconds=wait)
        # The filter of project.logs keeps only the kind of error and the lines of ours it went through.
        logger.exception("The %s stage failed; next try in %d s.", stage.name, wait)
        forget_connections()

    def run(self, beat: Callable[[tuple[str, ...]], None], clean: Callable[[datetime], None]) -> None:
        """Work until told to stop."""
        next_beat = next_clean = self.clock()
        while not self.stop.is_set():
            moved = self.round()
            now = self.clock()
            if now >= next_beat:
                beat(tuple(sorted(self.failures)))
                next_beat = now + BEAT_EVERY
            if now >= next_clean:
                clean(now)
                next_clean = now + CLEAN_EVERY
            if not moved:
                self.stop.wait(self.rest)


def forget_connections() -> None:
    """After a failure the database connection may be broken: the next round opens a fresh one."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()


def clean(now: datetime) -> None:
    """What has ended and nobody needs any more is removed; the public counts of the day are made."""
    from django.contrib.sessions.models import Session

    from rempart.desk.outlets.webhooks import courier
    from rempart.desk.registers.lists import quotas
    from rempart.desk.statistics import listed

    try:
        Session.objects.filter(expire_date__lt=now).delete()
        while quotas.sweep(now=now):
            continue
        courier.sweep(now=now)
        listed.keep_of_day(now=now)
    except Exception:
        logger.exception("The hourly housekeeping failed; it is tried again in an hour.")
        forget_connections()


def start_courier(*, rest: float, clock: Callable[[], datetime]) -> tuple[Worker, threading.Thread]:
    """What brings the lists up to date and tells platforms goes round beside the stages: neither a million entries nor a receiver
    that never answers holds one up."""
    catch_up: Callable[..., int] = import_module("rempart.desk.registers.lists.entries").catch_up
    work: Callable[..., int] = import_module("rempart.desk.outlets.webhooks").work
    courier = Worker([Stage("lists", catch_up), Stage("webhooks", work)], rest=rest, clock=clock)

    def run() -> None:
        try:
            courier.run(lambda _failing: None, lambda _now: None)
        finally:
            forget_connections()

    thread = threading.Thread(target=run, daemon=True, name="courier")
    thread.start()
    return courier, thread


def main(arguments: Sequence[str] | None = None) -> int:
    """One worker process, until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="rempart-worker")
    parser.add_argument("--name", default=f"worker-{os.getpid()}")
    name: str = parser.parse_args(arguments).name

    from django.conf import settings

    from rempart.desk.project import opening
    from rempart.desk.project.heartbeat import Heart

    try:
        opening.open_desk(None)
    except opening.Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    rest = REHEARSAL_REST if settings.REMPART.is_rehearsal else REST
    worker = Worker(load_stages(), rest=rest, clock=lambda: datetime.now(UTC))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    heart = Heart(settings.REMPART_DATA, name)
    courier, thread = start_courier(rest=rest, clock=worker.clock)
    try:
        worker.run(lambda failing: heart.beat(datetime.now(UTC), (*failing, *sorted(courier.failures))), clean)
    finally:
        courier.stop.set()
        # An attempt under way may be cut short: it is a row, and is made again.
        thread.join(timeout=COURIER_ENDS_IN)
        heart.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The worker's loop: every stage in turn, failures apart, a quiet end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from rempart.desk.project.heartbeat import SILENT_AFTER, Heart, beats
from rempart.desk.project.logs import Discreet
from rempart.desk.project.worker import STAGES, Stage, Worker, load_stages, start_courier, work_until_idle
from rempart.desk.registers.lists.models import Entry
from tests import cast
from tests.registers.bank.pictures import protect

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def moves(*counts: int) -> tuple[Callable[..., int], list[datetime]]:
    """A stage that moves so many rows at each round, then none."""
    left, seen = list(counts), []

    def work(*, now: datetime) -> int:
        seen.append(now)
        return left.pop(0) if left else 0

    return work, seen


def worker(*stages: Stage, clock: Clock | None = None) -> Worker:
    return Worker(stages, rest=0.001, clock=clock or Clock())


def test_the_chain_is_whole_and_in_order() -> None:
    assert [stage.name for stage in load_stages()] == list(STAGES) == ["intake", "triage", "action", "followup"]


def test_until_idle_goes_round_until_nothing_moves() -> None:
    first, seen = moves(2, 0, 1)
    second, _ = moves(0, 3)
    assert work_until_idle(NOW, stages=[Stage("first", first), Stage("second", second)]) == 6
    assert seen == [NOW] * 4


def test_until_idle_says_when_work_never_ends() -> None:
    with pytest.raises(RuntimeError, match="does not end"):
        work_until_idle(NOW, stages=[Stage("mad", lambda *, now: 1)], rounds=5)


def broken(*, now: datetime) -> int:
    raise ValueError("https://site.example/secret")


def test_a_stage_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    works, seen = moves(1, 1, 1)
    one = worker(Stage("broken", broken), Stage("works", works), clock=clock)
    caplog.handler.addFilter(Discreet())
    with caplog.at_level(logging.ERROR, logger="rempart.worker"):
        assert one.round() == 1
    assert one.failures == {"broken": 1}
    assert "The broken stage failed" in caplog.text
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert len(seen) == 1


def test_a_failing_stage_rests_longer_each_time_and_is_forgiven() -> None:
    clock = Clock()
    calls: list[datetime] = []

    def sometimes(*, now: datetime) -> int:
        calls.append(now)
        if len(calls) < 4:
            raise ValueError
        return 1

    one = worker(Stage("sometimes", sometimes), clock=clock)
    for _ in range(40):
        one.round()
        clock.now += timedelta(seconds=1)
    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(calls)]
    assert gaps[:3] == [2, 4, 8]
    assert one.failures == {}


def test_stopping_lets_the_stage_under_way_finish() -> None:
    done: list[str] = []

    def stops(*, now: datetime) -> int:
        one.stop.set()
        done.append("finished")
        return 1

    later, seen = moves(1)
    one = worker(Stage("stops", stops), Stage("later", later))
    one.run(lambda failing: None, lambda now: None)
    assert done == ["finished"]
    assert seen == []


def test_heart_beats_tell_who_lives_and_what_fails(tmp_path: Path) -> None:
    Heart(tmp_path, "worker-1").beat(NOW, ("action",))
    Heart(tmp_path, "worker-2").beat(NOW - 2 * SILENT_AFTER)
    Heart(tmp_path, "worker-3").beat(NOW - timedelta(days=2))
    first, second = beats(tmp_path, NOW)
    assert (first.name, first.failing, first.is_silent(NOW)) == ("worker-1", ("action",), False)
    assert second.is_silent(NOW)
    Heart(tmp_path, "worker-1").stop()
    assert [beat.name for beat in beats(tmp_path, NOW)] == ["worker-2"]


@pytest.mark.django_db(transaction=True)
def test_the_lists_are_brought_up_to_date_before_anybody_reads_them() -> None:
    for name in "abc":
        protect(name, now=cast.MONDAY)
    courier, thread = start_courier(rest=0.02, clock=lambda: cast.MONDAY + timedelta(days=1))
    until = time.monotonic() + 30
    while Entry.objects.count() < 3 and time.monotonic() < until:
        time.sleep(0.02)
    courier.stop.set()
    thread.join(30)
    assert Entry.objects.filter(is_gone=False).count() == 3
    assert not courier.failures

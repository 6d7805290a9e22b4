"""Kill -9 at random moments of a day of updates and look-ups, squeezed into a minute: never a wrong answer.

Whatever stands and was read is found; whatever is withdrawn is not found any more once its tombstone was taken, by no process,
also not after a restart.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rempart.matcher.subscribe.doubles.planted import Garden, Planted
from rempart.matcher.subscribe.doubles.server import running
from rempart.matcher.subscribe.doubles.shapes import SHAPES
from tests.matcher.service.running import Matcher, kill, start, stop, until_it_is_so, write_settings
from tests.ports import free_port

SECONDS = 40.0
WEAK = (OSError, http.client.HTTPException, ValueError, AssertionError)


@dataclass
class Day:
    """What is asked all the time. ``unseen``: withdrawn entries that were once not found: they must stay so."""

    garden: Garden
    one: Matcher
    stop: threading.Event = field(default_factory=threading.Event)
    unseen: set[int] = field(default_factory=set)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    def ask(self, seed: int) -> None:
        draw = random.Random(seed)
        while not self.stop.is_set():
            planted = draw.choice(self.garden.all())
            with suppress(*WEAK):
                self._ask(planted)

    def _ask(self, planted: Planted) -> None:
        was_unseen = planted.is_gone and planted.position in self.unseen
        found = {it["entry"] for it in self.one.match(planted.pdqs[0])["found"]}
        self.asked += 1
        if found - {planted.name}:
            self.wrong.append("another entry was found")
        if was_unseen and found:
            self.wrong.append("a withdrawn entry came back")
        if planted.is_gone and not found:
            self.unseen.add(planted.position)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["rempart", "stopncii"])
def test_a_day_in_a_minute_with_processes_that_are_killed(tmp_path: Path, shape: str) -> None:
    draw, garden, port = random.Random(6), Garden(), free_port()
    garden.add(2_000)
    log = tmp_path / "log.txt"
    with running(SHAPES[shape](garden, page=100), free_port()) as double:
        settings = write_settings(tmp_path, double.url, port, shape=shape, interval="0.1 s")
        one = start(settings, port, log)
        day = Day(garden, one)
        if shape != "rempart":  # names there are the reader's own
            day._ask = lambda planted: _ask_by_hand(day, planted)  # type: ignore[method-assign]
        threads = [threading.Thread(target=day.ask, args=(seed,)) for seed in range(3)]
        try:
            for thread in threads:
                thread.start()
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                for _ in range(draw.randrange(20)):
                    garden.live()
                time.sleep(draw.random())
                one = day.one = _kill_somebody(draw, one, settings, log)
            _agree(day)
        finally:
            day.stop.set()
            for thread in threads:
                thread.join()
            stop(one)
    assert day.wrong == []
    assert day.asked > 100
    assert len(day.unseen) > 10


def _ask_by_hand(day: Day, planted: Planted) -> None:
    was_unseen = planted.is_gone and planted.position in day.unseen
    found = len(day.one.match(planted.pdqs[0])["found"])
    day.asked += 1
    if found > 1:
        day.wrong.append("another entry was found")
    if was_unseen and found:
        day.wrong.append("a withdrawn entry came back")
    if planted.is_gone and not found:
        day.unseen.add(planted.position)


def _kill_somebody(draw: random.Random, one: Matcher, settings: Path, log: Path) -> Matcher:
    with suppress(FileNotFoundError, ProcessLookupError, IndexError):
        if draw.random() < 0.7:
            kill(draw.choice(one.children()))
            return one
        one.process.kill()
        one.process.wait()
        return start(settings, one.port, log)
    return one


def _agree(day: Day) -> None:
    """After the last kill: everything that stands is found, nothing else is."""

    def is_so() -> bool:
        with suppress(*WEAK):
            return all(bool(day.one.match(it.pdqs[0])["found"]) != it.is_gone for it in day.garden.all()[-300:])
        return False

    until_it_is_so(is_so, 90)
    for planted in day.garden.all():
        assert bool(day.one.match(planted.pdqs[0])["found"]) != planted.is_gone

"""Twenty-four hours of a whole matcher, at an accelerated pace: ``python -m benchmarks matcher_day [--quick] [--json]``.

The matcher is the command, with its subscriber and two workers; the list's owner is the double that it comes with. Each simulated
minute the owner adds, changes and withdraws entries; once the matcher answers by them, it is asked about entries that stand and
about entries that are gone, by fingerprint, by the hundred and with a picture, and a decision is told. After each hour the memory
of all its processes is read, what they share counted once. ``--quick``: a tenth of the day.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.figures import Figure, plain, run, say
from benchmarks.processes import SHARED_ONCE, family, held_bytes
from rempart.matcher.subscribe.doubles.planted import Garden, Planted
from rempart.matcher.subscribe.doubles.server import Double, running
from rempart.matcher.subscribe.doubles.shapes import SHAPES
from tests.ports import free_port

MINUTES = 1_440
ENTRIES, ROUNDS, QUESTIONS = 20_000, 4, 20
CHANGES_OF_ROUND = 5
MOST_GROWTH = 2.0  # per cent, from the second quarter of the day, when all caches are full, to its last
PATIENCE = 60.0  # seconds, for an update to be answered by
SETTINGS = """
folder = "data"
[server]
port = {port}
workers = 2
[[list]]
name = "drawn"
url = "{url}"
user = "{user}"
password = "{password}"
interval = "0.05 s"
"""


@dataclass
class Day:
    """What is asked, and what came of it."""

    garden: Garden
    connection: http.client.HTTPConnection
    draw: random.Random = field(default_factory=lambda: random.Random(24))
    gone: list[Planted] = field(default_factory=list)
    updates: int = 0
    asked: int = 0
    wrong: int = 0

    def minute(self, picture: bytes) -> None:
        """One of the owner's minutes, and what a platform asks in it."""
        changed = self._change()
        self._wait_for(changed[-1])
        standing = list(self.garden.standing())
        for planted in (*changed[-3:], *self.draw.sample(standing, QUESTIONS), *self.gone[-QUESTIONS:]):
            self._must_be(planted, self._ask({"pdq": planted.pdqs[0].hex()}))
        many = self.draw.sample(standing, 100)
        answers = self._ask({"fingerprints": [{"pdq": one.pdqs[0].hex()} for one in many]})["answers"]
        for planted, answer in zip(many, answers, strict=True):
            self._must_be(planted, answer)
        self._ask(picture, kind="image/jpeg")
        self._decide(standing[0])

    def _change(self) -> list[Planted]:
        before = self.garden.head
        for _ in range(ROUNDS):
            standing = [one.number for one in self.garden.standing()]
            for number in self.draw.sample(standing, 3):
                self.garden.change(number)
            self.garden.withdraw(standing[0])  # the list keeps its size: what grows then is a leak
            self.garden.add()  # the last one is new: once it is found, all before it were taken
        changed = [one for one in self.garden.all() if one.position > before]
        self.gone += [one for one in changed if one.is_gone]
        self.updates += CHANGES_OF_ROUND * ROUNDS
        return changed

    def _wait_for(self, planted: Planted) -> None:
        until = time.monotonic() + PATIENCE
        while not self._ask({"pdq": planted.pdqs[0].hex()})["found"]:
            if time.monotonic() > until:
                raise AssertionError("an update was not answered by after a minute")
            time.sleep(0.01)

    def _must_be(self, planted: Planted, answer: dict[str, Any]) -> None:
        """The entry that was asked for, or nothing where it is gone."""
        expected = [] if planted.is_gone else [planted.name]
        self.wrong += [one["entry"] for one in answer["found"]] != expected

    def _decide(self, planted: Planted) -> None:
        trace = self._ask({"pdq": planted.pdqs[0].hex()})["trace_id"]
        self._ask({"verdict": "blocked", "trace_id": trace}, path="/v1/decisions")

    def _ask(self, content: object, *, path: str = "/v1/match", kind: str = "application/json") -> dict[str, Any]:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.connection.request("POST", path, body, {"Content-Type": kind})
        answer = self.connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
        if answer.status != 200:
            raise AssertionError(f"status {answer.status}")
        self.asked += 1
        return said


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """All figures; the memory of each hour on the way."""
    minutes = MINUTES // 10 if asked.quick else MINUTES
    each = minutes // 24
    garden = Garden(seed=24)
    garden.add(ENTRIES)
    with (
        tempfile.TemporaryDirectory() as name,
        running(SHAPES["rempart"](garden, page=500), free_port()) as double,
        matcher(Path(name), double) as (process, port),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
    ):
        day, picture, hours = Day(garden, connection), drawn(), []
        began = time.monotonic()
        for hour in range(24):
            for _ in range(each):
                day.minute(picture)
            double.asked.clear()
            hours.append(memory(process))
            left = (time.monotonic() - began) / (hour + 1) * (23 - hour)
            say(
                f"hour {hour + 1} of 24: {hours[-1]:.1f} MiB, {day.updates:,} changes, {day.asked:,} questions; {left:.0f} s left"
            )
        disk = sum(path.stat().st_size for path in Path(name).rglob("*") if path.is_file())
    middle, last = median(hours[6:12]), median(hours[-6:])
    yield plain("day_changes", day.updates, "entries")
    yield plain("day_questions", day.asked, "requests")
    yield plain("day_wrong_answers", day.wrong, "answers", at_most=0)
    yield plain("day_memory_mib", max(hours), "MiB, all processes")
    yield plain("day_memory_growth_percent", 100 * (last - middle) / middle, "%, last quarter over second", at_most=MOST_GROWTH)
    yield plain("day_disk_mib", disk / 2**20, "MiB at its end")


@contextmanager
def matcher(folder: Path, double: Double) -> Iterator[tuple[int, int]]:
    """The command, once it has read the list: its process and its port."""
    port = free_port()
    told = {"port": port, "url": double.url, "user": double.user, "password": double.password}
    (folder / "matcher.toml").write_text(SETTINGS.format(**told), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("rempart")), "matcher", "run", "--settings", str(folder / "matcher.toml")]
    with (folder / "log.txt").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until_ready(process, port)
            yield process.pid, port
        finally:
            process.terminate()


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Raises RuntimeError where it ended instead."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError("the matcher did not become ready")


def memory(process: int) -> float:
    """MiB of all its processes."""
    return sum(held_bytes(one, *SHARED_ONCE) for one in family(process)) / 2**20


def drawn() -> bytes:
    """A picture that no list holds."""
    shapes = np.random.default_rng(24).integers(0, 256, (9, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(shapes).resize((960, 540), Image.Resampling.BICUBIC).save(file, "JPEG", quality=88)
    return file.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Measure."""
    return run("matcher_day", measure, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

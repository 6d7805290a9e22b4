"""Wherever the writing process is killed or the power cut, the index opens with whole batches, and all that were acknowledged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from rempart.engine.errors import IndexNotFound
from rempart.engine.index import building
from tests.engine.index.cuts import CuttableDisk
from tests.engine.index.stores import Entry, arrays, in_folder, keys_of, open_writer, small_log


class History:
    """Runs a history of changes and, before every step on the disk, looks at what an interruption there would leave.

    What it leaves must be what was acknowledged, with the batch being written or without it; never a part of it.
    """

    def __init__(self, place: Path, seed: int, every: int) -> None:
        self.folder, self.left = place / "index", place / "left"
        self.folder.mkdir()
        self.left.mkdir()
        self.disk = CuttableDisk(self.folder, self.look)
        self.acknowledged: set[Entry] | None = None
        self.intended: set[Entry] = set()
        self.random, self.every = Random(seed), every
        self.steps: dict[str, int] = {}

    def act(self, change: Callable[[], object], after: set[Entry]) -> None:
        """``after``: what the index holds once this change is acknowledged."""
        self.intended = after
        change()
        self.acknowledged = after

    def look(self, step: str) -> None:
        self.steps[step] = self.steps.get(step, 0) + 1
        if sum(self.steps.values()) % self.every == 0:
            self.check(self.disk.left_by_a_kill(), step)
            self.check(self.disk.left_by_a_cut(self.random), step)

    def check(self, files: dict[str, bytes], step: str) -> None:
        for old in self.left.iterdir():
            old.unlink()
        for name, data in files.items():
            (self.left / name).write_bytes(data)
        try:
            seen = set(in_folder(self.left))
        except IndexNotFound:
            assert self.acknowledged is None, step
            return
        assert seen in (self.acknowledged, self.intended), step
        with open_writer(self.left) as writer:
            mended = set(in_folder(self.left))
            assert mended in (self.acknowledged, self.intended), step
            assert mended >= seen or mended == self.intended, step
            writer.add(*arrays([(500, 500)]))
        assert set(in_folder(self.left)) == mended | {(500, 500)}, step


def live(history: History) -> None:
    """A build, batches that fit, batches that do not, withdrawals, seals, merges, a compaction, a second build."""
    disk, held = history.disk, {(number, number // 4) for number in range(20)}
    history.act(lambda: building.build(history.folder, [arrays(held)], disk=disk), held)
    with open_writer(history.folder, disk) as writer:
        for start in range(40, 90, 5):
            batch = {(number, start) for number in range(start, start + 5)}
            held = held | batch
            history.act(lambda batch=batch: writer.add(*arrays(batch)), held)
            gone = {entry for entry in held if entry[1] == (start - 40) // 10 or entry == (start - 4, start - 5)}
            held = held - {entry for entry in held if entry[1] == (start - 40) // 10}
            history.act(lambda start=start: writer.remove(keys_of([(start - 40) // 10])), held)
            held = held - gone
            history.act(lambda start=start: writer.remove_pairs(*arrays([(start - 4, start - 5)])), held)
        bulk = {(number, 7) for number in range(200, 260)}
        held = held | bulk
        history.act(lambda: writer.add(*arrays(bulk)), held)
        history.act(writer.compact, held)
        held = {entry for entry in held if entry[1] != 7}
        history.act(lambda: writer.remove(keys_of([7])), held)
        history.act(writer.compact, held)
    with open_writer(history.folder, disk) as writer:
        held = held | {(300, 1)}
        history.act(lambda: writer.add(*arrays([(300, 1)])), held)
    replaced = {(number, 1) for number in range(10)}
    history.act(lambda: building.build(history.folder, [arrays(replaced)], replace=True, disk=disk), replaced)
    assert set(in_folder(history.folder)) == replaced


EVERY_STEP = {"create", "write", "half a write", "cut", "sync", "sync_folder", "rename", "remove", "show"}
EVERY_STEP |= {"write_segment", "half a segment"}


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk here is one that remembers what was not waited for."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None)


@pytest.mark.parametrize(
    "seed", [pytest.param(5, id="every seventh step"), *(pytest.param(s, marks=pytest.mark.slow) for s in range(2))]
)
def test_an_interruption_anywhere(tmp_path: Path, seed: int) -> None:
    history = History(tmp_path, seed=seed, every=7 if seed == 5 else 1)
    with small_log(seal_at=12, bulk=24, capacity=40):
        live(history)
    assert set(history.steps) == EVERY_STEP
    assert sum(history.steps.values()) > 200

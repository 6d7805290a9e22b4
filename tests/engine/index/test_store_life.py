"""Any history of changes: a reader that was there from the start, one that comes now, and a set agree."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rempart.engine.index.store import IndexStore
from rempart.engine.index.writer import IndexWriter
from tests.engine.index.stores import Entry, arrays, held_by, in_folder, keys_of, open_writer, small_log


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a power cut leaves is another file's matter."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None)


class Life(RuleBasedStateMachine):
    @initialize(first=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=40))
    def build(self, first: list[Entry]) -> None:
        self.place = TemporaryDirectory()
        self.folder = Path(self.place.name) / "index"
        self.patch = small_log(seal_at=6, bulk=16, capacity=20)
        self.patch.__enter__()
        self.reader = IndexStore.build(self.folder, *arrays(first))
        self.writer: IndexWriter = open_writer(self.folder)
        self.model = set(first)

    @rule(entries=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=24))
    def add(self, entries: list[Entry]) -> None:
        assert self.writer.add(*arrays(entries)) == len(set(entries) - self.model)
        self.model |= set(entries)

    @rule(keys=st.lists(st.integers(0, 14), max_size=4))
    def remove(self, keys: list[int]) -> None:
        gone = {entry for entry in self.model if entry[1] in keys}
        assert self.writer.remove(keys_of(keys)) == len(gone)
        self.model -= gone

    @rule(entries=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=24))
    def remove_pairs(self, entries: list[Entry]) -> None:
        assert self.writer.remove_pairs(*arrays(entries)) == len(self.model & set(entries))
        self.model -= set(entries)

    @rule()
    def compact(self) -> None:
        self.writer.compact()
        assert self.reader.info().withdrawn == self.reader.info().in_log == 0

    @rule()
    def reopen(self) -> None:
        self.writer.close()
        self.writer = open_writer(self.folder)

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "model"):
            assert held_by(self.reader) == in_folder(self.folder) == sorted(self.model)
            assert len(self.writer) == len(self.model)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.writer.close()
            self.patch.__exit__(None, None, None)
            self.place.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)

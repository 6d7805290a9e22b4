"""What the tests of the store share: entries drawn by number, what an index should hold, and what it does hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np

from rempart.engine.index import compaction, log, writer
from rempart.engine.index.disk import DISK, Disk
from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.store import IndexStore
from rempart.engine.index.writer import IndexWriter

Entry = tuple[int, int]
"""The number of a PDQ of the pool, and a key."""

POOL = np.random.default_rng(20261122).integers(0, 256, (512, 32), dtype=np.uint8)
"""Random PDQ: no two are within 47 bits of each other."""


def arrays(entries: Iterable[Entry]) -> tuple[HashArray, KeyArray]:
    """As the store takes them."""
    pairs = list(entries)
    return POOL[[number for number, _ in pairs]].reshape(-1, 32), np.array([key for _, key in pairs], np.uint64)


def keys_of(keys: Iterable[int]) -> KeyArray:
    return np.array(list(keys), np.uint64)


def held_by(store: IndexStore) -> list[Entry]:
    """Everything that questions about the whole pool bring to light, sorted; an entry stored twice is there twice."""
    found = store.lookup_many(POOL, 0)
    assert len(found) == len(store)
    return sorted(zip(found.question.tolist(), found.key.tolist(), strict=True))


def in_folder(folder: Path) -> list[Entry]:
    """The same, for a reader that opens the index now and reads every byte of it."""
    store = IndexStore.open(folder)
    store.verify()
    return held_by(store)


@contextmanager
def small_log(seal_at: int = 8, bulk: int = 24, capacity: int = 32) -> Iterator[None]:
    """Segments are made and merged after a handful of changes instead of thousands."""
    with (
        patch.object(writer, "SEAL_AT", seal_at),
        patch.object(writer, "BULK", bulk),
        patch.object(log, "CAPACITY", capacity),
        patch.object(compaction, "SMALL_ROWS", 0),
    ):
        yield


def open_writer(folder: Path, disk: Disk = DISK) -> IndexWriter:
    """One whose upkeep happens within the calls, in an order that is always the same."""
    return IndexWriter(folder, in_background=False, disk=disk)

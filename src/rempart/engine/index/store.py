"""An index in a folder, for many processes that ask and one that writes.

The folder holds ``CURRENT`` (which files count; replaced as a whole), segments that never change (``segment-N.ring``,
mapped, so that all processes share one copy), one log of what was added and withdrawn since (``log-N``), the withdrawals
that segments still need (``withdrawn-N``), and ``LOCK``. Files are for their owner only. It must lie on a local disk:
sharing memory between processes is how news travels. Do not delete and remake the folder under running readers:
``build(..., replace=True)`` does it in their sight.

Why a log and not only segments: a change must be on the disk and seen within milliseconds, whatever the size. Why
tombstones and not rewriting: the same. Why segments at all: they are what 16 chunks of sketches can be searched in.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from weakref import WeakSet

from rempart.engine.fingerprint import Pdq
from rempart.engine.index import building
from rempart.engine.index.interface import (
    USUAL_RADIUS,
    HashArray,
    KeyArray,
    Match,
    Matches,
    as_hashes,
    as_keys,
    check_radius,
)
from rempart.engine.index.log import SHOWN
from rempart.engine.index.segment import Progress
from rempart.engine.index.verification import count_dead, verify
from rempart.engine.index.version import Version, load
from rempart.engine.index.writer import IndexWriter
from rempart.engine.native.library import Kernel, best_kernel


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index says of itself. ``withdrawn`` and ``in_log``: entries that the next compaction removes or moves."""

    entries: int
    withdrawn: int
    in_log: int
    segments: int
    size: int
    """Of all files, in bytes."""

    generation: int
    """How many versions were put in place; changes in the log do not count."""

    kernel: Kernel


class IndexStore:
    """A reader: an Index whose every question first looks whether there is news (one load from memory).

    Safe to ask from any thread, and in a forked process. Each question is answered from one whole version.
    """

    def __init__(self, folder: Path, version: Version) -> None:
        """Use ``open``."""
        self._folder, self._version = folder, version
        self._looking = threading.Lock()
        READERS.add(self)

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Raises IndexNotFound, IndexDamaged. Reads little, whatever the size: see ``verify`` to read all."""
        return cls(Path(folder), load(Path(folder)))

    @classmethod
    def build(
        cls,
        folder: Path | str,
        hashes: HashArray,
        keys: KeyArray,
        *,
        replace: bool = False,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """A new index of these entries, each stored once. The folder is made; it may exist if it is empty.

        ``hashes``: shape (n, 32); ``keys``: shape (n,). ``replace``: the folder's index, which readers ask until the new
        one is whole; they then find that one at their next question. ``threads``: 0 for all cores. ``progress`` counts
        steps of each segment's making. Raises IndexExists, IndexBusy, NotAFingerprint, ValueError.
        """
        rows = as_hashes(hashes)
        chunks = [(rows, as_keys(keys, len(rows)))] if len(rows) else []
        return cls.build_from(folder, chunks, replace=replace, threads=threads, progress=progress)

    @classmethod
    def build_from(
        cls,
        folder: Path | str,
        chunks: Iterable[tuple[HashArray, KeyArray]],
        *,
        replace: bool = False,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """The same from pieces of any size. An index of more than 16 million entries has several segments, made one by one.

        At most one of them is in memory, some 90 bytes an entry.
        """
        building.build(Path(folder), chunks, replace=replace, threads=threads, progress=progress)
        return cls.open(folder)

    @classmethod
    def writer(cls, folder: Path | str) -> IndexWriter:
        """The right to write, for one process at a time. Raises IndexNotFound, IndexBusy, IndexDamaged."""
        return IndexWriter(folder)

    def __len__(self) -> int:
        """Live entries."""
        return self._current().entries

    def lookup(self, pdq: Pdq, radius: int = USUAL_RADIUS) -> list[Match]:
        """See Index. Raises RadiusRefused, IndexDamaged."""
        return self._current().lookup(pdq.value, check_radius(radius))

    def lookup_many(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 1) -> Matches:
        """See Index. All questions are answered from the same version."""
        return self._current().lookup_many(as_hashes(pdqs), check_radius(radius), threads, by_join=False)

    def join(self, pdqs: HashArray, radius: int = USUAL_RADIUS, *, threads: int = 0) -> Matches:
        """See Index. All questions are answered from the same version."""
        return self._current().lookup_many(as_hashes(pdqs), check_radius(radius), threads, by_join=True)

    def info(self) -> IndexInfo:
        """Counted now."""
        version = self._current()
        manifest = version.manifest
        return IndexInfo(
            entries=version.entries,
            withdrawn=count_dead(version),
            in_log=len(version.additions),
            segments=len(version.held),
            size=sum(_size(self._folder / name) for name in manifest.names),
            generation=manifest.generation,
            kernel=best_kernel(),
        )

    def verify(self, progress: Progress | None = None) -> None:
        """Read every byte. Raises IndexDamaged with the name of a file that is not what was written."""
        verify(self._folder, progress)

    def _current(self) -> Version:
        version = self._version
        if version.log.words[SHOWN] == version.word:
            return version
        return self._with_news()

    def _with_news(self) -> Version:
        with self._looking:
            version = self._version.with_news() or load(self._folder, self._version)
            self._version = version
        return version

    def _renew_lock(self) -> None:
        self._looking = threading.Lock()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


READERS: WeakSet[IndexStore] = WeakSet()


def _renew_locks() -> None:
    """In a forked child: the thread that held a lock exists in the parent only."""
    for store in list(READERS):
        store._renew_lock()


os.register_at_fork(after_in_child=_renew_locks)

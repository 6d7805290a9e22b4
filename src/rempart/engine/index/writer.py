"""Writing to an index: additions and withdrawals seen at once, and upkeep that no question waits for.

Small batches go to the log. When it has grown, its additions become a segment, and segments become fewer and larger: in
a thread, from files that never change, while batches go on. A batch too large for the log becomes a segment at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self
from weakref import WeakSet

import numpy as np

from rempart.engine.errors import EngineError, IndexBusy
from rempart.engine.index import compaction, locking, log, manifest, membership, publication
from rempart.engine.index.disk import DISK, Disk
from rempart.engine.index.entries import sorted_once
from rempart.engine.index.interface import HashArray, KeyArray, as_hashes, as_keys
from rempart.engine.index.log import Records
from rempart.engine.index.publication import Contents, Publisher
from rempart.engine.index.segment import Progress
from rempart.engine.index.version import Held, Version, load

SEAL_AT = 1 << 12
"""Records of the log from which on its additions are made a segment: every question reads them through."""

BULK = 1 << 12
"""Records of one batch from which on it does not go through the log."""


class IndexWriter:
    """The one writer of an index, with all methods safe to be called from several threads. Close it, or use ``with``."""

    def __init__(self, folder: Path | str, *, in_background: bool = True, disk: Disk = DISK) -> None:
        """Raises IndexNotFound, IndexBusy, IndexDamaged. ``in_background``: do upkeep in a thread, or within the call."""
        self._folder = Path(folder)
        manifest.read_manifest(self._folder)
        self._lock: int | None = locking.lock(self._folder)
        self._process = os.getpid()
        self._in_background, self._disk = in_background, disk
        # Taken in this order: merging, sealing, changing. Only the last is held while a batch is written.
        self._merging, self._sealing, self._changing = threading.Lock(), threading.Lock(), threading.RLock()
        self._thread: threading.Thread | None = None
        self._trouble: BaseException | None = None
        self._is_broken = self._is_closing = False
        OPEN.add(self)
        try:
            self._version = load(self._folder, writing_on=disk)
            now = self._version.manifest
            self._publisher = Publisher(self._folder, disk, now.generation, now.next_number)
            self._publisher.tidy(now.names)
            self._recent = membership.Recent(self._version)
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """Live entries."""
        return self._version.entries

    def add(self, hashes: HashArray, keys: KeyArray) -> int:
        """Store these entries: an array of shape (n, 32) and one key for each row. Returns how many were new.

        All of them are seen by the next question of any reader, or none; when this returns they are on the disk. An
        entry that is stored already is not stored twice, so a list may be added again after an interruption. Raises
        NotAFingerprint, ValueError.
        """
        rows = as_hashes(hashes)
        once = sorted_once(rows, as_keys(keys, len(rows)))
        return len(self._change(lambda: log.additions(*self._missing(*once))))

    def remove(self, keys: KeyArray) -> int:
        """Withdraw every entry of these keys: all fingerprints of a picture at once. Returns how many entries there were.

        No reader answers them from its next question on. Their bytes are gone from the folder after ``compact``.
        """
        unique = np.unique(as_keys(keys, len(keys)))
        return -log.change_in_entries(self._change(lambda: self._withdrawals(unique)))

    def remove_pairs(self, hashes: HashArray, keys: KeyArray) -> int:
        """Withdraw these entries only, whatever else their keys have. Returns how many there were."""
        rows = as_hashes(hashes)
        once = sorted_once(rows, as_keys(keys, len(rows)))
        return len(self._change(lambda: log.pair_withdrawals(*self._stored(*once))))

    def compact(self, progress: Progress | None = None) -> None:
        """Make one segment of all that lives; nothing withdrawn before remains in any file of the folder.

        Questions and changes go on meanwhile. An index of more than 16 million entries keeps several segments.
        ``progress`` counts steps of each segment's making. Needs as much memory as the new segment, once.
        """
        self._check()
        with self._merging:
            self._seal()
            for group in compaction.groups(self._version.held):
                self._merge(group, progress)

    def settle(self) -> None:
        """Do now the upkeep that waits, and return when it is done."""
        self._check()
        self._join()
        self._tidy()
        self._say_trouble()

    def close(self) -> None:
        """End upkeep at its next step, let others write. Raises what upkeep met, if it met anything; no entry is lost."""
        if self._lock is None:
            return
        self._is_closing = True
        self._join()
        self._release()
        self._say_trouble()

    # ── changes ──

    def _missing(self, hashes: HashArray, keys: KeyArray) -> tuple[HashArray, KeyArray]:
        missing = ~(self._recent.has(hashes, keys) | membership.are_stored(self._version, hashes, keys))
        return hashes[missing], keys[missing]

    def _stored(self, hashes: HashArray, keys: KeyArray) -> tuple[HashArray, KeyArray]:
        stored = self._recent.has(hashes, keys) | membership.are_stored(self._version, hashes, keys)
        return hashes[stored], keys[stored]

    def _withdrawals(self, keys: KeyArray) -> Records:
        counts = self._recent.count(keys) + membership.count_stored(self._version, keys)
        return log.key_withdrawals(keys[counts > 0], counts[counts > 0])

    def _change(self, find_out: Callable[[], Records]) -> Records:
        """Write as one batch the records that ``find_out`` says are needed; it is asked while nothing can change."""
        self._check()
        while True:
            with self._changing:
                records = find_out()
                if len(records) < BULK and self._version.count + len(records) <= log.CAPACITY:
                    self._append(records)
                    break
            if len(records) >= BULK:
                records = self._change_at_once(find_out)
                break
            self._seal()
        self._tidy_soon()
        return records

    def _append(self, records: Records) -> None:
        if not len(records):
            return
        try:
            self._version.log.append(records, self._disk)
        except BaseException:
            # How much of it is on the disk is not known: only opening the index again finds out.
            self._is_broken = True
            raise
        word, _, _ = self._version.log.state()
        self._recent.apply(records)
        self._version = self._version.extended(records, word)

    def _change_at_once(self, find_out: Callable[[], Records]) -> Records:
        """A batch that does not fit in the log: what it adds becomes a segment with what the log holds."""
        with self._sealing, self._changing:
            records = log.number(find_out(), self._version.sequence + 1)
            self._replace_log(self._version.extended(records, 0))
            return records

    # ── upkeep ──

    def _seal(self) -> None:
        """Make a segment of the log's additions, while batches go on behind them."""
        with self._sealing:
            if self._version.count:
                self._replace_log(self._version)

    def _replace_log(self, sealed: Version) -> None:
        """``sealed``: the version whose additions become a segment; what the log shows after it stays in the new log."""
        added = sealed.additions
        alive = ~sealed.tombstones.are_dead(added.hashes, added.keys, added.sequences)
        held: tuple[Held, ...] = ()
        if alive.any():
            with self._changing:
                number = self._publisher.take_number()
            entries = sorted_once(added.hashes[alive], added.keys[alive])
            held = (self._publisher.write_segment(number, *entries, sealed.sequence),)
        table = sealed.tombstones.whole
        with self._changing:
            now = self._version
            later = now.log.read(sealed.count, now.count) if now.count > sealed.count else publication.NO_RECORDS
            self._publish(Contents((*now.held, *held), sealed.sequence, sealed.entries, table, later))

    def _merge(self, group: list[Held], progress: Progress | None = None) -> None:
        """Make one segment of these, or only note that nothing of one is withdrawn."""
        version = self._version
        if len(group) == 1 and compaction.is_clean(group[0], version.tombstones):
            if group[0].sequence == version.sequence or not len(version.tombstones):
                return
            merged = [Held(replace(group[0].entry, sequence=version.sequence), group[0].segment)]
        else:
            with self._changing:
                number = self._publisher.take_number()
            hashes, keys = compaction.live_entries(group, version.tombstones)
            write = self._publisher.write_segment
            merged = [write(number, hashes, keys, version.sequence, progress=progress)] if len(keys) else []
        numbers = {held.entry.number for held in group}
        with self._changing:
            now = self._version
            others = [held for held in now.held if held.entry.number not in numbers]
            later = now.log.read(0, now.count)
            contents = (now.manifest.sequence, now.manifest.entries, now.tombstones.table, later)
            self._publish(Contents((*others, *merged), *contents))

    def _publish(self, contents: Contents) -> None:
        old = self._version
        try:
            self._version = self._publisher.publish(contents)
        except BaseException:
            # The rename may have happened: what is current is only known by opening the index again.
            self._is_broken = True
            raise
        self._recent = membership.Recent(self._version)
        self._publisher.retire(old, self._version)

    def _tidy_soon(self) -> None:
        if not self._next_upkeep():
            return
        if not self._in_background:
            self._tidy()
        elif self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._tidy_quietly, name="rempart-index-upkeep", daemon=True)
            self._thread.start()

    def _next_upkeep(self) -> Callable[[], None] | None:
        version = self._version
        if version.count >= SEAL_AT:
            return self._seal
        if compaction.worth_merging([held.entry.rows for held in version.held]):
            return self._merge_some
        return self._merge_all if compaction.has_many(len(version.tombstones), version.entries) else None

    def _merge_some(self) -> None:
        with self._merging:
            held = self._version.held
            places = compaction.worth_merging([one.entry.rows for one in held])
            if places:
                self._merge([held[place] for place in places])

    def _merge_all(self) -> None:
        self.compact()

    def _tidy(self) -> None:
        while not self._is_closing and not self._is_broken and (step := self._next_upkeep()):
            step()

    def _tidy_quietly(self) -> None:
        try:
            self._tidy()
        except BaseException as trouble:  # told by settle() or close(): a thread has nobody to tell
            self._trouble = trouble

    # ── beginning and end ──

    def _check(self) -> None:
        if self._process != os.getpid():
            raise IndexBusy(f"The process that opened the index in {self._folder} is its writer; a forked one is not.")
        if self._lock is None or self._is_broken:
            why = "is closed" if self._lock is None else "stopped after an error"
            raise EngineError(f"The writer of the index in {self._folder} {why}: open it again.")

    def _join(self) -> None:
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _say_trouble(self) -> None:
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _release(self) -> None:
        if self._lock is not None:
            locking.unlock(self._lock)
            self._lock = None

    def _let_go_after_fork(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


OPEN: WeakSet[IndexWriter] = WeakSet()


def _let_go_after_fork() -> None:
    for writer in list(OPEN):
        writer._let_go_after_fork()


os.register_at_fork(after_in_child=_let_go_after_fork)

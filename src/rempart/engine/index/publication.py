"""Putting the next version of an index in place of the last: every file first, then one rename, then the word to readers.

Cut it anywhere: before the rename the old version stands with all its files, after it the new one does. Files that no
version names are removed when the next writer opens the index.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rempart.engine.index.disk import Disk
from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.log import RECORD, Log, Records, supersede_any
from rempart.engine.index.manifest import CURRENT, CURRENT_NEXT, OURS, Manifest, SegmentEntry, WithdrawnEntry, log_name
from rempart.engine.index.segment import Progress
from rempart.engine.index.tombstones import Table, Tombstones
from rempart.engine.index.version import Held, Version, identity, open_segment

NO_RECORDS = np.empty(0, RECORD)


@dataclass(frozen=True)
class Contents:
    """What the next version is made of. ``sequence``: the last change that its segments and its table contain.

    ``records``: the changes after it, for the new log. ``entries``: live ones, without those changes.
    """

    held: tuple[Held, ...]
    sequence: int
    entries: int
    table: Table
    records: Records


class Publisher:
    """Gives numbers to new files and puts versions in place. Used by one thread at a time, under the lock."""

    def __init__(self, folder: Path, disk: Disk, generation: int, next_number: int) -> None:
        self.folder, self.disk = folder, disk
        self._generation, self._next_number = generation, next_number

    def take_number(self) -> int:
        """One that no file has had."""
        self._next_number += 1
        return self._next_number - 1

    def write_segment(
        self, number: int, hashes: HashArray, keys: KeyArray, sequence: int, threads: int = 0, progress: Progress | None = None
    ) -> Held:
        """A new segment of these entries, which are in order; not part of any version yet."""
        path = self.folder / SegmentEntry(number, 0, 0, 0, 0).name
        self.disk.write_segment(path, hashes, keys, threads, progress)
        return open_segment(self.folder, SegmentEntry(number, len(keys), sequence, *identity(path)))

    def publish(self, contents: Contents) -> Version:
        """Returns once the new version is on the disk and is what readers find."""
        oldest = min((held.sequence for held in contents.held), default=contents.sequence)
        table = contents.table.after(oldest)
        withdrawn = self._write_withdrawn(table) if len(table) else None
        number = self.take_number()
        log = Log.create(self.folder / log_name(number), number, contents.sequence, contents.records, self.disk)
        self.disk.sync_folder(self.folder)
        manifest = Manifest(
            generation=self._generation + 1,
            next_number=self._next_number,
            entries=contents.entries,
            sequence=contents.sequence,
            log=number,
            segments=tuple(held.entry for held in contents.held),
            withdrawn=withdrawn,
        )
        self._replace_current(manifest)
        self._generation += 1
        word, _, _ = log.state()
        return Version(manifest, contents.held, log, Tombstones(table)).extended(contents.records, word)

    def _write_withdrawn(self, table: Table) -> WithdrawnEntry:
        data = table.encode()
        entry = WithdrawnEntry(self.take_number(), len(table.keys), len(table.pair_keys), zlib.crc32(data))
        self._write_whole(self.folder / entry.name, data)
        return entry

    def _replace_current(self, manifest: Manifest) -> None:
        self._write_whole(self.folder / CURRENT_NEXT, manifest.encode())
        self.disk.rename(self.folder / CURRENT_NEXT, self.folder / CURRENT)
        self.disk.sync_folder(self.folder)

    def _write_whole(self, path: Path, data: bytes) -> None:
        descriptor = self.disk.create(path)
        try:
            self.disk.write(descriptor, data, 0)
            self.disk.sync(descriptor)
        finally:
            os.close(descriptor)

    def retire(self, old: Version, new: Version) -> None:
        """Tell readers of the old version, then remove the names of the files that only it had."""
        old.log.supersede(self.disk)
        for name in sorted(old.manifest.names - new.manifest.names):
            self.disk.remove(self.folder / name)

    def tidy(self, names: set[str]) -> None:
        """Remove every file but these: what a writer that was killed left behind. Readers of its logs are told first."""
        unnamed = [path for path in sorted(self.folder.iterdir()) if OURS.fullmatch(path.name)]
        for path in unnamed:
            if path.name in names or not path.is_file() or path.is_symlink():
                continue
            if path.name.startswith("log-"):
                supersede_any(path, self.disk)
            self.disk.remove(path)

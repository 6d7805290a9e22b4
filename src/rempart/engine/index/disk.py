"""Every act on the disk that a power cut could interrupt, in one place, so that tests can interrupt it there.

Files are created for their owner only: a fingerprint is as secret as the picture.
"""

from __future__ import annotations

import os
from pathlib import Path

from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.segment import Progress, Segment

Words = memoryview
"""A mapped page seen as whole numbers of 64 bits."""

TABLES_FROM = 1 << 12
"""Entries from which on tables answer sooner than a look at every entry; a file can spare the 4 MiB they take."""

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700


class Disk:
    """The real one. Each method is one step that either happened or did not, or was cut short (``write``)."""

    def create(self, path: Path) -> int:
        """A new empty file; what was there under this name is gone. Returns its descriptor, to read and write."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, OWNER_ONLY)

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        """All of it, at this place. Not yet on the disk: see ``sync``."""
        left = memoryview(data)
        while left:
            written = os.pwrite(descriptor, left, offset)
            left, offset = left[written:], offset + written

    def cut(self, descriptor: int, size: int) -> None:
        """Forget what lies beyond ``size`` bytes."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Return once what was written is on the disk."""
        os.fdatasync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Return once the names in this folder are on the disk."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """At once for whoever looks; see ``sync_folder``."""
        old.replace(new)

    def remove(self, path: Path) -> None:
        """The name only: whoever has the file open still reads it."""
        path.unlink(missing_ok=True)

    def show(self, descriptor: int, words: Words, place: int, value: int) -> None:
        """One store of 64 bits in a mapped page of this file: every process that maps it sees the old value or the new."""
        words[place] = value

    def write_segment(
        self, path: Path, hashes: HashArray, keys: KeyArray, threads: int = 0, progress: Progress | None = None
    ) -> None:
        """A whole segment, on the disk when this returns (its name is not: see ``sync_folder``)."""
        tables = len(keys) >= TABLES_FROM
        Segment.write(path, hashes, keys, threads=threads, progress=progress, tables=tables)


DISK = Disk()

"""A disk that remembers what a power cut could take away, and can show any state it could leave.

Everything is done for real in the folder. Beside it is kept, for each file, what is surely on the disk and what may or
may not be yet: a cut keeps any part of that, of the last write even a part of its bytes. The same for names of a folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from rempart.engine.index.disk import Disk, Words
from rempart.engine.index.interface import HashArray, KeyArray
from rempart.engine.index.segment import Progress

Write = tuple[int, bytes]
"""Bytes at a place; or the size to cut to, and no bytes."""


class File:
    """One file's bytes: sure, and not yet."""

    def __init__(self) -> None:
        self.sure = b""
        self.waiting: list[Write] = []

    def after(self, writes: list[Write]) -> bytes:
        data = bytearray(self.sure)
        for place, written in writes:
            if not written:
                del data[place:]
            data.extend(bytes(max(0, place + len(written) - len(data))))
            data[place : place + len(written)] = written
        return bytes(data)

    def left_by(self, random: Random) -> bytes:
        """A cut keeps any of what was waiting, in part."""
        kept = [(place, written[: _some_of(len(written), random)]) for place, written in self.waiting]
        return self.after([write for write in kept if random.random() < 0.6])


def _some_of(size: int, random: Random) -> int:
    """A word of 64 bits lies in one sector, and a sector is written or not."""
    return size if size <= 8 or random.random() < 0.5 else random.randint(1, size)


class CuttableDisk(Disk):
    """``before_each`` is called before each step, with its name: there a test may look at what a cut would leave now."""

    def __init__(self, folder: Path, before_each: Callable[[str], None]) -> None:
        self.folder, self.before_each = folder, before_each
        self.files: dict[int, File] = {}
        self.sure_names: dict[str, int] = {}
        self.waiting_names: list[tuple[str, int | None]] = []

    def left_by_a_kill(self) -> dict[str, bytes]:
        """A process that is killed takes nothing with it of what it had written."""
        return {
            name: self.files[number].after(self.files[number].waiting) for name, number in self._names(self.waiting_names).items()
        }

    def left_by_a_cut(self, random: Random) -> dict[str, bytes]:
        names = self._names([change for change in self.waiting_names if random.random() < 0.6])
        return {name: self.files[number].left_by(random) for name, number in names.items()}

    def _names(self, changes: list[tuple[str, int | None]]) -> dict[str, int]:
        names = dict(self.sure_names)
        for name, number in changes:
            if number is None:
                names.pop(name, None)
            else:
                names[name] = number
        return names

    def _file(self, descriptor: int) -> File:
        return self.files.setdefault(os.fstat(descriptor).st_ino, File())

    def adopt(self) -> None:
        """What is in the folder now is surely on the disk."""
        for path in self.folder.iterdir():
            number = path.stat().st_ino
            self.files[number] = File()
            self.files[number].sure = path.read_bytes()
            self.sure_names[path.name] = number

    def create(self, path: Path) -> int:
        self.before_each("create")
        assert not path.exists() or path.name.endswith(".next")
        path.unlink(missing_ok=True)
        descriptor = super().create(path)
        number = os.fstat(descriptor).st_ino
        self.files[number] = File()
        self.waiting_names.append((path.name, number))
        return descriptor

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        self.before_each("write")
        half = len(data) // 2
        if half:
            super().write(descriptor, data[:half], offset)
            self._file(descriptor).waiting.append((offset, data[:half]))
            self.before_each("half a write")
        super().write(descriptor, data[half:], offset + half)
        self._file(descriptor).waiting.append((offset + half, data[half:]))

    def cut(self, descriptor: int, size: int) -> None:
        self.before_each("cut")
        super().cut(descriptor, size)
        self._file(descriptor).waiting.append((size, b""))

    def sync(self, descriptor: int) -> None:
        self.before_each("sync")
        file = self._file(descriptor)
        file.sure, file.waiting = file.after(file.waiting), []

    def sync_folder(self, folder: Path) -> None:
        self.before_each("sync_folder")
        self.sure_names, self.waiting_names = self._names(self.waiting_names), []

    def rename(self, old: Path, new: Path) -> None:
        self.before_each("rename")
        number = old.stat().st_ino
        super().rename(old, new)
        self.waiting_names += [(new.name, number), (old.name, None)]

    def remove(self, path: Path) -> None:
        self.before_each("remove")
        super().remove(path)
        self.waiting_names.append((path.name, None))

    def show(self, descriptor: int, words: Words, place: int, value: int) -> None:
        self.before_each("show")
        super().show(descriptor, words, place, value)
        self._file(descriptor).waiting.append((place * 8, value.to_bytes(8, "little")))

    def write_segment(
        self, path: Path, hashes: HashArray, keys: KeyArray, threads: int = 0, progress: Progress | None = None
    ) -> None:
        self.before_each("write_segment")
        path.write_bytes(b"half")
        file = self.files[path.stat().st_ino] = File()
        self.waiting_names.append((path.name, path.stat().st_ino))
        self.before_each("half a segment")
        super().write_segment(path, hashes, keys, threads, progress)
        file.sure = path.read_bytes()

"""A segment: entries that never change, with the tables that find them, in one piece of memory or one mapped file."""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np

from rempart.engine.errors import IndexDamaged, IndexNotFound
from rempart.engine.index.compiled import RECORD, Compiled, Found, FoundRows, Searcher
from rempart.engine.index.interface import HashArray, KeyArray, as_hashes, as_keys, check_radius
from rempart.engine.index.interpreted import Interpreted
from rempart.engine.index.layout import (
    ALIGNMENT,
    HEADER_SIZE,
    Bytes,
    Damaged,
    Header,
    Layout,
    Section,
    Table,
    refuse_big_endian,
)
from rempart.engine.index.ring import CHUNKS
from rempart.engine.native.library import Kernel, best_kernel

PLAIN_ROWS = 8_192
"""Segments of fewer rows carry no tables, which are 4.2 MB even when nearly empty. Comparing with every row takes 6 µs at most
more than asking them (15 µs with the portable kernel)."""

JOIN_QUESTIONS = 4_096
"""From as many questions on, reading every bucket once is faster than asking one question after the other (at 1 to 10 million
rows; it takes 25 ms even when there is nothing to find)."""

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do, in steps of no particular size."""


def cores(threads: int) -> int:
    """How many threads to use: 0 asks for as many as this process may run on."""
    if threads < 0:
        raise ValueError("The number of threads is 0, for all cores, or more.")
    return threads or len(os.sched_getaffinity(0))


def searcher(kernel: Kernel | None = None) -> Searcher:
    """What asks and builds segments; the fastest that there is, unless one is named."""
    return _searcher(kernel or best_kernel())


@cache
def _searcher(kernel: Kernel) -> Searcher:
    """One for all segments: a thread keeps one room to work in, not one for each segment."""
    return Interpreted() if kernel is Kernel.NUMPY else Compiled(kernel)


def scan(hashes: HashArray, pdq_row: HashArray | bytes, radius: int) -> FoundRows:
    """Compare with every row of a bare array of shape (n, 32): rows (uint32) within the radius, and distances (uint16)."""
    return searcher().scan(as_hashes(hashes), _question(pdq_row), check_radius(radius))


class Segment:
    """Hashes, keys and tables over one buffer, never changed. Made by ``build`` or ``open``; safe to ask from any thread.

    Answers are rows of ``hashes`` and ``keys``, in no order, each with its distance in bits. A radius is 0 to 47.
    """

    def __init__(self, buffer: Bytes, header: Header, *, name: str | None, kernel: Kernel | None) -> None:
        self._buffer = buffer
        self._header = header
        self._name = name
        self._searcher = searcher(kernel)
        layout = header.layout
        self.hashes: HashArray = self._part(layout.hashes).reshape(-1, 32)
        self.keys: KeyArray = self._part(layout.keys).view(np.uint64)
        count = CHUNKS if layout.has_tables else 0
        self._tables = [Table(self._part(layout.table(number)), layout.rows) for number in range(count)]
        self._asked = self._searcher.tables(self.hashes, self._tables) if count else None

    @classmethod
    def build(
        cls,
        hashes: HashArray,
        keys: KeyArray,
        *,
        threads: int = 0,
        progress: Progress | None = None,
        tables: bool | None = None,
        kernel: Kernel | None = None,
    ) -> Self:
        """In memory. ``hashes``: shape (n, 32); ``keys``: shape (n,). ``tables``: None leaves it to the number of rows.

        Raises NotAFingerprint, ValueError.
        """
        refuse_big_endian()
        hashes, keys = as_hashes(hashes), as_keys(keys, len(hashes))
        layout = _layout(len(hashes), tables)
        buffer = _aligned(layout.size)
        segment = cls(buffer, Header(layout, (0,) * len(list(layout.sections()))), name=None, kernel=kernel)
        segment.hashes[:] = hashes
        segment.keys[:] = keys
        scratch = np.empty(RECORD * len(hashes), np.uint8)
        for number, table in enumerate(segment._tables):
            segment._searcher.build(segment.hashes, number, cores(threads), table, scratch)
            _tell(progress, number + 1, CHUNKS)
        buffer.flags.writeable = False
        for array in (segment.hashes, segment.keys):
            array.flags.writeable = False
        return segment

    @classmethod
    def write(
        cls,
        path: Path | str,
        hashes: HashArray,
        keys: KeyArray,
        *,
        threads: int = 0,
        progress: Progress | None = None,
        tables: bool | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        """Into a file, readable by its owner alone, which is on the disk when this returns. One table is in memory at a time.

        A file that was not finished is taken away; where even that was not possible, ``open`` refuses it.
        Raises NotAFingerprint, ValueError, OSError.
        """
        refuse_big_endian()
        hashes, keys = as_hashes(hashes), as_keys(keys, len(hashes))
        layout = _layout(len(hashes), tables)
        with _new_file(Path(path)) as file:
            file.write(bytes(HEADER_SIZE))
            checksums = []
            for number, content in enumerate(_contents(layout, hashes, keys, threads, searcher(kernel))):
                _pad(file)
                file.write(content.data)
                checksums.append(zlib.crc32(content.data))
                _tell(progress, number + 1, CHUNKS + 2)
            _pad(file)
            file.seek(0)
            file.write(Header(layout, tuple(checksums)).pack())

    @classmethod
    def open(cls, path: Path | str, *, kernel: Kernel | None = None) -> Self:
        """Map a file into memory, shared with every process that does. Reads its header only, whatever its size.

        Tables are not read here: what is wrong with one is told by ``verify``, or by a look-up that it would lead astray. A
        file must not be changed or cut while it is mapped: the system ends who reads what is gone.

        Raises IndexNotFound, IndexDamaged (the file is not what ``write`` wrote), OSError.
        """
        refuse_big_endian()
        path = Path(path)
        try:
            with path.open("rb") as file:
                header = Header.unpack(file.read(HEADER_SIZE), os.fstat(file.fileno()).st_size)
                mapped = mmap.mmap(file.fileno(), header.layout.size, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise IndexNotFound(f"There is no segment {path.name}.") from None
        except Damaged as damage:
            raise _damaged(path.name, damage) from None
        return cls(np.frombuffer(mapped, np.uint8), header, name=path.name, kernel=kernel)

    def verify(self, progress: Progress | None = None, *, threads: int = 0) -> None:
        """Read every byte: checksums, and tables that say what the hashes say. Raises IndexDamaged."""
        layout = self._header.layout
        sections = list(layout.sections())
        scratch = np.empty(RECORD * len(self), np.uint8)
        again = _aligned(Table.size(len(self)) if layout.has_tables else 0)
        for number, section in enumerate(sections):
            content = self._part(section)
            if self._name is not None and zlib.crc32(content.data) != self._header.checksums[number]:
                raise _damaged(self._name, "a part of it does not match its checksum")
            if number >= 2:
                self._searcher.build(self.hashes, number - 2, cores(threads), Table(again, len(self)), scratch)
                self._check_table(self._tables[number - 2], Table(again, len(self)))
            _tell(progress, number + 1, len(sections))

    def __len__(self) -> int:
        return len(self.hashes)

    def __repr__(self) -> str:
        return f"Segment({len(self)} entries)"

    @property
    def nbytes(self) -> int:
        """What it takes, in memory or on the disk, in bytes."""
        return self._header.layout.size

    @property
    def has_tables(self) -> bool:
        """Whether it is asked by its tables, or row by row."""
        return self._asked is not None

    def lookup(self, pdq_row: HashArray | bytes, radius: int) -> FoundRows:
        """One question, shape (32,) or 32 bytes: rows (uint32) and distances (uint16). Raises RadiusRefused, IndexDamaged."""
        question = pdq_row if isinstance(pdq_row, bytes) and len(pdq_row) == 32 else _question(pdq_row)
        radius = check_radius(radius)
        if self._asked is None:
            return self._searcher.scan(self.hashes, question, radius)
        try:
            return self._asked.lookup(question, radius)
        except Damaged as damage:
            raise _damaged(self._name, damage) from None

    def lookup_many(self, hashes: HashArray, radius: int, threads: int = 1) -> Found:
        """Many questions, shape (m, 32): questions (int64), rows (uint32), distances (uint16) of all that was found.

        ``threads``: 0 for all cores. Raises NotAFingerprint, RadiusRefused, IndexDamaged.
        """
        hashes, radius, threads = as_hashes(hashes), check_radius(radius), cores(threads)
        if self._asked is None:
            return self._searcher.scan_many(self.hashes, hashes, radius, threads)
        try:
            return self._asked.lookup_many(hashes, radius, threads)
        except Damaged as damage:
            raise _damaged(self._name, damage) from None

    def join(self, hashes: HashArray, radius: int, threads: int = 0) -> Found:
        """The same, for thousands of questions or millions: each bucket of the tables is read once for all of them."""
        hashes, radius, threads = as_hashes(hashes), check_radius(radius), cores(threads)
        if len(hashes) < JOIN_QUESTIONS or not len(self):
            return self.lookup_many(hashes, radius, threads)
        if self._asked is None:
            return self._with_tables(threads).join(hashes, radius, threads)
        try:
            return self._asked.join(hashes, radius, threads)
        except Damaged as damage:
            raise _damaged(self._name, damage) from None

    def _with_tables(self, threads: int) -> Segment:
        kernel = self._searcher.kernel
        return Segment.build(self.hashes, self.keys, threads=threads, tables=True, kernel=kernel)

    def _part(self, section: Section) -> Bytes:
        return self._buffer[section.start : section.end]

    def _check_table(self, table: Table, again: Table) -> None:
        """What was read against what is built again: the same hashes always make the same bytes."""
        for name in Table.__slots__:
            if not np.array_equal(getattr(table, name), getattr(again, name)):
                raise _damaged(self._name, "a table does not say what its fingerprints say")


def _layout(rows: int, tables: bool | None) -> Layout:
    return Layout(rows, rows >= PLAIN_ROWS if tables is None else tables)


def _contents(layout: Layout, hashes: HashArray, keys: KeyArray, threads: int, kernel: Searcher) -> Iterator[Bytes]:
    """The bytes of each section; those of one table are overwritten by the next."""
    yield hashes.reshape(-1)
    yield keys.view(np.uint8)
    if layout.has_tables:
        section = np.zeros(Table.size(layout.rows), np.uint8)
        scratch = np.empty(RECORD * layout.rows, np.uint8)
        for number in range(CHUNKS):
            kernel.build(hashes, number, cores(threads), Table(section, layout.rows), scratch)
            yield section


def _aligned(size: int) -> Bytes:
    """Memory that begins where a cache line does, so that no hash lies across two."""
    room = np.empty(size + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    return room[start : start + size]


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is on the disk at the end, or that is not there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _pad(file: BinaryIO) -> None:
    """Zeros up to where the next section starts."""
    file.write(bytes(-file.tell() % ALIGNMENT))


def _question(pdq_row: HashArray | bytes) -> bytes:
    row = np.frombuffer(pdq_row, np.uint8) if isinstance(pdq_row, bytes) else pdq_row
    return as_hashes(np.asarray(row)[np.newaxis]).tobytes()


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _damaged(name: str | None, what: object) -> IndexDamaged:
    return IndexDamaged(f"{f'The segment {name}' if name else 'A segment in memory'} is damaged: {what}.")

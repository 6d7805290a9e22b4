"""How a segment lies in memory and in a file: one layout for both, little-endian.

======  =========  ===========================================================================================
bytes   what       meaning
======  =========  ===========================================================================================
0–7     magic      ``RMPTSEG\\n``
8–11    version    1
12–15   flags      1: the sixteen tables are there; else the rows are compared one by one
16–23   rows       fewer than 2³²
24–31   size       of the whole, in bytes
32–463  sections   18 × (start u64, size u64, CRC-32 u32, zero u32): hashes, keys, table 0 … table 15
508–511 checksum   CRC-32 of the 508 bytes before
======  =========  ===========================================================================================

Sections start at multiples of 64 bytes. ``hashes``: rows × 32 bytes, as printed. ``keys``: rows × uint64. A table, for n
rows sorted by their chunk: ``offsets`` 65,537 × uint32, where each bucket begins; ``near`` n × uint16, the next chunk of each
row; ``far`` n × uint16, the one after; ``rows`` n × uint32, which row it is; each part padded with zeros to 64 bytes.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import EngineError, IndexDamaged
from rempart.engine.index.ring import BUCKETS, CHUNKS

MAGIC = b"RMPTSEG\n"
VERSION = 1
HAS_TABLES = 1
HEADER_SIZE = 512
ALIGNMENT = 64
MOST_ROWS = 2**32 - 1

_START = struct.Struct("<8sIIQQ")
_SECTION = struct.Struct("<QQII")
_CHECKSUM = struct.Struct("<I")
_SECTIONS = 2 + CHUNKS

Bytes = NDArray[np.uint8]


class Damaged(IndexDamaged):
    """What is wrong with a segment, in a sentence that names no path: whoever knows the path adds it."""


def refuse_big_endian() -> None:
    """Raise EngineError on a processor that writes numbers the other way round."""
    if sys.byteorder != "little":
        raise EngineError("The index is written for little-endian processors, and this one is not.")


def padded(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


@dataclass(frozen=True, slots=True)
class Section:
    """Where a part lies, in bytes."""

    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


class Table:
    """One table, as arrays over the bytes of its section."""

    __slots__ = ("far", "near", "offsets", "rows")

    def __init__(self, section: Bytes, rows: int) -> None:
        parts = [(BUCKETS + 1, np.uint32), (rows, np.uint16), (rows, np.uint16), (rows, np.uint32)]
        arrays: list[NDArray[np.unsignedinteger]] = []
        start = 0
        for count, kind in parts:
            size = count * np.dtype(kind).itemsize
            arrays.append(section[start : start + size].view(kind))
            start += padded(size)
        self.offsets, self.near, self.far, self.rows = arrays

    @staticmethod
    def size(rows: int) -> int:
        """Bytes of a whole table."""
        return padded(4 * (BUCKETS + 1)) + 2 * padded(2 * rows) + padded(4 * rows)


@dataclass(frozen=True, slots=True)
class Layout:
    """What follows from the number of rows and from whether there are tables: every place in the file."""

    rows: int
    has_tables: bool

    def __post_init__(self) -> None:
        if not 0 <= self.rows <= MOST_ROWS:
            raise ValueError(f"A segment holds at most {MOST_ROWS} fingerprints.")

    @property
    def hashes(self) -> Section:
        return Section(HEADER_SIZE, 32 * self.rows)

    @property
    def keys(self) -> Section:
        return Section(padded(self.hashes.end), 8 * self.rows)

    def table(self, number: int) -> Section:
        """Only where there are tables."""
        size = Table.size(self.rows)
        return Section(padded(self.keys.end) + number * size, size)

    def sections(self) -> Iterator[Section]:
        """Hashes, keys, and the tables if there are any, in their order in the file."""
        yield self.hashes
        yield self.keys
        for number in range(CHUNKS if self.has_tables else 0):
            yield self.table(number)

    @property
    def size(self) -> int:
        *_, last = self.sections()
        return padded(last.end)


@dataclass(frozen=True, slots=True)
class Header:
    """The first 512 bytes. ``checksums``: one for each section, in order."""

    layout: Layout
    checksums: tuple[int, ...]

    def pack(self) -> bytes:
        flags = HAS_TABLES if self.layout.has_tables else 0
        packed = _START.pack(MAGIC, VERSION, flags, self.layout.rows, self.layout.size)
        for section, checksum in zip(self.layout.sections(), self.checksums, strict=True):
            packed += _SECTION.pack(section.start, section.size, checksum, 0)
        packed = packed.ljust(HEADER_SIZE - _CHECKSUM.size, b"\0")
        return packed + _CHECKSUM.pack(zlib.crc32(packed))

    @classmethod
    def unpack(cls, packed: bytes, size: int) -> Self:
        """Read the header of a file of ``size`` bytes. Raises Damaged: of any bytes that ``pack`` did not write."""
        if len(packed) < HEADER_SIZE or not packed.startswith(MAGIC):
            raise Damaged("it is no segment of an index, or only the beginning of one")
        _, version, flags, rows, written_size = _START.unpack_from(packed)
        if version != VERSION:
            raise Damaged(f"it is in version {version} of the format, and this Rempart reads version {VERSION}")
        body, (checksum,) = packed[: HEADER_SIZE - _CHECKSUM.size], _CHECKSUM.unpack_from(packed, HEADER_SIZE - _CHECKSUM.size)
        if zlib.crc32(body) != checksum:
            raise Damaged("its header does not match its checksum")
        if size != written_size:
            raise Damaged(f"it has {size} bytes, and {written_size} were written")
        if rows > MOST_ROWS or flags & ~HAS_TABLES:
            raise Damaged("its header says what no segment can be")
        layout = Layout(rows, bool(flags & HAS_TABLES))
        count = len(list(layout.sections()))
        entries = [_SECTION.unpack_from(packed, _START.size + number * _SECTION.size) for number in range(count)]
        header = cls(layout, tuple(entry[2] for entry in entries))
        if header.pack() != packed[:HEADER_SIZE]:
            raise Damaged("its header says what no segment can be")
        return header


assert _START.size + _SECTIONS * _SECTION.size <= HEADER_SIZE - _CHECKSUM.size

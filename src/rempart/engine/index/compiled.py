"""The ring's compiled kernels, as Python calls them. `interpreted.py` offers the same without a compiler."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rempart.engine.errors import EngineError
from rempart.engine.index.interface import HashArray
from rempart.engine.index.layout import Damaged, Table
from rempart.engine.native.library import BITS, Kernel, load

ROOM = 1024  # hits of one question that need no second call
RECORD = 12  # bytes a row of what a table is built in: the same number as in ring_build.cpp
FINE, DAMAGED, NO_MEMORY, TOO_MANY = range(4)  # as in ring.h

DAMAGE = "a table points outside its rows"


class Found(NamedTuple):
    """Rows within the radius of many questions, in no order: three arrays of one length."""

    question: NDArray[np.int64]
    row: NDArray[np.uint32]
    distance: NDArray[np.uint16]


class FoundRows(NamedTuple):
    """Rows within the radius of one question, in no order."""

    row: NDArray[np.uint32]
    distance: NDArray[np.uint16]


NOTHING = FoundRows(np.empty(0, np.uint32), np.empty(0, np.uint16))


class Tables(Protocol):
    """Hashes and their sixteen tables, ready to be asked. ``question`` is the 32 bytes of one PDQ."""

    def lookup(self, question: bytes, radius: int) -> FoundRows: ...

    def lookup_many(self, hashes: HashArray, radius: int, threads: int) -> Found: ...

    def join(self, hashes: HashArray, radius: int, threads: int) -> Found: ...


class Searcher(Protocol):
    """What a kernel does."""

    kernel: Kernel

    def tables(self, hashes: HashArray, tables: Sequence[Table]) -> Tables: ...

    def scan(self, hashes: HashArray, question: bytes, radius: int) -> FoundRows: ...

    def scan_many(self, hashes: HashArray, questions: HashArray, radius: int, threads: int) -> Found: ...

    def build(self, hashes: HashArray, number: int, threads: int, table: Table, scratch: NDArray[np.uint8]) -> None: ...


class _Ring(ctypes.Structure):
    _fields_ = [
        ("hashes", ctypes.c_void_p),
        ("rows", ctypes.c_uint64),
        *((name, ctypes.c_void_p * 16) for name in ("offsets", "near", "far", "row_of")),
    ]


_POINTER, _SIZE, _INT = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int32
_SIGNATURES: dict[str, tuple[type | None, list[type]]] = {
    "rempart_ring_scratch": (_SIZE, []),
    "rempart_ring_lookup": (_INT, [_POINTER, ctypes.c_char_p, _INT, _INT, *[_POINTER], _SIZE, _POINTER, _POINTER, _POINTER]),
    "rempart_scan": (_INT, [_POINTER, _SIZE, ctypes.c_char_p, _INT, _INT, _SIZE, _POINTER, _POINTER, _POINTER]),
    "rempart_ring_many": (_INT, [_POINTER, _POINTER, _SIZE, _INT, _INT, _INT, _POINTER]),
    "rempart_ring_join": (_INT, [_POINTER, _POINTER, _SIZE, _INT, _INT, _INT, _POINTER]),
    "rempart_scan_many": (_INT, [_POINTER, _SIZE, _POINTER, _SIZE, _INT, _INT, _INT, _POINTER]),
    "rempart_hits_count": (_SIZE, [_POINTER]),
    "rempart_hits_copy": (None, [_POINTER] * 4),
    "rempart_hits_free": (None, [_POINTER]),
    "rempart_ring_build": (_INT, [_POINTER, _SIZE, _INT, _INT, *[_POINTER] * 5]),
}


def _functions(library: ctypes.CDLL) -> dict[str, Callable[..., int]]:
    for name, (answer, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = answer, arguments
    return {name: getattr(library, name) for name in _SIGNATURES}


def check(status: int) -> None:
    """Raise what a status says, if it says something."""
    if status == DAMAGED:
        raise Damaged(DAMAGE)
    if status == NO_MEMORY:
        raise MemoryError
    assert status == FINE


class _Room(threading.local):
    """What one thread's look-ups work in and answer in: kept, since making it costs more than a look-up."""

    def __init__(self, scratch: int) -> None:
        self.rows = np.empty(ROOM, np.uint32)
        self.distances = np.empty(ROOM, np.uint16)
        self._scratch = np.empty(scratch, np.uint8)
        self._found = ctypes.c_uint64()
        self.found = self._found
        self.scratch = self._scratch.ctypes.data
        self.answer = (ROOM, self.rows.ctypes.data, self.distances.ctypes.data, ctypes.addressof(self._found))

    def answered(self) -> FoundRows:
        """A copy of what was found."""
        count = self.found.value
        return FoundRows(self.rows[:count].copy(), self.distances[:count].copy()) if count else NOTHING


class Compiled:
    """One of the compiled kernels."""

    def __init__(self, kernel: Kernel) -> None:
        library = load()
        if library is None:
            raise EngineError("The engine has no compiled half here.")
        self.kernel = kernel
        self.call = _functions(library)
        self.bit = BITS[kernel]
        self.room = _Room(self.call["rempart_ring_scratch"]())

    def tables(self, hashes: HashArray, tables: Sequence[Table]) -> Tables:
        return _CompiledTables(self, hashes, tables)

    def scan(self, hashes: HashArray, question: bytes, radius: int) -> FoundRows:
        scan = self.call["rempart_scan"]
        status = scan(hashes.ctypes.data, len(hashes), question, radius, self.bit, *self.room.answer)
        if status == TOO_MANY:
            found = self.scan_many(hashes, np.frombuffer(question, np.uint8).reshape(1, 32), radius, 1)
            return FoundRows(found.row, found.distance)
        check(status)
        return self.room.answered()

    def scan_many(self, hashes: HashArray, questions: HashArray, radius: int, threads: int) -> Found:
        rows = (hashes.ctypes.data, len(hashes))
        return self.collect("rempart_scan_many", rows, questions, radius, threads)

    def collect(self, name: str, first: tuple[int, ...], questions: HashArray, radius: int, threads: int) -> Found:
        """Call a function that answers a list of hits, copy the list and free it."""
        hits = ctypes.c_void_p()
        pointer = ctypes.addressof(hits)
        check(self.call[name](*first, questions.ctypes.data, len(questions), radius, self.bit, threads, pointer))
        try:
            count = self.call["rempart_hits_count"](hits)
            found = Found(np.empty(count, np.int64), np.empty(count, np.uint32), np.empty(count, np.uint16))
            self.call["rempart_hits_copy"](hits, *(array.ctypes.data for array in found))
        finally:
            self.call["rempart_hits_free"](hits)
        return found

    def build(self, hashes: HashArray, number: int, threads: int, table: Table, scratch: NDArray[np.uint8]) -> None:
        """Fill one table. ``scratch``: RECORD bytes a row."""
        parts = (scratch, table.offsets, table.near, table.far, table.rows)
        build = self.call["rempart_ring_build"]
        check(build(hashes.ctypes.data, len(hashes), number, threads, *(part.ctypes.data for part in parts)))


class _CompiledTables:
    def __init__(self, kernel: Compiled, hashes: HashArray, tables: Sequence[Table]) -> None:
        self._kernel = kernel
        self._kept = (hashes, tables)  # what the pointers point to
        self._ring = _Ring(hashes.ctypes.data, len(hashes))
        for number, table in enumerate(tables):
            self._ring.offsets[number] = table.offsets.ctypes.data
            self._ring.near[number] = table.near.ctypes.data
            self._ring.far[number] = table.far.ctypes.data
            self._ring.row_of[number] = table.rows.ctypes.data
        self._pointer = ctypes.addressof(self._ring)
        self._lookup = kernel.call["rempart_ring_lookup"]

    def lookup(self, question: bytes, radius: int) -> FoundRows:
        room = self._kernel.room
        status = self._lookup(self._pointer, question, radius, self._kernel.bit, room.scratch, *room.answer)
        if status == TOO_MANY:
            found = self.lookup_many(np.frombuffer(question, np.uint8).reshape(1, 32), radius, 1)
            return FoundRows(found.row, found.distance)
        if status:
            check(status)
        return room.answered()

    def lookup_many(self, hashes: HashArray, radius: int, threads: int) -> Found:
        return self._kernel.collect("rempart_ring_many", (self._pointer,), hashes, radius, threads)

    def join(self, hashes: HashArray, radius: int, threads: int) -> Found:
        return self._kernel.collect("rempart_ring_join", (self._pointer,), hashes, radius, threads)

"""Reading what was packed, a piece at a time, and never more of it than was allowed beforehand."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from rempart.matcher.scan.opening import Refused
from rempart.matcher.scan.pieces import Reason

AT_ONCE = 1 << 18
XZ_MEMORY = 128 << 20
"""The largest that `xz -9` needs is half of it."""
SPARE, MOST_TIMES = 1 << 30, 100
"""An archive may unpack to this many bytes, and this many times what it is besides."""

GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"


class Budget:
    """How many bytes may still be unpacked, of one archive with all that is in it."""

    def __init__(self, archive_bytes: int) -> None:
        self._left = SPARE + MOST_TIMES * archive_bytes

    def spend(self, count: int) -> None:
        """Raises Refused (bomb)."""
        self._left -= count
        if self._left < 0:
            raise Refused(Reason.BOMB)


class _Decompressor(Protocol):
    """What those of the standard library have in common, or nearly."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Inflate:
    """zlib's, with the manners of the other two."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max(0, max_length))

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail


MAKERS: dict[bytes, Callable[[], _Decompressor]] = {
    GZIP: _Inflate,
    BZIP2: bz2.BZ2Decompressor,
    XZ: lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY),
}


class Unpacked(io.RawIOBase):
    """A packed stream as it was before, readable forwards only. Raises Refused (bomb, damaged)."""

    def __init__(self, packed: BinaryIO, make: Callable[[], _Decompressor], budget: Budget) -> None:
        super().__init__()
        self._packed, self._make, self._budget = packed, make, budget
        self._decompressor = make()
        self._waiting = b""

    def readable(self) -> bool:
        """For io."""
        return True

    def readinto(self, buffer: object) -> int:
        """For io: some bytes, or none at the end."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        try:
            made = self._some(min(len(view), AT_ONCE))
        except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
            raise Refused(Reason.DAMAGED) from None
        self._budget.spend(len(made))
        view[: len(made)] = made
        return len(made)

    def _some(self, most: int) -> bytes:
        while True:
            if self._decompressor.eof and not self._begin_next():
                return b""
            data = self._input()
            made = self._decompressor.decompress(data, most)
            if made:
                return made
            if not data and self._decompressor.needs_input and not self._decompressor.eof:
                raise EOFError

    def _input(self) -> bytes:
        if not self._decompressor.needs_input:
            return b""
        data, self._waiting = self._waiting or self._packed.read(AT_ONCE), b""
        return data

    def _begin_next(self) -> bool:
        """Several may follow each other in one file; what is after the last and is none of them is passed over."""
        rest = (self._decompressor.unused_data or self._packed.read(AT_ONCE)).lstrip(b"\0")
        if not rest.startswith((GZIP, BZIP2, XZ)):
            return False
        self._decompressor, self._waiting = self._make(), rest
        return True


def unpacked(packed: BinaryIO, head: bytes, budget: Budget) -> BinaryIO | None:
    """What is inside, where ``head`` says that it is packed; otherwise None."""
    for sign, make in MAKERS.items():
        if head.startswith(sign):
            return io.BufferedReader(Unpacked(packed, make, budget), AT_ONCE)
    return None


def read_up_to(stream: BinaryIO, most: int) -> bytes:
    """All of it. Raises Refused (too_large)."""
    pieces, length = [], 0
    while piece := stream.read(min(AT_ONCE, most + 1 - length)):
        pieces.append(piece)
        length += len(piece)
        if length > most:
            raise Refused(Reason.TOO_LARGE)
    return b"".join(pieces)

"""The members of an archive, one at a time, in memory. Their names are only ever text: nothing is written anywhere.

An archive is told by its first bytes. What it says of its members' sizes is not believed: bytes are counted as they come.
"""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from rempart.engine.commands.kinds import HEAD, Kind, kind_of
from rempart.matcher.scan.opening import Refused
from rempart.matcher.scan.pieces import LONGEST_NAME, Reason
from rempart.matcher.scan.unpacking import MAKERS, Budget, read_up_to, unpacked

MOST_MEMBER = 1 << 28
"""Bytes of one member, unpacked: a longer one must be unpacked by hand and scanned as a file."""
MOST_DIRECTORY = 1 << 25
"""Bytes of a zip's own list of its members: about 250,000 of them."""
MOST_TAR_NOTE = 1 << 20
"""Bytes of a name, or of remarks, in a tar."""
DEEPEST = 3
"""An archive, in an archive, in an archive."""
TAR_AT = 257
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
NOT_READ_HERE = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"MSCF", b"xar!")
ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, NotImplementedError,
          RuntimeError, OverflowError, KeyError, IndexError, UnicodeError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """``data``: its bytes, where it is a picture or a video; otherwise ``reason``, or neither: it is something else."""

    number: int
    name: str
    data: bytes | None = None
    reason: Reason | None = None


def is_archive(head: bytes) -> bool:
    """By the first bytes of a file; archives of a kind that is not read here are among them."""
    return head.startswith((*ZIP, *MAKERS, *NOT_READ_HERE)) or is_tar(head)


def is_tar(head: bytes) -> bool:
    """All but those from before 1988, which have no sign."""
    return head[TAR_AT : TAR_AT + 5] == b"ustar"


class Archive:
    """``file``: open at its start, can be read from any place; ``file_bytes``: its length."""

    def __init__(self, file: BinaryIO, file_bytes: int) -> None:
        self._file, self._budget = file, Budget(file_bytes)

    def count(self) -> int:
        """Its members. A packed tar is unpacked for it. Raises Refused."""
        return sum(1 for _ in _entries(self._file, self._budget))

    @property
    def is_seekable(self) -> bool:
        """Whether one can begin with a member in the middle, without unpacking all that come before."""
        head = _head(self._file)
        return head.startswith(ZIP) or is_tar(head)

    def members(self, first: int = 0, last: int | None = None) -> Iterator[Member]:
        """From ``first`` up to ``last``. What is in an archive in it bears the number of that archive. Raises Refused."""
        yield from _members(self._file, self._budget, DEEPEST, first, last)


class _Entry:
    """A member before it is read."""

    def __init__(self, name: str, opener: Any, reason: Reason | None = None) -> None:
        self.name, self.open, self.reason = name[:LONGEST_NAME], opener, reason


def _members(file: BinaryIO, budget: Budget, depth: int, first: int, last: int | None) -> Iterator[Member]:
    for number, entry in enumerate(islice(_entries(file, budget), first, last), start=first):
        if entry.reason is not None:
            yield Member(number, entry.name, reason=entry.reason)
            continue
        try:
            data = _read(entry, budget)
        except Refused as refused:
            yield Member(number, entry.name, reason=refused.reason)
            if refused.reason is Reason.BOMB:
                raise
            continue
        if data is not None and is_archive(data[:HEAD]):
            yield from _inside(number, entry.name, data, budget, depth - 1)
        else:
            yield Member(number, entry.name, data)


def _inside(number: int, name: str, data: bytes, budget: Budget, depth: int) -> Iterator[Member]:
    """Of an archive in an archive."""
    if depth == 0:
        yield Member(number, name, reason=Reason.TOO_DEEP)
        return
    try:
        for member in _members(io.BytesIO(data), budget, depth, 0, None):
            yield Member(number, f"{name}/{member.name}"[:LONGEST_NAME], member.data, member.reason)
    except Refused as refused:
        yield Member(number, name, reason=refused.reason)
        if refused.reason is Reason.BOMB:
            raise


def _read(entry: _Entry, budget: Budget) -> bytes | None:
    """Its bytes; None where it is neither picture, video nor archive, and was not read further. Raises Refused."""
    try:
        with entry.open() as stream:
            head = stream.read(HEAD)
            if kind_of(head) is Kind.OTHER and not is_archive(head):
                return None
            data: bytes = head + read_up_to(stream, MOST_MEMBER - len(head))
    except BROKEN:
        raise Refused(Reason.DAMAGED) from None
    except MemoryError:
        raise Refused(Reason.TOO_LARGE) from None
    budget.spend(len(data))
    return data


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return head


def _entries(file: BinaryIO, budget: Budget) -> Iterator[_Entry]:
    """Raises Refused."""
    head = _head(file)
    if head.startswith(NOT_READ_HERE):
        raise Refused(Reason.UNSUPPORTED)
    try:
        if head.startswith(ZIP):
            yield from _of_zip(file)
        elif is_tar(head):
            yield from _of_tar(file)
        else:
            yield from _of_packed(file, head, budget)
    except BROKEN:
        raise Refused(Reason.DAMAGED) from None
    except MemoryError:
        raise Refused(Reason.TOO_LARGE) from None


def _of_packed(file: BinaryIO, head: bytes, budget: Budget) -> Iterator[_Entry]:
    """A packed tar, or one packed file."""
    stream = unpacked(file, head, budget)
    if stream is None:
        raise Refused(Reason.UNSUPPORTED)
    inner = stream.peek(HEAD)[:HEAD] if isinstance(stream, io.BufferedReader) else b""
    if is_tar(inner):
        yield from _of_tar(stream, mode="r|")
    else:
        yield _Entry("", lambda: stream)


# ── zip ──


class _Capped:
    """A file of which nobody reads much at once: a zip's list of its members is read whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, lambda: True, lambda: None

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(count if 0 <= count <= MOST_DIRECTORY else MOST_DIRECTORY + 1)
        if len(data) > MOST_DIRECTORY:
            raise Refused(Reason.TOO_LARGE)
        return data


def _of_zip(file: BinaryIO) -> Iterator[_Entry]:
    with zipfile.ZipFile(_Capped(file)) as archive:
        known = archive.infolist()
        if sum(one.compress_size for one in known) > _length(file):
            raise Refused(Reason.BOMB)  # members lie in each other
        for one in known:
            if not one.is_dir():
                yield _Entry(one.filename, lambda one=one: archive.open(one), _refusal(one))


def _length(file: BinaryIO) -> int:
    here = file.tell()
    length = file.seek(0, io.SEEK_END)
    file.seek(here)
    return length


def _refusal(one: zipfile.ZipInfo) -> Reason | None:
    if one.flag_bits & 0x41:
        return Reason.ENCRYPTED
    return None if one.compress_type in ZIP_METHODS else Reason.UNSUPPORTED


# ── tar ──


class _Header(tarfile.TarInfo):
    """One that does not read gigabytes of remarks into memory, nor goes back to what was read (CVE-2025-8194)."""

    def _block(self, count: int) -> int:
        if count < 0:
            raise Refused(Reason.DAMAGED)
        return super()._block(count)  # type: ignore[misc,no-any-return]

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if not (self.isreg() or self.isdir()) and self.size > MOST_TAR_NOTE:
            raise Refused(Reason.BOMB)
        return super()._proc_member(archive)  # type: ignore[misc]


def _of_tar(file: BinaryIO, mode: str = "r:") -> Iterator[_Entry]:
    """Links, pipes and devices in it are passed over. Raises Refused."""
    options: dict[str, Any] = {"tarinfo": _Header, "errors": "surrogateescape", "encoding": "utf-8", "ignore_zeros": False}
    with tarfile.open(fileobj=file, mode=mode, **options) as archive:  # type: ignore[call-overload]  # "r:" or "r|"
        while (one := archive.next()) is not None:
            archive.members.clear()  # it keeps all that it has seen
            if one.isreg():
                sparse = Reason.UNSUPPORTED if one.issparse() else None
                yield _Entry(one.name, lambda one=one: archive.extractfile(one), sparse)

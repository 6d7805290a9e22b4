"""A list in a file: one fingerprint a line, plain or gzip. The file is the whole list: what is no longer in it is gone."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, cast

from rempart.engine import Md5, Pdq, Sha256
from rempart.engine.errors import NotAFingerprint
from rempart.matcher.lists import UNSTATED_ADVICE, Batch, Entry, Kind, Part, Trust
from rempart.matcher.subscribe.interface import ListUnreachable

AT_ONCE = 10_000
MOST_LINE = 4_096
GZIP = b"\x1f\x8b"
UNKNOWN_QUALITY = 100
TYPES: dict[str, type[Pdq] | type[Sha256] | type[Md5]] = {
    "pdq": Pdq,
    "sha256": Sha256,
    "md5": Md5,
    "video_md5": Md5,
    "video_sha256": Sha256,
}


class FileReader:
    """``path``: lines ``pdq <hex>``, ``sha256 <hex>``, ``md5 <hex>``, ``video_md5 <hex>``, or a bare PDQ; empty lines and those
    that begin with ``#`` are passed over.

    A file with a line that is none of these is refused as a whole, with the number of the line, and so is one without a single
    fingerprint: half a list is worse than yesterday's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        """See Reader. The checkpoint is a digest of the file: read again only once it changed."""
        try:
            digest = self._checked()
            if digest == checkpoint:
                yield Batch(digest, (), is_last=True)
                return
            yield from self._batches(digest)
        except (OSError, EOFError, zlib.error) as error:
            raise ListUnreachable(f"The list's file cannot be read ({type(error).__name__}).") from None

    def _batches(self, digest: str) -> Iterator[Batch]:
        with self._opened() as file:
            at = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
            entries = (_entry(line, at) for line in _lines(file))
            batch, is_first = tuple(islice(entries, AT_ONCE)), True
            while True:
                after = tuple(islice(entries, AT_ONCE))
                # Cut short, the file is read again from its beginning: only the last batch says that it was read.
                yield Batch("" if after else digest, batch, is_last=not after, starts_afresh=is_first)
                if not after:
                    return
                batch, is_first = after, False

    def _checked(self) -> str:
        """A digest of the whole; raises where a line is no fingerprint, before anything of the file counts."""
        digest, count = hashlib.sha256(), 0
        with self._opened() as file:
            for number, line in enumerate(iter(lambda: file.readline(MOST_LINE), b""), start=1):
                digest.update(line)
                if _is_said(line):
                    _parsed(line, number)
                    count += 1
        if not count:
            raise ListUnreachable("The list's file holds no fingerprint: what was read before stays.")
        return digest.hexdigest()

    def _opened(self) -> IO[bytes]:
        with self._path.open("rb") as file:
            is_packed = file.read(2) == GZIP
        return cast(IO[bytes], gzip.open(self._path, "rb")) if is_packed else self._path.open("rb")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    return (line for line in iter(lambda: file.readline(MOST_LINE), b"") if _is_said(line))


def _is_said(line: bytes) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(b"#")


def _parsed(line: bytes, number: int) -> tuple[str, Pdq | Sha256 | Md5]:
    words = line.decode("ascii", "replace").split()
    kind, value = ("pdq", words[0]) if len(words) == 1 else (words[0].lower(), words[1])
    try:
        return kind, TYPES[kind].parse(value)
    except (KeyError, NotAFingerprint):
        raise ListUnreachable(f"Line {number} of the list's file is no fingerprint: nothing of the file was taken.") from None


def _entry(line: bytes, at: datetime) -> Entry:
    kind, found = _parsed(line, 0)
    name = f"{kind}-{hashlib.sha256(kind.encode() + found.value).hexdigest()[:32]}"
    made = Kind.VIDEO if kind.startswith("video") else Kind.PICTURE
    parts = (Part(found, UNKNOWN_QUALITY),) if isinstance(found, Pdq) else ()
    sha256 = found if isinstance(found, Sha256) else None
    md5 = found if isinstance(found, Md5) else None
    return Entry(name, made, parts, Trust.UNSTATED, UNSTATED_ADVICE, at, sha256=sha256, md5=md5)

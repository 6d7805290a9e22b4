"""A list as a file: one PDQ a line, as the ``local_file`` exchange of ``threatexchange`` reads it; and a manifest beside it.

A line carries no advice: only what should be blocked stands in it (``rules.publishing``).
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO

from rempart.desk.registers.lists.entries import Published
from rempart.desk.rules.protection import LEAST_QUALITY, Kind
from rempart.engine import USUAL_RADIUS

PACKING = 6


@dataclass(slots=True)
class Counted:
    """What went into a file: entries, lines, and its digests once it is closed."""

    entries: int = 0
    fingerprints: int = 0
    sha256: str = ""
    blake2b: bytes = b""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file holds, for whom, and up to which position."""

    file: str
    list: str
    client: str
    entries: int
    fingerprints: int
    sha256: str
    made_at: str
    position: int
    distance: int = USUAL_RADIUS
    least_quality: int = LEAST_QUALITY

    def written(self) -> bytes:
        """As JSON."""
        return (json.dumps(asdict(self), indent=1) + "\n").encode()


def manifest(name: str, *, list_name: str, client: str, counted: Counted, made_at: datetime, position: int) -> Manifest:
    """The manifest of a file that was written."""
    return Manifest(
        file=name,
        list=list_name,
        client=client,
        entries=counted.entries,
        fingerprints=counted.fingerprints,
        sha256=counted.sha256,
        made_at=made_at.isoformat(timespec="seconds"),
        position=position,
    )


class _Digesting:
    """Writes through, and digests what it writes."""

    def __init__(self, into: IO[bytes]) -> None:
        self.into, self.sha256, self.blake2b = into, hashlib.sha256(), hashlib.blake2b()

    def write(self, some: bytes) -> int:
        self.sha256.update(some)
        self.blake2b.update(some)
        return self.into.write(some)

    def flush(self) -> None:
        self.into.flush()


def write(entries: Iterable[Published], into: IO[bytes], *, is_packed: bool, is_whole_only: bool) -> Counted:
    """Write the lines, one entry after the other; what was written is digested as it goes."""
    counted, through = Counted(), _Digesting(into)
    if is_packed:
        # No name and no time inside: the same list is the same file.
        with gzip.GzipFile("", "wb", PACKING, through, mtime=0) as packed:
            for line in _lines(entries, counted, is_whole_only):
                packed.write(line)
    else:
        for line in _lines(entries, counted, is_whole_only):
            through.write(line)
    counted.sha256, counted.blake2b = through.sha256.hexdigest(), through.blake2b.digest()
    return counted


def _lines(entries: Iterable[Published], counted: Counted, is_whole_only: bool) -> Iterator[bytes]:
    for entry in entries:
        if entry.kind is not Kind.PICTURE or not entry.stands_without_advice:
            continue
        good = [part for part in entry.parts if part.quality >= LEAST_QUALITY and not (is_whole_only and part.number)]
        counted.entries += bool(good)
        counted.fingerprints += len(good)
        yield from (f"pdq {part.pdq.hex()}\n".encode() for part in good)

"""``CURRENT``: which files an index is made of at this moment. Small, readable, checked, and replaced as a whole.

Whoever reads it before a replacement has one whole version, whoever reads it after has the next. Numbers only grow and
no file name is ever used again, so a name stands for the same bytes for ever.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from rempart.engine.errors import IndexDamaged, IndexNotFound

CURRENT = "CURRENT"
CURRENT_NEXT = "CURRENT.next"
LOCK = "LOCK"
FORMAT = 1
MOST_BYTES = 1 << 20
OURS = re.compile(r"(?:(?:segment-\d+\.ring|withdrawn-\d+|log-\d+)(?:\.\w+)?|CURRENT|CURRENT\.next|LOCK)")
"""Names that an index gives to its files; nothing else in its folder is ever touched."""

HEAD = re.compile(r"rempart index (\d{1,20})\ngeneration (\d{1,20})\nnext (\d{1,20})\nentries (\d{1,20})\n")
LOG = re.compile(r"log (\d{1,20}) after (\d{1,20})\n")
SEGMENT = re.compile(r"segment (\d{1,20}) rows (\d{1,20}) sequence (\d{1,20}) bytes (\d{1,20}) check (\d{1,20})\n")
WITHDRAWN = re.compile(r"withdrawn (\d{1,20}) keys (\d{1,20}) pairs (\d{1,20}) check (\d{1,20})\n")


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One immutable segment. ``sequence``: withdrawals up to this one are already applied to its rows."""

    number: int
    rows: int
    sequence: int
    size: int
    check: int

    @property
    def name(self) -> str:
        """The file's."""
        return f"segment-{self.number}.ring"


@dataclass(frozen=True, slots=True)
class WithdrawnEntry:
    """The file of withdrawals that some segment still needs; ``check`` is the CRC-32 of all its bytes."""

    number: int
    keys: int
    pairs: int
    check: int

    @property
    def name(self) -> str:
        """The file's."""
        return f"withdrawn-{self.number}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of an index, but for what the log tells since.

    ``entries`` live in the segments, once the withdrawals of the file are applied; ``sequence`` is that of the last
    change they contain; the log's first record has the next one. Files to come take their numbers from ``next_number``.
    """

    generation: int
    next_number: int
    entries: int
    sequence: int
    log: int
    segments: tuple[SegmentEntry, ...] = ()
    withdrawn: WithdrawnEntry | None = None

    @property
    def log_name(self) -> str:
        """The file of changes since this version."""
        return log_name(self.log)

    @property
    def names(self) -> set[str]:
        """Every file of this version."""
        withdrawn = {self.withdrawn.name} if self.withdrawn else set()
        return {CURRENT, LOCK, self.log_name, *withdrawn, *(segment.name for segment in self.segments)}

    def encode(self) -> bytes:
        """The file: one line for each thing, the last one a CRC-32 of the others."""
        lines = [
            f"rempart index {FORMAT}\ngeneration {self.generation}\nnext {self.next_number}\nentries {self.entries}\n",
            f"log {self.log} after {self.sequence}\n",
        ]
        lines += [
            f"segment {one.number} rows {one.rows} sequence {one.sequence} bytes {one.size} check {one.check}\n"
            for one in self.segments
        ]
        if self.withdrawn:
            one = self.withdrawn
            lines.append(f"withdrawn {one.number} keys {one.keys} pairs {one.pairs} check {one.check}\n")
        text = "".join(lines).encode()
        return text + f"check {zlib.crc32(text)}\n".encode()


def log_name(number: int) -> str:
    """The file's."""
    return f"log-{number}"


def read_manifest(folder: Path) -> Manifest:
    """Raises IndexNotFound, IndexDamaged."""
    path = folder / CURRENT
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFound(f"There is no index in the folder {folder}.") from None
    except IsADirectoryError:
        raise IndexDamaged(f"{path} is a folder: this is not an index as Rempart writes it.") from None
    return decode(text, path)


def decode(text: bytes, path: Path) -> Manifest:
    """What ``encode`` wrote, and nothing else; ``path`` is for the sentence. Raises IndexDamaged."""
    body, _, check = text.rpartition(b"check ")
    if len(text) > MOST_BYTES or check != b"%d\n" % zlib.crc32(body):
        raise IndexDamaged(f"The index cannot be opened: {path} is not what was written.")
    head = HEAD.match(body.decode("ascii", "replace"))
    if head and int(head[1]) != FORMAT:
        raise IndexDamaged(f"The index was written in format {int(head[1])}, and this Rempart reads format {FORMAT}: {path}.")
    manifest = _parse(body.decode("ascii", "replace"))
    if manifest is None or manifest.encode() != text:
        raise IndexDamaged(f"The index cannot be opened: {path} is not written as it should be.")
    return manifest


def _parse(body: str) -> Manifest | None:
    head = HEAD.match(body)
    log = LOG.match(body, head.end()) if head else None
    if head is None or log is None:
        return None
    segments = [SegmentEntry(*map(int, found.groups())) for found in SEGMENT.finditer(body)]
    withdrawn = WITHDRAWN.search(body)
    return Manifest(
        generation=int(head[2]),
        next_number=int(head[3]),
        entries=int(head[4]),
        log=int(log[1]),
        sequence=int(log[2]),
        segments=tuple(segments),
        withdrawn=WithdrawnEntry(*map(int, withdrawn.groups())) if withdrawn else None,
    )

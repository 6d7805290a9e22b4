"""Reading every byte of an index: is it what was written, and do its parts agree?"""

from __future__ import annotations

from pathlib import Path

from rempart.engine.errors import IndexDamaged
from rempart.engine.index.entries import is_sorted_once
from rempart.engine.index.layout import HEADER_SIZE, Layout, Section
from rempart.engine.index.segment import Progress
from rempart.engine.index.version import Held, Version, load


def verify(folder: Path, progress: Progress | None = None) -> None:
    """Raises IndexDamaged, IndexNotFound. ``progress`` counts entries. The log and the small files are checked by opening."""
    version = load(folder)
    total = sum(held.entry.rows for held in version.held)
    alive, done = 0, 0
    for held in version.held:
        _verify_segment(folder, held, version.sequence, _within(progress, done, held.entry.rows, total))
        done += held.entry.rows
        alive += held.entry.rows - len(version.tombstones.dead_rows(held.segment.hashes, held.segment.keys, held.sequence))
    added = version.additions
    alive += len(added) - int(version.tombstones.are_dead(added.hashes, added.keys, added.sequences).sum())
    if alive != version.entries:
        raise IndexDamaged(f"The index in {folder} holds another number of entries than it says.")


def _verify_segment(folder: Path, held: Held, sequence: int, progress: Progress | None) -> None:
    segment = held.segment
    segment.verify(progress)
    _check_gaps(folder / held.entry.name, Layout(len(segment), segment.has_tables))
    if not is_sorted_once(segment.hashes, segment.keys) or held.sequence > sequence:
        raise IndexDamaged(f"The index is not in order: {folder / held.entry.name}.")


def _check_gaps(path: Path, layout: Layout) -> None:
    """Between the parts of a segment, which its checksums cover, there are zeros."""
    if not path.exists():
        return  # a writer has merged it meanwhile; it was read in whole through its mapping
    with path.open("rb") as file:
        end = HEADER_SIZE
        for section in (*layout.sections(), Section(layout.size, 0)):
            file.seek(end)
            if any(file.read(section.start - end)):
                raise IndexDamaged(f"The index is damaged: there is something between two parts of {path}.")
            end = section.end


def _within(progress: Progress | None, before: int, rows: int, total: int) -> Progress | None:
    """The progress of one segment as a part of the whole."""
    if progress is None:
        return None
    return lambda done, steps: progress(before + rows * done // max(steps, 1), total)


def count_dead(version: Version) -> int:
    """How many rows of segments and log are withdrawn and not yet removed."""
    rows = sum(held.entry.rows for held in version.held) + len(version.additions)
    return rows - version.entries

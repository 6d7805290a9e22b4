"""Making an index from nothing, of any size in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from rempart.engine.errors import EngineError, IndexDamaged, IndexExists, IndexNotFound
from rempart.engine.index import compaction, locking, publication
from rempart.engine.index.disk import DISK, FOLDER_OWNER_ONLY, Disk
from rempart.engine.index.entries import find, sorted_once
from rempart.engine.index.interface import HashArray, KeyArray, as_hashes, as_keys
from rempart.engine.index.manifest import CURRENT, LOCK, OURS, read_manifest
from rempart.engine.index.publication import Contents, Publisher
from rempart.engine.index.segment import Progress
from rempart.engine.index.tombstones import EMPTY
from rempart.engine.index.version import Held

Entries = tuple[HashArray, KeyArray]


def build(
    folder: Path,
    chunks: Iterable[Entries],
    *,
    replace: bool = False,
    threads: int = 0,
    progress: Progress | None = None,
    disk: Disk = DISK,
) -> None:
    """An index in this folder, of what the chunks hold. What was there stays in force until all is written.

    Raises IndexExists, IndexBusy, NotAFingerprint, ValueError, and whatever reading the chunks raises.
    """
    with _made_ready(folder, disk, replace=replace) as publisher:
        held: list[Held] = []
        for piece in _in_large_pieces(chunks):
            hashes, keys = _not_yet_in(held, *piece)
            if len(keys):
                held.append(publisher.write_segment(publisher.take_number(), hashes, keys, 0, threads, progress))
        entries = sum(one.entry.rows for one in held)
        version = publisher.publish(Contents(tuple(held), 0, entries, EMPTY, publication.NO_RECORDS))
        publisher.tidy(version.manifest.names)


def _not_yet_in(held: list[Held], hashes: HashArray, keys: KeyArray) -> Entries:
    new = np.ones(len(keys), np.bool_)
    for one in held:
        new &= find(one.segment.hashes, one.segment.keys, hashes, keys) < 0
    return (hashes, keys) if new.all() else (hashes[new], keys[new])


def _in_large_pieces(chunks: Iterable[Entries]) -> Iterator[Entries]:
    """Sorted pieces of at most as many entries as a segment should hold."""
    waiting: list[Entries] = []
    rows = 0
    for hashes, keys in chunks:
        hashes = as_hashes(hashes)
        keys = as_keys(keys, len(hashes))
        while rows + len(keys) > compaction.MOST_ROWS:
            room = compaction.MOST_ROWS - rows
            yield _one([*waiting, (hashes[:room], keys[:room])])
            hashes, keys, waiting, rows = hashes[room:], keys[room:], [], 0
        waiting.append((hashes, keys))
        rows += len(keys)
    if rows:
        yield _one(waiting)


def _one(pieces: list[Entries]) -> Entries:
    if len(pieces) == 1:
        return sorted_once(*pieces[0])
    hashes = np.concatenate([hashes for hashes, _ in pieces])
    keys = np.concatenate([keys for _, keys in pieces])
    pieces.clear()
    return sorted_once(hashes, keys)


@contextmanager
def _made_ready(folder: Path, disk: Disk, *, replace: bool) -> Iterator[Publisher]:
    """The folder, locked, with what gives numbers in it. If the build fails, what it left there is removed."""
    is_new = _make(folder, replace=replace)
    lock = locking.lock(folder)
    try:
        _refuse_another(folder, replace=replace)
        publisher = Publisher(folder, disk, *_last_numbers(folder))
        try:
            yield publisher
        except BaseException:
            _clear(folder, publisher, is_new=is_new)
            raise
    finally:
        locking.unlock(lock)


def _make(folder: Path, *, replace: bool) -> bool:
    """Was it made now?"""
    try:
        folder.mkdir(mode=FOLDER_OWNER_ONLY, parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise EngineError(f"An index is a folder, and {folder} is a file.") from None
    else:
        return True
    _refuse_another(folder, replace=replace)
    if any(not OURS.fullmatch(path.name) for path in folder.iterdir()):
        raise EngineError(f"The folder {folder} holds other files. An index needs a folder of its own: a new or an empty one.")
    folder.chmod(FOLDER_OWNER_ONLY)
    return False


def _clear(folder: Path, publisher: Publisher, *, is_new: bool) -> None:
    with suppress(OSError, IndexDamaged):  # the build's own trouble is the one to tell
        try:
            publisher.tidy(read_manifest(folder).names)
        except IndexNotFound:
            publisher.tidy({LOCK})
            if is_new:
                (folder / LOCK).unlink()
                folder.rmdir()


def _refuse_another(folder: Path, *, replace: bool) -> None:
    if (folder / CURRENT).exists() and not replace:
        raise IndexExists(f"There is an index in {folder} already. Add to it, or say that it may be replaced.")


def _last_numbers(folder: Path) -> tuple[int, int]:
    """A generation and a number that neither the index before, damaged or not, nor its files have reached."""
    numbers = [int("".join(filter(str.isdigit, path.name)) or 0) for path in folder.iterdir()]
    free = max(numbers, default=0) + 1
    try:
        before = read_manifest(folder)
    except (IndexNotFound, IndexDamaged):
        return free - 1, free
    return before.generation, max(before.next_number, free)

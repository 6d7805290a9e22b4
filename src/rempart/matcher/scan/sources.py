"""From the words of the command to the plan: each file with its number, in an order that depends on nothing but their names."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rempart.engine.commands.finding import printable
from rempart.matcher.scan.manifests import Listed, read_lines, read_manifest
from rempart.matcher.scan.opening import reason_of
from rempart.matcher.scan.pieces import Item, Reason


@dataclass(frozen=True, slots=True)
class Sources:
    """``words``: files, folders, and - for names on standard input; ``root``: what names in manifests are relative to."""

    words: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    root: str = ""
    ends_with_nul: bool = False
    without: tuple[str, ...] = ()
    """Paths that are not looked at: what the command itself writes."""


def items_of(sources: Sources) -> Iterator[Item]:
    """Everything there is to do; nothing of it is opened. Raises ManifestRefused and OSError of a manifest."""
    numbers = count()
    left_out = frozenset(os.path.realpath(path) for path in sources.without)
    for word in _outermost(sources.words):
        if word == "-":
            lines = read_lines(sys.stdin.buffer, separator=b"\0" if sources.ends_with_nul else b"\n")
            found = _listed("standard input", lines, "")
        else:
            found = _of_word(word, left_out)
        yield from (one._replace(number=next(numbers)) for one in found)
    for name in sources.manifests:
        found = _listed(printable(name), read_manifest(Path(name)), sources.root)
        yield from (one._replace(number=next(numbers)) for one in found)


def _outermost(words: Sequence[str]) -> list[str]:
    """Each once, without what lies in a folder that is named too; what is not there stays, to be told."""
    kept: dict[str, str] = {}
    for word in words:
        kept.setdefault("-" if word == "-" else os.path.realpath(word), word)
    inner = {real for real in kept if os.path.exists(real) and any(other != real and _is_in(real, other) for other in kept)}  # noqa: PTH110
    return [word for real, word in kept.items() if real not in inner]


def _is_in(path: str, folder: str) -> bool:
    return "-" not in (path, folder) and path.startswith(os.path.join(folder, ""))  # noqa: PTH118 - see below


def _of_word(word: str, left_out: frozenset[str]) -> Iterator[Item]:
    try:
        is_folder = stat.S_ISDIR(os.stat(word).st_mode)  # noqa: PTH116
    except (OSError, ValueError) as refused:
        yield Item(0, word, reason=reason_of(refused))
        return
    if not is_folder:
        yield Item(0, word)
        return
    yield from _walk(word, left_out)


def _walk(folder: str, left_out: frozenset[str]) -> Iterator[Item]:
    """The files in a folder and below. Links to folders are not followed: no walk goes round in circles."""
    waiting, names = [folder], {os.path.basename(path) for path in left_out}  # noqa: PTH119
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(place) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as refused:
            yield Item(0, place, reason=reason_of(refused))
            continue
        inside = [entry for entry in inside if entry.name not in names or os.path.realpath(entry.path) not in left_out]
        waiting += [entry.path for entry in reversed(inside) if entry.is_dir(follow_symlinks=False)]
        yield from (Item(0, entry.path, is_named=False) for entry in inside if _is_file(entry))


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False  # a link that leads nowhere, or to itself


def _listed(manifest: str, lines: Iterable[tuple[int, Listed]], root: str) -> Iterator[Item]:
    for number, one in lines:
        if one.path is None:
            yield Item(0, f"{manifest}, line {number}", one.id, reason=Reason.BAD_LINE)
        else:
            yield Item(0, os.path.join(root, one.path), one.id)  # noqa: PTH118 - a name that is not UTF-8 must stay its bytes

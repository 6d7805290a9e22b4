"""From the words of a command to the files it means: folders, patterns, lists; each file once, whatever names lead to it."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PATTERN_SIGNS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """``path`` as it was named, ``is_named``: by itself or by a pattern, and not only by the folder it is in."""

    path: str
    file_bytes: int
    modified_ns: int
    is_named: bool

    def __repr__(self) -> str:
        return f"FoundFile({printable(self.path)})"


@dataclass(slots=True)
class Found:
    """``files`` in the order of the words, each folder by name; ``refusals``: what was named and cannot be read, and why.

    ``set_aside``: how many things in folders are no files (pipes, sockets, devices, broken links), which is no error.
    """

    files: list[FoundFile] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    set_aside: int = 0


def find(words: Iterable[str], *, without: Iterable[str] = ()) -> Found:
    """Every file that these words mean: a file, a folder with all that is in it, or a pattern such as ``films/**/*.mp4``.

    A link to a file is followed, a link to a folder only if it is itself a word: no walk can then go round in circles.
    ``without``: paths that are not taken, such as the command's own output.
    """
    found = Found()
    seen = {os.path.realpath(path) for path in without}
    for word in words:
        paths = [word] if os.path.lexists(word) or not PATTERN_SIGNS & set(word) else _matching(word)
        if not paths:
            found.refusals.append((word, "No file has a name like this."))
        for path in paths:
            _take(path, found, seen)
    return found


def _matching(pattern: str) -> list[str]:
    return sorted(glob.glob(pattern, recursive=True, include_hidden=True))  # noqa: PTH207 - the names as they were written


def _take(path: str, found: Found, seen: set[str]) -> None:
    try:
        is_folder = stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError) as refused:
        found.refusals.append((path, reason(refused)))
        return
    if not is_folder:
        _add(path, found, seen, is_named=True)
        return
    for inside in _walk(path, found):
        _add(inside, found, seen, is_named=False)


def _walk(folder: str, found: Found) -> Iterator[str]:
    """What is in a folder and below, links to folders left out. A folder that may not be read is a refusal."""

    def refuse(error: OSError) -> None:
        found.refusals.append((str(error.filename), reason(error)))

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        for name in sorted(names):
            yield os.path.join(place, name)  # noqa: PTH118 - a name that is not UTF-8 must stay the bytes it is


def _add(path: str, found: Found, seen: set[str], *, is_named: bool) -> None:
    real = os.path.realpath(path)
    if real in seen:
        return
    seen.add(real)
    try:
        known = Path(path).stat()
    except OSError as refused:
        if is_named:
            found.refusals.append((path, reason(refused)))
        else:
            found.set_aside += 1
        return
    if stat.S_ISREG(known.st_mode):
        found.files.append(FoundFile(path, known.st_size, known.st_mtime_ns, is_named))
    elif is_named:
        found.refusals.append((path, "This is a pipe, a socket or a device, not a file."))
    else:
        found.set_aside += 1


def reason(refused: Exception) -> str:
    """Why the system refuses a path, in a sentence without the path."""
    if isinstance(refused, FileNotFoundError):
        return "There is no such file."
    if isinstance(refused, PermissionError):
        return "It may not be read: permission denied."
    if isinstance(refused, OSError) and refused.strerror:
        return f"It cannot be read: {refused.strerror.lower()}."
    return "It cannot be read."


def words_of(lists: bytes, *, separator: bytes = b"\n") -> list[str]:
    """Names from a list such as ``find`` prints: one a line, or ended by NUL. Empty ones are passed over."""
    return [os.fsdecode(name) for name in lists.split(separator) if name]


def printable(path: str) -> str:
    """A name as it may be shown on a terminal: signs that would move the cursor or are no text are written as \\x escapes."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in path)

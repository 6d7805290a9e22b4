"""Where things lie in a matcher's folder, and who may write there."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from rempart.matcher.settings import ListSettings, Settings

PATIENCE = 5.0
"""Seconds that the children of a matcher that was killed are given to end."""


class FolderTaken(RuntimeError):
    """Another matcher runs in this folder; the text is a sentence."""


def shelf_of(settings: Settings, name: str) -> Path:
    """Of one list."""
    return settings.folder / "lists" / name


class Lock:
    """Held by the first process of a matcher and its children: the folder is free once all of them are gone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "lock"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> None:
        """Raises FolderTaken, at once where the other one lives."""
        until = time.monotonic() + PATIENCE
        while not self._taken():
            if self._is_held_by_the_living() or time.monotonic() > until:
                os.close(self._file)
                raise FolderTaken(f"Another matcher runs in the folder {self._path.parent}: stop it, or choose another folder.")
            time.sleep(0.02)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def give(self) -> None:
        """Let another one."""
        os.close(self._file)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_held_by_the_living(self) -> bool:
        text = os.pread(self._file, 20, 0).decode("ascii", "replace")
        if not text.isdecimal():
            return True  # it is just starting
        try:
            os.kill(int(text), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def keep_apart(settings: Settings) -> list[str]:
    """What is held under a name from another owner is thrown away, never mixed. Returns the names of such lists."""
    changed = []
    for one in settings.lists:
        folder = shelf_of(settings, one.name)
        note, owner = folder / "owner", _owner(one)
        if folder.exists() and note.exists() and note.read_text(encoding="ascii") != owner:
            shutil.rmtree(folder)
            changed.append(one.name)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not note.exists():
            note.write_text(owner, encoding="ascii")
    return changed


def _owner(one: ListSettings) -> str:
    """Who publishes what we read, and which part of it; without secrets."""
    said = json.dumps([one.shape, one.url, str(one.path or ""), sorted(one.members)])
    return hashlib.sha256(said.encode()).hexdigest()

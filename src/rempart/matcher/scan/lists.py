"""From the words of the command to the lists that are asked: of the matcher's settings, of its folder, or one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rempart.engine import EngineError
from rempart.matcher.lookup import ListRules
from rempart.matcher.scan.asking import Asked, CannotAsk
from rempart.matcher.scan.seeing import Sight
from rempart.matcher.service.places import shelf_of
from rempart.matcher.settings import Settings
from rempart.matcher.shelf.asking import is_written
from rempart.matcher.shelf.tables import NAME
from rempart.matcher.shelf.writing import ShelfWriter
from rempart.matcher.subscribe.file import FileReader
from rempart.matcher.subscribe.interface import ListUnreachable

LISTS = "lists"
"""Folder of the shelves, in the matcher's own."""


def of_settings(settings: Settings, sight: Sight) -> Asked:
    """Every list of the settings, with its rules."""
    lists = tuple(ListRules(one.name, shelf_of(settings, one.name), one.radius, one.rules) for one in settings.lists)
    return Asked(_absolute(lists), is_dry_run=settings.is_dry_run, sight=sight)


def of_folder(folder: Path, radius: int, sight: Sight) -> Asked:
    """Every list that a matcher keeps in its folder; each does as its owner advises. Raises CannotAsk."""
    inside = folder / LISTS if (folder / LISTS).is_dir() else folder
    shelves = [inside] if (inside / NAME).exists() else sorted(one for one in _folders(inside) if is_written(one))
    if not shelves:
        raise CannotAsk("There is no list in this folder: it is the one that the matcher keeps, or one list in it.")
    return Asked(_absolute(tuple(ListRules(one.name, one, radius) for one in shelves)), sight=sight)


def of_file(path: Path, state: Path, radius: int, sight: Sight) -> Asked:
    """A list in a file, read into a folder of the scan's state; or an index that ``rempart index`` built. Raises CannotAsk."""
    if path.is_dir():
        return Asked(index=path.absolute(), radius=radius, sight=sight)
    folder = state / "list"
    try:
        with ShelfWriter(folder) as writer:
            now = datetime.now(UTC)
            for batch in FileReader(path).read(writer.checkpoint or None, now=now):
                writer.take(batch, now=now)
    except (ListUnreachable, EngineError) as refused:
        raise CannotAsk(str(refused)) from None
    return Asked(_absolute((ListRules(path.name, folder, radius),)), sight=sight)


def _folders(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.is_dir()]
    except OSError:
        return []


def _absolute(lists: tuple[ListRules, ...]) -> tuple[ListRules, ...]:
    """Processes elsewhere have other folders they are in."""
    return tuple(ListRules(one.name, one.folder.absolute(), one.radius, one.rules) for one in lists)

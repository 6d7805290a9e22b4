"""One entry is switched off from another process than the one that writes the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from rempart.matcher.shelf.asking import Shelf
from rempart.matcher.shelf.switches import Disabled, NoShelf, disable, disabled, enable
from rempart.matcher.shelf.writing import ShelfWriter
from tests.matcher.made import NOW, batch, entry, gone, pdq


def is_off(folder: Path) -> bool:
    (found,) = Shelf(folder).near_one(pdq(1))
    return found.held.standing.is_disabled


def test_switched_off_and_on_while_the_list_is_written(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1))), now=NOW)
        assert disable(tmp_path, "a", why="A meme.", now=NOW)
        assert is_off(tmp_path)
        writer.take(batch(entry("a", pdq(1), pdq(2)), checkpoint="2"), now=NOW)
        assert is_off(tmp_path)
        assert disabled(tmp_path) == [Disabled("a", "A meme.", NOW, True)]
        writer.take(batch(gone("a"), checkpoint="3"), now=NOW)
        assert not disabled(tmp_path)[0].is_held
        assert enable(tmp_path, "a")
        assert not enable(tmp_path, "a")
        writer.take(batch(entry("a", pdq(1)), checkpoint="4"), now=NOW)
        assert not is_off(tmp_path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoShelf):
        disable(tmp_path, "a", why="", now=NOW)
    ShelfWriter(tmp_path).close()
    assert not disable(tmp_path, "a", why="", now=NOW)

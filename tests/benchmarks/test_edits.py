"""Thirty edits: each changes the picture, always in the same way."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import drawn
from benchmarks.edits import EDITS, edited

PICTURE, OTHER = drawn.scene(2).resize((320, 180)), drawn.scene(3).resize((200, 200))


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_the_picture_always_in_the_same_way(name: str) -> None:
    before = PICTURE.tobytes()
    once, again = (np.asarray(edited(name, PICTURE, OTHER, "a name")) for _ in range(2))
    assert PICTURE.tobytes() == before
    assert (once == again).all()
    assert once.shape[2] == 3
    assert once.shape != (180, 320, 3) or (once != np.asarray(PICTURE)).any()


def test_there_are_thirty() -> None:
    assert len(EDITS) == 30


def test_chance_depends_on_the_picture() -> None:
    """Crops of pictures of the same size lie elsewhere."""
    crops = {edited("crop_30", PICTURE, OTHER, name).tobytes() for name in ("one", "two", "three")}
    assert len(crops) == 3


def test_crops_lose_what_they_say() -> None:
    assert edited("crop_20", PICTURE, OTHER, "a name").size == (256, 144)
    assert edited("letterbox", PICTURE, OTHER, "a name").size == (320, 320)

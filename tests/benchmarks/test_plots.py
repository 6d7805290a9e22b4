"""The plots of the documentation: they say what was measured, in both languages, and so do the tables beside them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import accumulate

import pytest

from benchmarks import plots, ring_drawing
from benchmarks.edits import EDITS
from benchmarks.plot_words import EDIT_WORDS, WORDS

SAVED: plots.Saved = {
    **{f"recall_{name}": {"name": name, "value": 97.4, "peer_value": 3.0} for name in [*EDITS, "mean_30_edits"]},
    "lookups_at_1000": {"value": 900_000.0, "peer_value": 9_000.0},
    "lookups_at_10000000": {"value": 33_000.0, "peer_value": 118.0},
    "lookups_at_100000000": {"value": 2_000.0, "peer_value": None},
}
DRAWINGS = {
    "ring": plots.ring,
    "recall": lambda language: plots.recall(SAVED, language),
    "lookups": lambda language: plots.lookups(SAVED, language),
}


@pytest.mark.parametrize("language", plots.LANGUAGES)
@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_a_drawing_can_be_read_without_being_seen(name: str, language: str) -> None:
    drawn = str(DRAWINGS[name](language))
    root = ElementTree.fromstring(drawn)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.get("lang") == language
    assert all((root.findtext(f"{space}{part}") or "").strip() for part in ("title", "desc"))
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", ""), "nothing is fetched"


def test_every_edit_has_its_words() -> None:
    assert set(EDIT_WORDS) == {*EDITS, "mean_30_edits"}
    assert all(set(words) == set(plots.LANGUAGES) for words in EDIT_WORDS.values())
    assert WORDS["en"].keys() == WORDS["fr"].keys()


def test_numbers_stand_in_drawing_and_table() -> None:
    page = "before\n<!-- lookups -->\nold\n<!-- end -->\nbetween\n<!-- recall -->\n<!-- end -->\nafter\n"
    for language, number in (("en", "33,000"), ("fr", "33\u202f000")):
        written = plots.with_tables(page, SAVED, "A processor.", language)
        assert "old" not in written
        assert f"{number} | 118 | 280 ×" in written
        assert number in str(plots.lookups(SAVED, language))
        assert written.count("97 %") == 31
        assert written.startswith("before\n")
        assert written.endswith("<!-- end -->\nafter\n")
        assert plots.with_tables(written, SAVED, "A processor.", language) == written


def test_a_page_without_marks_is_left_alone() -> None:
    assert plots.with_tables("nothing here\n", SAVED, "A processor.", "en") == "nothing here\n"


@pytest.mark.skipif(not plots.FIGURES.exists(), reason="nothing was measured yet")
@pytest.mark.parametrize("language", plots.LANGUAGES)
def test_the_documentation_says_what_was_measured(language: str) -> None:
    """Pages and drawings are those of the figures kept: python -m benchmarks.plots"""
    saved, machine = plots.read(plots.FIGURES)
    page = plots.PAGES[language].read_text(encoding="utf-8")
    assert plots.with_tables(page, saved, machine, language) == page
    for name, drawing in plots.drawings(saved, language).items():
        assert (plots.IMAGES / name).read_text(encoding="utf-8") == str(drawing)


def test_the_ring_that_is_drawn_obeys_its_rule() -> None:
    assert sum(ring_drawing.DISTANCES) == ring_drawing.RADIUS
    assert len(ring_drawing.DISTANCES) == ring_drawing.CHUNKS
    around = [*ring_drawing.DISTANCES, *ring_drawing.DISTANCES]
    for start in range(ring_drawing.CHUNKS):
        sums = list(accumulate(around[start : start + ring_drawing.LOOKED_AT]))
        keeps = all(16 * total <= 31 * length for length, total in enumerate(sums, start=1))
        assert keeps is (start in ring_drawing.starts())
    assert ring_drawing.starts()

"""A list on the disk: what was taken is answered, what is gone is gone, whatever is cut short."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine import IndexWriter, Pdq, Sha256, rows_of
from rempart.engine.errors import IndexBusy
from rempart.matcher.lists import Batch, Entry, Gone, Trust
from rempart.matcher.shelf import writing
from rempart.matcher.shelf.asking import Shelf, is_written
from rempart.matcher.shelf.writing import ShelfWriter, TooManyParts
from tests.matcher.made import NOW, batch, entry, gone, near, pdq

pytestmark = pytest.mark.slow


def names(shelf: Shelf, asked: Pdq) -> set[str]:
    return {found.held.name for found in shelf.near_one(asked)}


def test_an_entry_is_found_near_and_exactly(tmp_path: Path) -> None:
    file = Sha256(bytes(range(32)))
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1), pdq(2), sha256=file), entry("b", pdq(3))), now=NOW)
    shelf = Shelf(tmp_path)
    [found] = shelf.near_one(near(pdq(2), 12))
    assert (found.held.name, found.variant, found.distance, found.quality) == ("a", "trim-1", 12, 100)
    assert [(one.question, one.held.name) for one in shelf.near(rows_of([pdq(9), pdq(3), pdq(1)]))] == [(1, "b"), (2, "a")]
    assert [(place, held.name) for place, held in shelf.exact([Sha256(bytes(32)), file])] == [(1, "a")]
    assert not shelf.near_one(near(pdq(1), 32))
    assert shelf.state().entries == 2


def test_a_tombstone_counts_for_readers_that_were_open(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1)), entry("b", pdq(2))), now=NOW)
        shelf = Shelf(tmp_path)
        assert names(shelf, pdq(1)) == {"a"}
        taken = writer.take(batch(gone("a"), gone("never heard of"), checkpoint="2"), now=NOW)
        assert (taken.written, taken.restated, taken.gone) == (0, 0, 1)
        assert not names(shelf, pdq(1))
        assert names(shelf, pdq(2)) == {"b"}
        assert writer.checkpoint == shelf.state().checkpoint == "2"


def test_another_trust_changes_no_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1))), now=NOW)
        monkeypatch.setattr(IndexWriter, "add", lambda *_: pytest.fail("the index has nothing to learn"))
        taken = writer.take(batch(entry("a", pdq(1), trust=Trust.CONFIRMED)), now=NOW)
        assert (taken.written, taken.restated) == (0, 1)
    [found] = Shelf(tmp_path).near_one(pdq(1))
    assert found.held.standing.trust is Trust.CONFIRMED


def test_an_entry_replaced_is_found_by_its_new_fingerprints_only(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1), pdq(2)), entry("a", pdq(3))), now=NOW)
        shelf = Shelf(tmp_path)
        assert not names(shelf, pdq(1)) | names(shelf, pdq(2))
        assert names(shelf, pdq(3)) == {"a"}


def test_the_same_fingerprint_under_two_names_stays_until_both_are_gone(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1)), entry("b", pdq(1))), now=NOW)
        shelf = Shelf(tmp_path)
        assert names(shelf, pdq(1)) == {"a", "b"}
        writer.take(batch(gone("a")), now=NOW)
        assert names(shelf, pdq(1)) == {"b"}


def test_a_list_read_whole_forgets_what_it_no_longer_names(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1)), entry("b", pdq(2)), starts_afresh=True), now=NOW)
        writer.take(batch(entry("b", pdq(2)), is_last=False, starts_afresh=True), now=NOW)
        shelf = Shelf(tmp_path)
        assert names(shelf, pdq(1)) == {"a"}, "not before the reading is over"
        writer.take(batch(entry("c", pdq(3))), now=NOW)
        assert [names(shelf, pdq(seed)) for seed in (1, 2, 3)] == [set(), {"b"}, {"c"}]


def test_disabled_here_stays_so_when_the_owner_changes_it(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(entry("a", pdq(1))), now=NOW)
        writer.disable("a", why="looked at", now=NOW)
        writer.take(batch(entry("a", pdq(2))), now=NOW)
        shelf = Shelf(tmp_path)
        assert shelf.near_one(pdq(2))[0].held.standing.is_disabled
        writer.enable("a")
        assert not shelf.near_one(pdq(2))[0].held.standing.is_disabled


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path), pytest.raises(IndexBusy):
        ShelfWriter(tmp_path)
    ShelfWriter(tmp_path).close()


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "list"
    with ShelfWriter(folder) as writer:
        writer.take(batch(entry("a", pdq(1))), now=NOW)
        for path in (folder, *folder.rglob("*")):
            assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path.name


def test_nothing_written_is_said(tmp_path: Path) -> None:
    assert not is_written(tmp_path / "nothing")
    with ShelfWriter(tmp_path / "list"):
        assert is_written(tmp_path / "list")


def test_an_entry_of_too_many_parts_keeps_nothing_of_its_batch(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        with pytest.raises(TooManyParts):
            writer.take(batch(entry("a", pdq(1)), entry("b", *[pdq(2)] * 4097), checkpoint="9"), now=NOW)
        assert writer.checkpoint is None
        assert Shelf(tmp_path).state().entries == 0


class Cut(Exception):
    """The power went."""


CHANGES = st.lists(
    st.one_of(
        st.builds(
            lambda name, seeds: entry(name, *map(pdq, seeds)), st.sampled_from("abcdef"), st.lists(st.integers(0, 9), max_size=3)
        ),
        st.builds(gone, st.sampled_from("abcdefg")),
    ),
    max_size=6,
)
HISTORY = st.lists(st.tuples(CHANGES, st.booleans(), st.integers(0, 3)), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY)
def test_whatever_happens_and_whenever_it_is_cut_the_answers_are_those_of_the_list(
    history: list[tuple[list[Entry | Gone], bool, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    model: dict[str, Entry] = {}
    for turn, (changes, starts_afresh, cut_after) in enumerate(history):
        one = batch(*changes, checkpoint=str(turn), starts_afresh=starts_afresh)
        try_and_cut(folder, one, cut_after)
        with ShelfWriter(folder) as writer:
            if writer.checkpoint != str(turn):
                writer.take(one, now=NOW)
        model = {} if starts_afresh else model
        for change in changes:
            model.pop(change.name, None)
            if isinstance(change, Entry):
                model[change.name] = change
        answers_are_those_of(folder, model)


def try_and_cut(folder: Path, one: Batch, after: int) -> None:
    """The index takes so many changes, then the process dies before it can note that it did."""
    left = [after]

    def cut(_writer: ShelfWriter, _table: str, _up_to: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Cut
        tear(_writer, _table, _up_to)

    tear: Callable[[ShelfWriter, str, int], None] = ShelfWriter._tear
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "AT_ONCE", 2)
        patch.setattr(ShelfWriter, "_tear", cut)
        try:
            with ShelfWriter(folder) as writer:
                writer.take(one, now=NOW)
        except Cut:
            pass


def answers_are_those_of(folder: Path, model: dict[str, Entry]) -> None:
    shelf = Shelf(folder)
    assert shelf.state().entries == len(model)
    for seed in range(10):
        expected = [(name, part.variant) for name, held in model.items() for part in held.parts if part.pdq == pdq(seed)]
        assert sorted((one.held.name, one.variant) for one in shelf.near_one(pdq(seed))) == sorted(expected)
    shelf.close()


def test_hashes_of_shape_n_32_are_asked_at_once(tmp_path: Path) -> None:
    with ShelfWriter(tmp_path) as writer:
        writer.take(batch(*(entry(f"e{seed}", pdq(seed)) for seed in range(500))), now=NOW)
    found = Shelf(tmp_path).near(np.concatenate([rows_of([pdq(seed)]) for seed in range(500)]))
    assert [(one.question, one.held.name) for one in found] == [(seed, f"e{seed}") for seed in range(500)]

"""The question and its answer, over real lists on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine import Pdq, Sha256, is_degenerate, rows_of
from rempart.matcher.lists import Act, Entry, Gone, Trust
from rempart.matcher.lookup import ListRules, Lookup, Question, share_of
from rempart.matcher.policy import Because, Outcome, Rule
from rempart.matcher.shelf.writing import ShelfWriter
from tests.matcher.made import NOW, batch, entry, gone, near, pdq

FILE = Sha256(bytes(range(32)))


def held(folder: Path, *changes: Entry | Gone) -> Path:
    with ShelfWriter(folder) as writer:
        writer.take(batch(*changes), now=NOW)
    return folder


def asking(*pdqs: Pdq, **also: object) -> Question:
    return Question(rows_of(list(pdqs)), tuple(f"view-{place}" for place in range(len(pdqs))), (100,) * len(pdqs), **also)  # type: ignore[arg-type]


def test_an_entry_met_by_several_views_is_told_once_by_the_nearest(tmp_path: Path) -> None:
    lookup = Lookup([ListRules("minors", held(tmp_path, entry("a", pdq(1), pdq(2))))])
    answer = lookup.ask(asking(near(pdq(1), 9), near(pdq(2), 3), pdq(7)))
    [found] = answer.found
    assert (found.entry, found.distance, found.asked_view, found.variant) == ("a", 3, "view-1", "trim-1")
    assert (found.outcome, found.because, answer.outcome) == (Outcome.HOLD, Because.RULE, Outcome.HOLD)


def test_the_same_file_is_told_as_such_and_blocked(tmp_path: Path) -> None:
    lookup = Lookup([ListRules("minors", held(tmp_path, entry("a", pdq(1), sha256=FILE)))])
    answer = lookup.ask(asking(pdq(1), digests=(FILE,)))
    [found] = answer.found
    assert found.is_exact
    assert found.distance is None
    assert answer.outcome is Outcome.BLOCK


def test_lists_stand_side_by_side_with_their_own_rules(tmp_path: Path) -> None:
    one = ListRules("minors", held(tmp_path / "minors", entry("a", pdq(1))))
    mild = {Trust.SELF_DECLARED: Rule(follow=False, near=Act.COUNT)}
    other = ListRules("adults", held(tmp_path / "adults", entry("b", pdq(1)), entry("c", pdq(2))), rules=mild)
    later = ListRules("later", tmp_path / "nothing yet")
    answer = Lookup([one, other, later]).ask(asking(pdq(1)))
    assert [(found.list_name, found.entry, found.outcome) for found in answer.found] == [
        ("minors", "a", Outcome.HOLD),
        ("adults", "b", Outcome.COUNT),
    ]
    assert answer.unready == ("later",)
    assert Lookup([one, other]).ask(asking(pdq(1))).unready == ()


def test_what_was_withdrawn_since_the_last_question_is_not_met(tmp_path: Path) -> None:
    lookup = Lookup([ListRules("minors", held(tmp_path, entry("a", pdq(1), sha256=FILE)))])
    assert lookup.ask(asking(pdq(1), digests=(FILE,))).found
    held(tmp_path, gone("a"))
    assert not lookup.ask(asking(pdq(1), digests=(FILE,))).found


def test_stripes_are_never_blocked_unseen(tmp_path: Path) -> None:
    stripes = Pdq(bytes.fromhex("aaaa5555" * 8))
    assert is_degenerate(stripes)
    rules = {Trust.SELF_DECLARED: Rule(follow=False, near=Act.BLOCK)}
    lookup = Lookup([ListRules("minors", held(tmp_path, entry("a", stripes), entry("b", pdq(1))), rules=rules)])
    assert [(one.outcome, one.because) for one in lookup.ask(asking(stripes)).found] == [(Outcome.HOLD, Because.DOUBTFUL)]
    assert lookup.ask(asking(pdq(1))).outcome is Outcome.BLOCK
    poor = Question(rows_of([pdq(1)]), ("whole",), (49,))
    assert lookup.ask(poor).found[0].because is Because.DOUBTFUL


def test_one_entry_flooded_is_held_and_no_other(tmp_path: Path) -> None:
    rules = ListRules("minors", held(tmp_path, entry("a", pdq(1), sha256=FILE), entry("b", pdq(1), sha256=FILE)))
    answer = Lookup([rules], is_flooded=lambda name, one: (name, one) == ("minors", "a")).ask(asking(digests=(FILE,)))
    assert {one.entry: one.because for one in answer.found} == {"a": Because.FLOOD, "b": Because.RULE}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    listed=st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=3), max_size=6),
    asked=st.lists(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 40)), max_size=3), max_size=5),
)
def test_many_at_once_are_answered_as_one_by_one_and_as_by_comparing_each(
    listed: list[list[int]], asked: list[list[tuple[int, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = [entry(f"e{number}", *map(pdq, seeds)) for number, seeds in enumerate(listed)]
    lookup = Lookup([ListRules("l", held(tmp_path_factory.mktemp("list"), *entries))])
    questions = [asking(*(near(pdq(seed), bits, seed) for seed, bits in one)) for one in asked]
    answers = lookup.ask_many(questions)
    for question, answer in zip(questions, answers, strict=True):
        expected = {one.name: nearest(question, one) for one in entries}
        assert {one.entry: one.distance for one in answer.found} == {
            name: bits for name, bits in expected.items() if bits is not None
        }
        assert lookup.ask(question).found == answer.found


def nearest(question: Question, one: Entry) -> int | None:
    rows = [Pdq(row.tobytes()) for row in question.pdqs]
    return min((bits for row in rows for part in one.parts if (bits := row.distance(part.pdq)) <= 31), default=None)


def test_shares_are_even_and_stay(tmp_path: Path) -> None:
    shares = np.array([share_of(f"upload {number}", "minors") for number in range(2_000)])
    assert share_of("upload 7", "minors") == shares[7] != share_of("upload 7", "adults")
    counts, _ = np.histogram(shares, bins=10, range=(0, 1))
    assert counts.min() > 140
    assert counts.max() < 260


def test_a_question_and_its_answer_show_no_fingerprint(tmp_path: Path) -> None:
    lookup = Lookup([ListRules("minors", held(tmp_path, entry("a", pdq(1), sha256=FILE)))])
    question = asking(pdq(1), digests=(FILE,))
    shown = repr(question) + repr(lookup.ask(question)) + repr(entry("a", pdq(1)))
    assert pdq(1).hex() not in shown
    assert FILE.hex() not in shown
    assert str(question.pdqs[0][:4])[1:-1] not in shown

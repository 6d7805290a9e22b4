"""What people decided, told to doubles of each shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.matcher.results import Reason, Result, Verdict
from rempart.matcher.shelf.asking import Shelf
from rempart.matcher.subscribe.doubles.server import Double, Fault
from rempart.matcher.subscribe.doubles.shapes import REASONS, Asked, Said
from rempart.matcher.subscribe.interface import ListUnreachable, Teller
from rempart.matcher.subscribe.making import teller_of
from rempart.matcher.subscribe.telling import WORDS, _chosen
from tests.matcher.made import NOW
from tests.matcher.subscribe.owners import Clock, owner, read, settings_of

SAME, OTHER = REASONS


@pytest.fixture(params=["rempart", "ncmec", "stopncii"])
def owned(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Double, Clock, list[Result]]]:
    """A double, and a result of each kind about what was read of it."""
    with owner(request.param) as (double, clock):
        double.shape.garden.add(4)
        read(request.param, double, tmp_path, clock)
        shelf = Shelf(tmp_path)
        names = [found[0].held.name for one in double.shape.garden.all() if (found := shelf.near_one(one.pdqs[0], 0))]
        said = [
            (Verdict.BLOCKED, None),
            (Verdict.NOT_BLOCKED, Reason.ANOTHER_PICTURE),
            (Verdict.UNDER_REVIEW, None),
            (None, None),
        ]
        yield (
            request.param,
            double,
            clock,
            [
                Result(name, shelf.reference_of(name) or "", 3, 2, verdict, reason, NOW if verdict else None)
                for name, (verdict, reason) in zip(names, said, strict=True)
            ],
        )
        shelf.close()


def teller(name: str, double: Double) -> Teller:
    made = teller_of(settings_of(name, double))
    assert made is not None
    return made


def test_each_shape_says_what_it_can(owned: tuple[str, Double, Clock, list[Result]]) -> None:
    name, double, _, results = owned
    teller(name, double).tell(results, message="results-1")
    told = double.shape.garden.told
    if name == "rempart":
        at = {"at": NOW.isoformat()}
        assert [{key: value for key, value in one.items() if key != "name"} for one in told] == [
            {"seen": 3, "accounts": "2-9", "outcome": "blocked", **at},
            {"seen": 3, "accounts": "2-9", "outcome": "not_blocked", "reason": "another_picture", **at},
            {"seen": 3, "accounts": "2-9", "outcome": "under_review", **at},
            {"seen": 3, "accounts": "2-9"},
        ]
    elif name == "stopncii":
        assert [(one["feedbackValue"], one["tags"]) for one in told] == [
            ("Blocked", []),
            ("NotBlocked", ["another_picture"]),
            ("PendingReview", []),
        ]
        assert {one["hashValue"] for one in told} <= set(double.shape.standing())
    else:
        assert ["<affirmative" in str(one["body"]) for one in told] == [True, False]
        assert f"<guid>{SAME}</guid>" in str(told[1]["body"])


def test_what_was_not_received_is_an_error_and_the_same_again_is_well(
    owned: tuple[str, Double, Clock, list[Result]],
) -> None:
    name, double, _, results = owned
    one = teller(name, double)
    for fault in (Fault.BROKEN, Fault.BUSY, Fault.AFTER):
        double.faults = [fault]
        with pytest.raises(ListUnreachable):
            one.tell(results, message="results-1")
    one.tell(results, message="results-1")
    told = [str(it) for it in double.shape.garden.told]
    if name == "rempart":
        assert len(told) == 4, "what was heard before the answer was lost is heard once"
    assert len(set(told)) == {"rempart": 4, "ncmec": 2, "stopncii": 3}[name]


def test_an_entry_that_its_owner_does_not_know_any_more_keeps_nobody_waiting() -> None:
    with owner("ncmec") as (double, _):
        answer = double.shape.answer

        def forgetful(asked: Asked) -> Said:
            return Said(404) if "/old/" in asked.path else answer(asked)

        double.shape.answer = forgetful  # type: ignore[method-assign]
        results = [Result(f"1-{name}", "PDQ", verdict=Verdict.BLOCKED) for name in ("old", "a/../b", "new")]
        teller("ncmec", double).tell(results, message="results-1")
        assert [one["entry"] for one in double.shape.garden.told] == ["a/../b", "new"]


def test_stopncii_says_nothing_of_what_is_gone() -> None:
    with owner("stopncii") as (double, _):
        teller("stopncii", double).tell([Result("ImagePDQ-abc", "", verdict=Verdict.BLOCKED)], message="results-1")
        assert double.asked == []


@pytest.mark.parametrize("reason", [*Reason])
def test_of_an_owners_reasons_the_nearest_is_chosen(reason: Reason) -> None:
    names = ["not matching content", "potential meme", "published with consent", "not csam", "other"]
    theirs = [(str(number), name) for number, name in enumerate(names, start=1)]
    wanted = {
        Reason.ANOTHER_PICTURE: "1",
        Reason.WELL_KNOWN: "2",
        Reason.WITH_CONSENT: "3",
        Reason.NOT_INTIMATE: "4",
        Reason.OTHER: "5",
    }
    assert _chosen(reason, theirs) == wanted[reason]
    assert _chosen(reason, [("9", "something else entirely")]) == "9"
    assert set(WORDS) == set(Reason)
    with pytest.raises(ListUnreachable):
        _chosen(reason, [])

"""Reading again and again: in time, patient, exact about where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from rempart.matcher.lists import Batch
from rempart.matcher.shelf.asking import Shelf
from rempart.matcher.shelf.writing import ShelfWriter
from rempart.matcher.subscribe.interface import ListRefused, ListUnreachable
from rempart.matcher.subscribe.reading import Reading
from tests.matcher.made import NOW, batch, entry, gone, pdq

MINUTE = timedelta(minutes=1)


class Scripted:
    """An owner who says what the test wrote, from the checkpoint on."""

    def __init__(self, *said: Batch | Exception) -> None:
        self.said, self.asked = list(said), list[str | None]()

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        self.asked.append(checkpoint)
        for one in self.said[int(checkpoint or 0) :]:
            if isinstance(one, Exception):
                raise one
            yield one


def reading(folder: Path, owner: Scripted, draw: float = 0.5) -> Reading:
    return Reading("minors", owner, ShelfWriter(folder), MINUTE, draw=lambda: draw)


def test_what_came_before_the_trouble_counts_and_is_not_read_again(tmp_path: Path) -> None:
    owner = Scripted(batch(entry("a", pdq(1)), checkpoint="1", is_last=False), ListUnreachable("Nobody answers."))
    one = reading(tmp_path, owner)
    first = one.once(NOW)
    assert (first.taken.written, first.trouble) == (1, "Nobody answers.")
    owner.said[1] = batch(gone("a"), entry("b", pdq(2)), checkpoint="2")
    second = one.once(NOW + MINUTE)
    assert (second.taken.written, second.taken.gone, second.trouble) == (1, 1, None)
    assert owner.asked == [None, "1"]
    state = Shelf(tmp_path).state()
    assert (state.entries, state.fingerprints, state.checkpoint, state.read_at, state.trouble) == (1, 1, "2", NOW + MINUTE, None)


def test_waits_grow_with_each_failure_and_end_with_the_first_success(tmp_path: Path) -> None:
    owner = Scripted(ListUnreachable("Nobody answers."))
    one = reading(tmp_path, owner)
    waits = [one.once(NOW).next_at - NOW for _ in range(9)]
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (2 * MINUTE, 4 * MINUTE, 60 * MINUTE)
    assert Shelf(tmp_path).state().trouble == "Nobody answers."
    owner.said = [batch()]
    assert one.once(NOW).next_at == NOW + MINUTE


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 48), (1.0, 72)])
def test_intervals_differ_from_matcher_to_matcher(tmp_path: Path, draw: float, seconds: int) -> None:
    assert reading(tmp_path, Scripted(batch()), draw).once(NOW).next_at == NOW + timedelta(seconds=seconds)


def test_an_owner_who_says_when_is_obeyed(tmp_path: Path) -> None:
    later = NOW + timedelta(hours=3)
    assert reading(tmp_path, Scripted(ListUnreachable("Wait.", retry_at=later))).once(NOW).next_at == later
    soon = NOW + timedelta(seconds=1)
    assert reading(tmp_path / "b", Scripted(ListUnreachable("Wait.", retry_at=soon))).once(NOW).next_at == NOW + 2 * MINUTE


def test_a_refusal_waits_for_a_person(tmp_path: Path) -> None:
    found = reading(tmp_path, Scripted(ListRefused("Wrong password."))).once(NOW)
    assert found.next_at == NOW + timedelta(minutes=15)
    assert found.trouble == "Wrong password."


def test_told_to_stop_it_stops_between_two_pages(tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    owner = Scripted(batch(entry("a", pdq(1)), checkpoint="1", is_last=False), batch(entry("b", pdq(2)), checkpoint="2"))
    found = reading(tmp_path, owner).once(NOW, stop=stop)
    assert (found.taken.written, found.trouble) == (1, None)
    assert Shelf(tmp_path).state().checkpoint == "1"

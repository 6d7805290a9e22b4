"""A reading is kept once, can be undone for a minute, and then moves its items on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.assessment import Decision, Reading, Verdict
from rempart.desk.rules.classification import Virtual
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.notice import Tempo
from rempart.desk.stages.triage import claims, reading, steps
from rempart.desk.stages.triage.errors import DecisionRefused, NotOpen, NotYours, TooLate
from rempart.desk.stages.triage.models import Assessment, DecidedItem
from rempart.desk.stages.triage.queries import decision_of
from rempart.desk.stages.triage.settling import join_known, settle
from tests import cast
from tests.cast import MONDAY

pytestmark = pytest.mark.django_db
UNDO = Tempo().undo


def fresh(**also: object) -> cast.Item:
    """An item the draw leaves alone."""
    item = cast.ready_item(**also)  # type: ignore[arg-type]
    return item if item.pk % 20 else fresh(**also)


def taken(decision: Decision = cast.REMOVE_IT, item: cast.Item | None = None) -> Assessment:
    found = item or fresh()
    claims.claim(found, cast.camille(), now=MONDAY)
    return steps.assess(found, cast.camille(), decision, now=MONDAY)


def test_a_reading_is_kept_as_it_was_made() -> None:
    decision = replace(cast.POLICE_FIRST, note="seen on the second page")
    row = taken(decision)
    assert decision_of(row, with_note=True) == decision
    assert b"second page" not in bytes(row.sealed_note or b"")
    assert "second page" not in str(list(Entry.objects.values_list("detail", flat=True)))
    assert claims.holder(row.item, now=MONDAY) is None


def test_undo_gives_it_back_and_is_not_for_ever() -> None:
    row = taken()
    with pytest.raises(TooLate):
        steps.undo(row, cast.idris(), now=MONDAY)
    steps.undo(row, cast.camille(), now=MONDAY + UNDO - timedelta(seconds=1))
    assert claims.must_hold(row.item, cast.camille(), now=MONDAY + UNDO).by_id == cast.camille().pk
    with pytest.raises(TooLate):
        steps.undo(row, cast.camille(), now=MONDAY + UNDO - timedelta(seconds=1))
    again = steps.assess(row.item, cast.camille(), cast.NOTHING_THERE, now=MONDAY)
    with pytest.raises(TooLate):
        steps.undo(again, cast.camille(), now=MONDAY + UNDO)


def test_nothing_follows_before_the_window_ends() -> None:
    row = taken()
    assert settle(now=MONDAY + UNDO - timedelta(seconds=1)) == 0
    assert settle(now=MONDAY + UNDO) == 1
    row.refresh_from_db()
    row.item.refresh_from_db()
    assert (row.is_final, row.item.state) == (True, State.ASSESSED)
    assert DecidedItem.objects.get().assessment_id == row.pk
    assert settle(now=MONDAY + UNDO) == 0


def test_no_double_decision() -> None:
    row = taken()
    with pytest.raises(NotYours):
        steps.assess(row.item, cast.camille(), cast.REMOVE_IT, now=MONDAY)
    with pytest.raises(NotOpen, match="pending"):
        claims.claim(row.item, cast.idris(), now=MONDAY)
    settle(now=MONDAY + UNDO)
    row.item.refresh_from_db()
    with pytest.raises(NotOpen):
        steps.assess(row.item, cast.camille(), cast.REMOVE_IT, now=MONDAY + UNDO)
    assert Assessment.objects.count() == 1


def test_a_decision_that_contradicts_itself_is_refused() -> None:
    wrong = Decision(Verdict.ILLEGAL_IN_FIELD, replace(cast.BASELINE, virtual=Virtual.DRAWN))
    with pytest.raises(DecisionRefused, match="baseline_needs_real_child"):
        taken(wrong)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("second", ["agrees", "differs"])
def test_two_readings_agree_or_go_to_a_supervisor(second: str) -> None:
    first = Decision(Verdict.HARMFUL_BUT_LAWFUL, asks_second=True)
    item = cast.read(fresh(), first)
    assert item.state == State.SECOND_READING
    item = cast.read(item, replace(first, asks_second=False) if second == "agrees" else cast.NOTHING_THERE, by=cast.idris())
    assert item.state == (State.ASSESSED if second == "agrees" else State.ARBITRATION)
    if second == "differs":
        item = cast.read(item, cast.NOTHING_THERE, by=cast.solene())
        assert item.state == State.ASSESSED
    final = Assessment.objects.get(is_final=True)
    assert final.reading == (Reading.SECOND if second == "agrees" else Reading.ARBITRATION)
    assert DecidedItem.objects.get(item=item).assessment_id == final.pk


def test_one_decision_for_everybody_who_reported_the_address() -> None:
    address = "https://puits.example/same"
    one, two = fresh(addresses=address), cast.ready_item(address, cast.LINA)
    taken(item=one)
    settle(now=MONDAY + UNDO)
    late = cast.ready_item(address, cast.PAUL, now=MONDAY + timedelta(hours=1))
    assert join_known(now=MONDAY + timedelta(hours=1)) == 1
    assert {row.item_id for row in DecidedItem.objects.all()} == {one.pk, two.pk, late.pk}
    assert Assessment.objects.count() == 1


def test_reading_words_is_remembered() -> None:
    item = cast.ready_item(details=cast.LINA)
    told = reading.read_words(item, cast.camille(), now=MONDAY)
    assert [one.story for one in told] == [cast.LINA.story]
    line = Entry.objects.get(verb="words_read")
    assert (line.subject, line.by_id) == (f"item:{item.pk}", cast.camille().pk)
    with pytest.raises(reading.MayNot):
        reading.read_words(item, cast.ange(), now=MONDAY)
    assert Entry.objects.filter(verb="words_read").count() == 1


def test_readings_are_seen_by_those_who_may() -> None:
    item = cast.read(fresh(), Decision(Verdict.HARMFUL_BUT_LAWFUL, asks_second=True))
    assert reading.readings(item, cast.idris()) == []
    assert reading.readings(item, cast.solene()) == [], "a supervisor may be the second reader"
    assert len(reading.readings(item, cast.camille())) == 1
    item = cast.read(item, cast.NOTHING_THERE, by=cast.idris())
    assert len(reading.readings(item, cast.solene())) == 2
    item = cast.read(item, cast.NOTHING_THERE, by=cast.solene())
    assert len(reading.readings(item, cast.idris())) == 3

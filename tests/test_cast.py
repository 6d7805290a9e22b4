"""The cast plays its parts: every builder really brings on what it promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.people import signing_in
from rempart.desk.rules import classification
from rempart.desk.rules.access import Role
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.queue import Band
from rempart.desk.stages.intake import queries as intake
from tests import cast

pytestmark = pytest.mark.django_db


def test_everybody_can_sign_in() -> None:
    people = [cast.account(character) for character in cast.STAFF]
    assert {person.role for person in people} == {role.value for role in Role}
    for person in people:
        found = signing_in.check_name_and_password(person.sign_in_name, cast.PASSWORD, now=cast.MONDAY)
        signing_in.check_code(found, cast.totp_code(cast.MONDAY), now=cast.MONDAY)


def test_a_report_waits_for_an_analyst_in_its_place() -> None:
    danger = cast.ready_item(details=cast.MADO)
    lina = cast.ready_item(details=cast.LINA)
    assert (danger.state, danger.band) == (State.READY, Band.DANGER_NOW)
    assert (lina.state, lina.band) == (State.READY, Band.PERSON_CONCERNED)
    assert intake.story(lina.report) == cast.LINA.story


def test_an_item_is_decided_even_when_it_is_drawn_for_a_second_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REMPART", replace(settings.REMPART, second_reading_one_in=20))
    while not cast.next_is_sampled():
        cast.receive()
    drawn = cast.assessed()
    other = cast.assessed()
    assert drawn.state == other.state == State.ASSESSED
    assert drawn.led_assessments.count() == 2
    assert other.led_assessments.count() == 1


def test_gradings_do_not_contradict_themselves() -> None:
    assert not classification.problems(cast.BASELINE)
    assert not classification.problems(cast.INTIMATE_IMAGE_OF_A_MINOR)


def test_the_directory_knows_whom_to_tell() -> None:
    cast.full_directory()
    item = cast.ready_item("https://polder.example/a")
    found = directory.recipients_for(intake.locator(item), "FR")
    assert found.ladder == (cast.listed(cast.ABROAD).pk,)
    assert found.partner == cast.listed(cast.PARTNER).pk
    assert found.authority == cast.listed(cast.POLICE).pk


def test_the_clock_moves_only_when_told() -> None:
    clock = cast.Clock()
    assert clock.later(hours=2) > cast.MONDAY
    assert clock.now == clock.now

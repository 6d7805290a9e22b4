"""Dossiers: what they hold, what they never hold, and what their sending releases."""

from __future__ import annotations

import json

import pytest

from rempart.desk.rules.duties import DutyKind, Outcome
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.stages.action import queries, steps
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.stages.action.conftest import Stage

pytestmark = pytest.mark.django_db


def dossier_duty(item: Item, kind: DutyKind = DutyKind.AUTHORITY) -> Duty:
    return Duty.objects.get(item=item, kind=kind)


def test_a_dossier_says_what_was_found_and_nothing_of_who_said_so(stage: Stage) -> None:
    cast.full_directory()
    item = cast.assessed(cast.ready_item("https://bonne-reponse.example/a", cast.by_email(cast.MADO)))
    stage.round()
    duty = dossier_duty(item)
    data = queries.dossier_of(duty)
    assert data is not None
    assert data["address"]["address"] == "https://bonne-reponse.example/a"
    assert data["address"]["host"] == "bonne-reponse.example"
    assert data["our_reference"] == queries.item_reference(item)
    assert data["classification"]["ncmec"]["classification"] == "A2"
    assert data["classification"]["iccam"]["classification"] == 1
    assert data["classification"]["dsa"]["keywords"] == ["KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"]
    assert [basis["code"] for basis in data["classification"]["french_law"]["established"]] == ["FR:CP:227-23"]
    assert data["reports"][0]["danger_now"] == "yes"
    assert data["recipient"] == cast.POLICE.name
    whole = json.dumps(data, ensure_ascii=False)
    for leak in (cast.MADO.story, "mado@famille.example", "grandson"):
        assert leak not in whole
    assert b"bonne-reponse" not in bytes(duty.dossier.sealed_json)


def test_words_typed_instead_of_an_address_stay_with_us(stage: Stage) -> None:
    item = cast.assessed(no_link(), cast.REMOVE_IT)
    stage.round()
    data = queries.dossier_of(dossier_duty(item))
    assert data is not None
    assert data["address"]["address"] is None


def no_link() -> Item:
    cast.receive("")
    cast.prepare(now=cast.MONDAY)
    return Item.objects.get()


def test_a_mapping_that_does_not_exist_is_shown_as_such(stage: Stage) -> None:
    item = cast.assessed(cast.ready_item(), cast.FOR_SOMEBODY_ELSE)
    stage.round()
    data = queries.dossier_of(dossier_duty(item))
    assert data is not None
    assert data["classification"] is None
    assert data["verdict"] == "illegal_outside_field"


def test_the_partner_of_the_country_of_the_host_gets_one_too(stage: Stage) -> None:
    cast.full_directory()
    item = cast.assessed(cast.ready_item("https://polder.example/a"))
    stage.round()
    data = queries.dossier_of(dossier_duty(item, DutyKind.PARTNER))
    assert data is not None
    assert data["recipient"] == cast.PARTNER.name


def test_earlier_notices_are_told(stage: Stage) -> None:
    cast.full_directory()
    first = cast.assessed(cast.ready_item("https://bonne-reponse.example/a"))
    stage.until_calm()
    stage.until_calm(hours=1)
    steps.close_together([first], Closing.REMOVED, now=stage.now)
    again = cast.assessed(cast.ready_item("https://bonne-reponse.example/a", now=stage.now), now=stage.now)
    stage.until_calm()
    data = queries.dossier_of(dossier_duty(again))
    assert data is not None
    (prior,) = data["prior_notices"]
    assert prior["recipient"] == cast.ANSWERS.name


def test_items_outside_our_field_close_once_handed_over(stage: Stage) -> None:
    cast.full_directory()
    items = [cast.assessed(cast.ready_item(), cast.FOR_SOMEBODY_ELSE) for _ in range(3)]
    stage.until_calm()
    assert {item.state for item in Item.objects.all()} == {State.ASSESSED}
    duties = list(queries.dossiers_to_send())
    steps.record_dossiers_sent(duties, cast.camille(), through="portal", their_reference="P-7", now=stage.now)
    for item in items:
        item.refresh_from_db()
        assert (item.state, item.closing) == (State.CLOSED, Closing.HANDED_TO_AUTHORITY)
    duty = dossier_duty(items[0])
    assert (duty.outcome, duty.done_by_id) == (Outcome.HANDED_OVER, cast.camille().pk)
    assert (duty.dossier.sent_through, duty.dossier.their_reference) == ("portal", "P-7")
    with pytest.raises(steps.ActionRefused) as refused:
        steps.record_dossier_sent(duty, cast.camille(), through="again", now=stage.now)
    assert refused.value.reasons == ("already_done",)


def test_only_dossiers_are_handed_over(stage: Stage) -> None:
    item = cast.assessed(cast.ready_item("https://bonne-reponse.example/a"))
    steps.file_duties(now=stage.now)
    for kind in (DutyKind.AUTHORITY, DutyKind.NOTICE):
        with pytest.raises(steps.ActionRefused) as refused:
            steps.record_dossier_sent(Duty.objects.get(item=item, kind=kind), cast.camille(), through="x", now=stage.now)
        assert refused.value.reasons == ("not_a_dossier",)

"""The queue answers from its index, whatever lies beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from rempart.desk.rules.queue import Band
from rempart.desk.rules.report import Category
from rempart.desk.stages.triage import claims, steps, waiting
from rempart.desk.stages.triage.waiting import Place, Wanted
from tests import cast
from tests.cast import MONDAY

pytestmark = pytest.mark.django_db


def test_every_page_together_is_the_whole_queue_once() -> None:
    wanted = [cast.ready_item(details=details).pk for details in (cast.MADO, cast.LINA, cast.PAUL, cast.PAUL, cast.SOMEBODY)]
    seen, mark = [], None
    while True:
        page = waiting.queue(cast.camille(), Wanted(), now=MONDAY, after=mark, size=2)
        seen += [item.pk for item in page.items]
        mark = page.next_mark
        if mark is None:
            break
    assert seen == wanted


def test_a_group_is_shown_once_by_its_most_urgent_item() -> None:
    address = "https://puits.example/same"
    cast.ready_item(address, cast.PAUL)
    lina = cast.ready_item(address, cast.LINA)
    assert [item.pk for item in waiting.queue(cast.camille(), Wanted(), now=MONDAY).items] == [lina.pk]
    narrowed = Wanted(category=Category.CHILD_ABUSE_IMAGES)
    assert len(waiting.queue(cast.camille(), narrowed, now=MONDAY).items) == 1, "narrowing looks at every report of the group"
    assert len(waiting.items_of_groups([lina.group_key])[lina.group_key]) == 2


def test_counts() -> None:
    items = [cast.ready_item() for _ in range(3)]
    for item, person in zip(items, (cast.camille(), cast.idris(), cast.idris()), strict=True):
        claims.claim(item, person, now=MONDAY)
    claims.hold(items[2], cast.idris(), "why", MONDAY + timedelta(hours=1), now=MONDAY)
    found = waiting.counts(cast.camille(), now=MONDAY)
    assert found == {Place.MINE: 1, Place.WITH_COLLEAGUES: 1, Place.ON_HOLD: 1}
    assert waiting.open_by_band()[Band.CHILD_ABUSE] == 3
    assert waiting.open_by_band()[Band.DANGER_NOW] == 0


def test_only_what_may_still_be_undone_is_offered() -> None:
    item = cast.ready_item()
    claims.claim(item, cast.camille(), now=MONDAY)
    row = steps.assess(item, cast.camille(), cast.NOTHING_THERE, now=MONDAY)
    assert waiting.undoable(cast.camille(), now=MONDAY) == row
    assert waiting.undoable(cast.idris(), now=MONDAY) is None
    assert waiting.undoable(cast.camille(), now=row.may_undo_until) is None


def test_the_order_comes_from_the_index() -> None:
    """Without it, a claim would read every item ever received and sort them."""
    cast.ready_item()
    plan = claims.open_to(cast.camille(), now=MONDAY)[:5].explain()
    if connection.vendor == "sqlite":
        # PostgreSQL plans by statistics: on a table of one row it rightly reads the row.
        assert "items_in_queue" in plan
        assert "TEMP B-TREE" not in plan
    assert plan

"""Batches: how many statements one assessed item costs. A replay pushes tens of thousands through."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rempart.desk.rules.classification import as_data
from rempart.desk.rules.lifecycle import State
from rempart.desk.stages.action import steps
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage.models import Assessment, DecidedItem
from tests import cast

pytestmark = pytest.mark.django_db
ITEMS = 90


def decided_in_bulk(verdicts: list[cast.Decision]) -> None:
    """Final assessments, written as the triage stage leaves them."""
    for number in range(ITEMS):
        cast.receive(f"https://bonne-reponse.example/{number}")
    cast.prepare(now=cast.MONDAY)
    person = cast.camille()
    for number, item in enumerate(Item.objects.order_by("pk")):
        decision = verdicts[number % len(verdicts)]
        assessment = Assessment.objects.create(
            item=item,
            group_key=item.group_key,
            reading="first",
            verdict=decision.verdict,
            grading=as_data(decision.grading) if decision.grading else None,
            by_id=person.pk,
            assessed_at=cast.MONDAY,
            may_undo_until=cast.MONDAY,
            settled_at=cast.MONDAY,
            is_final=True,
        )
        DecidedItem.objects.create(item=item, assessment=assessment)
    Item.objects.update(state=State.ASSESSED, assessed_at=cast.MONDAY)


def test_statements_per_item() -> None:
    cast.full_directory()
    decided_in_bulk([cast.REMOVE_IT, cast.HARD_BUT_LAWFUL, cast.SOMEBODY_NEEDS_HELP])
    with CaptureQueriesContext(connection) as captured:
        assert steps.file_duties(now=cast.MONDAY) == ITEMS
        assert steps.answer_reports(now=cast.MONDAY) == ITEMS
        assert steps.prepare_dossiers(now=cast.MONDAY) == ITEMS // 3
        assert steps.carry_out_notices(now=cast.MONDAY) == ITEMS // 3
        assert steps.catch_up(now=cast.MONDAY) == 0
    assert len(captured) < ITEMS, f"{len(captured)} statements for {ITEMS} items"

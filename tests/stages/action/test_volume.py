"""Batches: how many statements one assessed item costs. A replay pushes tens of thousands through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rempart.desk.outlets.interface import Letter, Result
from rempart.desk.outlets.look import Looked
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


class NoOutlet:
    def send(self, letter: Letter) -> Result:
        raise AssertionError("nothing is due")

    def close(self) -> None:
        """Nothing was opened."""


def no_look(url: str) -> Looked:
    raise AssertionError("nothing is due")


EXPLAIN = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
INBOXES: dict[str, tuple[Callable[[], int], str]] = {
    "final assessments": (lambda: steps.file_duties(now=cast.MONDAY), "assessments_to_act_on"),
    "late items": (lambda: steps.catch_up(now=cast.MONDAY), "items_decided"),
    "unanswered reports": (lambda: steps.answer_reports(now=cast.MONDAY), "reports_unanswered"),
    "dossiers to prepare": (lambda: steps.prepare_dossiers(now=cast.MONDAY), "duties_to_carry_out"),
    "notices owed": (lambda: steps.carry_out_notices(now=cast.MONDAY), "duties_to_carry_out"),
    "e-mails owed": (lambda: steps.tell_by_email(now=cast.MONDAY, outlet=NoOutlet()), "duties_to_carry_out"),
    "e-mails in doubt": (lambda: steps.redden_doubtful_emails(now=cast.MONDAY), "duties_to_carry_out"),
    "red duties": (lambda: steps.retry_reachable(now=cast.MONDAY), "red_duties"),
    "notices to send": (lambda: steps.send_notices(now=cast.MONDAY, look=no_look, outlet=NoOutlet()), "notices_to_send"),
    "notices in doubt": (lambda: steps.redden_doubtful(now=cast.MONDAY), "notices_to_send"),
}


@pytest.mark.parametrize("name", list(INBOXES))
def test_each_inbox_has_its_index(name: str) -> None:
    """What a step looks for must not be sought among everything that was ever done."""
    step, index = INBOXES[name]
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and not plans:
            plans.append("")
            with connection.cursor() as cursor:
                cursor.execute(f"{EXPLAIN} {sql}", params)
                plans[0] = "; ".join(str(row[-1]) for row in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        step()
    # PostgreSQL weighs the size of tables and reads a small one whole: there, only the question itself is tried.
    assert plans[0]
    assert connection.vendor != "sqlite" or f"INDEX {index}" in plans[0], plans[0]

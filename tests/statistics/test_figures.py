"""Figures on small histories whose answers can be counted on fingers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.lifecycle import State
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.triage.models import Assessment
from rempart.desk.statistics import acts, arrivals, decisions, delays, figures, standing
from rempart.desk.statistics.definitions import DEFINITIONS
from rempart.desk.statistics.figure import Figure
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.reconcile import counted_twice
from tests.statistics import histories as made
from tests.statistics.histories import NOON, PARIS, hours

pytestmark = pytest.mark.django_db

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "Europe/Paris")
BEFORE = datetime(2026, 2, 28, 23, 59, tzinfo=PARIS)


def as_dict(figure: Figure) -> dict[str, int]:
    return {row.key: row.count for row in figure.rows}


def test_three_units_are_counted_apart() -> None:
    where = made.address()
    both = made.report(category="grooming")
    made.item(both, where=where)
    made.item(both)
    made.item(made.report(), where=where)
    made.item(made.report(BEFORE), at=BEFORE, where=where)
    assert arrivals.reports_received(MARCH).total == 2
    assert arrivals.items_received(MARCH).total == 3
    assert arrivals.addresses_reported(MARCH).total == 2
    assert as_dict(arrivals.reports_by_category(MARCH)) == {"grooming": 1, "not_said": 1}


def test_relapses_and_objections_are_not_reports() -> None:
    made.item(made.report(kind="relapse", source="relapse"))
    made.item(made.report(kind="appeal", source="platform"))
    assert arrivals.reports_received(MARCH).total == 0
    assert arrivals.items_received(MARCH).total == 0
    assert as_dict(arrivals.relapses_and_objections(MARCH)) == {"appeal": 1, "relapse": 1}


def test_months_are_those_of_the_installation() -> None:
    made.report(datetime(2026, 1, 31, 23, 30, tzinfo=UTC))  # already February in Paris
    made.report(NOON)
    quarter = Period(date(2026, 1, 1), date(2026, 3, 31), "Europe/Paris")
    assert [(row.key, row.count) for row in arrivals.reports_by_month(quarter).rows] == [
        ("2026-01", 0), ("2026-02", 1), ("2026-03", 1),
    ]  # fmt: skip


def test_outcomes_and_contents() -> None:
    where = made.address()
    for content in ("csam_baseline", "csam_baseline", "child_grooming"):
        made.decide(made.item(where=where if content == "csam_baseline" else None), content=content)
    made.decide(made.item(), verdict="not_found")
    assert as_dict(decisions.items_by_verdict(MARCH)) == {"illegal_in_field": 3, "not_found": 1}
    assert as_dict(decisions.addresses_by_verdict(MARCH)) == {"illegal_in_field": 2, "not_found": 1}
    assert as_dict(decisions.items_by_content(MARCH)) == {"csam_baseline": 2, "child_grooming": 1}


def test_notices_and_addresses_by_recipient_leave_reminders_out_and_escalations_in() -> None:
    one, two = made.item(), made.item()
    made.decide(one), made.decide(two)
    first = made.notify(one, two)
    made.notify(one, after=30, reminds=first)
    made.notify(one, to="Réseau Deux", after=60, reminds=first)
    assert as_dict(acts.notices_by_recipient(MARCH)) == {"Hébergeur Un": 1, "Réseau Deux": 1}
    assert as_dict(acts.addresses_by_recipient(MARCH)) == {"Hébergeur Un": 2, "Réseau Deux": 1}
    assert as_dict(acts.duties_by_kind(MARCH)) == {"notice": 4}


def test_delays_have_known_answers() -> None:
    for number in range(1, 11):
        one = made.item()
        made.decide(one, after=number)
        notice = made.notify(one, after=number)
        made.reply(one, notice, "need_more", after=1)
        made.reply(one, notice, "removed", after=2)
        made.gone(one, notice, after=10 * number)
    for figure, count, median, p90 in (
        (delays.delay_to_decision(MARCH), 10, 5.0, 9.0),
        (delays.delay_to_notice(MARCH), 10, 5.0, 9.0),
        (delays.delay_to_reply(MARCH), 10, 1.0, 1.0),
        (delays.delay_to_removal(MARCH), 10, 50.0, 90.0),
        (delays.delay_to_removal_by_recipient(MARCH), 10, 50.0, 90.0),
    ):
        row = figure.rows[0]
        assert (row.count, row.median, row.p90) == (count, median, p90), figure.name


def test_removal_counts_from_the_first_notice() -> None:
    one = made.item()
    made.decide(one)
    first = made.notify(one, after=1)
    made.notify(one, after=25, reminds=first)
    made.gone(one, first, after=30)
    assert delays.delay_to_removal(MARCH).rows[0].median == 30


def test_answers_to_reporters() -> None:
    made.report(answered_at=NOON + hours(6))
    made.report()
    assert arrivals.reports_answered(MARCH).total == 1
    assert delays.delay_to_answer(MARCH).rows[0].median == 6


def test_second_readings_that_agree() -> None:
    for is_final in (True, True, True, False):
        one = made.item()
        Assessment.objects.create(
            item=one, group_key=one.group_key, reading="second", verdict="not_found", by_id=2,
            assessed_at=NOON, may_undo_until=NOON, settled_at=NOON, is_final=is_final,
        )  # fmt: skip
    row = decisions.second_reading_agreement(MARCH).rows[0]
    assert (row.count, row.value) == (4, 75.0)


def test_refusals_and_overturned_decisions() -> None:
    for answer in ("refused", "removed", "removed"):
        one = made.item()
        made.decide(one)
        notice = made.notify(one)
        made.reply(one, notice, answer, after=1)
        made.reply(one, notice, "removed", after=2)
    assert acts.refused_notices(MARCH).rows[0].value == 33.3
    for verdict in ("illegal_in_field", "harmful_but_lawful"):
        made.decide(made.item(made.report(kind="appeal")), verdict=verdict)
    row = decisions.overturned_decisions(MARCH).rows[0]
    assert (row.count, row.value) == (2, 50.0)


def test_where_things_stand() -> None:
    made.item(due_at=NOON - hours(1), band=0)
    made.item(due_at=NOON + hours(1))
    made.item(state=State.CLOSED, closed_at=NOON, closing="removed")
    decided = made.item()
    row = made.decide(decided)
    Duty.objects.create(kind="notice", assessment=row, item=decided, filed_at=NOON, not_before=NOON, failed_at=NOON)
    assert as_dict(standing.open_items(MARCH)) == {"ready": 2, "assessed": 1}
    assert as_dict(standing.late_items(MARCH, NOON)) == {"danger_now": 1}
    assert as_dict(standing.red_duties(MARCH)) == {"notice": 1}
    assert as_dict(decisions.items_by_closing(MARCH)) == {"removed": 1}


def test_every_figure_has_a_definition_and_every_definition_a_figure() -> None:
    names = [figure.name for figure in figures.all_figures(MARCH, now=NOON)]
    assert sorted(names) == sorted(DEFINITIONS)
    for name, definition in DEFINITIONS.items():
        for words in (definition.title_in_both(), definition.sentence_in_both()):
            assert all(words.values()), name
            assert words["fr"] != words["en"], name
        assert definition.sentence_in_both()["fr"].endswith("."), name


def test_nothing_at_all_gives_figures_all_the_same() -> None:
    for figure in figures.all_figures(MARCH, now=NOON):
        assert figure.total == 0, figure.name
        assert figure.published().total == 0, figure.name


def test_two_ways_of_counting_agree_and_a_silent_write_is_seen() -> None:
    one = made.report()
    made.item(one)
    journal.write("received", f"report:{one.pk}", now=NOON, detail={"source": "public_form", "items": 1})
    assert all(twice.is_equal for twice in counted_twice(MARCH))
    made.report()
    assert [twice.name for twice in counted_twice(MARCH) if not twice.is_equal] == ["reports_received"]
    assert all(twice.is_equal for twice in counted_twice(Period(date(2026, 4, 1), date(2026, 4, 30), "Europe/Paris")))


def test_figures_do_not_ask_once_a_row(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(12):
        one = made.item()
        made.decide(one)
        made.gone(one, made.notify(one), after=5)
    with django_assert_max_num_queries(44):
        figures.all_figures(MARCH, now=NOON + timedelta(days=1))

"""The yearly report: what it counts, what it hides, and that it names nobody."""

from __future__ import annotations

import pytest

from rempart.desk.statistics import periods
from rempart.desk.statistics.actions import Action
from rempart.desk.statistics.figure import MERGED
from rempart.desk.statistics.yearly import yearly_report
from tests.statistics import histories as made
from tests.statistics.histories import NOON, hours

pytestmark = pytest.mark.django_db

YEAR = periods.year(2026, "Europe/Paris")
LATER = NOON + hours(2000)


def history(provider: str, number: int, answer: str = "removed", content: str = "csam_baseline") -> None:
    for _ in range(number):
        one = made.item()
        made.decide(one, content=content)
        notice = made.notify(one, to=provider)
        if answer:
            made.reply(one, notice, answer, after=3)
        if answer == "removed":
            made.gone(one, notice, after=8)


def test_by_provider_content_and_action() -> None:
    history("Alpha", 7)
    history("Alpha", 6, answer="refused", content="child_grooming")
    history("Beta", 5, answer="")
    found = yearly_report(YEAR, now=LATER, language="fr")
    assert [(line.provider, line.content, line.action, line.count) for line in found.by_all] == [
        ("Alpha", "child_grooming", Action.REFUSED_OTHERWISE, 6),
        ("Alpha", "csam_baseline", Action.REMOVED, 7),
        ("Beta", "csam_baseline", Action.NO_REPLY, 5),
    ]
    alpha, beta = found.by_provider
    assert (alpha.count, alpha.receipt_percent, alpha.decision.median, alpha.removal.median) == (13, 100.0, 3.0, 8.0)
    assert (beta.receipt_percent, beta.removal.median) == (0.0, None)
    assert found.addresses_notified == 18
    assert found.precision.outside_field == 0


def test_small_cells_are_merged_within_then_across_providers() -> None:
    history("Alpha", 9)
    history("Alpha", 2, answer="refused")
    history("Tiny One", 3)
    history("Tiny Two", 2)
    found = yearly_report(YEAR, now=LATER, language="fr")
    assert [(line.provider, line.action, line.count) for line in found.by_all] == [
        ("Alpha", MERGED, 11),
        (MERGED, MERGED, 5),
    ]
    assert [(line.provider, line.count) for line in found.by_provider] == [("Alpha", 11), (MERGED, 5)]


def test_too_few_altogether_are_withheld() -> None:
    history("Alpha", 4)
    found = yearly_report(YEAR, now=LATER, language="fr")
    assert [(line.provider, line.count, line.removal.median) for line in found.by_all] == [(MERGED, None, None)]


def test_what_goes_after_an_escalation_is_not_credited_to_the_one_below() -> None:
    for _ in range(5):
        one = made.item()
        made.decide(one)
        first = made.notify(one, to="Platform")
        above = made.notify(one, to="Host", after=50, reminds=first)
        made.gone(one, above, after=4)
    found = {line.provider: line for line in yearly_report(YEAR, now=LATER, language="fr").by_all}
    assert found["Platform"].action == Action.NO_REPLY
    assert found["Host"].action == Action.GONE_WITHOUT_REPLY
    assert found["Host"].removal.median == 4.0


def test_a_notice_outside_the_field_and_corrections_are_owned_up_to() -> None:
    one = made.item()
    made.decide(one, verdict="illegal_outside_field")
    made.notify(one)
    history("Alpha", 5, answer="wrong_address")
    made.decide(made.item(made.report(kind="appeal")), verdict="harmful_but_lawful")
    precision = yearly_report(YEAR, now=LATER, language="en").precision
    assert (precision.objections, precision.overturned, precision.corrections, precision.outside_field) == (1, 1, 6, 1)

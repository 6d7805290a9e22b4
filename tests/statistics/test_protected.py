"""Figures on what people protect, counted on fingers."""

from __future__ import annotations

import json
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.protection import Age, Helper, Kind
from rempart.desk.rules.trust import Fact, Trust, Vote
from rempart.desk.statistics import figures, periods, protected
from rempart.desk.statistics.figure import MERGED, Figure
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.reconcile import counted_twice
from rempart.desk.statistics.yearly import yearly_report
from rempart.desk.statistics.yearly_export import yearly_csv, yearly_json
from tests.statistics import histories as made
from tests.statistics.histories import NOON, hours

pytestmark = pytest.mark.django_db

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "Europe/Paris")
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), "Europe/Paris")
_number = count(1)


def protect(at: datetime = NOON, age: Age = Age.FROM_13_TO_15, kind: Kind = Kind.PICTURE) -> Protection:
    number = next(_number)
    return Protection.objects.create(
        case_number=number, key_number=number, kind=kind, age=age, helper=Helper.NOBODY, is_device_shared=False,
        trust_at=at, declared_at=at, expires_at=at + hours(17_520), edition=number,
    )  # fmt: skip


def as_dict(figure: Figure) -> dict[str, int]:
    return {row.key: row.count for row in figure.rows}


def test_what_was_declared() -> None:
    protect(age=Age.UNDER_13)
    protect(kind=Kind.VIDEO)
    protect(datetime(2026, 2, 28, 23, 30, tzinfo=ZoneInfo("UTC")))  # already March in Paris
    protect(datetime(2026, 4, 1, tzinfo=ZoneInfo("Europe/Paris")))
    assert protected.protections_declared(MARCH).total == 3
    assert as_dict(protected.protections_by_age(MARCH)) == {"under_13": 1, "13_15": 2}
    assert as_dict(protected.protections_by_kind(MARCH)) == {"picture": 2, "video": 1}
    spring = Period(date(2026, 2, 1), date(2026, 4, 30), "Europe/Paris")
    assert as_dict(protected.protections_by_month(spring)) == {"2026-02": 0, "2026-03": 3, "2026-04": 1}


def test_doubts_disputes_and_what_overturned_them() -> None:
    one, other, quiet = protect(), protect(), protect()
    facts.raise_alarm(one.pk, "popular", now=NOON)
    facts.clear_alarm(one.pk, by=1, now=NOON)
    for platform in (1, 2):
        facts.note_feedback(other.pk, platform, now=NOON, vote=Vote.NOT_BLOCKED)
    facts.vouch(other.pk, by=1, now=NOON + hours(24 * 30))  # in April
    facts.vouch(quiet.pk, by=1, now=NOON)
    assert as_dict(protected.doubts_and_confirmations(MARCH)) == {"alarm": 1, "cleared": 1, "vouched": 1}
    assert [protected.protections_disputed(period).total for period in (MARCH, APRIL)] == [1, 0]
    assert [protected.protections_overturned(period).total for period in (MARCH, APRIL)] == [0, 1]
    assert as_dict(protected.protections_standing(MARCH)) == {Trust.CONFIRMED: 2, Trust.SELF_DECLARED: 1}


def test_a_dispute_about_what_is_disputed_already_is_not_counted_again() -> None:
    one = protect()
    for platform in (1, 2):
        facts.note_feedback(one.pk, platform, now=NOON, vote=Vote.NOT_BLOCKED)
    facts.TrustFact.objects.create(protection=one, fact=Fact.REFUSED_BY_QUORUM, at=NOON + hours(24 * 30))
    assert protected.protections_disputed(APRIL).total == 0


def test_matches_and_the_delay_to_the_first() -> None:
    one, two = made.recipient("Alpha"), made.recipient("Beta")
    first, second, never = protect(), protect(), protect()
    facts.note_feedback(first.pk, one.pk, now=NOON + hours(1), vote=Vote.BLOCKED)  # told of none yet
    facts.note_feedback(first.pk, one.pk, now=NOON + hours(4), matches=7)
    facts.note_feedback(first.pk, two.pk, now=NOON + hours(2), matches=5)
    facts.note_feedback(second.pk, two.pk, now=NOON + hours(24 * 30), matches=2)
    facts.note_feedback(first.pk, two.pk, now=NOON + hours(24 * 30), matches=9)
    assert as_dict(protected.matches_told(MARCH)) == {"Alpha": 7, "Beta": 5}
    assert as_dict(protected.matches_told(APRIL)) == {"Beta": 11}
    assert [(row.count, row.median) for row in protected.delay_to_first_match(MARCH).rows] == [(1, 2.0)]
    assert [(row.count, row.median) for row in protected.delay_to_first_match(APRIL).rows] == [
        (1, 719.0)
    ]  # the clocks went forward
    assert never.pk
    assert Recipient.objects.count() == 2


def test_small_numbers_do_not_leave_the_house() -> None:
    for _ in range(7):
        protect(age=Age.FROM_16_TO_17)
    for _ in range(6):
        protect()
    for _ in range(2):
        protect(age=Age.UNDER_13)
    published = protected.protections_by_age(MARCH).published()
    assert as_dict(published) == {"16_17": 7, MERGED: 8}
    assert protected.protections_disputed(MARCH).published().total == 0
    (row,) = protected.protections_declared(APRIL).published().rows
    assert (row.count, row.is_withheld) == (0, False)


def test_two_ways_of_counting_agree() -> None:
    one = protect()
    journal.write("protected", f"case:{one.case_number}", now=NOON, detail={"files": 1})
    assert all(twice.is_equal for twice in counted_twice(MARCH))
    protect()
    assert [twice.name for twice in counted_twice(MARCH) if not twice.is_equal] == ["protections_declared"]


def test_the_yearly_report_says_it_beside_the_notices() -> None:
    year, platform = periods.year(2026, "Europe/Paris"), made.recipient("Alpha")
    some = [protect() for _ in range(6)]
    for number, one in enumerate(some):
        facts.note_feedback(one.pk, platform.pk, now=NOON + hours(number + 1), matches=2)
    found = yearly_report(year, now=NOON, language="fr")
    assert (found.protected.declared, found.protected.ended, found.protected.matches) == (6, 0, 12)
    assert found.protected.first_match.median == 3.0
    data = json.loads(yearly_json(found))
    assert data["protections"]["declared"] == 6
    assert "protections_declared,,,,,,protections,6" in yearly_csv(found, str, str)


def test_the_yearly_report_hides_few() -> None:
    for _ in range(4):
        facts.note_feedback(protect().pk, 5, now=NOON + hours(1), matches=1)
    found = yearly_report(periods.year(2026, "Europe/Paris"), now=NOON, language="fr")
    assert (found.protected.declared, found.protected.matches, found.protected.first_match.median) == (None, None, None)
    assert "protections_declared,,,,,,protections,<5" in yearly_csv(found, str, str)


def test_figures_ask_as_few_questions_of_many_as_of_one() -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            figures.all_figures(MARCH, now=NOON)
        return len(asked)

    facts.note_feedback(protect().pk, made.recipient("Alpha").pk, now=NOON, matches=1)
    few = questions()
    for _ in range(30):
        one = protect()
        for platform in (1, 2):
            facts.note_feedback(one.pk, platform, now=NOON, matches=1, vote=Vote.NOT_BLOCKED)
    assert questions() == few

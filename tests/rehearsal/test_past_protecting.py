"""The invented past of *protect my image*: every way a protection can stand, through the real steps, at its own moment."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from rempart.desk.project.worker import work_once
from rempart.desk.registers.bank import alarms
from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.bank.search import search
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rehearsal.cast import make_directory, make_people
from rempart.desk.rehearsal.past_protecting import PastProtecting
from rempart.desk.rehearsal.pictures import make_well_known
from rempart.desk.rehearsal.protected import LONGEST, MATCHED, RENEWAL, SENDINGS, code_of
from rempart.desk.rules.protection import Age, Helper, Kind
from rempart.desk.rules.trust import Fact, Trust
from rempart.desk.stages.intake.models import Message
from rempart.desk.stages.intake.protecting import protections_of

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_past_of_protect_my_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(tmp_path, monkeypatch)
    judge_states()
    judge_coherence()
    judge_what_the_tour_shows()


def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "REMPART_WELL_KNOWN", tmp_path / "known")
    make_well_known(tmp_path / "known")
    make_well_known(tmp_path / "known")
    people = make_people(NOW - LONGEST - timedelta(days=1))
    make_directory(people["salome"], NOW - LONGEST - timedelta(days=1))
    calendar: list[tuple[datetime, int, Callable[[datetime], object]]] = []
    order = itertools.count()

    def plan(at: datetime, play: Callable[[datetime], object]) -> None:
        heapq.heappush(calendar, (at, next(order), play))

    PastProtecting(people, lambda at: work_once(at)).plan(plan, NOW)
    while calendar and calendar[0][0] <= NOW:
        at, _, play = heapq.heappop(calendar)
        play(at)


def judge_states() -> None:
    protections = Protection.objects.all()
    assert 25 <= len(SENDINGS) <= 40
    assert set(protections.values_list("trust", flat=True)) == {trust.value for trust in Trust}
    assert set(TrustFact.objects.values_list("fact", flat=True)) == {fact.value for fact in Fact}
    assert set(protections.values_list("age", flat=True)) == {age.value for age in Age}
    assert set(protections.values_list("helper", flat=True)) == {helper.value for helper in Helper}
    assert set(protections.values_list("kind", flat=True)) == {kind.value for kind in Kind}
    held = protections.filter(trust=Trust.HELD)
    why = set(TrustFact.objects.filter(protection__in=held, fact=Fact.ALARM).values_list("why", flat=True))
    assert why == {alarms.DEGENERATE, alarms.WELL_KNOWN, alarms.NOTHING_TO_SEE, alarms.POPULAR}
    assert protections.filter(withdraw_due_at__gt=NOW).count() == 1
    assert protections.filter(ended_at__isnull=True, asked_to_renew_at__lt=NOW).exists()
    assert protections.filter(same_as__isnull=False).count() == 2
    assert Entry.objects.filter(verb="protections_renewed").exists()
    assert Entry.objects.filter(verb="withdrawal_cancelled").exists()


def judge_coherence() -> None:
    assert not Protection.objects.filter(ended_at__isnull=False, forgotten_at__isnull=True).exists()
    assert not Protection.objects.filter(ended_at__isnull=True, expires_at__lt=NOW).exists()
    assert not Entry.objects.filter(at__gt=NOW).exists()
    assert not Feedback.objects.filter(last_at__gt=NOW).exists()
    moments = list(Entry.objects.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert len(search) > 300


def judge_what_the_tour_shows() -> None:
    matched = protections_of(sealing.case_keys(code_of(MATCHED)))
    assert len(matched) == 3
    assert {one.trust for one in matched} == {Trust.CONFIRMED}
    assert {(one.platform, one.count) for one in matched[0].matches} == {("La Ronde", 10), ("Clips du Soir", 4)}
    (asked,) = protections_of(sealing.case_keys(code_of(RENEWAL)))
    assert asked.asked_to_renew_at is not None
    assert asked.expires_at > NOW
    assert Message.objects.exists()


def test_codes_are_the_same_in_every_rehearsal() -> None:
    assert code_of(MATCHED) == code_of(MATCHED) != code_of(RENEWAL)

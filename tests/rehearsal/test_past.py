"""The invented past is played through the real steps, so what is true of a real history is true of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db.models import F
from rich.console import Console

from rempart.desk.project.worker import work_once
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rehearsal import seeding
from rempart.desk.rehearsal.scenes import SCENES
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.notice import REHEARSAL_TEMPO
from rempart.desk.rules.queue import Band
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup.models import Probe, Reply
from rempart.desk.stages.intake.models import Item, Report
from tests.rehearsal.conftest import Invented


@pytest.fixture
def in_rehearsal(invented: Invented, monkeypatch: pytest.MonkeyPatch) -> Invented:
    monkeypatch.setattr(django_settings, "REMPART", invented.config)
    monkeypatch.setattr(django_settings, "REMPART_TEMPO", REHEARSAL_TEMPO)
    monkeypatch.setattr(django_settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(django_settings, "EMAIL_PORT", invented.config.smtp_port)
    return invented


def seed(invented: Invented, *, has_past: bool = True) -> None:
    console = Console(quiet=True)
    seeding.seed(console, invented.world, work_once, has_past=has_past, should_stop=lambda: False)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_first_opening_is_alive_and_coherent(in_rehearsal: Invented) -> None:
    now = datetime.now(UTC)
    seed(in_rehearsal)
    assert seeding.is_seeded(in_rehearsal.world)
    assert django_settings.REMPART_TEMPO is REHEARSAL_TEMPO
    states = Counter(Item.objects.values_list("state", flat=True))
    assert states[State.READY] >= 5, states
    assert {State.SECOND_READING, State.ARBITRATION, State.FOLLOWED, State.CLOSED} <= set(states)
    assert Item.objects.filter(state=State.READY, band=Band.DANGER_NOW).exists()
    assert Report.objects.filter(kind="relapse").exists()
    assert Duty.objects.filter(failed_at__isnull=False, done_at__isnull=True).exists()
    assert Reply.objects.exists()
    assert Report.objects.filter(source="public_form").count() == len(SCENES)
    judge_times(now)
    judge_mails(in_rehearsal)


def judge_times(now: datetime) -> None:
    """Causes come before effects, and nothing comes from the future."""
    latest = now + timedelta(minutes=5)
    assert not Entry.objects.filter(at__gt=latest).exists()
    assert not Probe.objects.filter(at__gt=latest).exists()
    assert not Item.objects.filter(assessed_at__lt=F("received_at")).exists()
    assert not Item.objects.filter(closed_at__lt=F("assessed_at")).exists()
    assert not Notice.objects.filter(sent_at__lt=F("opened_at")).exists()


def judge_mails(invented: Invented) -> None:
    """Each notice sent is one mail, dated when it was sent; the past is read already."""
    mails = {mail.message_id: mail for mail in invented.world.mails()}
    sent = Notice.objects.filter(sent_at__isnull=False)
    assert sent.count() == len(mails) == len(invented.world.mails())
    assert all(mails[notice.message_id].at == notice.sent_at for notice in sent)
    assert all(mail.is_read for mail in mails.values())


@pytest.mark.django_db
def test_an_interrupted_first_start_is_not_called_ready(in_rehearsal: Invented) -> None:
    with pytest.raises(seeding.Interrupted):
        seeding.seed(Console(quiet=True), in_rehearsal.world, work_once, has_past=True, should_stop=lambda: True)
    assert not seeding.is_seeded(in_rehearsal.world)
    assert django_settings.REMPART_TEMPO is REHEARSAL_TEMPO


@pytest.mark.django_db
def test_a_rehearsal_may_begin_empty(in_rehearsal: Invented) -> None:
    seed(in_rehearsal, has_past=False)
    assert seeding.is_seeded(in_rehearsal.world)
    assert not Report.objects.exists()

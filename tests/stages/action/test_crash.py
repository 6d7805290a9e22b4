"""Kill the worker anywhere: nothing is lost, nothing goes twice by itself, what is not sure turns red."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import transaction

from rempart.desk.rules.duties import BY_A_PERSON, DutyKind, Failure, Outcome
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.notice import Tempo
from rempart.desk.rules.report import AnswerBy
from rempart.desk.stages.action import queries, steps
from rempart.desk.stages.action.models import Dossier, Duty, Notice
from rempart.desk.stages.action.worker import work
from rempart.desk.stages.intake.models import Item, Message, Report
from tests import cast
from tests.outlets.mailserver import text_of
from tests.stages.action.conftest import Stage
from tests.stages.action.killing import Killed, Killer, WatchedOutlet, commits_watched

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def a_busy_hour() -> None:
    """Two hosts, one with an address that is gone; e-mails, a case page, no answer wanted; something lawful."""
    cast.full_directory()
    told = cast.by_email(cast.PAUL)
    cast.assessed(cast.ready_item("https://bonne-reponse.example/a", told))
    cast.assessed(cast.ready_item("https://bonne-reponse.example/gone"))
    cast.assessed(cast.ready_item("https://roc.example/b", replace(cast.PAUL, answer_by=AnswerBy.NOTHING)))
    cast.assessed(cast.ready_item("https://lawful.example/"), cast.HARD_BUT_LAWFUL)
    worried = cast.by_email(cast.MADO, "mado2@famille.example")
    cast.assessed(cast.ready_item("https://help.example/", worried), cast.SOMEBODY_NEEDS_HELP)


@contextmanager
def undone_afterwards() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def live(stage: Stage, killer: Killer) -> None:
    """A few hours of rounds, in one of which the worker is killed and started again."""
    stage.clock.now = cast.MONDAY
    stage.mailbox.taken.clear()
    for _ in range(4):
        outlet = WatchedOutlet(stage.mailbox.outlet(), killer)
        try:
            with commits_watched(killer):
                work(now=stage.now, look=stage.world.look, outlet=outlet)
        except Killed:
            outlet.close()
        stage.clock.later(minutes=31)


def a_person_settles_doubts(stage: Stage) -> None:
    received = {str(mail["Message-ID"]) for mail in stage.mailbox.taken}
    for notice in queries.in_doubt():
        if notice.message_id in received:
            steps.confirm_sent(notice, cast.solene(), now=stage.now)
        else:
            steps.send_again(notice, cast.solene(), now=stage.now)
    for duty in queries.red().filter(kind=DutyKind.ANSWER):
        steps.clear_duty(duty, cast.solene(), "nobody knows whether the mail left", now=stage.now)


def check_nothing_twice(stage: Stage) -> None:
    assert all(times == 1 for times in stage.mailbox.message_ids.values())
    to = Counter(str(mail["To"]) for mail in stage.mailbox.taken)
    assert all(times == 1 for times in to.values()), to


def check_nothing_lost(stage: Stage) -> None:
    owed = Duty.objects.filter(done_at__isnull=True).exclude(kind__in=BY_A_PERSON)
    assert not owed.exists(), list(owed.values())
    assert {str(mail["To"]) for mail in stage.mailbox.taken} >= {"abuse@bonne-reponse.example", "abuse@roc.example"}
    assert not Report.objects.filter(answered_at__isnull=True).exists()
    assert not Report.objects.filter(sealed_email__isnull=False).exists()
    assert Message.objects.values("case").distinct().count() == Message.objects.count() == 4
    assert not Item.objects.exclude(state__in=[State.FOLLOWED, State.CLOSED]).exists()
    assert Dossier.objects.count() == Duty.objects.filter(kind=DutyKind.AUTHORITY).count() == 3
    sent = Duty.objects.filter(kind=DutyKind.NOTICE)
    assert sorted(sent.values_list("outcome", flat=True)) == [Outcome.ALREADY_GONE, Outcome.SENT, Outcome.SENT]


def test_killed_at_every_point(stage: Stage) -> None:
    stage.world.gone.add("https://bonne-reponse.example/gone")
    a_busy_hour()
    count = Killer()
    with undone_afterwards():
        live(stage, count)
        check_nothing_twice(stage)
        check_nothing_lost(stage)
        assert not queries.red().exists()
    seen: Counter[str] = Counter()
    doubts = 0
    busy_points = count.passed
    for at in range(1, busy_points + 1):
        killer = Killer(at)
        with undone_afterwards():
            live(stage, killer)
            check_nothing_twice(stage)
            doubts += queries.red().count()
            assert set(queries.red().values_list("failure", flat=True)) <= {Failure.IN_DOUBT}
            a_person_settles_doubts(stage)
            live_on(stage)
            check_nothing_lost(stage)
            seen[killer.where] += 1
    assert set(seen) == {"before commit", "after commit", "before sending", "after sending"}
    # Four letters, each in doubt when killed after its intention, before, or after sending, or before the outcome's commit.
    assert doubts == 4 * 4


def live_on(stage: Stage) -> None:
    for _ in range(4):
        stage.clock.later(minutes=31)
        work(now=stage.now, look=stage.world.look, outlet=stage.mailbox.outlet())


def test_a_doubt_is_never_resolved_by_software(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://roc.example/a"))
    stage.round()
    killer = Killer(at=2)
    stage.clock.later(hours=1)
    with pytest.raises(Killed):
        work(now=stage.now, look=stage.world.look, outlet=WatchedOutlet(stage.mailbox.outlet(), killer))
    assert killer.where == "after sending"
    stage.round(minutes=1)
    assert not queries.in_doubt().exists(), "the lease still runs: the worker may only be slow"
    for _ in range(10):
        stage.round(hours=7)
    assert len(stage.mailbox.taken) == 1
    assert queries.in_doubt().count() == 1
    duty = queries.red().get()
    with pytest.raises(steps.ActionRefused) as refused:
        steps.retry_duty(duty, cast.solene(), now=stage.now)
    assert refused.value.reasons == ("in_doubt",)


def test_sent_again_says_so_and_keeps_its_link(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/a"))
    stage.round()
    stage.clock.later(hours=1)
    with pytest.raises(Killed):
        work(now=stage.now, look=stage.world.look, outlet=WatchedOutlet(stage.mailbox.outlet(), Killer(at=2)))
    stage.until_calm(hours=1)
    first = stage.mailbox.only()
    steps.send_again(queries.in_doubt().get(), cast.solene(), now=stage.now)
    stage.until_calm()
    _, second = stage.mailbox.taken
    assert "ENVOI RENOUVELÉ" in text_of(second)
    assert "ENVOI RENOUVELÉ" not in text_of(first)
    links = [next(word for word in text_of(mail).split() if "/answer/" in word) for mail in (first, second)]
    assert links[0] == links[1]
    assert first["Message-ID"] != second["Message-ID"]
    assert Notice.objects.get().sent_at is not None
    assert not queries.red().exists()


def test_two_workers_never_send_one_notice_twice(stage: Stage) -> None:
    """The second worker comes in while the first one looks, after the first one's lease."""
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/a"))
    stage.round()
    stage.clock.later(hours=1)
    began = stage.now
    first_look = stage.world.look

    def slow_look(url: str):  # type: ignore[no-untyped-def]
        later = began + Tempo().lease * 2
        steps.send_notices(now=later, look=first_look, outlet=stage.mailbox.outlet())
        return first_look(url)

    steps.send_notices(now=began, look=slow_look, outlet=stage.mailbox.outlet())
    assert len(stage.mailbox.taken) == 1
    stage.until_calm(hours=3)
    assert len(stage.mailbox.taken) == 1

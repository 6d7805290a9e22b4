"""Workers slower than their lease, and the worker as it runs when nobody replaces anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core import mail

from rempart.desk.outlets.interface import Letter, Outlet, Result
from rempart.desk.outlets.look import Looked
from rempart.desk.rules.duties import DutyKind, Outcome
from rempart.desk.rules.notice import Seen, Tempo
from rempart.desk.stages.action import queries, steps, worker
from rempart.desk.stages.action.models import Duty, Notice
from tests import cast
from tests.stages.action.conftest import Stage

pytestmark = pytest.mark.django_db
AFTER_THE_LEASE = Tempo().lease + timedelta(minutes=1)


@dataclass
class SlowOutlet:
    """Something happens between the letter's departure and the outcome."""

    outlet: Outlet
    meanwhile: Callable[[], None]

    def send(self, letter: Letter) -> Result:
        result = self.outlet.send(letter)
        self.meanwhile()
        return result

    def close(self) -> None:
        self.outlet.close()


def ready_to_leave(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://roc.example/a"))
    stage.round()
    stage.clock.later(hours=1)


def test_an_outcome_that_comes_late_ends_the_doubt(stage: Stage) -> None:
    ready_to_leave(stage)

    def reddens() -> None:
        assert steps.redden_doubtful(now=stage.now + AFTER_THE_LEASE) == 1
        assert queries.red().count() == 1

    outlet = SlowOutlet(stage.mailbox.outlet(), reddens)
    steps.send_notices(now=stage.now, look=stage.world.look, outlet=outlet)
    assert Notice.objects.get().sent_at == stage.now
    assert Duty.objects.get(kind=DutyKind.NOTICE).outcome == Outcome.SENT
    assert not queries.red().exists()


def test_a_persons_decision_stands_against_a_late_outcome(stage: Stage) -> None:
    ready_to_leave(stage)

    def sent_again() -> None:
        steps.redden_doubtful(now=stage.now + AFTER_THE_LEASE)
        steps.send_again(queries.in_doubt().get(), cast.solene(), now=stage.now)

    outlet = SlowOutlet(stage.mailbox.outlet(), sent_again)
    steps.send_notices(now=stage.now, look=stage.world.look, outlet=outlet)
    assert Notice.objects.get().sent_at is None
    stage.until_calm(hours=1)
    assert len(stage.mailbox.taken) == 2
    assert all(count == 1 for count in stage.mailbox.message_ids.values())
    assert not queries.red().exists()


def test_the_worker_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def look(url: str, *, allow_private: bool) -> Looked:
        asked.append((url, allow_private))
        return Looked(Seen.ONLINE, 200)

    monkeypatch.setattr(worker.looking, "look", look)
    cast.full_directory()
    cast.assessed(cast.ready_item("https://roc.example/a"))
    assert worker.work(now=stage.now) > 0
    assert worker.work(now=stage.now) == 0
    assert worker.work(now=stage.clock.later(hours=1)) > 0
    assert asked == [("https://roc.example/a", False)]
    assert [message.to for message in mail.outbox] == [["abuse@roc.example"]]
    assert worker.work(now=stage.now) == 0

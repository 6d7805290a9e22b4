"""The worker's round: real looks at real servers, claims, politeness, and few questions however many addresses."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.test.utils import override_settings

from rempart.desk.outlets.look import Looked, Spacing
from rempart.desk.rules.lifecycle import Closing
from rempart.desk.rules.notice import REHEARSAL_TEMPO, Seen
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.followup import looking, steps, watching, worker
from rempart.desk.stages.followup.models import Probe, Watch
from rempart.desk.stages.followup.steps import Probed
from rempart.desk.stages.followup.watching import Due
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.outlets.look.servers import Answer, says, serving
from tests.stages.followup.story import GONE, ONLINE, Story, watch

pytestmark = pytest.mark.django_db
NOW = cast.MONDAY


@pytest.fixture
def story() -> Story:
    cast.full_directory()
    return Story()


def many_watched(count: int) -> list[Watch]:
    """So many watched addresses in one notice, written as rows: their history is not the matter here."""
    item = cast.assessed(cast.ready_item())
    recipient = cast.listed(cast.ANSWERS)
    notice = Notice.objects.create(recipient=recipient, language="fr", opened_at=NOW, closes_at=NOW, sent_at=NOW, watched_at=NOW)
    watches = []
    for ordinal in range(2, count + 2):
        copy = Item.objects.create(
            report=item.report, ordinal=ordinal, kind=item.kind, sealed_typed=item.sealed_typed, address=item.address,
            group_key=f"x{ordinal}", state="followed", band=4, due_at=NOW, received_at=NOW,
        )  # fmt: skip
        duty = Duty.objects.create(
            kind="notice", assessment=item.decided.assessment, item=copy, recipient=recipient, report=None,
            filed_at=NOW, not_before=NOW, done_at=NOW, follows=Duty.objects.first(),
        )  # fmt: skip
        noticed = NoticedItem.objects.create(notice=notice, duty=duty, item=copy)
        seen = {"last_seen": "online", "last_status": 200}
        watches.append(Watch.objects.create(item=copy, noticed=noticed, opened_at=NOW, next_probe_at=NOW, **seen))
    return watches


def test_the_real_look_sees_a_rehearsal_page_go(story: Story) -> None:
    shown: list[Answer] = [says(200)]
    with (
        serving(lambda connection, head: shown[0](connection, head)) as server,
        override_settings(REMPART=_rehearsal(), REMPART_TEMPO=REHEARSAL_TEMPO),
    ):
        cast.listed(cast.Listed(cast.RecipientKind.HOST, "Ici", "images.localhost", "abuse@images.localhost"))
        item = story.sent(server.url("/photo/1", host="images.localhost"))
        worker.work(now=story.clock.now)
        worker.work(now=story.clock.later(seconds=5))
        assert watch(item).last_seen == Seen.ONLINE
        shown[0] = says(410)
        for _ in range(4):
            worker.work(now=story.clock.later(seconds=7))
        item.refresh_from_db()
        assert item.closing == Closing.REMOVED
        assert all(head.split(b" ")[1] == b"/photo/1" for head in server.heads)


def _rehearsal() -> object:
    from dataclasses import replace

    return replace(settings.REMPART, is_rehearsal=True)


def test_two_workers_never_look_at_the_same_address() -> None:
    many_watched(5)
    first = watching.claim_due(now=NOW, limit=3)
    second = watching.claim_due(now=NOW, limit=10)
    assert len(first) == 3
    assert len(second) == 2
    assert not {one.watch_id for one in first} & {one.watch_id for one in second}
    assert watching.claim_due(now=NOW + watching.LEASE - timedelta(seconds=1)) == []
    # A worker that died gives its addresses back when the lease ends.
    assert len(watching.claim_due(now=NOW + watching.LEASE)) == 5


def test_what_was_seen_of_an_ended_watch_is_passed_over() -> None:
    (row,) = many_watched(1)
    Watch.objects.update(ended_at=NOW)
    assert steps.record_probes([Probed(row.pk, Seen.MISSING, 404)], now=NOW) == 0
    assert not Probe.objects.exists()


def test_one_host_is_called_once_and_the_rest_wait_their_turn() -> None:
    many_watched(3)
    looked: list[str] = []

    def eyes(url: str) -> Looked:
        looked.append(url)
        return ONLINE

    spacing = Spacing(timedelta(seconds=2))
    assert worker.probe(now=NOW, eyes=eyes, spacing=spacing) == 1
    assert worker.probe(now=NOW, eyes=eyes, spacing=spacing) == 0
    assert worker.probe(now=NOW + timedelta(seconds=2), eyes=eyes, spacing=spacing) == 1
    assert worker.probe(now=NOW + timedelta(seconds=4), eyes=eyes, spacing=spacing) == 1
    assert len(looked) == 3


def test_no_more_than_eight_at_once() -> None:
    under_way, most, lock = 0, 0, threading.Lock()
    pause = threading.Event()

    def eyes(url: str) -> Looked:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        pause.wait(0.01)
        with lock:
            under_way -= 1
        return ONLINE

    looking.look_at_all([Due(number, f"https://h{number}.example/") for number in range(40)], eyes)
    assert 1 < most <= looking.AT_ONCE


def test_quiet_looks_cost_few_questions_and_no_row(django_assert_num_queries: pytest.FixtureRequest) -> None:
    many_watched(60)
    with django_assert_num_queries(9):  # type: ignore[operator]
        assert worker.probe(now=NOW, eyes=lambda _: ONLINE, spacing=Spacing(timedelta(0))) == 60
    assert not Probe.objects.exists()
    assert set(Watch.objects.values_list("looks", "next_probe_at", "claimed_until")) == {(1, NOW + timedelta(hours=4), None)}


def test_a_batch_of_removals_costs_the_same_as_one(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    many_watched(60)
    Watch.objects.update(misses=2, last_seen="missing", last_status=404)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert worker.probe(now=NOW, eyes=lambda _: GONE, spacing=Spacing(timedelta(0))) == 60
    assert Watch.objects.filter(gone_at=NOW, misses=3).count() == 60

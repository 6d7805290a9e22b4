"""Whole lives of watched addresses, on a simulated clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.duties import DutyKind, Failure
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.notice import Answer, Seen
from rempart.desk.rules.report import ReportKind, Source
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup import deciding
from rempart.desk.stages.followup.errors import NotWatched
from rempart.desk.stages.followup.models import Probe, Watch
from rempart.desk.stages.followup.queries import watch_of
from rempart.desk.stages.followup.replying import Said, Through, record_reply
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.intake.preparing import prepare
from rempart.desk.stages.triage.settling import join_known
from tests import cast
from tests.stages.followup.story import GONE, MOVED, ONLINE, TIMED_OUT, UNSURE, Story, watch

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 3, 6, 14, 0, tzinfo=UTC)


@pytest.fixture
def story() -> Story:
    cast.full_directory()
    return Story()


def fresh(item: Item) -> Item:
    return Item.objects.select_related("report", "address").get(pk=item.pk)


def reminders() -> int:
    return Duty.objects.filter(kind=DutyKind.NOTICE, follows__isnull=False).count()


def test_a_sent_notice_is_watched_from_the_first_hour(story: Story) -> None:
    item = story.sent()
    assert story.work() == 1
    assert fresh(item).state == State.FOLLOWED
    assert story.world.looked_at == []
    story.clock.later(hours=1)
    assert story.work() == 1
    assert len(story.world.looked_at) == 1
    assert story.world.looked_at[0].startswith("https://bonne-reponse.example/page-")
    assert story.work() == 0


def test_gone_after_three_misses_and_the_rows_prove_it(story: Story) -> None:
    item = story.sent()
    story.passes(hours=1)
    story.world.default = GONE
    story.clock.later(hours=5)
    story.work()
    assert watch(item).misses == 1
    assert fresh(item).state == State.FOLLOWED
    story.clock.later(minutes=2)
    assert story.work() == 0
    story.clock.later(minutes=1)
    story.work()
    story.clock.later(minutes=3)
    assert watch(item).gone_at is None
    story.work()
    closed = fresh(item)
    assert (closed.state, closed.closing, closed.closed_at) == (State.CLOSED, Closing.REMOVED, story.clock.now)
    row = watch(item)
    assert (row.gone_at, row.misses, row.ended_at, row.remind_at) == (story.clock.now, 3, None, None)
    assert [probe.seen for probe in row.probes.order_by("pk")] == [Seen.ONLINE, Seen.MISSING, Seen.MISSING, Seen.MISSING]
    assert row.looks == 4
    assert Entry.objects.filter(verb="seen_gone", subject=f"item:{item.pk}").count() == 1


@pytest.mark.parametrize("interruption", [ONLINE, UNSURE, TIMED_OUT, MOVED])
def test_flapping_is_never_gone(story: Story, interruption: object) -> None:
    item = story.sent()
    story.passes(hours=1)
    for shown in [GONE, GONE, interruption] * 4:
        story.world.default = shown  # type: ignore[assignment]
        story.clock.now = watch(item).next_probe_at or story.clock.now
        story.work()
    assert watch(item).gone_at is None
    assert fresh(item).state == State.FOLLOWED


@pytest.mark.parametrize("shown", [UNSURE, TIMED_OUT, MOVED])
def test_what_is_unclear_is_never_called_gone(story: Story, shown: object) -> None:
    item = story.sent()
    story.world.default = shown  # type: ignore[assignment]
    story.passes(hours=20)
    assert watch(item).gone_at is None
    assert watch(item).misses == 0


def test_the_reminder_waits_for_a_working_day(story: Story) -> None:
    story.clock.now = FRIDAY
    item = story.sent()
    story.until(datetime(2026, 3, 9, 13, 59, tzinfo=UTC))
    assert reminders() == 0
    story.until(datetime(2026, 3, 9, 14, 1, tzinfo=UTC))
    assert reminders() == 1
    assert watch(item).reminders == 1
    # Counted anew from the reminder.
    assert watch(item).remind_at == datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


def test_who_works_every_day_is_reminded_on_sunday(story: Story) -> None:
    story.clock.now = FRIDAY
    story.sent("https://puits.example/a")
    story.until(FRIDAY + timedelta(hours=24))
    assert reminders() == 1


def test_silence_climbs_the_ladder_then_asks_a_person(story: Story) -> None:
    domain = "puits.example"
    upstream = cast.listed(cast.Listed(cast.RecipientKind.HOST, "Amont", domain, "abuse@amont.example", working_days=""))
    item = story.sent(f"https://{domain}/a")
    story.passes(hours=24)
    story.passes(hours=24)
    assert (reminders(), watch(item).rung) == (2, 0)
    story.passes(hours=24)
    row = watch(item)
    assert (row.rung, row.reminders) == (1, 0)
    escalation = Duty.objects.filter(kind=DutyKind.NOTICE).latest("pk")
    assert escalation.recipient == upstream
    assert row.noticed.notice.recipient == upstream
    story.passes(hours=73)
    row = watch(item)
    assert (row.reminders, row.asked_at is not None, row.remind_at) == (2, True, None)
    asked = Duty.objects.get(kind=DutyKind.SUPERVISION)
    assert (asked.item, asked.failure) == (item, Failure.LADDER_USED_UP)
    # Nobody is bothered while a person thinks; the address is still looked at.
    before = (Notice.objects.count(), len(story.world.looked_at))
    story.passes(days=5)
    assert Notice.objects.count() == before[0]
    assert len(story.world.looked_at) > before[1]
    assert Duty.objects.filter(kind=DutyKind.SUPERVISION).count() == 1


def test_the_supervisor_stops_there(story: Story) -> None:
    item = story.sent("https://puits.example/a")
    story.passes(days=4)
    supervisor = cast.solene()
    deciding.close_silent(item, by=supervisor.pk, now=story.clock.now)
    closed = fresh(item)
    assert (closed.state, closed.closing) == (State.CLOSED, Closing.REFUSED)
    looks = len(story.world.looked_at)
    story.passes(days=10)
    assert len(story.world.looked_at) == looks
    with pytest.raises(NotWatched):
        deciding.close_silent(item, by=supervisor.pk, now=story.clock.now)
    with pytest.raises(NotWatched):
        deciding.try_again(item, by=supervisor.pk, now=story.clock.now)


def test_the_supervisor_tries_again(story: Story) -> None:
    item = story.sent("https://puits.example/a")
    story.passes(days=4)
    before = reminders()
    deciding.try_again(item, by=cast.solene().pk, now=story.clock.now)
    story.passes(minutes=1)
    assert reminders() == before + 1
    assert watch(item).asked_at is None


def test_a_person_sees_it_gone_where_software_cannot(story: Story) -> None:
    item = story.sent("https://puits.example/a")
    story.work()
    deciding.declare_gone(item, by=cast.solene().pk, now=story.clock.later(hours=3))
    assert (fresh(item).closing, watch(item).gone_at, watch(item).ended_at) == (Closing.REMOVED, story.clock.now, story.clock.now)


def test_a_refusal_escalates_at_the_next_look(story: Story) -> None:
    item = story.sent("https://roc.example/a")
    story.passes(hours=2)
    notice = Notice.objects.get()
    record_reply(notice, item, Said(Answer.REFUSED), through=Through.RECIPIENT, now=story.clock.later(minutes=5))
    story.work()
    # Nobody above on this ladder: a person decides, long before the first reminder was due.
    assert watch(item).asked_at == story.clock.now
    assert reminders() == 0


def test_a_refusal_with_somebody_above_goes_up(story: Story) -> None:
    above = cast.listed(cast.Listed(cast.RecipientKind.SITE_OWNER, "Patron", "roc.example", "contact@roc.example"))
    item = story.sent("https://roc.example/a")
    story.passes(hours=2)
    record_reply(Notice.objects.get(), item, Said(Answer.REFUSED), through=Through.RECIPIENT, now=story.clock.now)
    story.work()
    assert Duty.objects.filter(kind=DutyKind.NOTICE).latest("pk").recipient == above
    row = watch(item)
    assert (row.rung, row.is_refused) == (1, False)
    story.send()
    story.work()
    assert watch(item).noticed.notice.recipient == above
    # One below on the ladder says no again: the one above is still waited for.
    record_reply(Notice.objects.first(), item, Said(Answer.REFUSED), through=Through.RECIPIENT, now=story.clock.now)  # type: ignore[arg-type]
    assert not watch(item).is_refused


def test_re_checked_for_ninety_days_then_left(story: Story) -> None:
    item = story.sent()
    story.passes(hours=1)
    story.world.default = GONE
    story.passes(hours=5)
    gone_at = watch(item).gone_at
    assert gone_at is not None
    looks = watch(item).looks
    story.until(gone_at + timedelta(days=89))
    assert watch(item).ended_at is None
    assert watch(item).looks == looks + 29
    rows = Probe.objects.count()
    story.until(gone_at + timedelta(days=91))
    assert watch(item).ended_at == gone_at + timedelta(days=90)
    # Sixty quiet looks left one row: the last, that ended the watch.
    assert Probe.objects.count() == rows + 1
    assert fresh(item).closed_at == gone_at


def test_a_relapse_after_thirty_days_is_a_new_item(story: Story) -> None:
    item = story.sent("https://bonne-reponse.example/again")
    story.world.default = GONE
    story.passes(hours=2)
    gone_at = watch(item).gone_at
    assert gone_at is not None
    story.passes(days=30)
    story.world.default = ONLINE
    story.passes(days=4)
    old, row = fresh(item), watch(item)
    assert (old.state, old.closing, old.closed_at) == (State.CLOSED, Closing.REMOVED, gone_at)
    assert row.gone_at == gone_at
    assert row.ended_at is not None
    report = Report.objects.get(kind=ReportKind.RELAPSE)
    again = report.items.get()
    assert (report.source, report.case, again.relapse_of) == (Source.RELAPSE, None, item)
    prepare(now=story.clock.now)
    again = fresh(again)
    assert (again.state, again.address_id) == (State.READY, item.address_id)
    # It is decided anew, noticed anew, watched anew.
    cast.assessed(again, now=story.clock.now)
    story.send()
    story.work()
    assert watch(again).pk != row.pk
    assert fresh(again).state == State.FOLLOWED


def test_a_relapse_somebody_already_reported_is_not_opened_twice(story: Story) -> None:
    item = story.sent("https://bonne-reponse.example/twice")
    story.world.default = GONE
    story.passes(hours=2)
    story.clock.later(days=2)
    cast.ready_item("https://bonne-reponse.example/twice", now=story.clock.now)
    story.world.default = ONLINE
    story.passes(days=4)
    assert watch(item).ended_at is not None
    assert not Report.objects.filter(kind=ReportKind.RELAPSE).exists()


def test_one_address_is_watched_by_one_watch(story: Story) -> None:
    old = story.sent("https://bonne-reponse.example/three")
    story.world.default = GONE
    story.passes(hours=2)
    story.clock.later(days=1)
    again = story.sent("https://bonne-reponse.example/three")
    story.work()
    assert watch(old).ended_at == story.clock.now
    assert watch(again).ended_at is None


def test_items_decided_together_share_their_fate(story: Story) -> None:
    address = "https://bonne-reponse.example/shared"
    first = cast.ready_item(address, now=story.clock.now)
    second = cast.ready_item(address, now=story.clock.now)
    cast.assessed(first, now=story.clock.now)
    story.send()
    story.work()
    assert {fresh(first).state, fresh(second).state} == {State.FOLLOWED}
    assert Watch.objects.count() == 1
    # A third report of it arrives while it is watched, and joins.
    third = cast.ready_item(address, now=story.clock.now)
    join_known(now=story.clock.now)
    assert watch_of(third) == Watch.objects.get()
    story.world.default = GONE
    story.passes(hours=2)
    assert {fresh(one).closing for one in (first, second, third)} == {Closing.REMOVED}
    assert {fresh(one).closed_at for one in (first, second, third)} == {Watch.objects.get().gone_at}


def test_what_is_not_a_web_address_ends_with_a_person(story: Story) -> None:
    """No look can see an account: the ladder is climbed in its time and ends with a person."""
    item = story.sent("https://puits.example/a")
    Item.objects.filter(pk=item.pk).update(kind="account")
    item.address.sealed = None
    item.address.save()
    story.world.default = GONE
    story.clock.later(hours=1)
    story.work()
    assert story.world.looked_at == [""]

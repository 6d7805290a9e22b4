"""Red duties: what mail servers do, what a person does about it, and what the journal keeps."""

from __future__ import annotations

import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.duties import DutyKind, Failure, Outcome
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.stages.action import queries, steps, unknown_sites
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.outlets.mailserver import text_of
from tests.stages.action.conftest import Stage

pytestmark = pytest.mark.django_db


def told_late(stage: Stage, *urls: str) -> list[Item]:
    cast.full_directory()
    items = [cast.assessed(cast.ready_item(url)) for url in urls]
    stage.until_calm()
    stage.until_calm(hours=1)
    return items


def test_a_refusal_is_red_at_once(stage: Stage) -> None:
    stage.mailbox.at_rcpt = "550 no such mailbox"
    (item,) = told_late(stage, "https://roc.example/a")
    duty = queries.red().get()
    assert (duty.kind, duty.failure) == (DutyKind.NOTICE, Failure.REFUSED)
    assert Entry.objects.get(verb="notice_reddened").detail == {"failure": "refused", "why": "smtp_550"}
    item.refresh_from_db()
    assert item.state == State.ASSESSED


def test_another_contact_and_a_retry(stage: Stage) -> None:
    stage.mailbox.at_rcpt = "550 no such mailbox"
    told_late(stage, "https://roc.example/a", "https://roc.example/b")
    duties = list(queries.red())
    assert len(duties) == 2
    recipient = duties[0].recipient
    assert recipient is not None
    steps_for = cast.directory
    steps_for.retire_contact(recipient.contacts.get(), by=cast.solene().pk, now=stage.now)
    contact = steps_for.add_contact(recipient, cast.Channel.EMAIL, "legal@roc.example", found_by="staff", now=stage.now)
    steps_for.approve_contact(contact, by=cast.solene().pk, now=stage.now)
    stage.mailbox.at_rcpt = "250 OK"
    steps.retry_duty(duties[0], cast.solene(), now=stage.now)
    assert not queries.red().exists(), "the whole letter is tried again"
    stage.until_calm()
    stage.until_calm(hours=1)
    mail = stage.mailbox.only()
    assert mail["To"] == "legal@roc.example"
    assert "/a" in text_of(mail)
    assert "/b" in text_of(mail)


def test_a_server_that_says_later_is_tried_six_times(stage: Stage) -> None:
    stage.mailbox.at_end = "451 later"
    told_late(stage, "https://roc.example/a")
    notice = Notice.objects.get()
    assert (notice.attempts, notice.sealed_text, notice.failed_at) == (1, None, None)
    for _ in range(10):
        stage.until_calm(hours=3)
    notice.refresh_from_db()
    assert (notice.attempts, notice.failure) == (6, Failure.NOT_SENT)
    assert not stage.mailbox.taken


def test_a_delayed_notice_does_not_hold_back_the_next(stage: Stage) -> None:
    stage.mailbox.at_end = "451 later"
    told_late(stage, "https://roc.example/a")
    stage.mailbox.at_end = "250 OK"
    cast.assessed(cast.ready_item("https://roc.example/b", now=stage.now), now=stage.now)
    stage.until_calm(minutes=2)
    assert Notice.objects.count() == 2
    stage.until_calm(hours=2)
    assert len(stage.mailbox.taken) == 2
    assert all(count == 1 for count in stage.mailbox.message_ids.values())


def test_a_line_cut_after_the_text_is_a_doubt(stage: Stage) -> None:
    stage.mailbox.hangs_up_after_text = True
    told_late(stage, "https://roc.example/a")
    notice = queries.in_doubt().get()
    stage.mailbox.hangs_up_after_text = False
    stage.until_calm(hours=9)
    assert len(stage.mailbox.taken) == 1
    steps.confirm_sent(notice, cast.solene(), now=stage.now)
    notice.refresh_from_db()
    assert notice.sent_at == stage.now
    assert Duty.objects.get(kind=DutyKind.NOTICE).outcome == Outcome.SENT
    assert not queries.red().exists()
    with pytest.raises(steps.ActionRefused):
        steps.send_again(notice, cast.solene(), now=stage.now)


def test_clearing_needs_a_reason_and_closes_what_may_be(stage: Stage) -> None:
    stage.mailbox.at_rcpt = "550 no such mailbox"
    (item,) = told_late(stage, "https://roc.example/a")
    duty = queries.red().get()
    with pytest.raises(steps.ActionRefused) as refused:
        steps.clear_duty(duty, cast.solene(), "  ", now=stage.now)
    assert refused.value.reasons == ("no_reason",)
    why = "told by telephone about https://roc.example/a"
    steps.clear_duty(duty, cast.solene(), why, now=stage.now)
    assert not queries.red().exists()
    assert Notice.objects.get().cancelled_at is not None
    item.refresh_from_db()
    assert item.state == State.ASSESSED, "its dossier is still to be handed over"
    steps.record_dossier_sent(queries.dossiers_to_send().get(), cast.camille(), through="portal", now=stage.now)
    item.refresh_from_db()
    assert (item.state, item.closing) == (State.CLOSED, Closing.HANDED_TO_AUTHORITY)
    assert "roc.example" not in repr(list(Entry.objects.values("detail")))
    with pytest.raises(steps.ActionRefused) as refused:
        steps.clear_duty(duty, cast.solene(), why, now=stage.now)
    assert refused.value.reasons == ("already_done",)


def test_what_is_not_red_is_not_retried(stage: Stage) -> None:
    told_late(stage, "https://roc.example/a")
    with pytest.raises(steps.ActionRefused) as refused:
        steps.retry_duty(queries.dossiers_to_send().get(), cast.solene(), now=stage.now)
    assert refused.value.reasons == ("not_red",)


def test_reminders_follow_their_letter(stage: Stage) -> None:
    items = told_late(stage, "https://bonne-reponse.example/a", "https://bonne-reponse.example/b")
    first = stage.mailbox.only()
    noticed = list(queries.told(Notice.objects.get()))
    stage.clock.later(days=1)
    duties = steps.file_reminders(noticed, now=stage.now)
    assert steps.file_reminder(noticed[0], now=stage.now) == duties[0], "asked twice, owed once"
    stage.until_calm()
    stage.until_calm(minutes=11)
    _, second = stage.mailbox.taken
    assert second["References"] == first["Message-ID"]
    assert str(second["Subject"]).strip().startswith("Rappel : notification R-N-")
    assert "/a" in text_of(second)
    assert "/b" in text_of(second)
    assert all(duty.follows_id for duty in duties)
    assert {item.state for item in Item.objects.filter(pk__in=[item.pk for item in items])} == {State.FOLLOWED}
    later = steps.file_reminder(noticed[0], now=stage.now)
    assert later.pk not in {duty.pk for duty in duties}


def test_escalation_goes_up_the_ladder(stage: Stage) -> None:
    cast.full_directory()
    owner = cast.Listed(cast.RecipientKind.SITE_OWNER, "Owner", "roc.example", "owner@roc.example", language="en")
    cast.listed(owner)
    (item,) = told_late(stage, "https://roc.example/a")
    assert stage.mailbox.only()["To"] == "abuse@roc.example"
    assert len(queries.ladder_of(item)) == 2
    noticed = queries.told(Notice.objects.get()).get()
    assert steps.file_escalation(noticed, 2, now=stage.now) is None
    duty = steps.file_escalation(noticed, 1, now=stage.now)
    assert duty is not None
    stage.until_calm()
    stage.until_calm(hours=1)
    _, second = stage.mailbox.taken
    assert second["To"] == "owner@roc.example"
    assert "We notified Roc Hosting" in text_of(second)
    assert "References" not in second


def test_an_escalation_to_a_gone_address_leaves_the_item_to_the_follow_up(stage: Stage) -> None:
    (item,) = told_late(stage, "https://roc.example/a")
    noticed = queries.told(Notice.objects.get()).get()
    duty = steps.file_reminder(noticed, now=stage.now)
    stage.world.gone.add("https://roc.example/a")
    stage.until_calm(hours=1)
    stage.until_calm(hours=1)
    duty.refresh_from_db()
    item.refresh_from_db()
    assert duty.outcome == Outcome.ALREADY_GONE
    assert item.state == State.FOLLOWED


def test_a_supervisor_is_asked_once(stage: Stage) -> None:
    (item,) = told_late(stage, "https://roc.example/a")
    noticed = queries.told(Notice.objects.get()).get()
    first = steps.ask_supervisor(item, now=stage.now, follows=noticed.duty)
    assert steps.ask_supervisor(item, now=stage.now) == first
    assert queries.red().get() == first
    with pytest.raises(steps.ActionRefused):
        steps.retry_duty(first, cast.solene(), now=stage.now)
    steps.clear_duty(first, cast.solene(), "nothing more can be done", now=stage.now)
    assert not queries.red().exists()


def test_a_retry_asks_the_directory_again(stage: Stage) -> None:
    """The supervisor knew better than the suggestion: the host, not the owner."""
    item = cast.assessed(cast.ready_item("https://roc.example/a"))
    stage.until_calm()
    duty = queries.red().get()
    assert steps.add_to_directory(duty, cast.solene(), now=stage.now).name == "roc.example"
    host = cast.listed(cast.REFUSES)
    steps.retry_duty(duty, cast.solene(), now=stage.now)
    duty.refresh_from_db()
    assert duty.recipient == host
    stage.until_calm()
    stage.until_calm(hours=1)
    assert stage.mailbox.only()["To"] == "abuse@roc.example"
    item.refresh_from_db()
    assert item.state == State.FOLLOWED


def test_every_red_notice_of_an_unknown_site_waits_for_the_same_contact(stage: Stage) -> None:
    for address in ("https://unknown.example/a", "https://unknown.example/b", "https://other.example/c"):
        cast.assessed(cast.ready_item(address))
    stage.until_calm()
    first = queries.red().order_by("pk")[0]
    recipient = steps.add_to_directory(first, cast.solene(), now=stage.now)
    assert Duty.objects.filter(recipient=recipient).count() == 2
    with pytest.raises(steps.ActionRefused):
        steps.add_to_directory(queries.red().order_by("pk")[0], cast.solene(), now=stage.now)


def test_a_bare_number_has_no_mailbox_to_propose(stage: Stage) -> None:
    cast.assessed(cast.ready_item("http://10.1.2.3/a"))
    stage.until_calm()
    assert unknown_sites.proposal(queries.red().get()) == unknown_sites.Proposal("10.1.2.3", "")

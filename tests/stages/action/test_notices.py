"""From an assessment to a notice in the recipient's mailbox."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.conf import LazySettings

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.duties import DutyKind, Failure, Outcome
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.report import DangerNow
from rempart.desk.stages.action import queries, steps, unknown_sites
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.outlets.mailserver import text_of
from tests.stages.action.conftest import Stage

pytestmark = pytest.mark.django_db


def notice_duty(item: Item) -> Duty:
    return Duty.objects.get(item=item, kind=DutyKind.NOTICE)


def test_one_report_to_one_letter(stage: Stage) -> None:
    cast.full_directory()
    item = cast.assessed(cast.ready_item("https://bonne-reponse.example/page"))
    stage.round()
    assert not stage.mailbox.taken, "grouping lasts an hour"
    stage.until_calm(hours=1)
    mail = stage.mailbox.only()
    assert mail["To"] == "abuse@bonne-reponse.example"
    assert "https://bonne-reponse.example/page" in text_of(mail)
    item.refresh_from_db()
    assert item.state == State.FOLLOWED
    assert notice_duty(item).outcome == Outcome.SENT
    notice = Notice.objects.get()
    assert notice.sent_at == stage.now
    assert queries.notice_text(notice).startswith(str(mail["Subject"]).strip())


def test_neither_words_of_reporters_nor_pictures(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/page", cast.by_email(cast.LINA)))
    stage.until_calm()
    stage.until_calm(hours=1)
    (mail,) = [mail for mail in stage.mailbox.taken if mail["To"] == "abuse@bonne-reponse.example"]
    assert mail.get_content_type() == "text/plain"
    assert not mail.is_multipart()
    whole = text_of(mail) + str(mail["Subject"])
    for leak in (*cast.LINA.story.split("."), "mado@famille.example", "Lina", "me", "15_17"):
        assert not leak.strip() or f" {leak.strip()} " not in whole


def test_addresses_of_one_recipient_go_together(stage: Stage) -> None:
    cast.full_directory()
    for number in range(3):
        cast.assessed(cast.ready_item(f"https://bonne-reponse.example/{number}"))
        stage.round(minutes=10)
    cast.assessed(cast.ready_item("https://roc.example/a"))
    stage.until_calm(minutes=50)
    stage.until_calm(hours=1)
    by_recipient = {str(mail["To"]): text_of(mail) for mail in stage.mailbox.taken}
    assert len(stage.mailbox.taken) == 2
    assert all(f"https://bonne-reponse.example/{number}" in by_recipient["abuse@bonne-reponse.example"] for number in range(3))
    assert "https://roc.example/a" in by_recipient["abuse@roc.example"]


@pytest.mark.slow
def test_a_notice_takes_a_hundred_addresses_at_most(stage: Stage) -> None:
    cast.full_directory()
    addresses = "\n".join(f"https://bonne-reponse.example/{number}" for number in range(120))
    receipt = cast.receive(addresses)
    cast.prepare(now=cast.MONDAY)
    for item in cast.items_of(receipt):
        cast.assessed(item)
    for _ in range(3):
        stage.until_calm(hours=1)
    assert sorted(queries.told(notice).count() for notice in Notice.objects.all()) == [20, 100]
    assert len(stage.mailbox.taken) == 2


def test_danger_now_does_not_wait_for_others(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/now", danger_now=DangerNow.YES))
    stage.round()
    assert len(stage.mailbox.taken) == 1


def test_what_is_gone_before_sending_is_left_out(stage: Stage) -> None:
    cast.full_directory()
    gone = cast.assessed(cast.ready_item("https://bonne-reponse.example/gone"))
    there = cast.assessed(cast.ready_item("https://bonne-reponse.example/there"))
    stage.world.gone.add("https://bonne-reponse.example/gone")
    stage.until_calm()
    stage.until_calm(hours=1)
    text = text_of(stage.mailbox.only())
    assert "/there" in text
    assert "/gone" not in text
    gone.refresh_from_db()
    there.refresh_from_db()
    assert (gone.state, gone.closing) == (State.CLOSED, Closing.ALREADY_GONE)
    assert there.state == State.FOLLOWED
    assert notice_duty(gone).outcome == Outcome.ALREADY_GONE
    assert stage.world.looks.count("https://bonne-reponse.example/gone") == 3, "gone is said after three misses"


def test_one_miss_is_not_gone(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/blink"))
    stage.world.gone.add("https://bonne-reponse.example/blink")
    real = stage.world.look

    def blinks(url: str):  # type: ignore[no-untyped-def]
        seen = real(url)
        stage.world.gone.clear()
        return seen

    stage.until_calm()
    stage.clock.later(hours=1)
    steps.send_notices(now=stage.now, look=blinks, outlet=stage.mailbox.outlet())
    assert "/blink" in text_of(stage.mailbox.only())


def test_a_notice_about_nothing_left_is_cancelled(stage: Stage) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/gone"))
    stage.world.gone.add("https://bonne-reponse.example/gone")
    stage.until_calm()
    stage.until_calm(hours=1)
    assert not stage.mailbox.taken
    assert Notice.objects.get().cancelled_at is not None


def test_a_host_that_hangs_holds_nothing_up(stage: Stage) -> None:
    cast.full_directory()
    urls = [f"https://bonne-reponse.example/slow-{number}" for number in range(6)]
    for url in urls:
        cast.assessed(cast.ready_item(url))
    stage.world.unclear.update(urls)
    stage.until_calm()
    stage.until_calm(hours=1)
    assert len(stage.world.looks) == 3
    assert all(url in text_of(stage.mailbox.only()) for url in urls)
    assert "Vérifié, toujours en ligne" not in text_of(stage.mailbox.only())


def test_police_first(stage: Stage) -> None:
    cast.full_directory()
    item = cast.assessed(cast.ready_item("https://bonne-reponse.example/p"), cast.POLICE_FIRST)
    stage.until_calm()
    stage.until_calm(hours=5)
    assert not stage.mailbox.taken
    dossier = queries.dossiers_to_send().get()
    steps.record_dossier_sent(dossier, cast.camille(), through="portal", their_reference="P-1", now=stage.now)
    stage.until_calm()
    stage.until_calm(hours=1)
    assert "/p" in text_of(stage.mailbox.only())
    item.refresh_from_db()
    assert item.state == State.FOLLOWED


def test_the_token_is_kept_only_as_a_digest(stage: Stage, settings: LazySettings) -> None:
    cast.full_directory()
    cast.assessed(cast.ready_item("https://bonne-reponse.example/t"))
    stage.until_calm()
    stage.until_calm(hours=1)
    found = re.search(r"/answer/([\w-]{43})/", text_of(stage.mailbox.only()))
    assert found is not None
    notice = Notice.objects.get()
    assert bytes(notice.token_digest or b"") == hashlib.sha256(found[1].encode()).digest()
    assert queries.notice_of_token(found[1]) == notice
    assert queries.notice_of_token(found[1][:-1] + "_") is None
    stored = repr(list(Notice.objects.values())) + repr(list(Entry.objects.values())) + repr(list(Duty.objects.values()))
    assert found[1] not in stored
    assert "bonne-reponse.example/t" not in stored


def test_several_reports_of_one_address_move_together(stage: Stage) -> None:
    cast.full_directory()
    url = "https://bonne-reponse.example/same"
    first, second = cast.receive(url), cast.receive(url)
    cast.prepare(now=cast.MONDAY)
    cast.assessed(cast.items_of(first)[0])
    stage.until_calm()
    stage.until_calm(hours=1)
    assert text_of(stage.mailbox.only()).count(url) == 1
    third = cast.receive(url, now=stage.now)
    cast.prepare(now=stage.now)
    from rempart.desk.stages.triage.settling import join_known

    assert join_known(now=stage.now) == 1
    stage.until_calm()
    states = {cast.items_of(receipt)[0].state for receipt in (first, second, third)}
    assert states == {State.FOLLOWED}
    steps.close_together(cast.items_of(first), Closing.REMOVED, now=stage.now)
    assert {cast.items_of(receipt)[0].closing for receipt in (first, second, third)} == {Closing.REMOVED}


def test_one_who_joins_a_decision_about_to_close_is_closed_too(stage: Stage) -> None:
    from rempart.desk.stages.triage.models import DecidedItem

    cast.full_directory()
    url = "https://bonne-reponse.example/late"
    lead = cast.assessed(cast.ready_item(url))
    stage.until_calm()
    late = cast.ready_item(url, now=stage.now)
    DecidedItem.objects.create(item=late, assessment=lead.decided.assessment)
    Item.objects.filter(pk=late.pk).update(state=State.ASSESSED)
    stage.world.gone.add(url)
    stage.clock.later(hours=1)
    Item.objects.filter(pk=lead.pk).update(state=State.CLOSED, closing=Closing.ALREADY_GONE, closed_at=stage.now)
    assert steps.catch_up(now=stage.now) == 1
    late.refresh_from_db()
    assert (late.state, late.closing) == (State.CLOSED, Closing.ALREADY_GONE)
    assert steps.catch_up(now=stage.now) == 0


def test_no_approved_contact_is_red_until_one_is_approved(stage: Stage) -> None:
    item = cast.assessed(cast.ready_item("https://unknown.example/x"))
    stage.until_calm()
    duty = notice_duty(item)
    assert (duty.failure, duty.failed_at) == (Failure.NO_CONTACT, cast.MONDAY)
    assert list(queries.red()) == [duty]
    assert duty.recipient is None, "the name of a reported site is not written down by software"
    proposed = unknown_sites.proposal(duty)
    assert proposed == unknown_sites.Proposal("unknown.example", "abuse@unknown.example")
    contact = steps.add_to_directory(duty, cast.solene(), now=stage.now).contacts.get()
    assert (contact.address, contact.found_by, contact.approved_at) == ("abuse@unknown.example", "rfc2142", None)
    stage.until_calm(hours=2)
    assert not stage.mailbox.taken, "a suggestion is unusable"
    cast.directory.approve_contact(contact, by=cast.solene().pk, now=stage.now)
    stage.until_calm()
    stage.until_calm(hours=1)
    assert stage.mailbox.only()["To"] == "abuse@unknown.example"
    assert not queries.red().exists()


def test_an_account_nobody_knows_the_platform_of_is_red(stage: Stage) -> None:
    item = cast.assessed(cast.ready_item("@quelqu_un"))
    stage.until_calm()
    duty = notice_duty(item)
    assert (duty.failure, duty.recipient) == (Failure.NO_CONTACT, None)
    steps.retry_duty(duty, cast.solene(), now=stage.now)
    stage.until_calm()
    assert queries.red().count() == 1


def test_a_web_form_needs_a_person(stage: Stage) -> None:
    recipient = cast.listed(cast.Listed(cast.RecipientKind.PLATFORM, "Formulaire", "form.example"))
    contact = cast.directory.add_contact(
        recipient, cast.Channel.WEB_FORM, "https://form.example/abuse", found_by="staff", now=stage.now
    )
    cast.directory.approve_contact(contact, by=cast.solene().pk, now=stage.now)
    item = cast.assessed(cast.ready_item("https://form.example/x"))
    stage.until_calm()
    duty = notice_duty(item)
    assert duty.failure == Failure.NO_OUTLET
    notice = steps.record_sent_by_hand(duty, cast.camille(), "web form", now=stage.now)
    item.refresh_from_db()
    duty.refresh_from_db()
    notice.refresh_from_db()
    assert (duty.outcome, duty.done_by_id, notice.sent_at) == (Outcome.SENT, cast.camille().pk, stage.now)
    assert item.state == State.FOLLOWED
    assert not queries.red().exists()


def test_telephone_numbers_have_no_host(stage: Stage) -> None:
    cast.full_directory()
    item = cast.assessed(cast.ready_item("+33 6 12 34 56 78"))
    stage.until_calm()
    assert set(Duty.objects.filter(item=item).values_list("kind", flat=True)) == {DutyKind.AUTHORITY}

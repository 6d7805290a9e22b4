"""What a person does about duties: hand a dossier over, mend what is red, type in an answer."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.duties import DutyKind, Failure, Outcome
from rempart.desk.stages.action import steps as action
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup.models import Reply
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.conventions.samples import make_samples
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
ADDRESS = "https://roc.example/to-be-removed"


@pytest.fixture
def item(clock: cast.Clock) -> Item:
    """Decided, its duties filed."""
    cast.full_directory()
    found = cast.assessed(cast.ready_item(ADDRESS), cast.POLICE_FIRST)
    clock.later(minutes=2)
    action.file_duties(now=clock.now)
    action.prepare_dossiers(now=clock.now)
    return found


def duty_of(item: Item, kind: DutyKind) -> Duty:
    return Duty.objects.get(item=item, kind=kind)


def test_a_dossier_is_printed_and_its_sending_recorded(item: Item, signed_in: SignedIn) -> None:
    client, duty = signed_in(cast.CAMILLE), duty_of(item, DutyKind.AUTHORITY)
    assert "the notice waits for it" in client.get(reverse("console:duties")).content.decode()
    page = client.get(reverse("console:dossier", args=[duty.pk])).content.decode()
    assert ADDRESS in page, "the authority needs it whole"
    assert f'href="{ADDRESS}' not in page
    assert "FR:CP:227-23" in page
    file = client.get(reverse("console:dossier-json", args=[duty.pk]))
    assert json.loads(file.content)["address"]["address"] == ADDRESS
    read = Entry.objects.filter(verb="dossier_read", subject=f"duty:{duty.pk}").order_by("pk")
    assert [entry.detail["as_file"] for entry in read] == [False, True]
    client.post(reverse("console:dossier-sent", args=[duty.pk]), {"through": " "})
    duty.refresh_from_db()
    assert duty.done_at is None
    client.post(reverse("console:dossier-sent", args=[duty.pk]), {"through": "PHAROS", "their_reference": "P-12"})
    duty.refresh_from_db()
    assert (duty.outcome, duty.done_by_id) == (Outcome.HANDED_OVER, cast.camille().pk)
    assert "P-12" in client.get(reverse("console:duty", args=[duty.pk])).content.decode()


def redden(item: Item, clock: cast.Clock, failure: Failure = Failure.NO_CONTACT) -> Duty:
    duty = duty_of(item, DutyKind.NOTICE)
    Duty.objects.filter(pk=duty.pk).update(failed_at=clock.now, failure=failure)
    return duty


def test_a_red_duty_is_seen_and_mended_by_a_supervisor_only(item: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
    duty = redden(item, clock)
    assert "no approved contact" in signed_in(cast.CAMILLE).get(reverse("console:duties")).content.decode()
    assert signed_in(cast.CAMILLE).post(reverse("console:duty-retry", args=[duty.pk])).status_code == 403
    signed_in(cast.SOLENE).post(reverse("console:duty-retry", args=[duty.pk]))
    duty.refresh_from_db()
    assert duty.failed_at is None


def test_a_red_duty_is_cleared_for_a_reason(item: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
    duty, client = redden(item, clock), signed_in(cast.SOLENE)
    page = client.post(reverse("console:duty-clear", args=[duty.pk]), {"why": " "}, follow=True)
    assert "Say in a few words" in page.content.decode()
    client.post(reverse("console:duty-clear", args=[duty.pk]), {"why": "the site no longer exists"})
    duty.refresh_from_db()
    assert duty.outcome == Outcome.CLEARED


def test_a_recipient_told_by_hand(item: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
    duty = redden(item, clock, Failure.NO_OUTLET)
    signed_in(cast.SOLENE).post(reverse("console:duty-by-hand", args=[duty.pk]), {"through": "their form"})
    duty.refresh_from_db()
    assert duty.outcome == Outcome.SENT


def test_a_notice_shows_its_text_disarmed_and_takes_an_answer(signed_in: SignedIn, clock: cast.Clock) -> None:
    samples = make_samples(now=clock.now)
    notice = Notice.objects.get(pk=samples["notice_id"])
    client, address = signed_in(cast.CAMILLE), reverse("console:notice", args=[notice.pk])
    page = client.get(address).content.decode()
    assert "bonne-reponse[.]example/" in page
    assert "https://bonne-reponse.example/" not in page
    told = notice.noticed_items.get()
    client.post(reverse("console:notice-reply", args=[notice.pk]), {"answer": "removed"})
    assert not Reply.objects.exists()
    client.post(
        reverse("console:notice-reply", args=[notice.pk]),
        {"answer": "need_more", "item": str(told.item_id), "words": "which page?"},
    )
    reply = Reply.objects.get()
    assert (reply.answer, reply.through, reply.by_id) == ("need_more", "staff", cast.camille().pk)
    item_page = client.get(reverse("console:item", args=[told.item_id])).content.decode()
    assert "which page?" in item_page
    question = Duty.objects.get(kind=DutyKind.SUPERVISION)
    assert "asks for more" in client.get(reverse("console:duties")).content.decode()
    signed_in(cast.SOLENE).post(reverse("console:duty-decide", args=[question.pk]), {"decision": "gone"})
    assert Item.objects.get(pk=told.item_id).closing == "removed"


def test_a_notice_in_doubt_is_confirmed_or_sent_again(signed_in: SignedIn, clock: cast.Clock) -> None:
    make_samples(now=clock.now)
    notice = Notice.objects.get(sent_at__isnull=False)
    Notice.objects.filter(pk=notice.pk).update(sent_at=None, failed_at=clock.now, failure=Failure.IN_DOUBT)
    client = signed_in(cast.SOLENE)
    assert "may have been received" in client.get(reverse("console:notice", args=[notice.pk])).content.decode()
    client.post(reverse("console:notice-confirm", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.sent_at == clock.now
    again = client.post(reverse("console:notice-again", args=[notice.pk]), follow=True)
    assert "not in doubt any more" in again.content.decode()


def test_messages_with_a_reporter(signed_in: SignedIn, clock: cast.Clock) -> None:
    item = cast.ready_item(details=cast.LINA)
    client, address = signed_in(cast.CAMILLE), reverse("console:report", args=[item.report_id])
    assert "une photo de moi" not in client.get(address).content.decode()
    assert "une photo de moi" in client.post(reverse("console:report-words", args=[item.report_id])).content.decode()
    assert client.post(reverse("console:answer", args=[item.report_id]), {"text": " "}).status_code == 400
    client.post(reverse("console:answer", args=[item.report_id]), {"text": "Merci de nous avoir écrit."})
    shown = client.post(reverse("console:report-words", args=[item.report_id])).content.decode()
    assert "Merci de nous avoir" in shown

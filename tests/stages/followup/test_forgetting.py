"""What must be forgotten is forgotten, on its day, and nothing else is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.notice import Answer
from rempart.desk.rules.report import AnswerBy
from rempart.desk.stages.action.models import Dossier, Duty, Notice
from rempart.desk.stages.followup.forgetting import forget_due
from rempart.desk.stages.followup.models import Reply
from rempart.desk.stages.followup.replying import Said, Through, record_reply
from rempart.desk.stages.intake import outcomes, queries
from rempart.desk.stages.intake.models import Address, Case, Item, Message, Report
from rempart.desk.stages.intake.steps import Receipt, write_to_hotline, write_to_reporter
from rempart.desk.stages.triage import claims
from rempart.desk.stages.triage.models import Assessment, Hold
from tests import cast
from tests.stages.followup.story import Story

pytestmark = pytest.mark.django_db

NOW = cast.MONDAY


def close(receipt: Receipt, at: datetime) -> None:
    items = cast.items_of(receipt)
    Item.objects.filter(pk__in=[item.pk for item in items]).update(state=State.ASSESSED)
    outcomes.close_items(items, Closing.NO_ACTION, now=at)


def report_of(receipt: Receipt) -> Report:
    return Report.objects.get(pk=receipt.report_id)


def test_words_go_thirty_days_after_the_last_item_closed() -> None:
    receipt = cast.receive("https://a.example/1 https://a.example/2", cast.by_email(cast.LINA))
    first, second = cast.items_of(receipt)
    Item.objects.update(state=State.ASSESSED)
    outcomes.close_items([first], Closing.NO_ACTION, now=NOW)
    outcomes.close_items([second], Closing.NO_ACTION, now=NOW + timedelta(days=10))
    forget_due(now=NOW + timedelta(days=40) - timedelta(seconds=1))
    report = report_of(receipt)
    assert (queries.story(report), report.forgotten_at) == (cast.LINA.story, None)
    assert forget_due(now=NOW + timedelta(days=40)) == 1
    report = report_of(receipt)
    assert (report.sealed_story, report.sealed_email, report.forgotten_at) == (None, None, NOW + timedelta(days=40))
    assert report.answer_by == AnswerBy.EMAIL
    assert forget_due(now=NOW + timedelta(days=41)) == 0


def test_words_of_an_open_report_stay() -> None:
    receipt = cast.receive(details=cast.LINA)
    assert forget_due(now=NOW + timedelta(days=400)) == 0
    assert queries.story(report_of(receipt)) == cast.LINA.story


def test_messages_go_with_the_words_and_late_ones_thirty_days_after() -> None:
    receipt = cast.receive(details=cast.LINA)
    keys, case = cast.keys_of(receipt), Case.objects.get()
    write_to_hotline(keys, "Vous avez reçu ?", now=NOW)
    write_to_reporter(case, "Oui.", by=None, now=NOW)
    close(receipt, NOW)
    write_to_hotline(keys, "Merci.", now=NOW + timedelta(days=20))
    forget_due(now=NOW + timedelta(days=30))
    assert [line.text for line in queries.mailbox(case, keys)] == ["Merci."]
    forget_due(now=NOW + timedelta(days=50))
    assert queries.mailbox(case, keys) == []


def test_messages_of_an_open_report_stay() -> None:
    receipt = cast.receive(details=cast.LINA)
    write_to_hotline(cast.keys_of(receipt), "Toujours là ?", now=NOW)
    forget_due(now=NOW + timedelta(days=400))
    assert Message.objects.count() == 1


def test_addresses_go_after_two_years_and_their_digest_stays() -> None:
    cast.full_directory()
    story = Story()
    item = story.assessed("https://bonne-reponse.example/old")
    address = Address.objects.get()
    digest = bytes(address.address_digest)
    story.send()
    notice = Notice.objects.get()
    Notice.objects.update(sealed_text=sealing.seal_words("https://bonne-reponse.example/old"))
    Dossier.objects.create(
        duty=Duty.objects.filter(kind="authority").get(), sealed_json=sealing.seal_words('{"a": "old"}'), prepared_at=NOW
    )
    record_reply(notice, item, Said(Answer.REMOVED, words="parti"), through=Through.RECIPIENT, now=NOW)
    Assessment.objects.update(sealed_note=sealing.seal_words("note"))
    Hold.objects.create(
        group_key=item.group_key, item=item, by_id=1, sealed_reason=sealing.seal_words("why"), held_at=NOW, until=NOW
    )
    outcomes.close_items([item], Closing.REMOVED, now=NOW)
    due = NOW + timedelta(days=730)
    Report.objects.update(forgotten_at=NOW)
    assert forget_due(now=due - timedelta(seconds=1)) == 0
    assert queries.canonical(Item.objects.get()) == "https://bonne-reponse.example/old"
    assert forget_due(now=due) == 1
    item = Item.objects.get()
    assert (queries.canonical(item), queries.typed(item), queries.locator(item)) == ("", "", None)
    assert Address.objects.get().sealed is None
    assert bytes(Address.objects.get().address_digest) == digest
    assert Notice.objects.get().sealed_text is None
    assert Reply.objects.get().sealed_words is None
    assert Assessment.objects.get().sealed_note is None
    assert sealing.unseal(Dossier.objects.get().sealed_json) == "{}"
    assert sealing.unseal(Hold.objects.get().sealed_reason) == ""
    assert forget_due(now=due) == 0


def test_words_typed_instead_of_an_address_leave_no_digest() -> None:
    receipt = cast.receive("")
    address = cast.receive("https://a.example/1")
    close(receipt, NOW)
    close(address, NOW)
    assert cast.items_of(receipt)[0].address_digest is not None
    forget_due(now=NOW + timedelta(days=730))
    assert [item.address_digest is None for item in (*cast.items_of(receipt), *cast.items_of(address))] == [True, False]


def test_an_address_shared_with_a_younger_item_stays() -> None:
    shared = "https://bonne-reponse.example/shared"
    close(cast.receive(shared), NOW)
    cast.ready_item(shared)
    old = Item.objects.order_by("pk")[0]
    Item.objects.filter(pk=old.pk).update(address=Address.objects.get(), group_key=f"a{Address.objects.get().pk}")
    forget_due(now=NOW + timedelta(days=730))
    old.refresh_from_db()
    assert old.sealed_typed is None
    assert Address.objects.get().sealed is not None


def test_a_forgotten_address_reported_again_is_recognised_and_readable() -> None:
    again = "https://bonne-reponse.example/again"
    item = cast.ready_item(again)
    Item.objects.update(state=State.ASSESSED)
    outcomes.close_items([item], Closing.REMOVED, now=NOW)
    later = NOW + timedelta(days=800)
    forget_due(now=later)
    assert Address.objects.get().sealed is None
    back = cast.ready_item(again, now=later)
    assert back.address_id == item.address_id
    assert queries.canonical(Item.objects.get(pk=back.pk)) == again
    assert claims.claim(Item.objects.get(pk=back.pk), cast.camille(), now=later) is not None


def test_forgetting_asks_few_questions(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    for _ in range(30):
        close(cast.receive(details=cast.LINA), NOW)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        assert forget_due(now=NOW + timedelta(days=31)) == 30

"""A report arrives: what is kept, what is refused, what the code opens afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.locator import MAX_LOCATORS, MAX_TEXT, LocatorKind
from rempart.desk.rules.queue import Band, due_at
from rempart.desk.rules.report import (
    MAX_MESSAGE,
    MAX_STORY,
    AnswerBy,
    Category,
    Concerns,
    DangerNow,
    Details,
    Draft,
    ReportKind,
    Source,
)
from rempart.desk.stages.intake import outcomes, queries, steps, worker
from rempart.desk.stages.intake.errors import MessageRefused, NoSuchCase, ReportRefused
from rempart.desk.stages.intake.models import Address, Case, Item, Message, Report
from tests import cast

pytestmark = pytest.mark.django_db

NOW = cast.MONDAY


def refusal(addresses: str = "https://a.example/", **details: object) -> tuple[str, ...]:
    with pytest.raises(ReportRefused) as caught:
        steps.receive_report(Draft(addresses, "fr", details=Details(**details)), now=NOW)  # type: ignore[arg-type]
    assert not Report.objects.exists()
    assert not Case.objects.exists()
    assert not Entry.objects.exists()
    return caught.value.reasons


def test_a_report_a_case_and_one_item_per_address() -> None:
    receipt = cast.receive("hxxp://a[.]example/1 , https://b.example/2\n@nina sur snapchat", cast.LINA)
    report = Report.objects.get(pk=receipt.report_id)
    items = cast.items_of(receipt)
    assert (receipt.item_count, [item.ordinal for item in items]) == (3, [1, 2, 3])
    assert queries.typed(items[0]) == "hxxp://a[.]example/1"
    assert {item.state for item in items} == {State.RECEIVED}
    assert {item.band for item in items} == {Band.PERSON_CONCERNED}
    assert {item.due_at for item in items} == {due_at(Band.PERSON_CONCERNED, NOW)}
    assert (report.category, report.concerns, report.language, report.completed_at) == (
        Category.INTIMATE_IMAGE_SHARED,
        Concerns.ME,
        "fr",
        None,
    )
    assert queries.story(report) == cast.LINA.story
    assert queries.case_of(cast.keys_of(receipt)) == report.case
    assert Entry.objects.get(verb="received").detail == {"source": "public_form", "items": 3}


def test_no_link_is_a_report_too() -> None:
    receipt = cast.receive("")
    (item,) = cast.items_of(receipt)
    assert (item.kind, queries.typed(item)) == (LocatorKind.NO_LINK, "")
    worker.work(now=NOW)
    item.refresh_from_db()
    assert (item.state, item.address, item.group_key) == (State.READY, None, f"i{item.pk}")
    assert (queries.canonical(item), queries.locator(item)) == ("", None)
    assert not queries.same_address(item).exists()
    assert not queries.same_host(item).exists()
    assert not queries.same_account(item).exists()


def test_words_typed_instead_of_a_link_are_kept() -> None:
    draft = Draft("dans le groupe du collège", "fr", has_no_link=True)
    receipt = steps.receive_report(draft, now=NOW)
    assert [queries.typed(item) for item in cast.items_of(receipt)] == ["dans le groupe du collège"]


def test_what_is_refused_keeps_nothing() -> None:
    assert refusal("rien à voir") == ("nothing_to_look_at",)
    assert refusal("x" * (MAX_TEXT + 1)) == ("text_too_long",)
    assert refusal(" ".join(f"https://a.example/{n}" for n in range(MAX_LOCATORS + 1))) == ("too_many_addresses",)
    assert refusal(story="x" * (MAX_STORY + 1)) == ("story_too_long",)
    assert refusal(answer_by=AnswerBy.EMAIL, email="mado") == ("email_unreadable",)


def test_partners_have_no_case_page() -> None:
    receipt = steps.receive_report(Draft("https://a.example/", "en", source=Source.PARTNER_HOTLINE), now=NOW)
    assert receipt.code is None
    assert Report.objects.get().case is None


def test_an_email_is_kept_only_for_those_who_want_one() -> None:
    cast.receive(details=cast.by_email(cast.MADO), answer_by=AnswerBy.CASE_PAGE)
    assert Report.objects.get().sealed_email is None


# Later pages of the form


def test_later_pages_change_the_priority_of_what_is_not_decided() -> None:
    receipt = cast.receive("https://a.example/1 https://a.example/2", cast.SOMEBODY)
    first, second = cast.items_of(receipt)
    assert first.band == Band.OTHER
    Item.objects.filter(pk=second.pk).update(state=State.ASSESSED)
    keys = cast.keys_of(receipt)
    steps.add_details(keys, Details(danger_now=DangerNow.YES), now=NOW + timedelta(minutes=5), is_complete=False)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.band, first.due_at) == (Band.DANGER_NOW, due_at(Band.DANGER_NOW, NOW))
    assert second.band == Band.OTHER
    assert Report.objects.get().completed_at is None
    steps.add_details(keys, cast.LINA, now=NOW + timedelta(minutes=6), is_complete=True)
    assert Report.objects.get().completed_at == NOW + timedelta(minutes=6)


def test_refused_details_leave_what_was_kept() -> None:
    receipt = cast.receive(details=cast.LINA)
    with pytest.raises(ReportRefused):
        steps.add_details(cast.keys_of(receipt), Details(story="x" * (MAX_STORY + 1)), now=NOW, is_complete=True)
    assert queries.story(Report.objects.get()) == cast.LINA.story


def test_a_form_left_halfway_is_complete_after_a_day() -> None:
    receipt = cast.receive(details=cast.SOMEBODY)
    worker.work(now=NOW + timedelta(hours=23))
    assert Report.objects.get().completed_at is None
    assert worker.work(now=NOW + timedelta(days=1)) == 1
    assert Report.objects.get(pk=receipt.report_id).completed_at == NOW + timedelta(days=1)
    assert worker.work(now=NOW + timedelta(days=1)) == 0


# The case


def test_messages_both_ways_and_who_read_them() -> None:
    receipt = cast.receive()
    keys, case = cast.keys_of(receipt), Case.objects.get()
    steps.write_to_hotline(keys, "Vous avez reçu ?", now=NOW)
    steps.write_to_reporter(case, "Oui, merci.", by=3, now=NOW)
    assert [line.text for line in queries.mailbox(case, keys)] == ["Vous avez reçu ?", "Oui, merci."]
    assert queries.mailbox_for_staff(case) == queries.mailbox(case, keys)
    steps.note_visit(keys, now=NOW + timedelta(hours=1))
    steps.mark_read_by_staff(case, by=3, now=NOW + timedelta(hours=2))
    read = [message.read_at for message in Message.objects.order_by("pk")]
    assert read == [NOW + timedelta(hours=2), NOW + timedelta(hours=1)]
    case.refresh_from_db()
    assert case.last_seen_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), (" \n", "empty"), ("x" * (MAX_MESSAGE + 1), "too_long")])
def test_messages_refused(text: str, reason: str) -> None:
    keys = cast.keys_of(cast.receive())
    with pytest.raises(MessageRefused) as caught:
        steps.write_to_hotline(keys, text, now=NOW)
    assert caught.value.reasons == (reason,)
    assert not Message.objects.exists()


def test_an_erased_case_is_nowhere_and_its_addresses_stay_in_treatment() -> None:
    receipt = cast.receive(details=cast.by_email(cast.LINA))
    keys, case = cast.keys_of(receipt), Case.objects.get()
    steps.write_to_hotline(keys, "bonjour", now=NOW)
    steps.erase_case(keys, now=NOW)
    report = Report.objects.get()
    assert (report.sealed_story, report.sealed_email, report.forgotten_at) == (None, None, NOW)
    assert not Message.objects.exists()
    assert Item.objects.get().sealed_typed is not None
    gestures = (
        lambda: queries.case_of(keys),
        lambda: steps.note_visit(keys, now=NOW),
        lambda: steps.write_to_hotline(keys, "x", now=NOW),
        lambda: steps.erase_case(keys, now=NOW),
        lambda: steps.add_details(keys, Details(), now=NOW, is_complete=True),
    )
    for gesture in gestures:
        with pytest.raises(NoSuchCase):
            gesture()
    case.refresh_from_db()
    steps.write_to_reporter(case, "nobody reads this", by=None, now=NOW)
    assert not Message.objects.exists()
    assert (case.lookup, case.box_public, case.erased_at) == (None, None, NOW)


def test_another_code_opens_nothing() -> None:
    cast.receive()
    with pytest.raises(NoSuchCase):
        queries.case_of(sealing.case_keys(sealing.new_case_code()))


# Addresses


def test_two_spellings_of_one_address_meet() -> None:
    first = cast.ready_item("HTTPS://Forum.Example:443/a?utm_source=x")
    second = cast.ready_item("hxxps://forum[.]example/a")
    other = cast.ready_item("https://forum.example/b")
    assert first.address_id == second.address_id
    assert first.group_key == second.group_key
    assert Address.objects.count() == 2
    assert list(queries.same_address(second)) == [first]
    assert list(queries.same_host(first)) == [other, second]


def test_one_account_on_two_pages_is_recognised() -> None:
    first = cast.ready_item("https://www.instagram.com/nina_l/")
    second = cast.ready_item("@nina_l sur Instagram")
    assert first in queries.same_account(second) or first.address_id == second.address_id


def test_prepare_asks_few_questions(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    cast.receive(" ".join(f"https://h{n}.example/{n}" for n in range(150)))
    with django_assert_max_num_queries(17):  # type: ignore[operator]
        assert worker.work(now=NOW) == 150
    assert set(Item.objects.values_list("state", "ready_at")) == {(State.READY, NOW)}


def test_a_text_that_is_no_address_any_more_is_still_an_item() -> None:
    receipt = cast.receive("https://a.example/")
    (item,) = cast.items_of(receipt)
    Item.objects.update(sealed_typed=None)
    worker.work(now=NOW)
    item.refresh_from_db()
    assert (item.state, item.group_key) == (State.READY, f"i{item.pk}")


def test_the_reference_says_the_year_and_the_order() -> None:
    report = Report.objects.get(pk=cast.receive().report_id)
    assert queries.reference(report, "R") == f"R-2026-{report.pk:06d}"


# What comes back


def test_an_objection_cites_the_former_item() -> None:
    item = cast.ready_item()
    appeal = steps.receive_appeal(item, "This is my own picture.", source=Source.PLATFORM, now=NOW)
    assert (appeal.relapse_of, appeal.report.kind, appeal.report.source) == (item, ReportKind.APPEAL, Source.PLATFORM)
    assert queries.story(appeal.report) == "This is my own picture."
    worker.work(now=NOW)
    appeal.refresh_from_db()
    assert appeal.address_id == item.address_id


def test_a_relapse_keeps_the_urgency_it_had() -> None:
    urgent = cast.ready_item(details=cast.MADO)
    calm = cast.ready_item(details=cast.SOMEBODY)
    assert steps.receive_relapse(urgent, now=NOW).band == Band.DANGER_NOW
    assert steps.receive_relapse(calm, now=NOW).band == Band.OTHER


# What later stages write back


def test_items_are_closed_once() -> None:
    item = cast.assessed()
    assert outcomes.close_items([item], Closing.NO_ACTION, now=NOW) == [item]
    assert outcomes.close_items([item], Closing.REMOVED, now=NOW) == []
    item.refresh_from_db()
    assert item.closing == Closing.NO_ACTION


def test_the_email_goes_with_the_answer() -> None:
    receipt = cast.receive(details=cast.by_email(cast.LINA))
    assert Report.objects.get().sealed_email is not None
    outcomes.record_answered([receipt.report_id], now=NOW)
    report = Report.objects.get()
    assert (report.sealed_email, report.answered_at) == (None, NOW)

"""A report sent twice is one report; what is added to it later finds its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.locator import MAX_LOCATORS
from rempart.desk.rules.queue import Band, due_at
from rempart.desk.rules.report import AnswerBy, DangerNow, Details, Draft, ReportKind, Source
from rempart.desk.stages.intake import outcomes, preparing, queries, steps
from rempart.desk.stages.intake.errors import NoSuchCase, ReportRefused
from rempart.desk.stages.intake.models import Address, Case, Item, Report
from rempart.desk.stages.intake.steps import Receipt
from tests import cast

pytestmark = pytest.mark.django_db

NOW = cast.MONDAY
CODE = sealing.new_case_code()
TWO = "https://a.example/1\nhttps://a.example/2"
DAY = timedelta(days=1)


def send(addresses: str = TWO, details: Details = cast.LINA, *, after: timedelta = timedelta(), **more: object) -> Receipt:
    draft = replace(Draft(addresses, "fr", details=details), **more)  # type: ignore[arg-type]
    return steps.receive_report(draft, now=NOW + after, code=CODE)


def typed(report_id: int) -> list[str]:
    return [queries.typed(item) for item in Item.objects.filter(report=report_id).order_by("ordinal")]


def counts() -> tuple[int, int, int]:
    return Case.objects.count(), Report.objects.count(), Item.objects.count()


def test_the_same_form_twice_is_one_report() -> None:
    first = send()
    again = send(details=cast.MADO, after=timedelta(hours=3))
    assert (first.code, first.added_count) == (CODE, 2)
    assert again == replace(first, added_count=0)
    assert counts() == (1, 1, 2)
    report = Report.objects.get()
    assert (report.category, report.received_at, queries.story(report)) == (cast.LINA.category, NOW, cast.LINA.story)
    assert [entry.verb for entry in Entry.objects.order_by("pk")] == ["received"]


def test_only_what_is_new_is_added() -> None:
    first = send()
    again = send("HXXPS://A[.]example/2?utm_source=x https://a.example/3 @nina sur snapchat", after=timedelta(minutes=9))
    assert again == Receipt(first.report_id, item_count=4, code=CODE, added_count=2)
    assert typed(first.report_id)[2:] == ["https://a.example/3", "@nina sur snapchat"]
    added = list(Item.objects.filter(ordinal__gt=2).order_by("ordinal"))
    assert [item.ordinal for item in added] == [3, 4]
    assert {item.band for item in added} == {Band.PERSON_CONCERNED}
    assert {item.due_at for item in added} == {due_at(Band.PERSON_CONCERNED, NOW + timedelta(minutes=9))}
    entry = Entry.objects.get(verb="addresses_added")
    assert (entry.subject, entry.detail) == (f"report:{first.report_id}", {"items": 2})


def test_what_is_added_follows_what_the_report_says_by_then() -> None:
    send(details=Details())
    steps.add_details(sealing.case_keys(CODE), cast.MADO, now=NOW, is_complete=True)
    send("https://a.example/3", Details(), after=timedelta(hours=1))
    assert Item.objects.get(ordinal=3).band == Band.DANGER_NOW
    steps.add_details(sealing.case_keys(CODE), cast.LINA, now=NOW + timedelta(hours=2), is_complete=True)
    dues = Item.objects.order_by("ordinal").values_list("due_at", flat=True)
    assert list(dues)[1:] == [due_at(Band.PERSON_CONCERNED, NOW + timedelta(hours=late)) for late in (0, 1)]


def test_the_words_of_a_report_without_link_are_kept_once() -> None:
    for words in ("in the park", " in the park\n", "at school"):
        send(words, has_no_link=True)
    report = Report.objects.get()
    assert typed(report.pk) == ["in the park", "at school"]
    preparing.prepare(now=NOW)
    assert set(Item.objects.values_list("group_key", flat=True)) == {f"i{item.pk}" for item in Item.objects.all()}


@pytest.mark.parametrize(("after", "reports"), [(DAY - timedelta(seconds=1), 1), (DAY, 2)])
def test_after_a_day_it_is_another_report_of_the_same_case(after: timedelta, reports: int) -> None:
    send()
    later = send(details=cast.PAUL, after=after)
    assert (later.code, counts()) == (CODE, (1, reports, 2 * reports))
    assert steps.newest_report(sealing.case_keys(CODE)).pk == later.report_id


def test_after_the_answer_it_is_another_report_of_the_same_case() -> None:
    first = send()
    outcomes.record_answered([first.report_id], now=NOW)
    assert send(after=timedelta(minutes=1)).report_id != first.report_id
    assert counts() == (1, 2, 4)


def test_an_objection_of_the_case_is_not_continued() -> None:
    first = send()
    Report.objects.create(
        case=Case.objects.get(), kind=ReportKind.APPEAL, source=Source.PUBLIC_FORM, language="fr", received_at=NOW
    )
    assert send().report_id == first.report_id


def test_partners_send_as_before() -> None:
    receipts = [send(source=Source.PARTNER_HOTLINE) for _ in range(2)]
    assert [receipt.code for receipt in receipts] == [None, None]
    assert counts() == (0, 2, 4)


def test_a_refusal_changes_nothing() -> None:
    send()
    with pytest.raises(ReportRefused):
        send("nothing here")
    assert counts() == (1, 1, 2)


def test_exactly_the_most_are_taken_and_a_report_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"https://a.example/{number}" for number in range(MAX_LOCATORS + 1)]
    assert send("\n".join(many[:-1])).item_count == MAX_LOCATORS
    with pytest.raises(ReportRefused) as refused:
        send("\n".join(many))
    assert refused.value.reasons == ("too_many_addresses",)
    monkeypatch.setattr(steps, "MOST_ITEMS", MAX_LOCATORS + 1)
    assert send(many[-1]).item_count == MAX_LOCATORS + 1
    with pytest.raises(ReportRefused) as refused:
        send("https://b.example/")
    assert refused.value.reasons == ("report_full",)
    assert send("\n".join(many[:-1])).added_count == 0


# From the case page


def add(addresses: str, *, after: timedelta = timedelta(minutes=5)) -> Receipt:
    return steps.add_addresses(Draft(addresses, "fr"), CODE, now=NOW + after, is_complete=True)


def test_a_case_that_is_nowhere_takes_nothing() -> None:
    with pytest.raises(NoSuchCase):
        add(TWO)
    send()
    steps.erase_case(sealing.case_keys(CODE), now=NOW)
    with pytest.raises(NoSuchCase):
        add(TWO)
    assert counts() == (1, 1, 2)


def test_an_address_added_from_the_case_page() -> None:
    first = send()
    assert add("https://a.example/2 https://a.example/3") == Receipt(first.report_id, 3, CODE, 1)
    assert Report.objects.get().completed_at is None


def test_added_later_it_is_about_the_same_but_danger_is_not_now() -> None:
    send(details=cast.MADO)
    receipt = add("https://a.example/3", after=timedelta(days=3))
    report = Report.objects.get(pk=receipt.report_id)
    assert (report.concerns, report.age_band) == (cast.MADO.concerns, cast.MADO.age_band)
    assert (report.danger_now, report.answer_by, report.sealed_story) == (DangerNow.NOT_SAID, AnswerBy.CASE_PAGE, None)
    assert report.completed_at == NOW + timedelta(days=3)
    assert Item.objects.get(report=report).band == Band.PERSON_CONCERNED


# Becoming ready


def test_what_is_known_is_not_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.ready_item("https://a.example/1")
    opened: list[bytes] = []
    unseal = sealing.unseal
    monkeypatch.setattr(sealing, "unseal", lambda sealed: opened.append(bytes(sealed)) or unseal(sealed))
    receipt = send()
    cast.receive("https://a.example/2")
    preparing.prepare(now=NOW)
    assert len(opened) == 1
    known, fresh = cast.items_of(receipt)
    assert (known.address_id, known.group_key) == (Address.objects.earliest("pk").pk, f"a{known.address_id}")
    assert {item.address_id for item in Item.objects.filter(address_digest=fresh.address_digest)} == {fresh.address_id}
    assert queries.canonical(fresh) == "https://a.example/2"


@pytest.mark.parametrize("digest", [None, b"\x01" * 32])
def test_without_the_right_digest_what_was_typed_is_read(digest: bytes | None) -> None:
    known = cast.ready_item("https://a.example/1")
    receipt = send("https://a.example/1")
    Item.objects.filter(report=receipt.report_id).update(address_digest=digest)
    preparing.prepare(now=NOW)
    (item,) = cast.items_of(receipt)
    assert (item.address_id, item.group_key, item.state) == (known.address_id, known.group_key, State.READY)


def test_a_forgotten_address_is_written_anew() -> None:
    known = cast.ready_item("https://a.example/1")
    Address.objects.update(sealed=None)
    again = cast.ready_item("https://a.example/1")
    assert (again.address_id, queries.canonical(again)) == (known.address_id, "https://a.example/1")


def test_what_comes_back_keeps_its_digest() -> None:
    item = cast.ready_item("https://a.example/1")
    assert steps.receive_relapse(item, now=NOW).address_digest == item.address_digest


# At the same moment (SQLite has one writer at a time)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [False, True])
def test_two_forms_at_the_same_moment_are_one_report(is_known: bool) -> None:
    if is_known:
        send("https://z.example/")
    together = Barrier(4)

    def one() -> Receipt:
        try:
            together.wait()
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        receipts = [future.result() for future in [pool.submit(one) for _ in range(4)]]
    assert len({(receipt.report_id, receipt.item_count, receipt.code) for receipt in receipts}) == 1
    assert sorted(receipt.added_count for receipt in receipts) == [0, 0, 0, 2]
    assert counts() == (1, 1, 3 if is_known else 2)

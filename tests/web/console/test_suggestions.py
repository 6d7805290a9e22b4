"""What the bank suggests about a report, to the staff alone; a fingerprint that somebody typed is read with the words."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.report import Details, Draft
from rempart.desk.stages.intake import steps, worker
from tests import cast
from tests.registers.bank.pictures import protect, sha256

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keyring")]
NOW = cast.MONDAY


def one(name: str) -> Protection:
    return protect(name)[1][0]


def test_an_item_says_calmly_what_the_bank_knows(camille: Client, clock: cast.Clock) -> None:
    known = one("a")
    item = cast.ready_item(f"https://a.example/{sha256('a').hex()}", now=clock.now)
    worker.work(now=clock.now)
    camille.post(f"/console/items/{item.pk}/take/")
    page = camille.get(f"/console/items/{item.pk}/").content.decode()
    assert "Fingerprints written in it are known to the bank." in page
    assert f'href="/console/protections/{known.pk}/"' in page
    assert "the same file" in page
    report = camille.get(f"/console/reports/{item.report_id}/").content.decode()
    assert f"P-{known.pk}" in report


def test_the_same_person_protects(camille: Client, clock: cast.Clock) -> None:
    receipt = cast.receive(details=cast.LINA)
    _, protected = protect("a", "b", code=receipt.code)
    page = camille.get(f"/console/reports/{receipt.report_id}/").content.decode()
    assert "Whoever sent this protects 2 pictures under the same code." in page
    case = f"/console/protections/?case={protected[0].case_number}"
    assert case in page
    listed = camille.get(case).content.decode().split('id="all-title"')[1]
    assert [f"P-{one.pk}" in listed for one in protected] == [True, True]


def test_where_it_stands_is_said_of_the_picture_not_of_one_code(camille: Client, clock: cast.Clock) -> None:
    first, again = one("a"), one("a")
    facts.raise_alarm(again.pk, "objection", now=NOW)
    receipt = cast.receive(f"https://a.example/p {sha256('a').hex()}", now=clock.now)
    worker.work(now=clock.now)
    page = camille.get(f"/console/reports/{receipt.report_id}/").content.decode()
    assert len(re.findall(rf"P-{first.pk}</a> · the same file · Held", page)) == 1
    assert len(re.findall(rf"P-{again.pk}</a> · the same file · Held", page)) == 1


def test_a_fingerprint_typed_is_shown_with_the_words_alone(camille: Client, clock: cast.Clock) -> None:
    marker = sha256("a").hex()
    one("a")
    draft = Draft(f"it is {marker}", "en", has_no_link=True, details=Details(story=f"again {marker}"))
    receipt = steps.receive_report(draft, now=clock.now)
    worker.work(now=clock.now)
    item = cast.items_of(receipt)[0]
    camille.post(f"/console/items/{item.pk}/take/")
    pages = (f"items/{item.pk}/", f"reports/{receipt.report_id}/", "queue/", "queue/?place=mine", "protections/", "")
    assert not [path for path in pages if marker in camille.get(f"/console/{path}").content.decode()]
    assert "it is […]" in camille.get(f"/console/items/{item.pk}/").content.decode()
    assert marker in camille.post(f"/console/items/{item.pk}/words/").content.decode()
    assert marker not in str(list(Entry.objects.values_list("verb", "subject", "detail")))

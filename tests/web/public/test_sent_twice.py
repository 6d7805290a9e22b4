"""F5, a double click, a form resent after a broken line: one report. And what is added to it afterwards."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from rempart.desk.rules.code import read_code
from rempart.desk.stages.intake.models import Case, Item, Report
from rempart.desk.web.public import gates
from rempart.desk.web.shared.limits import HourlyLimit
from tests.web.public.conftest import code_in, hidden, send_first_step, text_of

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


def counts() -> tuple[int, int, int]:
    return Case.objects.count(), Report.objects.count(), Item.objects.count()


def first_form(client: Client, addresses: str = "https://bad.example/1", language: str = "en") -> dict[str, str]:
    """The first step, as a browser would send it."""
    return {**hidden(client.get(f"/{language}/report/")), "addresses": addresses}


def post(client: Client, form: dict[str, str], language: str = "en", **more: str) -> Any:
    return client.post(f"/{language}/report/", {**form, **more})


def back_to_the_first(client: Client, shown: Any, language: str = "en") -> Any:
    return post(client, hidden(shown), language, action="back")


@LANGUAGES
def test_a_form_sent_twice_is_one_report_with_one_code(client: Client, language: str) -> None:
    form = first_form(client, language=language)
    first, again = (post(client, form, language) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert code_in(first) == code_in(again) == form["ready_code"]
    assert "ready_code" not in hidden(first)
    assert counts() == (1, 1, 1)


def test_each_form_has_a_code_of_its_own_that_is_no_case_yet(client: Client) -> None:
    codes = {first_form(client)["ready_code"] for _ in range(2)}
    assert len({read_code(code) for code in codes}) == 2
    assert counts() == (0, 0, 0)


def test_a_refused_form_keeps_its_code(client: Client) -> None:
    form = first_form(client, "nothing")
    refused = post(client, form)
    assert (refused.status_code, hidden(refused)["ready_code"]) == (422, form["ready_code"])
    shown = post(client, {**hidden(refused), "action": "show"}, "fr")
    assert hidden(shown)["ready_code"] == form["ready_code"]


@pytest.mark.parametrize("ready_code", ["", "garbage", "0000-0000-0000-0000-1", "<b>"])
def test_an_unreadable_code_is_replaced(client: Client, ready_code: str) -> None:
    answer = send_first_step(client, ready_code=ready_code)
    assert read_code(code_in(answer)) != ready_code
    assert counts() == (1, 1, 1)


def test_the_first_form_sent_again_at_the_end_changes_nothing_said_since(client: Client) -> None:
    form = first_form(client)
    post(client, hidden(post(client, form)), concerns="me", danger_now="no")
    post(client, form)
    assert (Report.objects.get().concerns, counts()) == ("me", (1, 1, 1))


def test_a_form_sent_again_is_not_counted_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "REPORTS", HourlyLimit(everybody=10, each=2))
    form = first_form(client)
    assert [post(client, form).status_code for _ in range(4)] == [200] * 4
    assert send_first_step(client).status_code == 200
    assert send_first_step(client).status_code == 429


# The first step again


@LANGUAGES
def test_a_line_added_is_added_and_a_line_taken_away_stays(client: Client, language: str) -> None:
    shown = post(client, first_form(client, "https://bad.example/1\r\nhttps://bad.example/2", language), language)
    back = back_to_the_first(client, shown, language)
    text = html.unescape(text_of(back))
    assert "https://bad.example/1\nhttps://bad.example/2</textarea>" in text
    assert ("Effacer une ligne ne retire rien" if language == "fr" else "Taking a line away here removes nothing") in text
    changed = post(client, hidden(back), language, addresses="https://bad.example/2\r\nhttps://bad.example/3")
    text = html.unescape(text_of(changed))
    assert ("Nous avons ajouté 1 adresse." if language == "fr" else "We added 1 address.") in text
    assert ("Nous avons compris 3 adresses" if language == "fr" else "We understood 3 addresses") in text
    assert code_in(changed) == code_in(shown)
    assert counts() == (1, 1, 3)
    again = text_of(back_to_the_first(client, changed, language))
    assert all(f"https://bad.example/{number}\n" in again.replace("</textarea>", "\n") for number in (1, 2, 3))


@pytest.mark.parametrize("addresses", ["https://bad.example/1", "https://bad.example/1\r\n", "", "HXXPS://bad[.]example/1"])
def test_nothing_new_adds_nothing_and_goes_on(client: Client, addresses: str) -> None:
    back = back_to_the_first(client, send_first_step(client, "https://bad.example/1"))
    shown = post(client, hidden(back), addresses=addresses)
    assert "Step 2 of 4" in text_of(shown)
    assert "We added" not in text_of(shown)
    assert counts() == (1, 1, 1)
    assert "bad.example/1" in html.unescape(hidden(shown)["addresses"]).replace("[.]", ".")


def test_what_cannot_be_added_is_said_and_stays(client: Client) -> None:
    back = back_to_the_first(client, send_first_step(client))
    refused = post(client, hidden(back), addresses="no address at all")
    text = html.unescape(text_of(refused))
    assert (refused.status_code, "We recognised no address" in text) == (422, True)
    assert "no address at all</textarea>" in text
    assert hidden(refused)["sent"] == "https://bad.example/1"
    assert code_in(refused)
    shown = post(client, {**hidden(refused), "action": "show"}, "fr", addresses="no address at all")
    assert hidden(shown)["sent"] == "https://bad.example/1"


def test_an_address_found_after_words_without_link(client: Client) -> None:
    back = back_to_the_first(client, send_first_step(client, "in the park", has_no_link="1"))
    assert "in the park</textarea>" in text_of(back)
    post(client, hidden(back), addresses="https://bad.example/9")
    assert list(Item.objects.order_by("ordinal").values_list("kind", flat=True)) == ["no_link", "url"]


def test_adding_is_counted_and_a_full_hour_loses_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "REPORTS", HourlyLimit(everybody=10, each=1))
    back = back_to_the_first(client, send_first_step(client))
    refused = post(client, hidden(back), addresses="https://bad.example/2")
    assert refused.status_code == 429
    assert "https://bad.example/2</textarea>" in text_of(refused)
    assert code_in(refused)
    assert counts() == (1, 1, 1)


def test_an_erased_case_is_not_made_again_from_its_page(client: Client) -> None:
    back = back_to_the_first(client, send_first_step(client))
    client.post("/en/case/", {"code": code_in(back), "action": "erase-for-ever"})
    gone = post(client, hidden(back), addresses="https://bad.example/2")
    assert gone.status_code == 422
    assert "We no longer find this report" in text_of(gone)
    assert hidden(gone)["ready_code"] != code_in(back)
    assert counts() == (1, 1, 1)


# The case page


def add(client: Client, code: str, addresses: str, language: str = "en", **more: str) -> Any:
    return client.post(f"/{language}/case/", {"code": code, "action": "add", "addresses": addresses, **more})


@LANGUAGES
def test_an_address_added_on_the_case_page_is_in_the_story(client: Client, language: str) -> None:
    code = code_in(send_first_step(client))
    text = html.unescape(text_of(add(client, code, "https://bad.example/1 https://bad.example/2", language)))
    assert ("Nous avons ajouté 1 adresse." if language == "fr" else "We added 1 address.") in text
    assert ("Adresse 2" if language == "fr" else "Address 2") in text
    assert "hxxps://bad[.]example/2" in text
    assert counts() == (1, 1, 2)
    again = html.unescape(text_of(add(client, code, "https://bad.example/2", language)))
    assert ("Nous l’avions déjà" if language == "fr" else "We already had it") in again
    assert counts() == (1, 1, 2)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"addresses": "nothing here"}, "We recognised no address"),
        ({"addresses": ""}, "We recognised no address"),
        ({"addresses": "\n".join(f"https://a.example/{number}" for number in range(201))}, "more than 200 addresses"),
        ({"addresses": "https://a.example/ " + "x" * 100_001}, "This text is too long."),
        ({"addresses": "https://a.example/1", "website": "spam"}, "only robots see"),
    ],
)
def test_what_the_case_page_cannot_take_stays(client: Client, typed: dict[str, str], words: str) -> None:
    code = code_in(send_first_step(client))
    answer = add(client, code, text="half a message", **typed)
    text = html.unescape(text_of(answer))
    assert (answer.status_code, words in text) == (422, True)
    assert f"{typed['addresses']}</textarea>" in text
    assert "half a message</textarea>" in text
    assert re.search(r'id="addresses"[^>]*aria-invalid="true"', text)
    assert counts() == (1, 1, 1)


def test_a_full_report_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.desk.stages.intake.steps.MOST_ITEMS", 1)
    answer = add(client, code_in(send_first_step(client)), "https://bad.example/2")
    assert (answer.status_code, "this one is full" in text_of(answer)) == (422, True)


def test_adding_on_the_case_page_is_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "REPORTS", HourlyLimit(everybody=10, each=1))
    answer = add(client, code_in(send_first_step(client)), "https://bad.example/2")
    assert answer.status_code == 429
    assert "https://bad.example/2</textarea>" in text_of(answer)
    assert counts() == (1, 1, 1)


def test_writing_keeps_the_addresses_not_sent_yet(client: Client) -> None:
    code = code_in(send_first_step(client))
    answer = client.post("/en/case/", {"code": code, "action": "write", "text": "Hello.", "addresses": "https://bad.example/7"})
    assert "https://bad.example/7</textarea>" in text_of(answer)
    assert counts() == (1, 1, 1)

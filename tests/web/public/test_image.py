"""Protect my image, as the server sees it: what is taken, refused, kept in the page and never shown; every voice."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.models import Protection
from rempart.desk.rules.code import code_groups, read_code
from rempart.desk.rules.protection import MOST_FILES, MOST_TEXT
from rempart.desk.stages.intake.models import Case
from rempart.desk.web.public import gates
from rempart.desk.web.public.image_form import Asked, sound
from rempart.desk.web.public.views.image import MOST_BYTES
from rempart.desk.web.shared.limits import HourlyLimit
from tests.web.public.conftest import code_in, send_first_step, text_of
from tests.web.public.image_forms import (
    ONE,
    TWO,
    URLENCODED,
    a_file,
    choose_page,
    hidden_fields,
    main_of,
    message,
    post,
    protected,
    sending,
)

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


# What is taken


@LANGUAGES
def test_from_the_door_to_the_case(client: Client, language: str) -> None:
    done = protected(client, TWO, language=language)
    code = code_in(done)
    assert done.status_code == 200
    assert read_code(code) == code
    rows = list(Protection.objects.values_list("age", "helper", "is_device_shared", "kind"))
    assert rows == [("13_15", "nobody", False, "picture")] * 2
    assert Case.objects.get().language == language
    assert ("2 images ou vidéos" if language == "fr" else "2 pictures and videos") in main_of(done)
    page = client.post(f"/{language}/case/", {"code": code, "action": "open"})
    assert page.status_code == 200


def test_every_answer_reaches_the_bank(client: Client) -> None:
    shown = choose_page(client, age="adult", helper="professional")
    post(client, sending(shown, message(a_file(1, "video"))), is_device_shared="1")
    row = Protection.objects.get()
    assert (row.age, row.helper, row.is_device_shared, row.kind) == ("adult", "professional", True, "video")


def test_sent_twice_is_once_and_says_the_same(client: Client) -> None:
    form = sending(choose_page(client), TWO)
    first, again = (post(client, form) for _ in range(2))
    assert code_in(first) == code_in(again) == form["ready_code"][0]
    assert "2 pictures and videos are now protected" in main_of(again)
    assert (Case.objects.count(), Protection.objects.count()) == (1, 2)


def test_the_code_made_for_the_form_lives_through_every_refusal(client: Client) -> None:
    shown = choose_page(client)
    ready = hidden_fields(shown)["ready_code"]
    for more in ({"action": "show"}, {"action": "send"}, {"action": "back"}, {"action": "begin", "age": "13_15"}):
        shown = post(client, {**hidden_fields(shown), **more})
        assert hidden_fields(shown)["ready_code"] == ready
    assert not Case.objects.exists()


def test_codes_pasted_from_the_saved_page_join_those_of_the_frame(client: Client) -> None:
    form = sending(choose_page(client), ONE)
    done = post(client, form, pasted=f"\r\n {message(a_file(1), a_file(3, 'video'))}\r\n")
    assert done.status_code == 200
    assert sorted(Protection.objects.values_list("kind", flat=True)) == ["picture", "video"]


@LANGUAGES
def test_the_second_group_is_checked_and_the_count_stays(client: Client, language: str) -> None:
    done = protected(client, TWO, language=language)
    right = code_groups(read_code(code_in(done)))[1]
    for typed, words in ((right.lower(), ("C’est juste", "That is right")), ("0000", ("Ce n’est pas", "That is not"))):
        answer = post(client, {**hidden_fields(done), "action": "check", "group": typed}, language)
        assert words[language == "en"] in main_of(answer)
        assert ("2 images ou vidéos" if language == "fr" else "2 pictures and videos") in main_of(answer)
        assert code_in(answer) == code_in(done)
    other = "en" if language == "fr" else "fr"
    shown = post(client, {**hidden_fields(done), "action": "show"}, other)
    assert code_in(shown) == code_in(done)


@pytest.mark.parametrize("count", ["", "x", "-1", "99999", "٣", "1" * 4_000])
def test_the_last_page_believes_no_count(client: Client, count: str) -> None:
    done = protected(client, ONE)
    assert post(client, {**hidden_fields(done), "action": "show", "count": count}).status_code == 200


# Added to a case


def add_page(client: Client, code: str) -> Any:
    door = post(client, {"action": "add", "code": code})
    assert "Protect more pictures" in main_of(door)
    return post(client, {**hidden_fields(door), "action": "begin", "age": "adult"})


def test_more_is_added_under_the_same_code(client: Client) -> None:
    code = code_in(protected(client, ONE))
    shown = add_page(client, code.lower())
    assert hidden_fields(shown)["code"] == [code]
    assert "ready_code" not in hidden_fields(shown)
    done = post(client, sending(shown, message(a_file(1), a_file(2), a_file(3))))
    assert "2 pictures and videos were added to the case" in main_of(done)
    assert code_in(done) == code
    again = post(client, sending(shown, message(a_file(2))))
    assert "nothing was added" in main_of(again)
    assert (Case.objects.count(), Protection.objects.count()) == (1, 3)


def test_a_reports_case_takes_pictures_too(client: Client) -> None:
    code = code_in(send_first_step(client))
    assert code_in(post(client, sending(add_page(client, code), ONE))) == code
    assert Case.objects.count() == 1


@pytest.mark.parametrize("code", ["0000-0000-0000-0000-1", "garbage", "<b>", "N0EF-JXMY-SRPN-NMRN-D"])
def test_a_code_that_opens_nothing_makes_no_case_and_counts(client: Client, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(gates, "WRONG_CODES", HourlyLimit(everybody=10, each=1))
    shown = choose_page(client)
    refused = post(client, sending(shown, ONE, code=code))
    assert (refused.status_code, "opens no case" in main_of(refused)) == (422, True)
    assert code not in text_of(refused)
    assert hidden_fields(refused)["sent"] == [ONE, ""]
    assert not Protection.objects.exists()
    assert post(client, {"action": "add", "code": code}).status_code == 429
    # Going on without it gives a new code, and nothing was lost.
    assert post(client, sending(refused)).status_code == 200
    assert Protection.objects.count() == 1


def test_an_erased_case_is_not_made_again(client: Client) -> None:
    code = code_in(send_first_step(client))
    shown = add_page(client, code)
    client.post("/en/case/", {"code": code, "action": "erase-for-ever"})
    refused = post(client, sending(shown, ONE))
    assert "opens no case" in main_of(refused)
    assert Case.objects.filter(erased_at=None).count() == 0
    assert hidden_fields(refused)["ready_code"] != [code]


# What is refused, and what stays


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No code came"),
        ("[]", "not whole"),
        ("{", "not whole"),
        (ONE[:-2], "not whole"),
        (message(), "No code came"),
        (message(*map(a_file, range(MOST_FILES + 1))), "too much at once"),
        (ONE.replace('"shape":1', '"shape":2'), "not whole"),
        (ONE.replace("picture", "drawing"), "not whole"),
        (ONE.replace('"whole"', '"mirror"'), "not whole"),
        ("[" * 100_000, "not whole"),
        ("x" * (MOST_TEXT + 1), "too much at once"),
        ("\x00", "not whole"),
    ],
)
def test_what_our_page_does_not_write_is_refused_with_a_sentence(client: Client, text: str, words: str) -> None:
    refused = protected(client, text)
    assert (refused.status_code, words in main_of(refused)) == (422, True)
    assert hidden_fields(refused)["sent"] == [""]
    assert hidden_fields(refused)["age"] == ["13_15"]
    assert not Case.objects.exists()


@given(st.one_of(st.text(max_size=300), st.binary(max_size=200).map(repr)))
def test_only_sound_messages_travel_on(text: str) -> None:
    assert sound((text, ONE)) == (ONE,)


def test_as_many_travel_on_as_go_together() -> None:
    many = [message(*map(a_file, range(start, start + 12))) for start in (0, 12, 6)]
    assert sound(tuple(many)) == (many[0], many[2])
    assert len(Asked(texts=(many[0], many[2])).files()) == 18


@LANGUAGES
def test_too_many_together_keeps_the_first(client: Client, language: str) -> None:
    first, second = (message(*map(a_file, range(start, start + 12))) for start in (0, 50))
    refused = protected(client, first, second, language=language)
    assert refused.status_code == 422
    assert ("Les premières sont gardées" if language == "fr" else "The first ones are kept") in main_of(refused)
    assert hidden_fields(refused)["sent"] == [first, ""]


def test_without_an_age_the_door_asks_again_and_the_codes_stay(client: Client) -> None:
    refused = post(client, {"action": "begin", "helper": "parent"})
    assert (refused.status_code, "One answer is missing" in main_of(refused)) == (422, True)
    assert re.search(r'value="parent" checked', text_of(refused))
    later = post(client, {"action": "send", "screen": "choose", "age": "older", "sent": ONE})
    assert hidden_fields(later)["sent"] == [ONE]
    assert hidden_fields(post(client, hidden_fields(later), action="begin", age="adult"))["sent"] == [ONE, ""]


@LANGUAGES
def test_a_field_that_only_robots_see(client: Client, language: str) -> None:
    shown = choose_page(client, language)
    refused = post(client, sending(shown, ONE, website="spam"), language)
    assert (refused.status_code, ("robots" in main_of(refused))) == (422, True)
    assert hidden_fields(refused)["sent"] == [ONE, ""]
    assert not re.search(r'id="go"[^>]*disabled', text_of(refused))
    assert post(client, sending(refused), language).status_code == 200


def test_a_file_sent_by_mistake_is_not_taken(client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    picture = SimpleUploadedFile("holiday-secret.jpg", b"\xff\xd8 pixels " * 50, "image/jpeg")
    answer = protected(client, ONE, photo=picture)
    assert answer.status_code == 200
    refused = protected(client, photo=SimpleUploadedFile("holiday-secret.jpg", b"\xff\xd8", "image/jpeg"))
    assert "A file came with the form" in main_of(refused)
    assert "holiday-secret" not in text_of(refused)


def test_a_full_case_goes_on_under_another_code(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_in(protected(client, ONE))
    monkeypatch.setattr(bank, "MOST_PROTECTIONS", 1)
    refused = post(client, sending(add_page(client, code), message(a_file(2))))
    assert (refused.status_code, "a second case" in main_of(refused)) == (422, True)
    done = post(client, sending(refused))
    assert done.status_code == 200
    assert code_in(done) != code
    assert Case.objects.count() == 2


def test_a_closed_bank_loses_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_arguments: object, **_more: object) -> None:
        raise BankRefused("bank_closed")

    with monkeypatch.context() as patch:
        patch.setattr("rempart.desk.registers.bank.steps.declare", closed)
        refused = protected(client, ONE)
    assert (refused.status_code, "We kept nothing" in main_of(refused)) == (503, True)
    assert not Case.objects.exists()
    assert post(client, sending(refused)).status_code == 200


@LANGUAGES
def test_a_full_hour_says_when_and_keeps_the_codes(client: Client, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(gates, "PROTECTIONS", HourlyLimit(everybody=10, each=1))
    form = sending(choose_page(client, language), ONE)
    assert [post(client, form, language).status_code for _ in range(2)] == [200, 429]
    refused = protected(client, message(a_file(9)), language=language)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert re.search(r"\d\d:00", main_of(refused))
    assert hidden_fields(refused)["sent"] == [message(a_file(9)), ""]
    gates.PROTECTIONS.forget()
    assert post(client, sending(refused), language).status_code == 200


def test_nothing_new_is_not_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "PROTECTIONS", HourlyLimit(everybody=10, each=2))
    form = sending(choose_page(client), ONE)
    assert [post(client, form).status_code for _ in range(4)] == [200] * 4


# How much of a form may arrive


def test_a_form_cut_anywhere_does_nothing(client: Client) -> None:
    """In the order of the page, what says what to do comes after everything it is about."""
    page = choose_page(client)
    text = page.content.decode()
    order = [text.index(sign) for sign in ('name="ready_code"', 'id="sent"', 'name="is_device_shared"', 'id="go"', 'id="pasted"')]
    assert order == sorted(order)
    fields = {**hidden_fields(page), "sent": TWO, "is_device_shared": "1", "action": "send"}
    whole = urlencode(fields, doseq=True)
    for end in (*range(1, len(whole) - 4, 29), *range(len(whole) - 12, len(whole))):
        client.post("/en/image/", whole[:end], content_type=URLENCODED)
    assert not Case.objects.exists()
    assert client.post("/en/image/", whole, content_type=URLENCODED).status_code == 200
    assert Protection.objects.filter(is_device_shared=True).count() == 2


def test_codes_cut_while_they_are_pasted_take_nothing(client: Client) -> None:
    form = {**sending(choose_page(client), ONE), "pasted": message(a_file(5))[:-9]}
    assert post(client, form).status_code == 422
    assert not Case.objects.exists()


@pytest.mark.parametrize("length", ["3000", "", "x", "٣"])
def test_a_form_shorter_than_it_said(client: Client, length: str) -> None:
    body = urlencode(sending(choose_page(client), ONE), doseq=True)
    arrived = {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(body.encode())}
    answer = client.post("/en/image/", body, content_type=URLENCODED, **arrived)
    assert answer.status_code == (400 if length == "3000" else 200)
    assert not Case.objects.exists()


# How large a form may be


def long_message(size: int) -> str:
    """A sound message of about so many signs: videos, of which each second is there."""
    files, second = [], len(str([["0" * 64, 100, 3000]])) - 2
    while size > 0:
        count = min(3_600, max(1, size // second))
        video = a_file(len(files), "video")
        video["pdqs"] = [[video["sha256"], 100, at] for at in range(count)]
        files.append(video)
        size -= count * second + 120
    return message(*files)


def test_the_longest_message_is_read(client: Client) -> None:
    text = long_message(1_900_000)
    assert 1_850_000 < len(text) <= MOST_TEXT
    body = urlencode({"action": "show", "screen": "choose", "age": "adult", "sent": text})
    shown = client.post("/en/image/", body, content_type=URLENCODED)
    assert shown.status_code == 200
    assert hidden_fields(shown)["sent"] == [text, ""]


@LANGUAGES
def test_five_megabytes_get_a_sentence(client: Client, language: str) -> None:
    body = b"action=send&sent=" + b"x" * 5_000_000
    answer = client.post(f"/{language}/image/", body, content_type=URLENCODED)
    assert answer.status_code == 413
    assert ("moins d’images" if language == "fr" else "fewer pictures") in main_of(answer)


@pytest.mark.parametrize("path", ["report/", "case/"])
def test_other_forms_stay_small(client: Client, path: str) -> None:
    assert MOST_BYTES > 600_000
    answer = client.post(f"/en/{path}", b"text=" + b"x" * 600_000, content_type=URLENCODED)
    assert answer.status_code == 413

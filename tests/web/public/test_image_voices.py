"""Protect my image in every voice, in both languages, and without a trace."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.test import Client

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.protection import Age, Helper
from rempart.desk.stages.intake.models import Case
from rempart.desk.web.public import hasher, image_words
from tests.web.public.conftest import code_in, text_of
from tests.web.public.image_forms import (
    ONE,
    TWO,
    URLENCODED,
    a_file,
    choose_page,
    frame_of,
    hidden_fields,
    main_of,
    message,
    post,
    protected,
    sending,
)

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])
EVERYBODY = [(age, helper) for age in Age for helper in Helper]
TU = re.compile(r"\b(?:tu|te|toi|ton|ta|tes)\b|\bt’", re.IGNORECASE)
VOUS = re.compile(r"\b(?:vous|votre|vos)\b|\b(?!chez\b|assez\b|rendez\b)\w{2,}ez\b", re.IGNORECASE)
MARKER = "feedfacecafebeef" * 4


@LANGUAGES
@pytest.mark.parametrize(("age", "helper"), EVERYBODY)
def test_everybody_is_spoken_to_in_her_own_voice(client: Client, language: str, age: Age, helper: Helper) -> None:
    shown = choose_page(client, language, age, helper)
    done = post(client, sending(shown, ONE), language)
    assert (shown.status_code, done.status_code) == (200, 200)
    if language == "fr":
        is_young = helper is Helper.NOBODY and age is not Age.ADULT
        for text in (main_of(shown) + frame_of(shown), main_of(done)):
            words = re.sub(r"<(?:script|style)(?! type).*?</(?:script|style)>|<[^>]+>", " ", text, flags=re.DOTALL)
            assert not (VOUS if is_young else TU).findall(words)
            assert (TU if is_young else VOUS).findall(words)


def test_each_voice_has_words_of_its_own(client: Client) -> None:
    leads = {voice: str(words["lead"]) for voice, words in image_words.PAGE.items()}
    assert len(set(leads.values())) == len(image_words.Voice)
    assert all({"title", "lead", "button"} <= set(words) for words in image_words.PAGE.values())


def test_the_door_speaks_to_nobody_in_particular(client: Client) -> None:
    words = re.sub(r"<[^>]+>", " ", main_of(client.get("/fr/image/")))
    assert not TU.findall(words)
    assert not VOUS.findall(words)


@pytest.mark.parametrize(("text", "pattern"), [("gardez-le", VOUS), ("votre code", VOUS), ("ton code", TU), ("t’aider", TU)])
def test_a_wrong_voice_would_be_heard(text: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(text)
    assert not (TU if pattern is VOUS else VOUS).search(text)


@LANGUAGES
def test_help_stands_first_and_without_script_too(client: Client, language: str) -> None:
    for answer in (client.get(f"/{language}/image/"), choose_page(client, language)):
        text = main_of(answer)
        for link in ("tel:3018", "tel:17", "tel:112", "sms:114"):
            assert f'href="{link}"' in text
        without = re.search(r"<noscript>.*?</noscript>", text, re.DOTALL)
        assert without
        assert "JavaScript" in without[0]
        assert f'href="/{language}/report/"' in without[0]
    door = main_of(client.get(f"/{language}/image/"))
    assert door.index("tel:3018") < door.index("<form")


# The other language, and the way back


def test_the_other_language_keeps_the_page_the_answers_and_the_codes(client: Client) -> None:
    shown = choose_page(client, "fr", "16_17", "nobody")
    other = post(client, {**sending(shown, TWO), "action": "show", "is_device_shared": "1"}, "en")
    assert "Choose your pictures" in main_of(other)
    assert hidden_fields(other)["sent"] == [TWO, ""]
    assert 'data-kept="2"' in main_of(other)
    assert re.search(r'name="is_device_shared" value="1" checked', main_of(other))
    back = post(client, {**sending(other), "action": "back"}, "en")
    assert re.search(r'value="16_17" checked', main_of(back))
    on = post(client, {**hidden_fields(back), "action": "begin", "age": "16_17"})
    assert hidden_fields(on)["sent"] == [TWO, ""]
    assert hidden_fields(post(client, {**sending(on), "action": "again"}))["sent"] == [""]


# Headers, and no trace


def test_the_page_of_the_frame_has_its_headers(client: Client) -> None:
    shown = choose_page(client)
    made = hasher.frame(image_words.frame_words(image_words.Voice.FROM_13_TO_15), language="en")
    assert frame_of(shown) == made.srcdoc
    for name, value in made.headers.items():
        assert shown.headers[name] == value
    assert "frame-src 'none'" in shown.headers["Content-Security-Policy"]
    assert 'sandbox="allow-scripts"' in main_of(shown)


def test_every_word_of_the_frame_is_given() -> None:
    for voice in image_words.Voice:
        assert set(hasher.WORDS) <= set(image_words.frame_words(voice))
    assert {*hasher.WORDS, *hasher.SAVED_WORDS} <= set(image_words.saved_words())


@LANGUAGES
def test_the_saved_page_is_a_file_with_a_neutral_name(client: Client, language: str) -> None:
    answer = client.get(f"/{language}/image/saved/")
    name = "conseils" if language == "fr" else "advice"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert f'<html lang="{language}">' in text_of(answer)
    words = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", text_of(answer), flags=re.DOTALL)
    assert language != "fr" or not (TU.search(words) or VOUS.search(words))


@LANGUAGES
def test_titles_say_nothing_and_nothing_is_kept(client: Client, language: str) -> None:
    shown = choose_page(client, language)
    for answer in (client.get(f"/{language}/image/"), shown, post(client, sending(shown, ONE), language)):
        title = re.search(r"<title>(.*?)</title>", text_of(answer))
        assert title
        assert title[1] in {"Advice", "Conseils", "Thank you", "Merci"}
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.cookies) <= {"csrftoken"}


def test_no_page_tells_that_a_picture_is_known(client: Client) -> None:
    """Somebody who holds the same picture reads what the first one read, to the sign."""

    def read(answer: Any) -> str:
        code, token = code_in(answer), r'name="csrfmiddlewaretoken" value="\w+"'
        text = re.sub(token, "", text_of(answer)).replace(code, "CODE")
        return re.sub(r'<p class="code">.*?</p>', "", text)

    assert read(protected(client, TWO)) == read(protected(client, TWO))
    assert Case.objects.count() == 2


def test_no_fingerprint_in_the_journal_a_log_or_a_page_of_trouble(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = a_file(1)
    file["pdqs"][0][0] = MARKER
    form = sending(choose_page(client), message(file))
    strict = Client(enforce_csrf_checks=True)
    pages = [post(strict, form, pasted=MARKER)]
    with caplog.at_level(logging.DEBUG), monkeypatch.context() as patch:
        patch.setattr("rempart.desk.stages.intake.protecting.protect", lambda *_given, **_more: 1 / 0)
        client.raise_request_exception = False
        pages.append(post(client, form))
    pages.append(client.post("/en/image/", b"sent=" + MARKER.encode() * 90_000, content_type=URLENCODED))
    pages.append(post(client, form))
    assert [page.status_code for page in pages] == [403, 500, 413, 200]
    assert not any(MARKER in text_of(page) for page in pages)
    assert MARKER not in caplog.text
    assert not any(MARKER in str(entry.__dict__) for entry in Entry.objects.all())
    # After the page of trouble, the answers are still there; only the pictures are to be chosen again.
    again = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text_of(pages[0]))
    assert ("age", "13_15") in again


def test_what_the_debugger_would_show_is_hidden(client: Client) -> None:
    from django.urls import resolve

    from rempart.desk.web.shared.access import PUBLIC, need_of

    view = resolve("/en/image/").func
    assert need_of(view) == PUBLIC
    assert post(client, {"sent": ONE}).wsgi_request.sensitive_post_parameters == "__ALL__"


def test_the_day_of_second_thoughts_is_what_the_rule_says(client: Client, settings: Any) -> None:
    hours = int(settings.REMPART_RETENTION.second_thoughts.total_seconds() // 3600)
    assert f"waits {hours} hours" in main_of(choose_page(client))
    assert "lasts 24 months" in main_of(client.get("/en/image/"))

"""The report: the first step is already a report, nothing typed is ever lost, and nothing leaves a trace."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import code_groups, read_code
from rempart.desk.rules.report import MAX_STORY, Category, Concerns
from rempart.desk.stages.intake.models import Case, Item, Report
from rempart.desk.web.shared import uploads
from tests.web.public.conftest import CODE, code_in, hidden, send_first_step, text_of

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


def next_step(client: Client, shown: Any, language: str = "en", **answers: str) -> Any:
    return client.post(f"/{language}/report/", {**hidden(shown), "action": "next", **answers})


@LANGUAGES
def test_the_first_step_is_already_a_report(client: Client, language: str) -> None:
    answer = send_first_step(client, "hxxps://bad[.]example/1\n@someone on Instagram 06 12 34 56 78", language)
    assert answer.status_code == 200
    report = Report.objects.get()
    assert (report.language, report.items.count(), report.completed_at) == (language, 3, None)
    assert CODE.fullmatch(code_in(answer))
    text = html.unescape(text_of(answer))
    assert ("vous arrêter là" if language == "fr" else "You can stop here") in text
    assert ("3 adresses" if language == "fr" else "3 addresses") in text
    # Defanged, never a link.
    assert "hxxps://bad[.]example/1" in text
    assert "https://bad.example" not in text


def test_the_whole_way(client: Client) -> None:
    shown = next_step(client, send_first_step(client), danger_now="no", concerns="child_i_know", age_band="13_14")
    assert "Step 3 of 4" in text_of(shown)
    shown = next_step(client, shown, category="grooming", story="He writes to her.\r\nEvery day.")
    shown = next_step(client, shown, answer_by="email", email="someone@example.org")
    text = text_of(shown)
    report = Report.objects.get()
    assert "Thank you. We have everything." in text
    assert report.completed_at is not None
    assert (report.danger_now, report.concerns, report.age_band) == ("no", "child_i_know", "13_14")
    assert (report.category, report.answer_by) == ("grooming", "email")
    assert sealing.unseal(bytes(report.sealed_story or b"")) == "He writes to her.\nEvery day."
    assert sealing.unseal(bytes(report.sealed_email or b"")) == "someone@example.org"
    assert all(group in text for group in code_groups(read_code(code_in(shown))))


def test_each_step_keeps_what_the_earlier_ones_said(client: Client) -> None:
    shown = next_step(client, send_first_step(client), concerns="me")
    next_step(client, shown, category="harassment", story="words")
    report = Report.objects.get()
    assert (report.concerns, report.category) == (Concerns.ME, Category.HARASSMENT)


def test_going_back_loses_nothing_and_makes_no_second_report(client: Client) -> None:
    shown = next_step(client, send_first_step(client), concerns="me", age_band="15_17")
    back = client.post("/en/report/", {**hidden(shown), "action": "back", "category": "grooming", "story": "half a story"})
    assert 'value="me" checked' in text_of(back)
    assert 'value="15_17" checked' in text_of(back)
    assert hidden(back)["story"] == "half a story"
    again = client.post("/en/report/", {**hidden(back), "concerns": "me", "age_band": "15_17", "action": "back"})
    assert "You already sent us this." in text_of(again)
    shown = next_step(client, next_step(client, again), concerns="me", age_band="15_17")
    assert 'value="grooming" checked' in text_of(shown)
    assert "half a story</textarea>" in text_of(shown)
    assert (Report.objects.count(), Case.objects.count()) == (1, 1)


@LANGUAGES
def test_danger_puts_the_numbers_before_everything(client: Client, language: str) -> None:
    shown = next_step(client, send_first_step(client, language=language), language, danger_now="yes")
    while True:
        text = text_of(shown)
        main = text.index("<main")
        first = text.index('href="tel:17"', main)
        assert first < text.index("<h1", main)
        for link in ("tel:112", "sms:114", "tel:119", "tel:3018"):
            assert f'href="{link}"' in text[main : text.index("<h1", main)]
        if 'id="done"' in text:
            break
        shown = next_step(client, shown, language)
    assert Report.objects.get().danger_now == "yes"
    assert Item.objects.get().band == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"addresses": "hello there"}, "We recognised no address"),
        ({"addresses": ""}, "We recognised no address"),
        ({"addresses": "  ", "has_no_link": "1"}, "Write a few words"),
        ({"addresses": "\n".join(f"https://a.example/{number}" for number in range(201))}, "more than 200 addresses"),
        ({"addresses": "https://a.example/ " + "x" * 100_001}, "too long for one report"),
        ({"addresses": "https://a.example/1", "website": "spam"}, "only robots see"),
    ],
)
def test_what_cannot_be_taken_is_said_and_stays(client: Client, typed: dict[str, str], words: str) -> None:
    answer = client.post("/en/report/", {"step": "1", **typed})
    text = html.unescape(text_of(answer))
    assert answer.status_code == 422
    assert words in text
    assert f"{typed['addresses']}</textarea>" in text
    assert ("checked" in text) == ("has_no_link" in typed)
    assert 'aria-invalid="true"' in text
    assert "spam" not in text
    assert not Report.objects.exists()


def test_exactly_the_most_pass(client: Client) -> None:
    answer = send_first_step(client, "\n".join(f"https://a.example/{number}" for number in range(200)))
    assert Item.objects.count() == 200
    assert "We understood 200 addresses." in text_of(answer)


def test_without_a_link_the_words_are_the_report(client: Client) -> None:
    answer = send_first_step(client, "a man in my street sells pictures", has_no_link="1")
    item = Item.objects.get()
    assert item.kind == "no_link"
    assert sealing.unseal(bytes(item.sealed_typed or b"")) == "a man in my street sells pictures"
    assert "We have your words." in text_of(answer)


def test_a_story_too_long_and_an_unreadable_email_stay_on_their_page(client: Client) -> None:
    step_3 = next_step(client, send_first_step(client))
    long = "é" * (MAX_STORY + 1)
    refused = next_step(client, step_3, category="grooming", story=long)
    assert refused.status_code == 422
    assert f"{long}</textarea>" in text_of(refused)
    assert 'value="grooming" checked' in text_of(refused)
    step_4 = next_step(client, step_3, category="grooming", story="short")
    refused = next_step(client, step_4, answer_by="email", email="not an address")
    assert refused.status_code == 422
    assert 'value="not an address"' in text_of(refused)
    assert 'value="email" checked' in text_of(refused)
    assert Report.objects.get().completed_at is None


def test_a_wrong_email_does_not_stop_who_goes_back(client: Client) -> None:
    step_4 = next_step(client, next_step(client, send_first_step(client)))
    back = client.post("/en/report/", {**hidden(step_4), "action": "back", "answer_by": "email", "email": "half@"})
    shown = next_step(client, back, category="other")
    assert shown.status_code == 200
    assert 'value="half@"' in text_of(shown)


@LANGUAGES
def test_changing_language_keeps_the_step_and_what_was_typed(client: Client, language: str) -> None:
    other = "en" if language == "fr" else "fr"
    first = client.post(f"/{other}/report/", {"step": "1", "addresses": "not sent yet", "action": "show"})
    assert "not sent yet</textarea>" in text_of(first)
    assert not Report.objects.exists()
    shown = next_step(client, send_first_step(client, language=language), language, concerns="me")
    assert f'formaction="/{other}/report/"' in text_of(shown)
    same = client.post(f"/{other}/report/", {**hidden(shown), "action": "show", "story": "unsent words"})
    assert f'<html lang="{other}">' in text_of(same)
    assert "unsent words</textarea>" in text_of(same)
    assert hidden(same)["concerns"] == "me"
    assert code_in(same) == code_in(shown)


def test_enter_sends_the_form_and_never_changes_the_language(client: Client) -> None:
    """The first button of a form is what the Enter key presses."""
    text = text_of(send_first_step(client))
    first = text.index('form="step"')
    assert 'value="next"' in text[first : text.index("</button>", first)]


@LANGUAGES
def test_a_picture_is_dropped_with_a_sentence(client: Client, language: str) -> None:
    picture = SimpleUploadedFile("x.jpg", b"\xff\xd8 picture marker", content_type="image/jpeg")
    answer = client.post(f"/{language}/report/", {"step": "1", "addresses": "https://bad.example/1", "picture": picture})
    assert ("Un fichier accompagnait" if language == "fr" else "A file came with your form") in text_of(answer)
    assert Report.objects.count() == 1
    assert "picture marker" not in text_of(answer)


def test_a_huge_file_is_refused_before_it_is_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 1_000)
    film = SimpleUploadedFile("x.mp4", b"x" * 2_000, content_type="video/mp4")
    answer = client.post("/en/report/", {"step": "1", "addresses": "https://bad.example/1", "film": film})
    assert answer.status_code == 413
    assert "Pictures and files are never needed" in text_of(answer)
    assert not Report.objects.exists()


def test_no_page_asks_for_a_file(client: Client) -> None:
    for step in range(1, 5):
        assert 'type="file"' not in text_of(client.post("/fr/report/", {"step": str(step), "action": "show"}))


def test_no_session_no_cookie_nothing_in_addresses(client: Client) -> None:
    shown = send_first_step(client)
    code = code_in(shown)
    shown = next_step(client, shown, concerns="me")
    assert set(client.cookies) <= {"csrftoken"}
    assert shown.headers["Cache-Control"] == "no-store"
    for attribute in ("href", "action", "formaction", "src"):
        for piece in text_of(shown).split(f'{attribute}="')[1:]:
            address = piece.split('"')[0]
            assert "?" not in address
            assert code not in address
            assert "bad.example" not in address


@pytest.mark.parametrize(("typed", "is_right"), [("right", True), ("lower", True), ("AAAA", False), ("", False)])
def test_the_gentle_check(client: Client, typed: str, is_right: bool) -> None:
    shown = send_first_step(client)
    for _step in range(3):
        shown = next_step(client, shown)
    group = code_groups(read_code(code_in(shown)))[1]
    said = {"right": group, "lower": f" {group.lower()} "}.get(typed, typed)
    answer = client.post("/en/report/", {**hidden(shown), "action": "check", "group": said})
    assert ("That is right" in text_of(answer)) is is_right
    assert ("not the second group" in text_of(answer)) is not is_right
    assert code_in(answer) == code_in(shown)


@pytest.mark.parametrize("code", ["garbage", "0000-0000-0000-0000-0"])
def test_a_code_that_opens_nothing_sends_back_to_the_first_step_with_everything(client: Client, code: str) -> None:
    answer = client.post("/en/report/", {"step": "3", "addresses": "https://bad.example/1", "story": "kept", "code": code})
    assert answer.status_code == 422
    assert "https://bad.example/1</textarea>" in text_of(answer)
    assert hidden(answer)["story"] == "kept"


def test_answers_no_question_offers_count_as_not_said(client: Client) -> None:
    next_step(client, send_first_step(client), danger_now="perhaps", concerns="<script>", age_band="99")
    report = Report.objects.get()
    assert (report.danger_now, report.concerns, report.age_band) == ("not_said",) * 3


def test_what_people_type_is_never_markup(client: Client) -> None:
    text = text_of(
        client.post("/en/report/", {"step": "1", "addresses": "</textarea><script>alert(1)</script>", "email": '"><b>'})
    )
    assert "<script>alert" not in text
    assert '"><b>' not in text

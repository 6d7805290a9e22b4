"""Follow my case: the code typed as people type, the story in plain words, messages both ways, erasure."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.report import MAX_MESSAGE, Draft
from rempart.desk.stages.intake import steps
from rempart.desk.stages.intake.errors import NoSuchCase
from rempart.desk.stages.intake.models import Case, Item, Message
from rempart.desk.web.public import gates
from rempart.desk.web.shared.limits import HourlyLimit
from tests.web.public.conftest import text_of

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def code() -> CaseCode:
    receipt = steps.receive_report(Draft(addresses="https://bad.example/1 https://bad.example/2", language="en"), now=START)
    assert receipt.code
    return receipt.code


def case(client: Client, code: str, language: str = "en", **more: str) -> Any:
    return client.post(f"/{language}/case/", {"code": code, **more})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_code_opens_the_case_however_it_is_typed(client: Client, code: CaseCode, language: str) -> None:
    for typed in (code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} "):
        answer = case(client, typed, language)
        text = html.unescape(text_of(answer))
        assert answer.status_code == 200
        assert ("Adresse 2" if language == "fr" else "Address 2") in text
        assert ("Nous l’avons reçu." if language == "fr" else "We received it.") in text
        assert set(client.cookies) <= {"csrftoken"}
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_address_is_defanged_and_behind_a_gesture(client: Client, code: CaseCode) -> None:
    text = text_of(case(client, code))
    assert "https://bad.example" not in text
    shown = text.index("hxxps://bad[.]example/1")
    opened = text.rindex("<details", 0, shown)
    assert text.index('id="story-1"') < opened
    assert "</details>" not in text[opened:shown]
    assert "open" not in text[opened : text.index(">", opened)]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda code: code[:-1], "Signs are missing"),
        (lambda code: code + "7", "too many signs"),
        (lambda code: "U" + code[1:], "U, for example, is never used"),
        (lambda code: ("8" if code[0] != "8" else "9") + code[1:], "One sign is wrong"),
        (lambda code: "", "Signs are missing"),
    ],
)
def test_a_mistyped_code_is_told_and_stays(client: Client, code: CaseCode, damage: Any, words: str) -> None:
    typed = damage(code)
    answer = case(client, typed)
    text = text_of(answer)
    assert answer.status_code == 422
    assert words in text
    assert f'value="{typed}"' in text
    assert 'aria-invalid="true"' in text


def test_a_code_that_opens_nothing(client: Client) -> None:
    answer = case(client, sealing.new_case_code())
    assert answer.status_code == 422
    assert "opens no case" in text_of(answer)


def test_messages_go_both_ways(client: Client, code: CaseCode) -> None:
    answer = case(client, code, action="write", text="One more thing.\r\nOn page 3.")
    assert "Your message is with us." in text_of(answer)
    message = Message.objects.get()
    assert message.is_from_reporter
    assert sealing.unseal(bytes(message.sealed_for_staff)) == "One more thing.\nOn page 3."
    steps.write_to_reporter(Case.objects.get(), "Thank you, we saw it.", by=1, now=START)
    text = text_of(case(client, code))
    assert "Thank you, we saw it." in text
    assert "One more thing." in text
    assert Message.objects.get(is_from_reporter=False).read_at is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "nothing to send yet"), ("   ", "nothing to send yet"), ("x" * (MAX_MESSAGE + 1), "5,000 signs at most")],
)
def test_a_message_that_cannot_be_taken_stays(client: Client, code: CaseCode, text: str, words: str) -> None:
    answer = case(client, code, action="write", text=text)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert f"{text}</textarea>" in text_of(answer)
    assert not Message.objects.exists()


def test_a_robot_field_loses_nothing(client: Client, code: CaseCode) -> None:
    answer = case(client, code, action="write", text="my words", website="http://spam.example")
    assert answer.status_code == 422
    assert "my words</textarea>" in text_of(answer)
    assert not Message.objects.exists()


def test_changing_language_keeps_the_case_and_the_unsent_words(client: Client, code: CaseCode) -> None:
    answer = case(client, code, "fr", action="open", text="not sent")
    assert "not sent</textarea>" in text_of(answer)
    assert 'formaction="/en/case/"' in text_of(answer)
    assert not Message.objects.exists()


def test_erasing_asks_first_then_forgets(client: Client, code: CaseCode) -> None:
    case(client, code, action="write", text="words")
    asked = text_of(case(client, code, action="erase"))
    assert "Erase my case?" in asked
    assert "the addresses you reported" in asked
    assert Message.objects.exists()
    assert "Your case is erased" in text_of(case(client, code, action="erase-for-ever"))
    assert not Message.objects.exists()
    assert Item.objects.count() == 2
    with pytest.raises(NoSuchCase):
        steps.note_visit(sealing.case_keys(code), now=START)
    assert "opens no case" in text_of(case(client, code))


def test_the_code_is_in_no_address(client: Client, code: CaseCode) -> None:
    for action in ("open", "erase"):
        text = text_of(case(client, code, action=action))
        for attribute in ("href", "action", "formaction", "src"):
            assert all(code not in piece.split('"')[0] for piece in text.split(f'{attribute}="')[1:])


# ---- limits at the door ----


@pytest.mark.parametrize("language", ["fr", "en"])
def test_too_many_reports_says_when_and_keeps_the_text(client: Client, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(gates, "REPORTS", HourlyLimit(everybody=10, each=2))
    answers = [client.post(f"/{language}/report/", {"step": "1", "addresses": f"https://bad.example/{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    text = text_of(answers[2])
    assert "https://bad.example/2</textarea>" in text
    assert ("Renvoyez à" if language == "fr" else "Please send again at") in text
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600


def test_a_refused_report_does_not_count(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "REPORTS", HourlyLimit(everybody=10, each=1))
    for _ in range(3):
        assert client.post("/en/report/", {"step": "1", "addresses": "nothing"}).status_code == 422
    assert client.post("/en/report/", {"step": "1", "addresses": "https://bad.example/1"}).status_code == 200


def test_wrong_codes_are_counted_and_mistyped_ones_are_not(
    client: Client, code: CaseCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "WRONG_CODES", HourlyLimit(everybody=10, each=2))
    for _ in range(5):
        assert case(client, code[:-1]).status_code == 422
        assert case(client, code).status_code == 200
    assert [case(client, sealing.new_case_code()).status_code for _ in range(2)] == [422, 422]
    refused = case(client, code)
    assert refused.status_code == 429
    assert f'value="{code}"' in text_of(refused)
    other = client.post("/en/case/", {"code": code}, REMOTE_ADDR="198.51.100.9")
    assert other.status_code == 200


def test_too_many_messages_keep_the_words(client: Client, code: CaseCode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "MESSAGES", HourlyLimit(everybody=10, each=1))
    assert case(client, code, action="write", text="first").status_code == 200
    refused = case(client, code, action="write", text="second")
    assert refused.status_code == 429
    assert "second</textarea>" in text_of(refused)
    assert Message.objects.count() == 1

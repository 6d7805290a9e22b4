"""Every public page, in both languages: opens without signing in, says its language, keeps the headers and leaves no trace."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rempart.desk.rules.lifecycle import State
from tests.web.public.conftest import PAGES, text_of

pytestmark = pytest.mark.django_db
EVERY_PAGE = [(language, path) for language in ("fr", "en") for path in PAGES]


@pytest.mark.parametrize(("language", "path"), EVERY_PAGE)
def test_every_page_opens_in_its_language(client: Client, language: str, path: str) -> None:
    answer = client.get(f"/{language}/{path}")
    text = text_of(answer)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in text
    assert answer.headers["Content-Language"] == language
    assert text.count("<h1") == 1
    assert 'id="leave"' in text
    other = "en" if language == "fr" else "fr"
    # A link where nothing is typed, a button of the form where something may be.
    assert re.search(rf'(?:href|formaction)="/{other}/{path}"[^>]* lang="{other}"', text)


@pytest.mark.parametrize(("language", "path"), EVERY_PAGE)
def test_headers_and_no_trace(client: Client, language: str, path: str) -> None:
    answer = client.get(f"/{language}/{path}")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert set(answer.cookies) <= {"csrftoken"}


@pytest.mark.parametrize(("language", "path"), EVERY_PAGE)
def test_no_inline_script_or_style_and_nothing_from_elsewhere(client: Client, language: str, path: str) -> None:
    text = text_of(client.get(f"/{language}/{path}"))
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert all(
        address.startswith("/static/") for address in re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]+)", text)
    )


@pytest.mark.parametrize(("language", "path"), EVERY_PAGE)
def test_titles_and_icon_are_neutral(client: Client, language: str, path: str) -> None:
    text = text_of(client.get(f"/{language}/{path}"))
    title = re.search(r"<title>(.*?)</title>", text)
    assert title
    assert title[1].strip()
    assert not re.search(r"report|signal|sex|abus|child|enfant|urgence|danger|rempart", title[1], re.IGNORECASE)
    assert "shared/icon.svg" in text


@pytest.mark.parametrize(("wish", "goes_to"), [("fr-FR,fr;q=0.9", "/fr/"), ("en-GB", "/en/"), ("de", "/en/"), ("", "/en/")])
def test_the_bare_address_follows_the_browser(client: Client, wish: str, goes_to: str) -> None:
    answer = client.get("/", headers={"Accept-Language": wish} if wish else {})
    assert (answer.status_code, answer.headers["Location"]) == (302, goes_to)
    assert not answer.cookies


def test_leaving_forgets_and_goes_elsewhere(client: Client, settings: object) -> None:
    answer = client.get("/fr/leave/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == settings.REMPART.neutral_url  # type: ignore[attr-defined]
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_help_gives_numbers_that_a_phone_can_call(client: Client, language: str) -> None:
    text = text_of(client.get(f"/{language}/help/"))
    for link in ("tel:17", "tel:112", "sms:114", "tel:119", "tel:3018", "tel:116006", "tel:3919", "tel:116000", "tel:3114"):
        assert f'href="{link}"' in text
    assert 'href="tel:0800235236"' in text
    assert 'href="tel:0806231063"' in text


def test_help_shows_only_approved_services(client: Client) -> None:
    from django.utils import timezone

    from rempart.desk.registers.directory.models import Contact, Recipient

    now = timezone.now()

    def service(name: str, **state: object) -> None:
        row = Recipient.objects.create(kind="help_service", name=name, opening_hours="9-17", created_at=now)
        Contact.objects.create(recipient=row, channel="phone", address="01 02 03 04 05", found_by="csv", found_at=now, **state)

    service("Approved House", approved_by_id=1, approved_at=now)
    service("Found By Software")
    service("Retired House", approved_by_id=1, approved_at=now, retired_at=now)
    text = text_of(client.get("/en/help/"))
    assert "Approved House" in text
    assert 'href="tel:0102030405"' in text
    assert "Found By Software" not in text
    assert "Retired House" not in text


def test_what_is_kept_is_what_the_rule_says(client: Client, settings: object) -> None:
    text = text_of(client.get("/en/about/"))
    retention = settings.REMPART_RETENTION  # type: ignore[attr-defined]
    assert f"Until {retention.words.days} days after" in text
    assert "until 24 months after" in text


def test_pages_of_errors(client: Client) -> None:
    for language, words in (("fr", "n’existe pas"), ("en", "does not exist")):
        answer = client.get(f"/{language}/nowhere/")
        assert answer.status_code == 404
        assert words in text_of(answer)
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_broken_page_stays_calm(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from rempart.desk.web.public.views import report

    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr(report.steps, "receive_report", broken)
    client.raise_request_exception = False
    answer = client.post("/fr/report/", {"step": "1", "addresses": "https://bad.example/marker"})
    text = text_of(answer)
    assert answer.status_code == 500
    assert "de notre côté" in text
    assert "inner secret" not in text
    assert "bad.example" not in text
    assert "Traceback" not in text


def test_too_much_at_once_says_so(client: Client) -> None:
    answer = client.post("/en/report/", {"step": "1", "addresses": "x" * 600_000})
    assert answer.status_code == 413
    assert "too much at once" in text_of(answer)


def test_every_state_has_a_word_for_what_comes_next() -> None:
    from rempart.desk.stages.intake.models import Item
    from rempart.desk.web.public.timeline import _next

    for state in State:
        future = list(_next(Item(pk=1, state=state)))
        assert len(future) == (0 if state is State.CLOSED else 1)

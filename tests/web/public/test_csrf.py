"""A form that comes without its protection is refused, and nothing typed is lost; our own no-referrer refuses nobody."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rempart.desk.stages.intake.models import Report
from tests.web.public.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_refused_and_shown_again_ready_to_send(strict: Client, language: str) -> None:
    typed = {"step": "1", "addresses": "https://bad.example/<1>", "concerns": "me"}
    answer = strict.post(f"/{language}/report/", typed)
    text = text_of(answer)
    assert answer.status_code == 403
    assert "https://bad.example/&lt;1&gt;</textarea>" in text
    assert 'name="concerns" value="me"' in text
    assert not Report.objects.exists()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert token
    assert strict.post(f"/{language}/report/", {**typed, "csrfmiddlewaretoken": token[1]}).status_code == 200
    assert Report.objects.count() == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_filled_in_is_not_offered_again(strict: Client, site: str) -> None:
    form = {"step": "1", "addresses": "https://bad.example/1", "ready_code": "0000-0000-0000-0000-0", "code": "known to another"}
    answer = strict.post("/en/report/", form, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert not any(value in text_of(answer) for name, value in form.items() if name != "step")


def test_outside_the_public_door_nothing_is_repeated(strict: Client) -> None:
    answer = strict.post("/", {"password": "a secret word", "text": "other words"})
    assert answer.status_code == 403
    assert "a secret word" not in text_of(answer)
    assert "other words" not in text_of(answer)


def form_with_token(strict: Client) -> dict[str, str]:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text_of(strict.get("/en/report/")))
    assert token
    return {"step": "1", "addresses": "https://bad.example/1", "csrfmiddlewaretoken": token[1]}


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("headers", [{"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}, {}])
def test_the_hidden_origin_of_our_own_forms_is_accepted(strict: Client, headers: dict[str, str], is_secure: bool) -> None:
    answer = strict.post("/en/report/", form_with_token(strict), headers=headers, secure=is_secure)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_forms_of_other_sites_are_refused_even_with_a_token(strict: Client, headers: dict[str, str]) -> None:
    assert strict.post("/en/report/", form_with_token(strict), headers=headers).status_code == 403
    assert not Report.objects.exists()

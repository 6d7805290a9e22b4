"""Who comes in, in every shape: right status, a sentence, nothing kept, nothing shown."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from rempart.desk.registers.lists import clients
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.lists import ListName
from rempart.desk.web.api.views import ncmec as door
from tests.registers.bank.pictures import pdq, protect, sha256
from tests.web.api.hands import NCMEC, STOPNCII, Program, program, texts, xml

pytestmark = pytest.mark.django_db

Ask = Callable[[Program], HttpResponse]
SHAPES: dict[str, Ask] = {
    "ncmec": lambda reader: reader.ncmec("/v2/entries"),
    "stopncii": lambda reader: reader.stopncii(startTimestamp=10),
    "ours": lambda reader: reader.ours(),
}
every_shape = pytest.mark.parametrize("ask", SHAPES.values(), ids=SHAPES)


@every_shape
def test_a_wrong_secret(ask: Ask) -> None:
    reader = program()
    protect("a")
    assert ask(reader).status_code == 200
    reader.secret = reader.secret[:-1] + "x"
    answer = ask(reader)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"]
    assert b"missing, wrong or revoked" in answer.content


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic x", "Basic " + "A" * 9_000, "Bearer", "Bearer .", "Basic w6k=", "Digest x"]
)
def test_credentials_that_are_none(header: str) -> None:
    for address in (f"{NCMEC}/v2/entries", f"{STOPNCII}/FetchHashes", "/api/v1/lists/minors/entries"):
        headers = {"Authorization": header, "x-functions-key": header} if header else {}
        assert Client().get(address, headers=headers).status_code == 401


@every_shape
def test_another_list_or_none(ask: Ask) -> None:
    assert ask(program(lists=frozenset({ListName.ADULTS}))).status_code == 403


def test_a_list_that_does_not_exist_is_said_as_one_that_is_closed() -> None:
    reader = program()
    closed, nowhere = (reader.ours(list_name=name) for name in ("adults", "nowhere"))
    assert (closed.status_code, closed.content) == (nowhere.status_code, nowhere.content) == (403, closed.content)


@every_shape
def test_who_may_only_ask_downloads_nothing(ask: Ask) -> None:
    assert ask(program(may_hold_lists=False)).status_code == 403


def test_revoked_in_the_middle_of_a_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PAGE", 2)
    reader = program()
    protect("a", "b")
    following = texts(xml(reader.ncmec("/v2/entries")), "next")[0]
    clients.revoke(reader.client, by=None, now=timezone.now())
    assert reader.http.get(NCMEC + following, headers=reader.basic).status_code == 401


@every_shape
def test_too_many_calls(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "take_call", lambda client, now: 17)
    answer = ask(program())
    assert (answer.status_code, answer["Retry-After"]) == (429, "17")


@every_shape
def test_nothing_is_said_without_the_keyring(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = program()
    protect("a")
    monkeypatch.setattr(settings, "REMPART_KEYRING", Keyring(tmp_path / "lost.sqlite3"))
    answer = ask(reader)
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")


def test_bodies_that_are_too_long() -> None:
    reader = program()
    long = "x" * 600_000
    for answer in (
        reader.tell(raw=long),
        reader.vote("0" * 32 + "-0", long),
        reader.http.post(f"{STOPNCII}/SubmitFeedback", long, content_type="application/json", headers=reader.two_keys),
    ):
        assert answer.status_code == 413


@every_shape
def test_no_cookie_nothing_kept_and_no_language(ask: Ask) -> None:
    reader = program()
    protect("a")
    answer = ask(reader)
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_strangers_form_cannot_be_refused_for_want_of_a_token_nor_use_a_session() -> None:
    reader = program()
    http = Client(enforce_csrf_checks=True)
    body = json.dumps({"results": [{"name": "0" * 32, "seen": 1}]})
    address = "/api/v1/lists/minors/results"
    told = http.post(address, body, content_type="application/json", headers=reader.bearer | {"Idempotency-Key": "message-1"})
    assert told.status_code == 200
    assert http.post(address, body, content_type="application/json").status_code == 401


def test_wrong_methods() -> None:
    reader = program()
    assert reader.http.delete(f"{NCMEC}/v2/entries", headers=reader.basic).status_code == 405
    assert reader.http.post("/api/v1/lists/minors/entries", headers=reader.bearer).status_code == 405
    assert reader.http.get(f"{STOPNCII}/SubmitFeedback", headers=reader.two_keys).status_code == 405
    assert reader.http.head(f"{NCMEC}/v2/entries", headers=reader.basic).status_code == 200


def test_no_fingerprint_in_a_log_or_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    reader = program()
    protect("a")
    secrets = [pdq("a whole").hex(), sha256("a").hex(), reader.secret]
    caplog.set_level(logging.DEBUG)
    answers = [
        reader.http.get(f"{NCMEC}/v2/entries", {"from": secrets[0]}, headers=reader.basic),
        reader.vote(secrets[0], f"<x>{secrets[1]}</x>"),
        reader.ours(after=secrets[0]),
        reader.tell({"name": secrets[0], "seen": 1}),
        reader.stopncii(startTimestamp=secrets[0]),
        reader.http.post(
            f"{STOPNCII}/SubmitFeedback",
            json.dumps({"hashFeedbacks": [{"hashValue": secrets[0], "feedbackValue": "no"}]}),
            content_type="application/json",
            headers=reader.two_keys,
        ),
    ]
    assert all(answer.status_code in {400, 404} for answer in answers)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith(("rempart", "django.request"))]
    said = "".join([*(answer.content.decode() for answer in answers), *(line for line in lines if "Bad Request: /" not in line)])
    assert not any(secret in said for secret in secrets)

"""The page behind the link of a notice: what it shows, what it keeps, what never changes anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from rempart.desk.registers.directory.models import Contact
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.duties import DutyKind, Failure
from rempart.desk.rules.notice import Answer
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.web.answers.views import answer as view
from tests.web.answers.conftest import Send, Sent

pytestmark = pytest.mark.django_db


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def post(client: Client, sent: Sent, **fields: object) -> HttpResponse:
    return client.post(sent.path, fields)


def test_it_shows_the_reference_and_the_addresses_defanged(client: Client, send: Send) -> None:
    sent = send()
    text = text_of(client.get(sent.path))
    assert f"R-N-{sent.notice.opened_at.year}-{sent.notice.pk:06d}" in text
    for number in (1, 2, 3):
        assert f"bonne-reponse[.]example/page/{number}" in text
    assert "https://bonne-reponse.example" not in text
    assert 'href="http' not in text
    assert sent.token not in text


def test_looking_changes_nothing(client: Client, send: Send) -> None:
    sent = send()
    before = (Entry.objects.count(), list(Watch.objects.values()), list(Notice.objects.values()))
    for _ in range(3):
        assert client.get(sent.path).status_code == 200
        assert client.head(sent.path).status_code == 200
        assert client.get(f"{sent.path}received/").status_code == 200
    assert client.options(sent.path).status_code == 405
    assert client.put(sent.path).status_code == 405
    assert client.post(f"{sent.path}received/").status_code == 405
    assert (Entry.objects.count(), list(Watch.objects.values()), list(Notice.objects.values())) == before
    assert not Reply.objects.exists()


def test_one_answer_for_all(client: Client, send: Send) -> None:
    sent = send()
    answer = post(
        client, sent, all="removed", removal="DECISION_VISIBILITY_CONTENT_REMOVED", account="DECISION_ACCOUNT_SUSPENDED"
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{sent.path}received/?language=fr")
    assert {reply.answer for reply in Reply.objects.all()} == {Answer.REMOVED}
    assert Reply.objects.count() == 3
    reply = Reply.objects.first()
    assert reply is not None
    assert reply.statement == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    }
    assert (reply.through, reply.by_id, reply.sealed_words) == ("recipient", None, None)
    assert Watch.objects.filter(claimed_removed_at__isnull=False).count() == 3
    assert text_of(client.get(answer.headers["Location"])).count("Nous l’avons retiré") == 3


def test_address_by_address(client: Client, send: Send) -> None:
    sent = send()
    first, second, third = sent.items
    fields = {
        "all": "removed",
        f"item-{second.pk}": "refused",
        f"item-{third.pk}": "need_more",
        "lesser": ["DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "DECISION_VISIBILITY_CONTENT_LABELLED"],
        "ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "automation": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal": "Clause 4",
        "explanation": "Une personne adulte,\r\nselon nous.",
    }
    assert client.post(sent.path, fields).status_code == 302
    by_item = {reply.item_id: reply for reply in Reply.objects.all()}
    assert {item: reply.answer for item, reply in by_item.items()} == {
        first.pk: Answer.REMOVED,
        second.pk: Answer.REFUSED,
        third.pk: Answer.NEED_MORE,
    }
    assert by_item[first.pk].statement == {"automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"}
    assert by_item[second.pk].statement == {
        "decision_visibility": fields["lesser"],
        "decision_ground": fields["ground"],
        "automated_decision": fields["automation"],
    }
    assert by_item[third.pk].statement == {}
    assert sealing.unseal(by_item[second.pk].sealed_words or b"") == "Clause 4\nUne personne adulte,\nselon nous."
    assert Watch.objects.get(item=second).is_refused
    assert Duty.objects.get(kind=DutyKind.SUPERVISION).failure == Failure.NEED_MORE


def test_only_some_of_them(client: Client, send: Send) -> None:
    sent = send()
    assert client.post(sent.path, {f"item-{sent.items[1].pk}": "removed"}).status_code == 302
    assert [reply.item_id for reply in Reply.objects.all()] == [sent.items[1].pk]
    text = text_of(client.get(f"{sent.path}received/"))
    assert text.count("Pas encore de réponse") == 2


def test_one_can_answer_again_and_sees_what_was_said(client: Client, send: Send) -> None:
    sent = send(1)
    post(client, sent, all="refused", explanation="Non.")
    assert "Nous ne le retirerons pas." in text_of(client.get(sent.path))
    post(client, sent, all="removed")
    assert [reply.answer for reply in Reply.objects.order_by("pk")] == [Answer.REFUSED, Answer.REMOVED]
    assert "Votre réponse du" in text_of(client.get(sent.path))


def test_wrong_address_with_another_contact(client: Client, send: Send) -> None:
    sent = send(1)
    post(client, sent, all="wrong_address", contact="legal@bonne-reponse.example")
    assert Contact.objects.get(address="legal@bonne-reponse.example").approved_at is None
    assert Duty.objects.get(kind=DutyKind.SUPERVISION).failure == Failure.WRONG_ADDRESS


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choisissez une réponse"),
        ({"all": "no such answer", "item-999999": "removed"}, "Choisissez une réponse"),
        ({"all": "refused"}, "Dites-nous en quelques mots"),
        ({"all": "need_more", "explanation": " \n"}, "Dites-nous en quelques mots"),
        ({"all": "removed", "explanation": "x" * 2001}, "trop longue : 2"),
        ({"all": "removed", "legal": "x" * 501}, "trop longue : 500"),
        ({"all": "wrong_address", "contact": "the front desk"}, "cette adresse électronique"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    client: Client, send: Send, fields: dict[str, str], words: str
) -> None:
    sent = send(2)
    typed = {"explanation": "des mots à garder", "contact": "un@contact.example", "lesser": "DECISION_VISIBILITY_OTHER"}
    fields = {**{name: value for name, value in typed.items() if name not in fields and fields.get("all") != "refused"}, **fields}
    if fields.get("all") == "need_more":
        fields.pop("lesser", None)
    answer = client.post(sent.path, fields)
    text = text_of(answer)
    assert answer.status_code == 400
    assert words in text
    assert not Reply.objects.exists()
    for name in ("explanation", "contact", "legal"):
        assert fields.get(name, "").strip() in text
    if "lesser" in fields:
        assert 'value="DECISION_VISIBILITY_OTHER" checked' in text


def test_words_of_strangers_are_escaped(client: Client, send: Send) -> None:
    sent = send(1)
    text = text_of(post(client, sent, explanation="</textarea><script>alert(1)</script>"))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_an_answer_is_about_the_addresses_of_this_notice_only(client: Client, send: Send) -> None:
    sent, other = send(1), send(1)
    client.post(sent.path, {"all": "removed", f"item-{other.items[0].pk}": "refused", "explanation": "x"})
    assert [(reply.notice_id, reply.item_id) for reply in Reply.objects.all()] == [(sent.notice.pk, sent.items[0].pk)]


@pytest.mark.parametrize("token", ["x", "a" * 43, "é", "0", "a.b-c_d", "%00"])
def test_a_link_nobody_made(client: Client, token: str) -> None:
    for path in (f"/answer/{token}/", f"/answer/{token}/received/"):
        answer = client.get(path, headers={"accept-language": "en"})
        assert answer.status_code == 404
        assert "This link leads nowhere" in text_of(answer)


def test_a_link_of_last_year(client: Client, send: Send) -> None:
    sent = send(1)
    Notice.objects.update(sent_at=timezone.now() - timedelta(days=181))
    for answer in (client.get(sent.path), post(client, sent, all="removed")):
        assert answer.status_code == 410
        assert "Ce lien n’est plus ouvert" in text_of(answer)
        assert "R-N-" in text_of(answer)
    assert not Reply.objects.exists()


def test_a_cancelled_notice_has_no_page(client: Client, send: Send) -> None:
    sent = send(1)
    Notice.objects.update(cancelled_at=timezone.now())
    assert client.get(sent.path).status_code == 404


@pytest.mark.parametrize(
    ("notice", "wish", "chosen", "expected"),
    [
        ("fr", "", "", "fr"),
        ("en", "", "", "en"),
        ("en", "fr-FR,fr;q=0.9", "", "fr"),
        ("fr", "de-DE,de;q=0.9", "", "fr"),
        ("fr", "de-DE, en;q=0.5", "", "en"),
        ("fr", "fr", "en", "en"),
        ("fr", "en", "xx", "en"),
    ],
)
def test_languages(client: Client, send: Send, notice: str, wish: str, chosen: str, expected: str) -> None:
    sent = send(1, notice)
    answer = client.get(f"{sent.path}?language={chosen}", headers={"accept-language": wish} if wish else {})
    assert f'<html lang="{expected}">' in text_of(answer)
    assert answer.headers["Content-Language"] == expected


def test_too_many_answers_from_one_network(client: Client, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = send(1)
    monkeypatch.setattr(view.limit, "each", 2)
    answers = [post(client, sent, all="refused", explanation="Gardez ces mots") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Gardez ces mots" in text_of(answers[2])
    assert Reply.objects.count() == 2
    assert client.get(sent.path).status_code == 200


def test_headers_and_cookies(client: Client, send: Send) -> None:
    answer = client.get(send(1).path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert set(answer.cookies) == {"csrftoken"}


def test_no_form_without_its_protection(send: Send) -> None:
    assert Client(enforce_csrf_checks=True).post(send(1).path, {"all": "removed"}).status_code == 403
    assert not Reply.objects.exists()


def test_a_hundred_addresses_fit_in_one_form(client: Client, send: Send) -> None:
    sent = send(3)
    fields = {f"item-{sent.items[0].pk + number}": "removed" for number in range(100)}
    fields |= dict.fromkeys(("removal", "account", "ground", "legal", "automation", "explanation", "contact", "lesser"), "")
    assert client.post(sent.path, fields).status_code == 302

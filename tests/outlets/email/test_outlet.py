"""Letters on a real mail server: what is told apart, and what goes on the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.core.mail import get_connection

from rempart.desk.outlets.email.outlet import EmailOutlet
from rempart.desk.outlets.interface import Failed, Letter, Refused, Result, Sent
from tests.outlets.mailserver import Mailbox, mail_server, text_of
from tests.ports import free_port


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(server: Mailbox) -> Mailbox:
    fresh = Mailbox()
    for name in ("taken", "at_rcpt", "at_end", "at_mail", "hangs_up_after_text"):
        setattr(server, name, getattr(fresh, name))
    return server


def letter(number: int = 1, text: str = "Des mots accentués: où, été.\n", to: str = "abuse@roc.example") -> Letter:
    return Letter(
        to=to,
        subject="Notification à propos d'un contenu",
        text=text,
        message_id=f"<{number}@desk.example>",
        language="fr",
        references=("<0@desk.example>",),
        headers={"X-Rempart-Reference": "R-N-1"},
    )


def sent(mailbox: Mailbox, one: Letter) -> Result:
    outlet = mailbox.outlet()
    try:
        return outlet.send(one)
    finally:
        outlet.close()


def test_what_goes_on_the_wire(mailbox: Mailbox) -> None:
    assert sent(mailbox, letter()) == Sent()
    mail = mailbox.only()
    assert mail["Message-ID"] == "<1@desk.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == mail["In-Reply-To"] == "<0@desk.example>"
    assert mail["Content-Language"] == "fr"
    assert mail["Subject"] == "Notification à propos d'un contenu"
    assert mail.get_content_type() == "text/plain"
    assert text_of(mail).split() == letter().text.split()


def test_very_long_addresses_arrive_whole(mailbox: Mailbox) -> None:
    url = "https://roc.example/" + "a" * 4_000
    assert sent(mailbox, letter(text=f"1. {url}\n")) == Sent()
    assert url in text_of(mailbox.only())


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"at_rcpt": "550 no such mailbox"}, Refused("smtp_550")),
        ({"at_rcpt": "450 greylisted"}, Failed("smtp_450", is_temporary=True)),
        ({"at_end": "554 spam"}, Refused("smtp_554")),
        ({"at_end": "452 full"}, Failed("smtp_452", is_temporary=True)),
        ({"at_mail": "550 not you"}, Failed("sender_550", is_temporary=False)),
        ({"at_mail": "421 busy"}, Failed("sender_421", is_temporary=True)),
        ({"hangs_up_after_text": True}, Failed("connection_lost_after_text", is_temporary=False, is_in_doubt=True)),
    ],
)
def test_answers_are_told_apart(mailbox: Mailbox, answer: dict[str, str], result: Result) -> None:
    for name, value in answer.items():
        setattr(mailbox, name, value)
    assert sent(mailbox, letter()) == result


def test_one_refusal_does_not_spoil_the_next_letter(mailbox: Mailbox) -> None:
    outlet = mailbox.outlet()
    mailbox.at_rcpt = "550 no"
    assert outlet.send(letter(1)) == Refused("smtp_550")
    mailbox.at_rcpt = "250 OK"
    assert outlet.send(letter(2)) == Sent()
    outlet.close()
    assert list(mailbox.message_ids) == ["<2@desk.example>"]


def test_a_connection_that_died_in_between_is_opened_again(mailbox: Mailbox) -> None:
    outlet = mailbox.outlet()
    assert outlet.send(letter(1)) == Sent()
    open_socket = outlet._connection.connection.sock  # type: ignore[attr-defined]
    open_socket.shutdown(socket.SHUT_RDWR)
    assert outlet.send(letter(2)) == Sent()
    outlet.close()
    assert len(mailbox.taken) == 2


def test_no_server_at_all_is_a_sure_failure() -> None:
    port = free_port()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    outlet = EmailOutlet(get_connection(backend, host="127.0.0.1", port=port, timeout=2))
    assert outlet.send(letter()) == Failed("no_connection", is_temporary=True)


def test_other_backends_of_django_work_too() -> None:
    from django.core import mail

    outlet = EmailOutlet()
    assert outlet.send(letter()) == Sent()
    outlet.close()
    assert mail.outbox[-1].extra_headers["Message-ID"] == "<1@desk.example>"

"""A real mail server on a free port of 127.0.0.1, for tests: it keeps what it took and can be told to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.core.mail import get_connection

from rempart.desk.outlets.email.outlet import EmailOutlet
from tests.ports import free_port


@dataclass
class Mailbox:
    """What the server took, and how it answers."""

    taken: list[EmailMessage] = field(default_factory=list)
    at_rcpt: str = "250 OK"
    at_end: str = "250 OK"
    at_mail: str = "250 OK"
    hangs_up_after_text: bool = False
    port: int = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.at_mail

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.at_rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.at_end.startswith("2"):
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.hangs_up_after_text:
            assert server.transport is not None
            server.transport.abort()
        return self.at_end

    def outlet(self) -> EmailOutlet:
        """The real outlet, speaking to this server."""
        backend = "django.core.mail.backends.smtp.EmailBackend"
        return EmailOutlet(get_connection(backend, host="127.0.0.1", port=self.port, timeout=5))

    @property
    def message_ids(self) -> Counter[str]:
        """How many times each letter was taken."""
        return Counter(str(mail["Message-ID"]) for mail in self.taken)

    def only(self) -> EmailMessage:
        """The one letter taken."""
        assert len(self.taken) == 1
        return self.taken[0]


def text_of(mail: EmailMessage) -> str:
    """The words of a letter."""
    return str(mail.get_content())


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Runs until the block ends."""
    mailbox = Mailbox()
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()

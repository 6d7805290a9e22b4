"""The mail catcher: takes every mail sent on this machine during a rehearsal and lets none out."""

from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from rempart.desk.rehearsal.world import World

BIGGEST_MAIL = 1_048_576
LOOPBACK = "127.0.0.1"
NOBODY = "nobody@"
"""Mail to this name is refused, on every host."""


class Catch:
    """Keeps what arrives, whoever it is for; refuses one name, so that a failure can be rehearsed too."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        """Take a recipient."""
        if address.lower().startswith(NOBODY):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail in each mailbox before saying that it was taken."""
        raw = envelope.original_content or b""
        for mailbox in envelope.rcpt_tos:
            self.world.keep_mail(mailbox, raw)
        return "250 OK: kept"


def start(world: World, port: int) -> Controller:
    """Listen on this machine only, in a thread; ``stop()`` ends it."""
    controller = Controller(Catch(world), hostname=LOOPBACK, port=port, data_size_limit=BIGGEST_MAIL, ident="Rehearsal")
    controller.start()
    return controller

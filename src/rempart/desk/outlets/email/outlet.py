"""Letters by SMTP, through Django's mail settings. What the server says is told apart: for good, for now, or unknown."""

import smtplib
from contextlib import suppress

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from rempart.desk.outlets.interface import Failed, Letter, Refused, Result, Sent


class EmailOutlet:
    """Keeps one connection for a run of letters; call :meth:`close` at the end of the run."""

    def __init__(self, connection: BaseEmailBackend | None = None) -> None:
        self._connection: BaseEmailBackend = connection or get_connection()

    def send(self, letter: Letter) -> Result:
        """Try once. A connection lost before the text was handed over is a sure failure; after that, a doubt."""
        mail = message(letter)
        if not isinstance(self._connection, EmailBackend):
            self._connection.send_messages([mail])
            return Sent()
        try:
            server = _ready(self._connection)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Failed(_why_not_open(error), is_temporary=True)
        return self._hand_over(server, letter, mail)

    def close(self) -> None:
        """Say goodbye to the server."""
        with suppress(smtplib.SMTPException, OSError):
            self._connection.close()

    def _hand_over(self, server: smtplib.SMTP, letter: Letter, mail: EmailMessage) -> Result:
        text = _as_sent(mail)
        try:
            refusal = _envelope(server, letter.to)
        except (smtplib.SMTPException, OSError):
            self.close()
            return Failed("connection_lost", is_temporary=True)
        if refusal is not None:
            _forget(server)
            return refusal
        try:
            code, _ = server.data(text)
        except smtplib.SMTPDataError as error:
            # The server answered no to the word DATA itself: it has not read a line of the text.
            _forget(server)
            return _judged(int(error.smtp_code))
        except (smtplib.SMTPException, OSError):
            self.close()
            return Failed("connection_lost_after_text", is_temporary=False, is_in_doubt=True)
        return Sent() if 200 <= code < 300 else _judged(code)


def message(letter: Letter) -> EmailMessage:
    """The letter as a mail: plain text, marked as written by software (RFC 3834) so that no machine answers it."""
    headers = {
        "Message-ID": letter.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": letter.language,
        **letter.headers,
    }
    if letter.references:
        headers["References"] = " ".join(letter.references)
        headers["In-Reply-To"] = letter.references[-1]
    return EmailMessage(letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [letter.to], headers=headers)


def _as_sent(mail: EmailMessage) -> bytes:
    # Django's own message classes take the line ending that SMTP wants; the type of the base class does not say so.
    written: bytes = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    return written


def _ready(connection: EmailBackend) -> smtplib.SMTP:
    """An open, living connection: servers hang up on silent ones, and that must not be found out midway."""
    if connection.connection is not None and not _is_alive(connection.connection):
        connection.close()
    connection.open()
    server = connection.connection
    if server is None:
        raise smtplib.SMTPServerDisconnected("no connection")
    return server


def _is_alive(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _envelope(server: smtplib.SMTP, to: str) -> Result | None:
    """Tell who writes to whom; what the server objects, if it does."""
    server.ehlo_or_helo_if_needed()
    code, _ = server.mail(settings.DEFAULT_FROM_EMAIL)
    if code != 250:
        # Our own address is refused: the recipient is not at fault, and nothing changes by itself.
        return Failed(f"sender_{code}", is_temporary=400 <= code < 500)
    code, _ = server.rcpt(to)
    return None if code in {250, 251} else _judged(code)


def _judged(code: int) -> Result:
    if 400 <= code < 500:
        return Failed(f"smtp_{code}", is_temporary=True)
    return Refused(f"smtp_{code}")


def _forget(server: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        server.rset()


def _why_not_open(error: Exception) -> str:
    return "sign_in_refused" if isinstance(error, smtplib.SMTPAuthenticationError) else "no_connection"

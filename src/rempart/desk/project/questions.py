"""Asking on the terminal: a question, its default, and again when the answer cannot be used."""

import getpass
import secrets
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from rempart.desk.project.opening import Refusal

Check = Callable[[str], str | None]
"""Says what is wrong with an answer, or None."""


def ask(question: str, default: str, check: Check = lambda _: None) -> str:
    """The answer, or the default when the person just presses Enter."""
    while True:
        try:
            answer = input(f"{question} [{default}]: " if default else f"{question}: ").strip() or default
        except EOFError as error:
            raise Refusal("The questions could not be asked here. For scripts: rempart desk init --yes") from error
        wrong = check(answer)
        if wrong is None:
            return answer
        sys.stdout.write(f"  {wrong}\n")


def ask_password(check: Check) -> str:
    """A new password, typed twice, never shown."""
    while True:
        try:
            first = getpass.getpass("Password (12 signs or more; nothing is shown while you type): ")
            second = getpass.getpass("The same again: ")
        except EOFError as error:
            raise Refusal("The password could not be asked here. For scripts: --yes or --password-stdin") from error
        wrong = check(first) if first == second else "The two are not the same."
        if wrong is None:
            return first
        sys.stdout.write(f"  {wrong}\n")


def password_from_stdin() -> str:
    """The first line of the standard input."""
    return sys.stdin.readline().rstrip("\n")


def make_password() -> str:
    """A password nobody chose: 100 bits, in groups that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def is_address(text: str) -> str | None:
    """A web address without a path."""
    parts = urlsplit(text)
    if parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"}:
        return None
    return "An address like https://desk.example.org is needed, without anything after the name."


def is_email(text: str) -> str | None:
    """Roughly an e-mail address."""
    name, at, domain = text.partition("@")
    if name and at and "." in domain.strip(".") and not any(sign.isspace() for sign in text):
        return None
    return "This does not look like an e-mail address."


def is_not_empty(text: str) -> str | None:
    """Something was typed."""
    return None if text.strip() else "Something is needed here."


def is_database(text: str) -> str | None:
    """Empty for SQLite, or the address of a PostgreSQL database."""
    return None if not text or text.startswith("postgresql://") else "Leave it empty for SQLite, or give postgresql://…"


def is_language(text: str) -> str | None:
    """One of the two."""
    return None if text in {"fr", "en"} else "Type fr or en."


def is_mail_server(text: str) -> str | None:
    """A name, perhaps with a port."""
    name, _, port = text.partition(":")
    return None if name and (not port or port.isdigit()) else "A name is needed, like mail.example.org or mail.example.org:587."

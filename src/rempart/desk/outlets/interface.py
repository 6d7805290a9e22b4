"""What every way out looks like: a letter in, one of three results out. The stage that calls it knows no more than this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

MAX_SUBJECT = 200


class UnsafeHeader(ValueError):
    """A header of a letter holds a line break or another sign that could forge a second header."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, in plain text. ``references`` are the Message-IDs of the letters it follows, oldest first."""

    to: str
    subject: str
    text: str
    message_id: str
    language: str
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in (self.to, self.subject, self.message_id, self.language, *self.references):
            _must_be_safe(value)
        for name, value in self.headers.items():
            _must_be_safe(name)
            _must_be_safe(value)
        if len(self.subject) > MAX_SUBJECT:
            raise UnsafeHeader("the subject is too long")


def _must_be_safe(value: str) -> None:
    if any(ord(sign) < 32 or ord(sign) == 127 or sign in "\x85\u2028\u2029" for sign in value):
        raise UnsafeHeader("a header holds a control character")


@dataclass(frozen=True, slots=True)
class Sent:
    """The recipient's side took it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The recipient's side refused for good. ``why`` is a stable word such as ``smtp_550``."""

    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not go through. ``is_in_doubt``: nobody can say whether it was received, so software must not try again.

    Otherwise it certainly was not received, and ``is_temporary`` says whether trying again makes sense.
    """

    why: str
    is_temporary: bool
    is_in_doubt: bool = False


Result = Sent | Refused | Failed


class Outlet(Protocol):
    """A way out. ``send`` never raises for what the other side does; it says so in its result."""

    def send(self, letter: Letter) -> Result:
        """Try once."""

    def close(self) -> None:
        """Let go of the connection, if one is kept."""

"""The letters sent by e-mail: notices with every element of DSA article 16(2), reminders, escalations, and *an answer waits*."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from rempart.desk.outlets.email.grounds import Ground
from rempart.desk.outlets.texts import Written, moment, write

LANGUAGES = ("fr", "en")
_FOLDER = Path(__file__).parent / "templates"


class LetterKind(StrEnum):
    """What a letter to a recipient is; also the name of its template."""

    NOTICE = "notice"
    REMINDER = "reminder"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes. The three ``flagger`` fields are empty for an association that is not a trusted flagger."""

    association: str
    email: str
    site: str
    flagger_reference: str = ""
    flagger_coordinator: str = ""
    flagger_area: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One address. ``where`` is the exact, live address: the recipient must find the content with it."""

    reference: str
    where: str
    first_reported_at: datetime
    checked_at: datetime | None
    ground: Ground
    earlier_reference: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The notice that this letter reminds of, or that stayed without effect below on the ladder."""

    reference: str
    recipient: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """Everything a notice says."""

    kind: LetterKind
    language: str
    sender: Sender
    recipient: str
    reference: str
    answer_url: str
    listed: tuple[Listed, ...]
    earlier: Earlier | None = None
    is_sent_again: bool = False


def write_notice(words: NoticeWords) -> Written:
    """The notice in its recipient's language (French or, for everybody else, English)."""
    language = words.language if words.language in LANGUAGES else "en"
    values = {
        "sender": words.sender,
        "recipient": words.recipient,
        "reference": words.reference,
        "answer_url": words.answer_url,
        "groups": _by_ground(words.listed, language),
        "count": len(words.listed),
        "earlier": words.earlier,
        "earlier_at": moment(words.earlier.sent_at, language) if words.earlier else "",
        "is_sent_again": words.is_sent_again,
    }
    return write(_FOLDER, f"email/{words.kind}.{language}.txt", values)


def _by_ground(listed: tuple[Listed, ...], language: str) -> list[dict[str, object]]:
    """Addresses with the same reasons stand together; numbers run through the whole letter."""
    groups: dict[Ground, list[dict[str, object]]] = {}
    for one in listed:
        groups.setdefault(one.ground, []).append(
            {
                "reference": one.reference,
                "where": one.where,
                "first_reported": moment(one.first_reported_at, language),
                "checked": moment(one.checked_at, language) if one.checked_at else "",
            }
        )
    number = 0
    for members in groups.values():
        for member in members:
            number += 1
            member["number"] = number
    return [{"ground": ground, "listed": members} for ground, members in groups.items()]


def write_answer_waits(language: str) -> Written:
    """To a reporter: something waits behind the code. Names neither the subject, nor the code, nor the page."""
    return write(_FOLDER, f"email/answer_waits.{language if language in LANGUAGES else 'en'}.txt", {})

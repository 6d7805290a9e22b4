"""What the holder of a case is told of what she protects: that it will end, and how to keep it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rempart.desk.outlets.case_mailbox.answers import LANGUAGES, unwrapped
from rempart.desk.outlets.texts import write

_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Told:
    """``count`` protections end at ``ends``, a moment in the time zone of the desk. ``is_young``: she is said *tu*."""

    language: str
    count: int
    ends: datetime
    is_young: bool


def withdrawal_asked(told: Told) -> str:
    """Somebody with the code asked to withdraw on a shared device: when it happens, and how to stop it."""
    return _letter("withdrawal", told)


def renewal_asked(told: Told) -> str:
    """The protections end soon: how to keep them."""
    return _letter("renewal", told)


def _letter(name: str, told: Told) -> str:
    language = told.language if told.language in LANGUAGES else "en"
    ends = told.ends.strftime("%d/%m/%Y à %H h %M" if language == "fr" else "%d %B %Y at %H:%M")
    values = {"count": told.count, "is_one": told.count == 1, "ends": ends, "is_young": told.is_young}
    written = write(_FOLDER, f"case_mailbox/{name}.{language}.txt", values)
    return f"{written.subject}\n\n{unwrapped(written.text)}"

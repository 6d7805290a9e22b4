"""What the pages of *protect my image* ask, and what a person answered so far.

Nothing is kept between two pages but in the page itself: the answers travel in hidden fields, and so do the codes already made.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from rempart.desk.rules.code import CodeError, read_code
from rempart.desk.rules.protection import MOST_FILES, Age, Helper, SentFile, SubmissionRefused, is_young, read_files
from rempart.desk.web.public.questions import Option
from rempart.desk.web.shared.words import Words
from rempart.engine.fingerprint import Sha256

E = TypeVar("E", bound=StrEnum)


class Screen(StrEnum):
    """Which page this form was shown for."""

    DOOR = "door"
    CHOOSE = "choose"
    DONE = "done"


AGES: tuple[tuple[Age, Words], ...] = (
    (Age.UNDER_13, _("Under 13")),
    (Age.FROM_13_TO_15, _("13 to 15")),
    (Age.FROM_16_TO_17, _("16 or 17")),
    (Age.ADULT, _("18 or over")),
)
HELPERS: tuple[tuple[Helper, Words], ...] = (
    (Helper.NOBODY, _("It is me")),
    (Helper.PARENT, _("My child: I am a parent")),
    (Helper.PROFESSIONAL, _("A child I help in my work")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything answered so far, whatever the page."""

    age: Age | None = None
    helper: Helper = Helper.NOBODY
    is_device_shared: bool = False
    code: str = ""
    """Of an existing case, to which this is added."""
    ready_code: str = ""
    """Made when the second page is shown, no case yet: sent twice, the form protects once."""
    texts: tuple[str, ...] = ()
    """What the frame made, or what was pasted, as sent: each one message."""

    @property
    def is_young(self) -> bool:
        """Whether the person who reads is said *tu*."""
        return self.age is not None and is_young(self.age, self.helper)

    def files(self) -> tuple[SentFile, ...]:
        """The files of all messages, each once. Raises SubmissionRefused."""
        found = {one.sha256: one for text in self.texts for one in read_files(text)}
        if not found:
            raise SubmissionRefused("nothing_sent")
        if len(found) > MOST_FILES:
            raise SubmissionRefused("too_much")
        return tuple(found.values())

    def carried(self, screen: Screen) -> list[tuple[str, str]]:
        """Name and value of the hidden fields: everything this page does not ask itself."""
        values = {"screen": screen.value, "code": self.code, "ready_code": self.ready_code}
        if screen is not Screen.DOOR:
            values |= {"age": self.age or "", "helper": self.helper}
        if screen is not Screen.CHOOSE:
            values["is_device_shared"] = "1" if self.is_device_shared else ""
        kept = [("sent", text) for text in self.texts]
        return [(name, str(value)) for name, value in values.items() if value] + kept

    def ages(self) -> list[Option]:
        """The answers about age, the present one marked."""
        return [Option(age.value, words, "", is_chosen=age is self.age) for age, words in AGES]

    def helpers(self) -> list[Option]:
        """Who holds the device, the present answer marked."""
        return [Option(helper.value, words, "", is_chosen=helper is self.helper) for helper, words in HELPERS]


def read_asked(form: QueryDict) -> Asked:
    """What the form says; an answer that no question offers counts as not given."""
    sent = [*form.getlist("sent"), form.get("pasted", "").strip()]
    return Asked(
        age=one_of(Age, form.get("age", "")),
        helper=one_of(Helper, form.get("helper", "")) or Helper.NOBODY,
        is_device_shared=bool(form.get("is_device_shared")),
        code=form.get("code", ""),
        ready_code=readable(form.get("ready_code", "")),
        texts=tuple(dict.fromkeys(text for text in sent if text)),
    )


def sound(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the messages that are ours, to the sign, from the first, as many as go together: what a page may carry on."""
    kept: list[str] = []
    seen: set[Sha256] = set()
    for text in texts:
        try:
            now = seen | {one.sha256 for one in read_files(text)}
        except SubmissionRefused:
            continue
        if len(now) <= MOST_FILES:
            kept, seen = [*kept, text], now
    return tuple(kept)


def readable(code: str) -> str:
    """The code as printed; empty when it is none."""
    try:
        return read_code(code)
    except CodeError:
        return ""


def one_of(kind: type[E], value: str) -> E | None:
    """The member of this value, if there is one."""
    return kind(value) if value in set(kind) else None

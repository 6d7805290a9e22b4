"""What a recipient sent, read into answers about addresses. Unknown words in a form are left aside, never an error page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict

from rempart.desk.rules.notice import Answer
from rempart.desk.rules.statement import (
    MAX_EXPLANATION,
    MAX_GROUND,
    TAKES_DOWN,
    Account,
    Automation,
    Ground,
    Statement,
    Visibility,
)
from rempart.desk.stages.followup.replying import Said

Word = TypeVar("Word", bound=StrEnum)

_NEED_A_REASON = frozenset({Answer.REFUSED, Answer.NEED_MORE})


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was filled. ``problems`` are keys of ``words.PROBLEMS``; empty when it can be kept."""

    for_all: Answer | None = None
    by_item: Mapping[int, Answer] = field(default_factory=dict)
    removal: Visibility | None = None
    lesser: tuple[Visibility, ...] = ()
    account: Account | None = None
    ground: Ground | None = None
    automation: Automation | None = None
    legal: str = ""
    explanation: str = ""
    contact: str = ""

    def answer_about(self, item_id: int) -> Answer | None:
        """What is answered about this address: its own answer, else the one for all."""
        return self.by_item.get(item_id) or self.for_all

    def answers(self, item_ids: Sequence[int]) -> dict[int, Answer]:
        """The answers given, by item; addresses without one are left out."""
        given = {item_id: self.answer_about(item_id) for item_id in item_ids}
        return {item_id: answer for item_id, answer in given.items() if answer is not None}

    def problems(self, item_ids: Sequence[int]) -> list[str]:
        """Why this cannot be kept."""
        found = []
        given = set(self.answers(item_ids).values())
        if not given:
            found.append("nothing_said")
        if given & _NEED_A_REASON and not (self.explanation or self.legal or self.ground or self.lesser):
            found.append("reason_missing")
        if len(self.explanation) > MAX_EXPLANATION:
            found.append("too_long")
        if len(self.legal) > MAX_GROUND:
            found.append("ground_too_long")
        if self.contact and not _is_email(self.contact):
            found.append("email_unreadable")
        return found

    def said(self, item_ids: Sequence[int]) -> dict[int, Said]:
        """The answers as the follow-up keeps them: to each only the part of the form that concerns it."""
        return {item_id: self._said(answer) for item_id, answer in self.answers(item_ids).items()}

    def _said(self, answer: Answer) -> Said:
        words = "\n".join(part for part in (self.legal, self.explanation) if part)
        if answer is Answer.REMOVED:
            visibility = (self.removal,) if self.removal else ()
            return Said(answer, Statement(visibility, account=self.account, automation=self.automation), words)
        if answer is Answer.REFUSED:
            return Said(answer, Statement(self.lesser, self.ground, self.account, self.automation), words)
        return Said(answer, words=words, contact=self.contact if answer is Answer.WRONG_ADDRESS else "")


def read(sent: QueryDict, item_ids: Sequence[int]) -> Filled:
    """Read a form as sent."""
    by_item = {item_id: _word(Answer, sent.get(f"item-{item_id}")) for item_id in item_ids}
    removal = _word(Visibility, sent.get("removal"))
    lesser = (_word(Visibility, value) for value in sent.getlist("lesser"))
    return Filled(
        for_all=_word(Answer, sent.get("all")),
        by_item={item_id: answer for item_id, answer in by_item.items() if answer is not None},
        removal=removal if removal in TAKES_DOWN else None,
        lesser=tuple(value for value in lesser if value is not None and value not in TAKES_DOWN),
        account=_word(Account, sent.get("account")),
        ground=_word(Ground, sent.get("ground")),
        automation=_word(Automation, sent.get("automation")),
        legal=_text(sent, "legal"),
        explanation=_text(sent, "explanation"),
        contact=_text(sent, "contact"),
    )


def _word(kind: type[Word], value: str | None) -> Word | None:
    try:
        return kind(value) if value else None
    except ValueError:
        return None


def _text(sent: QueryDict, name: str) -> str:
    # Browsers count a line break as one sign and send two.
    return sent.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True

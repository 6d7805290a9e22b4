"""What a provider did about one notified address: one word, from what it replied and what we saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rempart.desk.rules.notice import Answer
from rempart.desk.rules.statement import Ground, Visibility


class Action(StrEnum):
    """DSA article 22(3)(c): the action taken by the provider. Exactly one for each notified address."""

    REMOVED = "removed"
    DISABLED = "disabled"
    AGE_RESTRICTED = "age_restricted"
    OTHER_RESTRICTION = "other_restriction"
    ACCOUNT_ACTION = "account_action"
    GONE_WITHOUT_REPLY = "gone_without_reply"
    REFUSED_AS_LAWFUL = "refused_as_lawful"
    REFUSED_BY_TERMS = "refused_by_terms"
    REFUSED_OTHERWISE = "refused_otherwise"
    ASKED_MORE = "asked_more"
    WRONG_RECIPIENT = "wrong_recipient"
    NO_REPLY = "no_reply"


_BY_VISIBILITY = {
    Visibility.REMOVED.value: Action.REMOVED,
    Visibility.DISABLED.value: Action.DISABLED,
    Visibility.AGE_RESTRICTED.value: Action.AGE_RESTRICTED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One reply: the answer and the statement of reasons that came with it."""

    answer: Answer
    statement: Mapping[str, Any]


def action_taken(replies: Sequence[Said], *, is_gone: bool) -> Action:
    """The action, from the last reply that decides something, else from what our own looks saw."""
    for said in reversed(replies):
        decided = _decided(said)
        if decided is not None:
            return decided
    if is_gone:
        return Action.GONE_WITHOUT_REPLY
    if not replies:
        return Action.NO_REPLY
    return Action.WRONG_RECIPIENT if replies[-1].answer is Answer.WRONG_ADDRESS else Action.ASKED_MORE


def _decided(said: Said) -> Action | None:
    if said.answer is Answer.REMOVED:
        return _restriction(said.statement)
    if said.answer is Answer.REFUSED:
        restriction = _restriction(said.statement, otherwise=None)
        return restriction or _refusal(said.statement)
    return None


def _restriction(statement: Mapping[str, Any], otherwise: Action | None = Action.REMOVED) -> Action | None:
    """A provider that ticks a milder measure than removal did that, whichever button it pressed."""
    named = statement.get("decision_visibility") or ()
    named = [named] if isinstance(named, str) else list(named)
    for word, action in _BY_VISIBILITY.items():
        if word in named:
            return action
    if named:
        return Action.OTHER_RESTRICTION
    return Action.ACCOUNT_ACTION if statement.get("decision_account") else otherwise


_BY_GROUND = {
    Ground.ILLEGAL.value: Action.REFUSED_AS_LAWFUL,
    Ground.INCOMPATIBLE.value: Action.REFUSED_BY_TERMS,
}


def _refusal(statement: Mapping[str, Any]) -> Action:
    """On which ground the provider judged: the law, which it reads otherwise, or its own terms."""
    return _BY_GROUND.get(str(statement.get("decision_ground", "")), Action.REFUSED_OTHERWISE)

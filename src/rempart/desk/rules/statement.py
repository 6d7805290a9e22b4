"""What a recipient decided, in the words of the DSA Transparency Database (art. 17 and 24; schema of 1 July 2025).

Only closed vocabularies are kept here, as data for the figures; free text is sealed apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_GROUND = 500
"""Longest legal ground or clause, in signs; the database's own limit."""
MAX_EXPLANATION = 2_000
"""Longest explanation, in signs; the database's own limit."""


class Visibility(StrEnum):
    """``decision_visibility``: what was done with the content."""

    REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"
    DISABLED = "DECISION_VISIBILITY_CONTENT_DISABLED"
    DEMOTED = "DECISION_VISIBILITY_CONTENT_DEMOTED"
    AGE_RESTRICTED = "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"
    INTERACTION_RESTRICTED = "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"
    LABELLED = "DECISION_VISIBILITY_CONTENT_LABELLED"
    OTHER = "DECISION_VISIBILITY_OTHER"


class Ground(StrEnum):
    """``decision_ground``: against the law, or against the service's own terms."""

    ILLEGAL = "DECISION_GROUND_ILLEGAL_CONTENT"
    INCOMPATIBLE = "DECISION_GROUND_INCOMPATIBLE_CONTENT"


class Account(StrEnum):
    """``decision_account``: what was done with the account."""

    SUSPENDED = "DECISION_ACCOUNT_SUSPENDED"
    TERMINATED = "DECISION_ACCOUNT_TERMINATED"


class Automation(StrEnum):
    """``automated_decision``: who decided."""

    FULLY = "AUTOMATED_DECISION_FULLY"
    PARTIALLY = "AUTOMATED_DECISION_PARTIALLY"
    NOT_AUTOMATED = "AUTOMATED_DECISION_NOT_AUTOMATED"


TAKES_DOWN = frozenset({Visibility.REMOVED, Visibility.DISABLED})
"""What makes content unreachable."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The closed part of a statement of reasons; every field may be left unsaid."""

    visibility: tuple[Visibility, ...] = ()
    ground: Ground | None = None
    account: Account | None = None
    automation: Automation | None = None


def as_data(statement: Statement) -> dict[str, Any]:
    """The statement under the database's own field names; what was not said is left out."""
    data: dict[str, Any] = {
        "decision_visibility": [value.value for value in statement.visibility],
        "decision_ground": statement.ground,
        "decision_account": statement.account,
        "automated_decision": statement.automation,
    }
    return {name: value for name, value in data.items() if value}


def from_data(data: Mapping[str, Any]) -> Statement:
    """The inverse of :func:`as_data`. Raises ``ValueError`` on a word that is not in the vocabulary."""
    ground, account, automation = (data.get(name) for name in ("decision_ground", "decision_account", "automated_decision"))
    return Statement(
        visibility=tuple(Visibility(value) for value in data.get("decision_visibility", ())),
        ground=Ground(ground) if ground else None,
        account=Account(account) if account else None,
        automation=Automation(automation) if automation else None,
    )


def problems(statement: Statement, *, is_refusal: bool) -> tuple[str, ...]:
    """Machine-readable contradictions; empty when there is none."""
    if is_refusal and TAKES_DOWN & set(statement.visibility):
        return ("refused_but_taken_down",)
    return ()

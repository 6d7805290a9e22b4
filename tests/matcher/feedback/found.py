"""Answers as the look-up gives them, made for tests."""

from __future__ import annotations

from rempart.matcher.lists import UNSTATED_ADVICE, Trust
from rempart.matcher.lookup import Answer, Found, new_trace_id
from rempart.matcher.policy import Because, Outcome, most_severe


def answer(*entries: str | tuple[str, str], outcome: Outcome = Outcome.BLOCK, trace: str | None = None) -> Answer:
    """That these entries were met; of the list "minors" where it is not named."""
    named = [("minors", one) if isinstance(one, str) else one for one in entries]
    found = tuple(
        Found(list_name, entry, "", True, None, "", "", None, Trust.CONFIRMED, UNSTATED_ADVICE, outcome, Because.RULE)
        for list_name, entry in named
    )
    return Answer(trace or new_trace_id(), most_severe(one.outcome for one in found), found)

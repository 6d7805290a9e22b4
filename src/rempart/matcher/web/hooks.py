"""What the doors tell to the rest of the matcher, and ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rempart.matcher.lookup import Answer
from rempart.matcher.results import Reason, Verdict


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that found something, and for whom it was asked (the platform's own word, or nothing)."""

    answer: Answer
    account: str = ""


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """What a person of the platform decided: about an answer (``trace_id``), or about one entry of one list."""

    verdict: Verdict
    reason: Reason | None
    trace_id: str | None = None
    list_name: str | None = None
    entry: str | None = None


def _nobody(_hits: Sequence[Hit]) -> None:
    pass


def _never(_list: str, _entry: str) -> bool:
    return False


def _unheard(*_told: object) -> None:
    raise LookupError


@dataclass(frozen=True, slots=True)
class Hooks:
    """``on_hits`` is told of what was found before it is answered.

    ``is_flooded`` (list, entry) is asked from several threads and must be quick; all others are called in one thread, one call
    at a time, and may wait for a disk. ``disable`` and ``enable`` are given list, entry, and why. These and ``decide`` raise
    LookupError for an answer, a list or an entry that nobody knows here.
    """

    on_hits: Callable[[Sequence[Hit]], None] = _nobody
    is_flooded: Callable[[str, str], bool] = _never
    decide: Callable[[DecisionMade], None] = _unheard
    disable: Callable[[str, str, str], None] = _unheard
    enable: Callable[[str, str, str], None] = _unheard

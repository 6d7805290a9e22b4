"""The form of an assessment: what was chosen, read into a decision, and shown again as it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from rempart.desk.rules import classification
from rempart.desk.rules.assessment import MAX_NOTE, Decision, Verdict
from rempart.desk.rules.classification import (
    NOT_ILLEGAL_REASONS,
    Act,
    AgeGroup,
    Commerciality,
    ContentCategory,
    Gender,
    Grading,
    GradingDataError,
    MediaType,
    NoMapping,
    Virtual,
)
from rempart.desk.web.console.words import NO_MAPPING, NOT_ILLEGAL
from rempart.desk.web.shared.words import Words, choices

ENUMERATIONS: Mapping[str, type[Any]] = {
    "category": ContentCategory,
    "age": AgeGroup,
    "gender": Gender,
    "act": Act,
    "virtual": Virtual,
    "media": MediaType,
    "commercial": Commerciality,
}
YES_OR_NO = ("self_generated", "child_modelling")
GRADABLE = frozenset(ContentCategory) - classification.LAWFUL
"""An illegal item is never graded as something lawful."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the reader chose so far."""

    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict chosen, if any."""
        return next((verdict for verdict in Verdict if verdict.value == self.chosen.get("verdict")), None)

    def grading(self) -> Grading | None:
        """The grading chosen; None without a category. Raises :class:`GradingDataError`."""
        if not self.chosen.get("category"):
            return None
        data: dict[str, object] = {name: self.chosen.get(name, "") for name in ENUMERATIONS}
        data |= {name: {"yes": True, "no": False}.get(self.chosen.get(name, "")) for name in YES_OR_NO}
        return classification.from_data(data)

    def decision(self) -> tuple[Decision | None, tuple[str, ...]]:
        """The decision, or why there is none yet."""
        verdict = self.verdict
        if verdict is None:
            return None, ("verdict_missing",)
        is_illegal = verdict is Verdict.ILLEGAL_IN_FIELD
        try:
            grading = self.grading() if is_illegal else None
        except GradingDataError:
            return None, ("form_unreadable",)
        reason = self.chosen.get("not_illegal_reason", "")
        known = {str(int(one)): int(one) for one in NOT_ILLEGAL_REASONS}
        return Decision(
            verdict=verdict,
            grading=grading,
            not_illegal_reason=None if is_illegal else known.get(reason),
            is_police_first=is_illegal and self.chosen.get("is_police_first") == "on",
            asks_second=self.chosen.get("asks_second") == "on",
            note=self.chosen.get("note", ""),
        ), ()


def read(posted: QueryDict) -> Form:
    """The form as it was sent."""
    names = ("verdict", *ENUMERATIONS, *YES_OR_NO, "not_illegal_reason", "is_police_first", "asks_second", "note")
    # A little more than the rule allows, so that the rule says it and nothing is cut in silence.
    return Form({name: posted.get(name, "")[: MAX_NOTE + 1] for name in names})


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field."""

    value: str
    words: Words
    is_chosen: bool


def fields(form: Form) -> dict[str, list[Choice]]:
    """Every field of the grading with its values."""
    found = {}
    for name, kind in ENUMERATIONS.items():
        chosen = form.chosen.get(name) or _starts_as(name)
        shown = [one for one in choices(kind) if kind is not ContentCategory or one[0] in GRADABLE]
        found[name] = [Choice(value, words, value == chosen) for value, words in shown]
    return found


def _starts_as(name: str) -> str:
    # The form starts from what is unknown: nothing is affirmed by leaving a field alone.
    starts = {"media": MediaType.IMAGE.value, "act": Act.UNKNOWN.value, "virtual": Virtual.UNKNOWN.value}
    return starts.get(name, "" if name == "category" else "not_determined")


def reasons(form: Form) -> list[Choice]:
    """Why not: the list of the network's action reasons."""
    chosen = form.chosen.get("not_illegal_reason", "")
    return [Choice(str(int(one)), NOT_ILLEGAL[one], str(int(one)) == chosen) for one in NOT_ILLEGAL_REASONS]


@dataclass(frozen=True, slots=True)
class Said:
    """One vocabulary: what it says, or why it says nothing."""

    name: str
    lines: list[Any]
    missing: Words = ""


def mappings(grading: Grading, on: date, language: str) -> list[Said]:
    """The grading in the words of each partner; a mapping that does not exist is said, never guessed."""
    return [
        _shown("ICCAM", classification.to_iccam(grading), _iccam),
        _shown("NCMEC", classification.to_ncmec(grading), lambda found: [found.classification, *found.annotations]),
        _shown("DSA", classification.to_dsa(grading), _dsa),
        _shown("FR", classification.to_french_law(grading, on), lambda found: _law(found, language)),
    ]


def _shown(name: str, found: Any, lines: Any) -> Said:
    if isinstance(found, NoMapping):
        return Said(name, [], NO_MAPPING[found.reason])
    return Said(name, lines(found))


def _iccam(found: classification.Iccam) -> list[str]:
    names = ("classification", "age", "gender", "virtual", "user_generated", "child_modelling", "commerciality")
    return [f"{name} = {getattr(found, name)}" for name in names]


def _dsa(found: classification.Dsa) -> list[str]:
    extra = [found.other_keyword] if found.other_keyword else []
    return [found.category, *found.additions, *found.keywords, *extra, *found.content_types]


def _law(found: classification.FrenchLaw, language: str) -> list[tuple[str, str, bool]]:
    def title(basis: classification.LegalBasis) -> str:
        return basis.title_fr if language == "fr" else basis.title_en

    sure = [(basis.code, title(basis), True) for basis in found.established]
    return sure + [(basis.code, title(basis), False) for basis in found.to_check]

"""What the report form asks, in the order of importance, and what a person typed so far.

Nothing is kept between two pages but in the page itself: what was typed travels in hidden fields, the case code with it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from rempart.desk.rules import report as report_rules
from rempart.desk.rules.locator import read_locators
from rempart.desk.rules.report import AgeBand, AnswerBy, Category, Concerns, DangerNow, Details
from rempart.desk.web.shared.words import Words, words_for

LAST_STEP = 4
FIELDS_OF_STEP = {
    1: ("addresses", "has_no_link"),
    2: ("danger_now", "concerns", "age_band"),
    3: ("category", "story"),
    4: ("answer_by", "email"),
}

# Pairs, not dictionaries: members of two string enumerations may be equal ("not_said").
EXAMPLES: tuple[tuple[StrEnum, Words], ...] = (
    (Category.CHILD_ABUSE_IMAGES, _("For example: a photo, a video or a drawing that shows a child naked or in a sexual act.")),
    (Category.INTIMATE_IMAGE_SHARED, _("For example: a nude picture sent to a group, or put online after a break-up.")),
    (Category.SEXUAL_BLACKMAIL, _("For example: “Pay, or I send your photos to everybody.”")),
    (Category.GROOMING, _("For example: an adult who asks a child for pictures, or wants to meet in secret.")),
    (Category.EXPLOITATION_ADVERT, _("For example: an escort advert with somebody who looks under 18.")),
    (Category.PORNOGRAPHY_SEEN_BY_MINORS, _("For example: a site that shows everything without a real check of age.")),
    (Category.HARASSMENT, _("For example: insults every day, or a group that attacks one person.")),
    (Category.SUICIDE_PROVOCATION, _("For example: a “challenge”, or messages that tell somebody to die.")),
    (Category.HATE_OR_VIOLENCE, _("For example: threats against people for their origin, religion or love.")),
    (Category.OTHER, _("It does not fit, or you are not sure. That is fine.")),
    (AnswerBy.NOTHING, _("Your report is treated just the same.")),
    (AnswerBy.CASE_PAGE, _("You come back here with your case code. We do not need your name.")),
    (AnswerBy.EMAIL, _("We only write that an answer is waiting; it is read here, with the code.")),
)

LABELS: tuple[tuple[StrEnum, Words], ...] = (
    (DangerNow.YES, _("Yes")),
    (DangerNow.NO, _("No")),
    (DangerNow.NOT_SAID, _("I do not know")),
    (Category.NOT_SAID, _("I would rather not say")),
    (Concerns.NOT_SAID, _("I do not know, or I would rather not say")),
    (AgeBand.NOT_SAID, _("I do not know, or I would rather not say")),
    (AnswerBy.NOTHING, _("I do not need an answer")),
    (AnswerBy.CASE_PAGE, _("On my case page")),
    (AnswerBy.EMAIL, _("Tell me by e-mail when there is an answer")),
)

_LABELS = {(type(member), member.name): words for member, words in LABELS}
_EXAMPLES = {(type(member), member.name): words for member, words in EXAMPLES}

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a question."""

    value: str
    label: Words
    example: Words
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """Everything typed in the form so far, whatever the step."""

    addresses: str = ""
    has_no_link: bool = False
    danger_now: DangerNow = DangerNow.NOT_SAID
    concerns: Concerns = Concerns.NOT_SAID
    age_band: AgeBand = AgeBand.NOT_SAID
    category: Category = Category.NOT_SAID
    story: str = ""
    answer_by: AnswerBy = AnswerBy.CASE_PAGE
    email: str = ""
    code: str = ""
    ready_code: str = ""
    """Made when the form was shown, no case yet: sent twice, the form is one report."""
    sent: str = ""
    """The addresses we already have, while the first step shows them again."""

    def details(self, step: int) -> Details:
        """What to keep after this step. What a later step typed wrongly waits for that step's own page."""
        details = Details(
            category=self.category,
            concerns=self.concerns,
            age_band=self.age_band,
            danger_now=self.danger_now,
            story=self.story,
            answer_by=self.answer_by,
            email=self.email.strip() if self.answer_by is AnswerBy.EMAIL else "",
        )
        wrong = report_rules.problems(details)
        if step < 3 and "story_too_long" in wrong:
            details = replace(details, story="")
        if step < 4 and "email_unreadable" in wrong:
            details = replace(details, answer_by=AnswerBy.CASE_PAGE, email="")
        return details

    def carried(self, step: int) -> list[tuple[str, str]]:
        """Name and value of the hidden fields: everything this step does not ask itself."""
        asked = {*FIELDS_OF_STEP.get(step, ()), "ready_code" if self.code else "sent"}
        values = {name: getattr(self, name) for name in self.__slots__ if name not in asked}
        values["has_no_link"] = "1" if values.get("has_no_link") else ""
        return [(name, str(value)) for name, value in values.items() if value]

    @property
    def together(self) -> str:
        """The addresses typed, and below them those we already have that were taken away: nothing is removed."""
        typed = {one.identity for one in read_locators(self.addresses)}
        away = [one.typed for one in read_locators(self.sent) if one.identity not in typed]
        return "\n".join(part for part in (self.addresses.strip(), *away) if part) or self.sent

    def options(self, name: str) -> list[Option]:
        """The answers of a question, the present one marked."""
        chosen: StrEnum = getattr(self, name)
        kind = type(chosen)
        is_answered = name == "answer_by" or chosen.value != "not_said"
        return [_option(member, is_chosen=is_answered and member is chosen) for member in kind]


def _option(member: StrEnum, *, is_chosen: bool) -> Option:
    key = (type(member), member.name)
    return Option(member.value, _LABELS.get(key) or words_for(member), _EXAMPLES.get(key, ""), is_chosen)


def read_typed(form: QueryDict) -> Typed:
    """What the form says; an answer that no question offers counts as not said."""
    return Typed(
        addresses=_lines(form, "addresses"),
        has_no_link=bool(form.get("has_no_link")),
        danger_now=_one_of(DangerNow, form, "danger_now", DangerNow.NOT_SAID),
        concerns=_one_of(Concerns, form, "concerns", Concerns.NOT_SAID),
        age_band=_one_of(AgeBand, form, "age_band", AgeBand.NOT_SAID),
        category=_one_of(Category, form, "category", Category.NOT_SAID),
        story=_lines(form, "story"),
        answer_by=_one_of(AnswerBy, form, "answer_by", AnswerBy.CASE_PAGE),
        email=form.get("email", ""),
        code=form.get("code", ""),
        ready_code=form.get("ready_code", ""),
        sent=_lines(form, "sent"),
    )


def _lines(form: QueryDict, name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n")


def read_step(form: QueryDict) -> int:
    """The step this form was shown for; the first one when it does not say. After the last step comes the page of thanks."""
    said = form.get("step", "1")
    return int(said) if said in {"1", "2", "3", "4", "5"} else 1


def _one_of(kind: type[E], form: Any, name: str, otherwise: E) -> E:
    try:
        return kind(form.get(name, ""))
    except ValueError:
        return otherwise

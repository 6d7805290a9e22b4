"""One grading of one thing: what it is, whom it shows, how. Values and their contradictions.

A grading says nothing in the words of any partner: ``classification`` holds the tables that do.
The members of every enumeration are stored in rows as their text, so a value, once published,
never changes its text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar


class ContentCategory(StrEnum):
    """What the thing is. Exactly one, the gravest that is established.

    *Baseline*: a real child, before puberty, in a sexual act or shown for the genital area, the
    core that every country of the networks punishes. *National*: child sexual abuse material in
    French law that is not baseline. An intimate image of a minor, whoever made or spread it, is
    always one of these two; the categories about adults are for adults only.
    """

    CSAM_BASELINE = "csam_baseline"
    CSAM_NATIONAL = "csam_national"
    CHILD_GROOMING = "child_grooming"
    CHILD_SEXUAL_EXTORTION = "child_sexual_extortion"
    CHILD_IN_PROSTITUTION = "child_in_prostitution"
    PORNOGRAPHY_OPEN_TO_MINORS = "pornography_open_to_minors"
    ADULT_INTIMATE_IMAGE = "adult_intimate_image"
    ADULT_SEXUAL_DEEPFAKE = "adult_sexual_deepfake"
    HARASSMENT_OF_MINOR = "harassment_of_minor"
    PROVOCATION_TO_SUICIDE = "provocation_to_suicide"
    SEXUALISED_NOT_ILLEGAL = "sexualised_not_illegal"
    TERRORISM = "terrorism"
    OTHER_ILLEGAL = "other_illegal"
    NONE = "none"


class AgeGroup(StrEnum):
    """Apparent age of the youngest person shown or aimed at; ``PUBESCENT`` is under 18.

    The field grades by puberty, the law by birthdays (15, 18): neither is worked out from the
    other, except that a child before puberty is taken as under 15.
    """

    NOT_DETERMINED = "not_determined"
    INFANT = "infant"
    PRE_PUBESCENT = "pre_pubescent"
    PUBESCENT = "pubescent"
    ADULT = "adult"


class Gender(StrEnum):
    """Of the persons shown or aimed at."""

    NOT_DETERMINED = "not_determined"
    FEMALE = "female"
    MALE = "male"
    BOTH = "both"


class Act(StrEnum):
    """What is shown: a sexual act, a lascivious exhibition, neither, or it was not looked at."""

    SEX_ACT = "sex_act"
    LASCIVIOUS = "lascivious"
    NONE = "none"
    UNKNOWN = "unknown"


class Virtual(StrEnum):
    """Whether a person was before the lens. Generated means realistic, made or altered by
    software; drawn means that nobody would take it for a photograph."""

    REAL = "real"
    COMPUTER_GENERATED = "computer_generated"
    DRAWN = "drawn"
    UNKNOWN = "unknown"


class Commerciality(StrEnum):
    """Whether money is asked for it."""

    NOT_DETERMINED = "not_determined"
    COMMERCIAL = "commercial"
    NON_COMMERCIAL = "non_commercial"


class MediaType(StrEnum):
    """What carries it. ``LIVE`` is a live broadcast or its recording."""

    IMAGE = "image"
    VIDEO = "video"
    TEXT = "text"
    AUDIO = "audio"
    LIVE = "live"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Grading:
    """One reading of one thing. ``None`` in a yes-or-no field means that it was not established."""

    category: ContentCategory
    age: AgeGroup = AgeGroup.NOT_DETERMINED
    gender: Gender = Gender.NOT_DETERMINED
    act: Act = Act.UNKNOWN
    self_generated: bool | None = None
    virtual: Virtual = Virtual.UNKNOWN
    commercial: Commerciality = Commerciality.NOT_DETERMINED
    media: MediaType = MediaType.OTHER
    child_modelling: bool | None = None


CSAM = frozenset({ContentCategory.CSAM_BASELINE, ContentCategory.CSAM_NATIONAL})
ABOUT_MINORS = CSAM | {
    ContentCategory.CHILD_GROOMING,
    ContentCategory.CHILD_SEXUAL_EXTORTION,
    ContentCategory.CHILD_IN_PROSTITUTION,
    ContentCategory.HARASSMENT_OF_MINOR,
}
ABOUT_ADULTS = frozenset({ContentCategory.ADULT_INTIMATE_IMAGE, ContentCategory.ADULT_SEXUAL_DEEPFAKE})
LAWFUL = frozenset({ContentCategory.SEXUALISED_NOT_ILLEGAL, ContentCategory.NONE})
MINOR_AGES = frozenset({AgeGroup.INFANT, AgeGroup.PRE_PUBESCENT, AgeGroup.PUBESCENT})
BEFORE_PUBERTY = frozenset({AgeGroup.INFANT, AgeGroup.PRE_PUBESCENT})
VISUAL = frozenset({MediaType.IMAGE, MediaType.VIDEO, MediaType.LIVE})
EXPLICIT = frozenset({Act.SEX_ACT, Act.LASCIVIOUS})
SYNTHETIC = frozenset({Virtual.COMPUTER_GENERATED, Virtual.DRAWN})


def problems(grading: Grading) -> tuple[str, ...]:
    """Stable codes of what contradicts itself in a grading; empty when it may be kept.

    Something unknown is never a contradiction, except in a baseline grading, which is an
    affirmation on every point and can only be given when each was seen.
    """
    return (*_baseline_problems(grading), *_person_problems(grading), *_shown_problems(grading))


def _baseline_problems(grading: Grading) -> tuple[str, ...]:
    if grading.category is not ContentCategory.CSAM_BASELINE:
        return ()
    demands = {
        "baseline_needs_real_child": grading.virtual is Virtual.REAL,
        "baseline_needs_child_before_puberty": grading.age in BEFORE_PUBERTY,
        "baseline_needs_act": grading.act in EXPLICIT,
        "baseline_needs_image_or_video": grading.media in VISUAL,
    }
    return tuple(code for code, is_met in demands.items() if not is_met)


def _person_problems(grading: Grading) -> tuple[str, ...]:
    found = []
    if grading.category in ABOUT_MINORS and grading.age is AgeGroup.ADULT:
        found.append("minor_category_with_adult")
    if grading.category in ABOUT_ADULTS and grading.age in MINOR_AGES:
        found.append("adult_category_with_minor")
    if grading.age is AgeGroup.ADULT and grading.child_modelling:
        found.append("child_modelling_with_adult")
    return tuple(found)


def _shown_problems(grading: Grading) -> tuple[str, ...]:
    is_csam = grading.category is ContentCategory.CSAM_NATIONAL
    is_deepfake = grading.category is ContentCategory.ADULT_SEXUAL_DEEPFAKE
    is_lawful_child = grading.category is ContentCategory.SEXUALISED_NOT_ILLEGAL
    is_minor = grading.age in MINOR_AGES
    found = {
        "act_needs_image_or_video": grading.act in EXPLICIT and grading.media not in VISUAL,
        "csam_without_act": is_csam and grading.act is Act.NONE,
        "deepfake_of_real_recording": is_deepfake and grading.virtual is Virtual.REAL,
        "sex_act_with_minor_not_illegal": is_lawful_child and is_minor and grading.act is Act.SEX_ACT,
        "child_modelling_with_sex_act": bool(grading.child_modelling) and grading.act is Act.SEX_ACT,
        "self_generated_without_person": bool(grading.self_generated) and grading.virtual is Virtual.DRAWN,
    }
    return tuple(code for code, is_found in found.items() if is_found)


class WhyNoMapping(StrEnum):
    """Why a grading has no word in somebody's vocabulary."""

    CONTRADICTION = "contradiction"
    NOT_ILLEGAL = "not_illegal"
    OUTSIDE_VOCABULARY = "outside_vocabulary"
    AGE_NOT_DETERMINED = "age_not_determined"
    ACT_NOT_DETERMINED = "act_not_determined"
    NOT_IMAGE_OR_VIDEO = "not_image_or_video"
    NOT_IN_FORCE = "not_in_force"
    NEEDS_A_PERSON = "needs_a_person"


@dataclass(frozen=True, slots=True)
class NoMapping:
    """There is no word for it; ``reason`` says why."""

    reason: WhyNoMapping


class GradingDataError(ValueError):
    """Stored or received data that is not a grading. ``field`` names the part at fault; the
    offending value is not repeated."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"grading field {field}: {why}")
        self.field = field


def as_data(grading: Grading) -> dict[str, str | bool | None]:
    """A grading as plain JSON-able data, one key a field, in a fixed order."""
    return {
        "category": grading.category.value,
        "age": grading.age.value,
        "gender": grading.gender.value,
        "act": grading.act.value,
        "self_generated": grading.self_generated,
        "virtual": grading.virtual.value,
        "commercial": grading.commercial.value,
        "media": grading.media.value,
        "child_modelling": grading.child_modelling,
    }


def from_data(data: Mapping[str, object]) -> Grading:
    """The grading that ``as_data`` wrote. Every field must be there, and no other.

    Raises ``GradingDataError`` for a missing, unknown or unreadable field. A grading that
    contradicts itself is read all the same: ``problems`` is another question.
    """
    names = [field.name for field in fields(Grading)]
    for name in names:
        if name not in data:
            raise GradingDataError(name, "missing")
    for name in data:
        if name not in names:
            raise GradingDataError(str(name)[:40], "unknown")
    return Grading(
        category=_member(ContentCategory, data, "category"),
        age=_member(AgeGroup, data, "age"),
        gender=_member(Gender, data, "gender"),
        act=_member(Act, data, "act"),
        self_generated=_yes_no(data, "self_generated"),
        virtual=_member(Virtual, data, "virtual"),
        commercial=_member(Commerciality, data, "commercial"),
        media=_member(MediaType, data, "media"),
        child_modelling=_yes_no(data, "child_modelling"),
    )


_Words = TypeVar("_Words", bound=StrEnum)


def _member(words: type[_Words], data: Mapping[str, object], name: str) -> _Words:
    value = data[name]
    if not isinstance(value, str):
        raise GradingDataError(name, "not a text")
    try:
        return words(value)
    except ValueError:
        raise GradingDataError(name, f"not one of {', '.join(words)}") from None


def _yes_no(data: Mapping[str, object], name: str) -> bool | None:
    value = data[name]
    if value is None or isinstance(value, bool):
        return value
    raise GradingDataError(name, "neither true, false nor null")

"""One grading, told in the words of each partner, by tables.

The grading itself (``Grading``, its enumerations, ``problems``, ``as_data``, ``from_data``) lives
in ``grading`` and is given on here: callers import this module only. Every ``to_…`` function is
total: it answers a frozen result, or ``NoMapping`` with the reason why there is none. It never
raises and never guesses: where the grading does not establish what a vocabulary asks for, there
is no mapping and a person decides. A grading that contradicts itself has no mapping at all.

Vocabularies: ICCAM web service v3 enumerations (as its public client SCART speaks them, 2024);
NCMEC CyberTipline ``fileDetails`` (industry classification and file annotations); DSA
Transparency Database schema v2 (1 July 2025); XARF 4.2.0 content types; French penal code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from rempart.desk.rules.grading import (
    ABOUT_ADULTS,
    ABOUT_MINORS,
    CSAM,
    LAWFUL,
    VISUAL,
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
    WhyNoMapping,
    as_data,
    from_data,
    problems,
)
from rempart.desk.rules.grading import SYNTHETIC as _SYNTHETIC
from rempart.desk.rules.legal_bases import (
    LEGAL_BASES,
    FrenchLaw,
    LegalBasis,
    in_force,
    to_french_law,
)

__all__ = [
    "ABOUT_ADULTS", "ABOUT_MINORS", "CSAM", "LAWFUL", "LEGAL_BASES", "NOT_ILLEGAL_REASONS",
    "Act", "AgeGroup", "Commerciality", "ContentCategory", "Dsa", "FrenchLaw", "Gender",
    "Grading", "GradingDataError", "Iccam", "IccamAction", "LegalBasis", "MediaType", "Ncmec",
    "NoMapping", "NotIllegalReason", "Virtual", "WhyNoMapping", "Xarf", "as_data", "from_data",
    "iccam_action_for", "in_force", "problems", "to_dsa", "to_french_law", "to_iccam", "to_ncmec",
    "to_xarf",
]  # fmt: skip


_CONTRADICTION = NoMapping(WhyNoMapping.CONTRADICTION)
_NOT_ILLEGAL = NoMapping(WhyNoMapping.NOT_ILLEGAL)
_OUTSIDE = NoMapping(WhyNoMapping.OUTSIDE_VOCABULARY)


# ICCAM (INHOPE) ---------------------------------------------------------------------------------


class NotIllegalReason(IntEnum):
    """Why nothing is done, with the ids of ICCAM's action reasons: our own list of "why not"."""

    OTHER = 1
    CONTENT_NOT_FOUND = 2
    REFERRER_NOT_KNOWN_OR_INCORRECT = 3
    UNABLE_TO_ACCESS = 4
    PASSWORD_PROTECTED = 5
    ACCOUNT_DISABLED = 6
    LEGALLY_UNABLE_TO_ACCESS = 7
    LINK_EXPIRED = 8
    SITE_DOWN_OR_404 = 9
    TEMPORARILY_UNAVAILABLE_503 = 10
    PREMIUM_ACCOUNT_NECESSARY = 11
    MISSING_PARTS_TO_OPEN_FILE = 12
    REMOVED_BEFORE_ASSESSMENT = 13
    ADULT_PORNOGRAPHY = 14
    NUDISM_OR_NOT_SEXUALISED = 15
    BELOW_THRESHOLD_FOR_ILLEGALITY = 16
    IMAGES_TOO_SMALL = 17
    VIRTUAL_MATERIAL = 18
    LINKS_NOT_ILLEGAL = 19
    AGE_UNCLEAR = 20
    AGE_OVER_NATIONAL_THRESHOLD = 21


NOT_ILLEGAL_REASONS = tuple(NotIllegalReason)


class IccamAction(IntEnum):
    """The actions a hotline records in ICCAM; "moved" is no longer one."""

    REPORTED_TO_POLICE = 1
    REPORTED_TO_HOST = 2
    REMOVED = 3
    UNAVAILABLE = 4
    NOT_ILLEGAL = 6


_GONE = frozenset(
    {
        NotIllegalReason.CONTENT_NOT_FOUND,
        NotIllegalReason.ACCOUNT_DISABLED,
        NotIllegalReason.LINK_EXPIRED,
        NotIllegalReason.SITE_DOWN_OR_404,
        NotIllegalReason.TEMPORARILY_UNAVAILABLE_503,
        NotIllegalReason.REMOVED_BEFORE_ASSESSMENT,
    }
)


def iccam_action_for(reason: NotIllegalReason) -> IccamAction | NoMapping:
    """The ICCAM action that goes with a "why not": not found means *unavailable*, seen and lawful
    means *not illegal*. What could not be looked at is neither: a person decides."""
    if reason in _GONE:
        return IccamAction.UNAVAILABLE
    if reason >= NotIllegalReason.ADULT_PORNOGRAPHY:
        return IccamAction.NOT_ILLEGAL
    return NoMapping(WhyNoMapping.NEEDS_A_PERSON)


@dataclass(frozen=True, slots=True)
class Iccam:
    """Ids of the ICCAM v3 assessment fields. The three flags are 1 when established, else 0."""

    classification: int
    age: int
    gender: int
    virtual: int
    user_generated: int
    child_modelling: int
    commerciality: int


ICCAM_CLASSIFICATION: Mapping[ContentCategory, int] = MappingProxyType(
    {
        ContentCategory.CSAM_BASELINE: 1,
        ContentCategory.CSAM_NATIONAL: 2,
        ContentCategory.SEXUALISED_NOT_ILLEGAL: 4,
        ContentCategory.NONE: 4,
    }
)
# ICCAM sorts children by age and has no word for an adult: "not categorised" is what it is.
ICCAM_AGE: Mapping[AgeGroup, int] = MappingProxyType(
    {
        AgeGroup.NOT_DETERMINED: 1,
        AgeGroup.INFANT: 2,
        AgeGroup.PRE_PUBESCENT: 3,
        AgeGroup.PUBESCENT: 4,
        AgeGroup.ADULT: 1,
    }
)
ICCAM_GENDER: Mapping[Gender, int] = MappingProxyType(
    {Gender.NOT_DETERMINED: 1, Gender.FEMALE: 2, Gender.MALE: 3, Gender.BOTH: 4}
)
ICCAM_COMMERCIALITY: Mapping[Commerciality, int] = MappingProxyType(
    {
        Commerciality.NOT_DETERMINED: 1,
        Commerciality.COMMERCIAL: 2,
        Commerciality.NON_COMMERCIAL: 3,
    }
)


def to_iccam(grading: Grading) -> Iccam | NoMapping:
    """The ICCAM v3 assessment. Only child sexual abuse material, or its absence, has a word."""
    if problems(grading):
        return _CONTRADICTION
    if grading.category not in ICCAM_CLASSIFICATION:
        return _OUTSIDE
    return Iccam(
        classification=ICCAM_CLASSIFICATION[grading.category],
        age=ICCAM_AGE[grading.age],
        gender=ICCAM_GENDER[grading.gender],
        virtual=int(grading.virtual in _SYNTHETIC),
        user_generated=int(grading.self_generated is True),
        child_modelling=int(grading.child_modelling is True),
        commerciality=ICCAM_COMMERCIALITY[grading.commercial],
    )


# NCMEC ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ncmec:
    """Industry classification (A1, A2, B1, B2) and the file annotations to set."""

    classification: str
    annotations: tuple[str, ...]


NCMEC_CLASSIFICATION: Mapping[tuple[AgeGroup, Act], str] = MappingProxyType(
    {
        (AgeGroup.INFANT, Act.SEX_ACT): "A1",
        (AgeGroup.PRE_PUBESCENT, Act.SEX_ACT): "A1",
        (AgeGroup.INFANT, Act.LASCIVIOUS): "A2",
        (AgeGroup.PRE_PUBESCENT, Act.LASCIVIOUS): "A2",
        (AgeGroup.PUBESCENT, Act.SEX_ACT): "B1",
        (AgeGroup.PUBESCENT, Act.LASCIVIOUS): "B2",
    }
)


def to_ncmec(grading: Grading) -> Ncmec | NoMapping:
    """The industry classification: A before puberty, B after; 1 a sexual act, 2 lascivious."""
    if problems(grading):
        return _CONTRADICTION
    if grading.category in LAWFUL:
        return _NOT_ILLEGAL
    if grading.category not in CSAM:
        return _OUTSIDE
    if grading.media not in VISUAL:
        return NoMapping(WhyNoMapping.NOT_IMAGE_OR_VIDEO)
    if grading.age is AgeGroup.NOT_DETERMINED:
        return NoMapping(WhyNoMapping.AGE_NOT_DETERMINED)
    if (grading.age, grading.act) not in NCMEC_CLASSIFICATION:
        return NoMapping(WhyNoMapping.ACT_NOT_DETERMINED)
    return Ncmec(NCMEC_CLASSIFICATION[grading.age, grading.act], _ncmec_annotations(grading))


def _ncmec_annotations(grading: Grading) -> tuple[str, ...]:
    flags = {
        "animeDrawingVirtualHentai": grading.virtual is Virtual.DRAWN,
        "possibleSelfProduction": grading.self_generated is True,
        "liveStreaming": grading.media is MediaType.LIVE,
        "infant": grading.age is AgeGroup.INFANT,
        "generativeAi": grading.virtual is Virtual.COMPUTER_GENERATED,
    }
    return tuple(name for name, is_set in flags.items() if is_set)


# DSA Transparency Database ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dsa:
    """Values of a statement of reasons: category, further categories, keywords, content types.

    ``other_keyword`` is the free text that goes with ``KEYWORD_OTHER``, else empty.
    """

    category: str
    additions: tuple[str, ...]
    keywords: tuple[str, ...]
    content_types: tuple[str, ...]
    other_keyword: str = ""


@dataclass(frozen=True, slots=True)
class _DsaWords:
    category: str
    keyword: str
    addition: str = ""
    other_keyword: str = ""


_MINORS = "PROTECTION_OF_MINORS"
_ABUSE_MATERIAL = _DsaWords(_MINORS, "CHILD_SEXUAL_ABUSE_MATERIAL")
# The keywords on intimate images exclude minors by the Commission's own definition; a minor's
# image is in the two first rows whoever made it. Extortion and prostitution of a child have no
# keyword of their own.
DSA_WORDS: Mapping[ContentCategory, _DsaWords] = MappingProxyType(
    {
        ContentCategory.CSAM_BASELINE: _ABUSE_MATERIAL,
        ContentCategory.CSAM_NATIONAL: _ABUSE_MATERIAL,
        ContentCategory.CHILD_GROOMING: _DsaWords(_MINORS, "GROOMING_SEXUAL_ENTICEMENT_MINORS"),
        ContentCategory.CHILD_SEXUAL_EXTORTION: _DsaWords(_MINORS, "OTHER", other_keyword="sexual extortion of a child"),
        ContentCategory.CHILD_IN_PROSTITUTION: _DsaWords(_MINORS, "HUMAN_EXPLOITATION", addition="VIOLENCE"),
        ContentCategory.PORNOGRAPHY_OPEN_TO_MINORS: _DsaWords(_MINORS, "AGE_SPECIFIC_RESTRICTIONS_MINORS"),
        ContentCategory.ADULT_INTIMATE_IMAGE: _DsaWords("CYBER_VIOLENCE", "NON_CONSENSUAL_IMAGE_SHARING"),
        ContentCategory.ADULT_SEXUAL_DEEPFAKE: _DsaWords("CYBER_VIOLENCE", "NON_CONSENSUAL_MATERIAL_DEEPFAKE"),
        ContentCategory.HARASSMENT_OF_MINOR: _DsaWords("CYBER_VIOLENCE", "CYBER_HARASSMENT", addition=_MINORS),
        ContentCategory.PROVOCATION_TO_SUICIDE: _DsaWords("SELF_HARM", "SUICIDE"),
        ContentCategory.TERRORISM: _DsaWords("RISK_FOR_PUBLIC_SECURITY", "TERRORIST_CONTENT"),
    }
)
DSA_CONTENT_TYPE: Mapping[MediaType, str] = MappingProxyType(
    {
        MediaType.IMAGE: "IMAGE",
        MediaType.VIDEO: "VIDEO",
        MediaType.LIVE: "VIDEO",
        MediaType.TEXT: "TEXT",
        MediaType.AUDIO: "AUDIO",
        MediaType.OTHER: "OTHER",
    }
)


def to_dsa(grading: Grading) -> Dsa | NoMapping:
    """The words of a DSA statement of reasons, to tell a provider and to compare its answers."""
    if problems(grading):
        return _CONTRADICTION
    if grading.category in LAWFUL:
        return _NOT_ILLEGAL
    if grading.category not in DSA_WORDS:
        return _OUTSIDE
    if grading.category in ABOUT_ADULTS and grading.age is not AgeGroup.ADULT:
        return NoMapping(WhyNoMapping.AGE_NOT_DETERMINED)
    return _dsa_statement(grading, DSA_WORDS[grading.category])


def _dsa_statement(grading: Grading, words: _DsaWords) -> Dsa:
    against_women = "_AGAINST_WOMEN" if grading.category in ABOUT_ADULTS and grading.gender is Gender.FEMALE else ""
    is_generated = grading.virtual is Virtual.COMPUTER_GENERATED
    keywords = [words.keyword + against_women]
    if grading.category in CSAM and is_generated:
        keywords.append("CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE")
    types = [DSA_CONTENT_TYPE[grading.media], *(["SYNTHETIC_MEDIA"] if is_generated else [])]
    return Dsa(
        category=f"STATEMENT_CATEGORY_{words.category}{against_women}",
        additions=(f"STATEMENT_CATEGORY_{words.addition}",) if words.addition else (),
        keywords=tuple(f"KEYWORD_{keyword}" for keyword in keywords),
        content_types=tuple(f"CONTENT_TYPE_{name}" for name in types),
        other_keyword=words.other_keyword,
    )


# XARF -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Xarf:
    """A XARF 4 ``content`` type with what it requires: ``csam`` a classification, ``csem`` an
    exploitation type and an age range. What does not apply is None."""

    type: str
    classification: str | None = None
    media_type: str | None = None
    exploitation_type: str | None = None
    victim_age_range: str | None = None


XARF_EXPLOITATION: Mapping[ContentCategory, str] = MappingProxyType(
    {
        ContentCategory.CSAM_NATIONAL: "distribution",
        ContentCategory.CHILD_GROOMING: "grooming",
        ContentCategory.CHILD_SEXUAL_EXTORTION: "sextortion",
        ContentCategory.CHILD_IN_PROSTITUTION: "trafficking",
    }
)
XARF_AGE: Mapping[AgeGroup, str] = MappingProxyType(
    {
        AgeGroup.NOT_DETERMINED: "unknown",
        AgeGroup.INFANT: "infant",
        AgeGroup.PRE_PUBESCENT: "prepubescent",
        AgeGroup.PUBESCENT: "pubescent",
    }
)
XARF_MEDIA: Mapping[MediaType, str | None] = MappingProxyType(
    {
        MediaType.IMAGE: "image",
        MediaType.VIDEO: "video",
        MediaType.LIVE: "video",
        MediaType.TEXT: "text",
        MediaType.AUDIO: "audio",
        MediaType.OTHER: None,
    }
)


def to_xarf(grading: Grading) -> Xarf | NoMapping:
    """The XARF 4 content type. XARF has no word for "national": such material is told by its A–B
    classification when there is one, else as ``csem`` distribution, the law being named in the
    report's description. It has none for images of adults."""
    if problems(grading):
        return _CONTRADICTION
    if grading.category in LAWFUL:
        return _NOT_ILLEGAL
    media = XARF_MEDIA[grading.media]
    if grading.category is ContentCategory.CSAM_BASELINE:
        return Xarf("csam", classification="baseline", media_type=media)
    industry = to_ncmec(grading)
    if isinstance(industry, Ncmec):
        return Xarf("csam", classification=industry.classification, media_type=media)
    if grading.category not in XARF_EXPLOITATION:
        return _OUTSIDE
    return Xarf(
        "csem",
        exploitation_type=XARF_EXPLOITATION[grading.category],
        victim_age_range=XARF_AGE[grading.age],
    )

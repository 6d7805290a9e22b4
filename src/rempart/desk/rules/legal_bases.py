"""The articles of French criminal law a grading can point to, as data with validity dates.

A code (``FR:CP:227-23``) is stable and is what rows, notices and exports hold. ``valid_from`` is
the day the article entered into force with the object described, ``valid_to`` the first day it no
longer was; an article whose penalties changed meanwhile keeps one row, one that disappeared and
came back has two. Dates: consolidated texts of Légifrance. Titles are plain descriptions, not the
law's own headings, and use the law's words only where they name an offence.

A map for people who decide, not legal advice: an association has it read again by its own
counsel, and adds rows rather than changing them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rempart.desk.rules.grading import (
    BEFORE_PUBERTY,
    CSAM,
    LAWFUL,
    ContentCategory,
    Grading,
    MediaType,
    NoMapping,
    WhyNoMapping,
    problems,
)


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One article for one span of time: in force on ``d`` if valid_from <= d < valid_to."""

    code: str
    title_fr: str
    title_en: str
    valid_from: date
    valid_to: date | None = None


_NEW_CODE = date(1994, 3, 1)
_LAW_2021_478 = date(2021, 4, 23)

LEGAL_BASES = (
    LegalBasis("FR:CP:222-1", "Tortures et actes de barbarie", "Torture and acts of barbarity", _NEW_CODE),
    LegalBasis("FR:CP:222-33", "Harcèlement sexuel", "Sexual harassment", _NEW_CODE, date(2012, 5, 5)),
    LegalBasis("FR:CP:222-33", "Harcèlement sexuel", "Sexual harassment", date(2012, 8, 8)),
    LegalBasis(
        "FR:CP:222-33-2-2",
        "Harcèlement moral, aggravé en ligne ou sur mineur",
        "Harassment, aggravated online or against a minor",
        date(2014, 8, 6),
    ),
    LegalBasis(
        "FR:CP:223-13",
        "Provocation au suicide suivie d'effet",
        "Provocation to suicide that was followed by an attempt",
        _NEW_CODE,
    ),
    LegalBasis(
        "FR:CP:223-14",
        "Propagande ou publicité pour des moyens de se donner la mort",
        "Promotion of means of killing oneself",
        _NEW_CODE,
    ),
    LegalBasis(
        "FR:CP:225-4-1",
        "Traite des êtres humains",
        "Trafficking in human beings",
        date(2003, 3, 19),
    ),
    LegalBasis("FR:CP:225-5", "Proxénétisme", "Pimping", _NEW_CODE),
    LegalBasis(
        "FR:CP:225-7",
        "Proxénétisme aggravé, notamment à l'égard d'un mineur",
        "Aggravated pimping, notably of a minor",
        _NEW_CODE,
    ),
    LegalBasis(
        "FR:CP:225-7-1",
        "Proxénétisme à l'égard d'un mineur de quinze ans",
        "Pimping of a child under 15",
        date(2002, 3, 5),
    ),
    LegalBasis(
        "FR:CP:225-12-1",
        "Recours à la prostitution d'un mineur",
        "Obtaining sex from a minor for payment",
        date(2002, 3, 5),
    ),
    LegalBasis(
        "FR:CP:226-2-1",
        "Diffusion sans accord de paroles ou d'images à caractère sexuel",
        "Sharing sexual words or images without consent",
        date(2016, 10, 9),
    ),
    LegalBasis(
        "FR:CP:226-8",
        "Montage ou contenu généré représentant une personne sans accord",
        "Altered or generated content showing a person without consent",
        _NEW_CODE,
    ),
    LegalBasis(
        "FR:CP:226-8-1",
        "Hypertrucage à caractère sexuel sans accord",
        "Sexual deepfake without consent",
        date(2024, 5, 23),
    ),
    LegalBasis("FR:CP:227-22", "Corruption de mineur", "Corruption of a minor", _NEW_CODE),
    LegalBasis(
        "FR:CP:227-22-1",
        "Propositions sexuelles en ligne à un mineur de quinze ans",
        "Online sexual proposals to a child under 15",
        date(2007, 3, 7),
    ),
    LegalBasis(
        "FR:CP:227-22-2",
        "Incitation en ligne d'un mineur à un acte sexuel",
        "Inciting a minor online to a sexual act",
        _LAW_2021_478,
    ),
    LegalBasis(
        "FR:CP:227-23",
        "Image ou représentation à caractère pornographique d'un mineur",
        "Child sexual abuse material",
        _NEW_CODE,
    ),
    LegalBasis(
        "FR:CP:227-23-1",
        "Sollicitation par un majeur d'images sexuelles d'un mineur",
        "Adult asking a minor for sexual images of that minor",
        _LAW_2021_478,
    ),
    LegalBasis(
        "FR:CP:227-24",
        "Message pornographique ou violent accessible à un mineur",
        "Pornographic or violent message that a minor can see",
        _NEW_CODE,
    ),
    LegalBasis("FR:CP:312-1", "Extorsion", "Extortion", _NEW_CODE),
    LegalBasis("FR:CP:312-10", "Chantage", "Blackmail", _NEW_CODE),
    LegalBasis(
        "FR:CP:421-2-5",
        "Provocation ou apologie d'actes de terrorisme",
        "Provocation to or apology of terrorism",
        date(2014, 11, 15),
    ),
)


def in_force(code: str, on: date) -> LegalBasis | None:
    """The row of this code that was in force on that day, or None; an unknown code is a None."""
    for basis in LEGAL_BASES:
        is_begun = basis.valid_from <= on
        if basis.code == code and is_begun and (basis.valid_to is None or on < basis.valid_to):
            return basis
    return None


@dataclass(frozen=True, slots=True)
class FrenchLaw:
    """Articles for one grading. ``established``: the grading itself meets their terms.
    ``to_check``: they depend on a fact no grading holds (who asked, who earns, the exact age, what
    followed); a person confirms before one is cited."""

    established: tuple[LegalBasis, ...]
    to_check: tuple[LegalBasis, ...]


_ESTABLISHED: Mapping[ContentCategory, tuple[str, ...]] = MappingProxyType(
    {
        ContentCategory.CSAM_BASELINE: ("227-23",),
        ContentCategory.CSAM_NATIONAL: ("227-23",),
        ContentCategory.CHILD_GROOMING: (),
        ContentCategory.CHILD_SEXUAL_EXTORTION: ("312-10",),
        ContentCategory.CHILD_IN_PROSTITUTION: (),
        ContentCategory.PORNOGRAPHY_OPEN_TO_MINORS: ("227-24",),
        ContentCategory.ADULT_INTIMATE_IMAGE: ("226-2-1",),
        ContentCategory.ADULT_SEXUAL_DEEPFAKE: ("226-8-1",),
        ContentCategory.HARASSMENT_OF_MINOR: ("222-33-2-2",),
        ContentCategory.PROVOCATION_TO_SUICIDE: (),
        ContentCategory.TERRORISM: ("421-2-5",),
    }
)
_TO_CHECK: Mapping[ContentCategory, tuple[str, ...]] = MappingProxyType(
    {
        ContentCategory.CHILD_GROOMING: ("227-22-1", "227-22-2", "227-23-1", "227-22"),
        ContentCategory.CHILD_SEXUAL_EXTORTION: ("227-23-1", "227-22-2", "227-23", "312-1"),
        ContentCategory.CHILD_IN_PROSTITUTION: (
            "225-12-1",
            "225-5",
            "225-7",
            "225-7-1",
            "225-4-1",
        ),
        ContentCategory.ADULT_SEXUAL_DEEPFAKE: ("226-8",),
        ContentCategory.HARASSMENT_OF_MINOR: ("222-33",),
        ContentCategory.PROVOCATION_TO_SUICIDE: ("223-13", "223-14"),
    }
)


def to_french_law(grading: Grading, on: date) -> FrenchLaw | NoMapping:
    """The articles of the penal code in force on a day, for a grading (``on``: day of the facts
    when known, else of the assessment)."""
    if problems(grading):
        return NoMapping(WhyNoMapping.CONTRADICTION)
    if grading.category in LAWFUL:
        return NoMapping(WhyNoMapping.NOT_ILLEGAL)
    if grading.category not in _ESTABLISHED:
        return NoMapping(WhyNoMapping.OUTSIDE_VOCABULARY)
    established, to_check = _articles(grading)
    law = FrenchLaw(_rows(established, on), _rows(to_check, on))
    if not law.established and not law.to_check:
        return NoMapping(WhyNoMapping.NOT_IN_FORCE)
    return law


def _articles(grading: Grading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    established = _ESTABLISHED[grading.category]
    to_check = _TO_CHECK.get(grading.category, ())
    is_under_15 = grading.age in BEFORE_PUBERTY
    if grading.category is ContentCategory.CHILD_GROOMING and is_under_15:
        return ("227-22-1",), tuple(code for code in to_check if code != "227-22-1")
    if grading.category in CSAM and grading.media in {MediaType.TEXT, MediaType.AUDIO}:
        # The article speaks of an image or a representation.
        return (), established
    if grading.category in CSAM and grading.self_generated:
        return established, ("227-23-1",)
    return established, to_check


def _rows(articles: Iterable[str], on: date) -> tuple[LegalBasis, ...]:
    found = (in_force(f"FR:CP:{article}", on) for article in articles)
    return tuple(basis for basis in found if basis is not None)

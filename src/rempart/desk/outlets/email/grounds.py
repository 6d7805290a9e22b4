"""Why an address is illegal, in plain sentences: article 16(2)(a) asks for a substantiated explanation.

The sentences say what was found and nothing of what reporters wrote. Articles and DSA words come from the tables of the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rempart.desk.rules.classification import (
    AgeGroup,
    ContentCategory,
    Dsa,
    FrenchLaw,
    Grading,
    LegalBasis,
    Virtual,
    to_dsa,
    to_french_law,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The reasons given for one classification. ``may_apply``: articles that depend on facts we cannot see from here."""

    sentence: str
    facts: tuple[str, ...]
    articles: tuple[str, ...]
    may_apply: tuple[str, ...]
    dsa_category: str
    dsa_keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    fr: str
    en: str

    def in_language(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


_GENERIC = _Said(
    "Après lecture par nos analystes, ce contenu est contraire au droit français. "
    "Nous pouvons vous en dire plus par retour de message.",
    "Our analysts have looked at this content and found it to be against French law. We can say more if you write back to us.",
)

SENTENCES: Mapping[ContentCategory, _Said] = MappingProxyType(
    {
        ContentCategory.CSAM_BASELINE: _Said(
            "Il s'agit d'un contenu d'abus sexuels sur enfant : un enfant réel, avant la puberté, y apparaît dans un acte "
            "sexuel ou dans une mise en scène sexuelle. Le diffuser ou le rendre disponible est une infraction pénale, "
            "quel que soit le but recherché.",
            "This is child sexual abuse material: it shows a real child, before puberty, in a sexual act or in a sexual "
            "display. Sharing it or making it available is a criminal offence, whatever the purpose.",
        ),
        ContentCategory.CSAM_NATIONAL: _Said(
            "Il s'agit d'un contenu d'abus sexuels sur enfant au sens du droit français : l'image ou la représentation, à "
            "caractère sexuel, d'une personne mineure ou qui en a l'apparence. La diffuser, l'offrir ou la rendre "
            "disponible est une infraction pénale.",
            "This is child sexual abuse material in French law: a sexual image or representation of a person who is, or "
            "looks, under 18. Sharing it, offering it or making it available is a criminal offence.",
        ),
        ContentCategory.CHILD_GROOMING: _Said(
            "Un adulte y cherche à entrer en contact avec un enfant, ou lui parle, à des fins sexuelles.",
            "An adult is seeking contact with a child, or is talking to a child, for sexual purposes.",
        ),
        ContentCategory.CHILD_SEXUAL_EXTORTION: _Said(
            "Un enfant y subit un chantage sexuel : on le menace de diffuser des images intimes, ou on exige de lui des "
            "images, de l'argent ou des actes.",
            "A child is being sexually extorted: somebody threatens to share intimate images, or demands images, money or "
            "acts from the child.",
        ),
        ContentCategory.CHILD_IN_PROSTITUTION: _Said(
            "Ce contenu propose ou organise l'exploitation sexuelle, contre paiement, d'une personne mineure.",
            "This content offers or arranges the sexual exploitation of a person under 18 for payment.",
        ),
        ContentCategory.PORNOGRAPHY_OPEN_TO_MINORS: _Said(
            "Un contenu pornographique y est visible par des personnes mineures. En droit français, une simple déclaration "
            "d'âge ne suffit pas à l'empêcher.",
            "Pornographic content can be seen there by people under 18. In French law a mere declaration of age is not "
            "enough to prevent it.",
        ),
        ContentCategory.ADULT_INTIMATE_IMAGE: _Said(
            "Des images ou des paroles intimes, à caractère sexuel, d'une personne adulte y sont diffusées sans son accord.",
            "Intimate sexual images or words of an adult are shared there without that person's consent.",
        ),
        ContentCategory.ADULT_SEXUAL_DEEPFAKE: _Said(
            "Un hypertrucage à caractère sexuel y représente une personne adulte sans son accord.",
            "A sexual deepfake shows an adult there without that person's consent.",
        ),
        ContentCategory.HARASSMENT_OF_MINOR: _Said(
            "Une personne mineure y est visée par un harcèlement : des propos ou des actes répétés qui portent atteinte à sa "
            "santé ou à ses conditions de vie.",
            "A person under 18 is being harassed there: repeated words or acts that harm her or his health or living conditions.",
        ),
        ContentCategory.PROVOCATION_TO_SUICIDE: _Said(
            "Ce contenu pousse au suicide, ou présente comme souhaitables des moyens de se donner la mort.",
            "This content urges people to take their own life, or promotes means of doing so.",
        ),
        ContentCategory.TERRORISM: _Said(
            "Ce contenu appelle à commettre des actes de terrorisme, ou en fait publiquement l'apologie.",
            "This content calls for acts of terrorism, or publicly glorifies them.",
        ),
        ContentCategory.OTHER_ILLEGAL: _GENERIC,
        ContentCategory.SEXUALISED_NOT_ILLEGAL: _GENERIC,
        ContentCategory.NONE: _GENERIC,
    }
)
_AGES: Mapping[AgeGroup, _Said] = MappingProxyType(
    {
        AgeGroup.INFANT: _Said("âge apparent : bébé ou très jeune enfant", "apparent age: a baby or very young child"),
        AgeGroup.PRE_PUBESCENT: _Said("âge apparent : avant la puberté", "apparent age: before puberty"),
        AgeGroup.PUBESCENT: _Said("âge apparent : moins de 18 ans, après la puberté", "apparent age: under 18, after puberty"),
    }
)
_MADE: Mapping[Virtual, _Said] = MappingProxyType(
    {
        Virtual.COMPUTER_GENERATED: _Said(
            "contenu généré ou modifié par un logiciel", "content generated or altered by software"
        ),
        Virtual.DRAWN: _Said("contenu dessiné", "drawn content"),
    }
)


def ground_for(grading: Grading | None, on: date, language: str) -> Ground:
    """The reasons for this classification, with the law as it stands on that day."""
    if grading is None:
        return Ground(_GENERIC.in_language(language), (), (), (), "", ())
    law, dsa = to_french_law(grading, on), to_dsa(grading)
    said = [_AGES.get(grading.age), _MADE.get(grading.virtual)]
    return Ground(
        sentence=SENTENCES[grading.category].in_language(language),
        facts=tuple(fact.in_language(language) for fact in said if fact is not None),
        articles=_articles(law.established, language) if isinstance(law, FrenchLaw) else (),
        may_apply=_articles(law.to_check, language) if isinstance(law, FrenchLaw) else (),
        dsa_category=dsa.category if isinstance(dsa, Dsa) else "",
        dsa_keywords=dsa.keywords if isinstance(dsa, Dsa) else (),
    )


def _articles(bases: tuple[LegalBasis, ...], language: str) -> tuple[str, ...]:
    return tuple(_article(basis, language) for basis in bases)


def _article(basis: LegalBasis, language: str) -> str:
    number = basis.code.rpartition(":")[2]
    if language == "fr":
        return f"article {number} du code pénal ({basis.title_fr})"
    return f"article {number} of the French penal code ({basis.title_en})"

"""Words that hurt or mislead stay out of what people read and of what we write for each other.

GLOSSARY.md says what to write instead. The law sometimes uses these words: its own sentences, and nothing
around them, may stand if they are named in LEGAL_QUOTES.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conventions.sources import name_of, report, text_of, tracked_files

FOLDERS = ("src/", "docs/")
MINOR = r"(?:mineur|enfant|adolescent|jeune|fille|garçon)[·.\-()]?e?[·.\-()]?s?\)?"

# What to find → what to write instead.
AVOID = {
    r"p[ée]do-?porn\w*": "contenu d'abus sexuels sur enfant · CSAM",
    r"pornographie\s+(?:enfantine|infantile|juv[ée]nile)": "contenu d'abus sexuels sur enfant",
    r"(?:child|kiddie|kid|infant)(?:ren)?[\s\-_]+porn\w*": "child sexual abuse material (CSAM)",
    r"p[éea]+dophil\w*": "auteur d'infraction sexuelle sur enfant · child sex offender",
    r"(?:revenge|vengeance)[\s\-_]+porn\w*|porno?(?:graphie)?[\s\-]+(?:de\s+)?vengeance": (
        "diffusion non consentie de contenus intimes · non-consensual intimate image sharing"
    ),
    MINOR + r"\s+prostitu[ée]\w*": "mineur·e victime d'exploitation sexuelle",
    r"prostitution\s+(?:enfantine|infantile|juv[ée]nile)": "exploitation d'enfants dans la prostitution",
    r"(?:child(?:ren)?|teen(?:age)?|under-?age|minor|juvenile)[\s\-_]+prostitut\w*": (
        "exploitation of children in prostitution · child victim of sexual exploitation"
    ),
    r"tourism?e?s?\s+sexuels?|touristes?\s+sexuels?": "exploitation sexuelle dans les voyages et le tourisme",
    r"sex(?:ual)?[\s\-_]+touris[mt]\w*": "sexual exploitation of children in travel and tourism",
    r"conduites?\s+(?:pr[ée]-?)?prostitutionnelles?": "situation (the child is not her conduct)",
}
AVOIDED = {re.compile(rf"\b(?:{words})", re.IGNORECASE): instead for words, instead in AVOID.items()}

# The law's own words, verbatim → where they come from.
LEGAL_QUOTES: dict[str, str] = {}


def offences_in(text: str) -> list[tuple[int, str, str]]:
    """Line, words found, words to write instead."""
    for quote in LEGAL_QUOTES:
        text = text.replace(quote, re.sub(r"\S", "·", quote))
    return [
        (text.count("\n", 0, found.start()) + 1, found.group(), instead)
        for words, instead in AVOIDED.items()
        for found in words.finditer(text)
    ]


def readable(path: Path) -> str:
    """A catalogue cuts its sentences over several lines: join them."""
    text = text_of(path) or ""
    return re.sub(r'"\n"', "", text) if path.suffix == ".po" else text


def test_words_to_avoid_are_nowhere() -> None:
    offences = [
        f"{name_of(path)}:{line}: “{found}” — write: {instead}"
        for path in tracked_files()
        if name_of(path).startswith(FOLDERS) and path.name != "GLOSSARY.md"
        for line, found, instead in offences_in(readable(path))
    ]
    assert not offences, report(offences)


@pytest.mark.parametrize(
    "text",
    [
        "pédopornographie",
        "images pédo-pornographiques",
        "child porn",
        "CHILD_PORNOGRAPHY",
        "un pédophile",
        "paedophilia",
        "revenge porn",
        "un mineur prostitué",
        "une mineure\nprostituée",
        "le tourisme sexuel",
        "sex tourism",
        "child prostitution",
    ],
)
def test_each_is_recognised(text: str) -> None:
    assert offences_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "contenu d'abus sexuels sur enfant",
        "child sexual abuse material",
        "mineur·e en situation de prostitution",
        "agir contre la prostitution des mineurs",
        "exploitation of children in prostitution",
        "lawful adult pornography",
        "pédocriminalité",
    ],
)
def test_the_right_words_pass(text: str) -> None:
    assert not offences_in(text)

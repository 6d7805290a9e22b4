"""What reporters read: true to the verdict, in both languages, to minors and to adults."""

from __future__ import annotations

import itertools
import re

import pytest

from rempart.desk.outlets.case_mailbox.answers import Answered, AnswerWords, Help, write_answer
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.report import MAX_MESSAGE

LANGUAGES = ("fr", "en")
SAYS = {
    Verdict.ILLEGAL_IN_FIELD: ("Nous agissons", "We are acting", "pas ta faute", "not your fault"),
    Verdict.ILLEGAL_OUTSIDE_FIELD: ("ce n'est pas à nous", "not for us to ask", "ce n'est pas à nous", "not for us to ask"),
    Verdict.HARMFUL_BUT_LAWFUL: ("ne nous permet pas", "does not let us", "ne nous permet pas", "does not let us"),
    Verdict.NOT_FOUND: ("plus rien", "nothing any more", "plus rien", "nothing any more"),
    Verdict.LAWFUL_HELP_NEEDED: ("besoin d'aide", "need help", "besoin d'aide", "need help"),
}


def answer(language: str, *verdicts: Verdict, **also: object) -> str:
    answered = tuple(Answered(number, verdict) for number, verdict in enumerate(verdicts, start=1))
    return write_answer(AnswerWords(language, answered, **also))  # type: ignore[arg-type]


@pytest.mark.parametrize("is_young", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", list(Verdict))
def test_each_verdict_is_said(verdict: Verdict, language: str, is_young: bool) -> None:
    text = answer(language, verdict, is_young=is_young)
    assert SAYS[verdict][LANGUAGES.index(language) + 2 * is_young] in text
    others = [SAYS[other][LANGUAGES.index(language) + 2 * is_young] for other in Verdict if other is not verdict]
    assert not any(other in text for other in others)
    assert not re.search(r"[{}%]|None|\n\n\n", text)
    assert len(text) < MAX_MESSAGE


@pytest.mark.parametrize("is_young", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_promises_nothing_and_accuses_nobody(language: str, is_young: bool) -> None:
    text = answer(language, *Verdict, is_young=is_young, is_in_danger=True).lower()
    for word in (
        "victim",
        "tu aurais dû",
        "vous auriez dû",
        "should have",
        "garanti",
        "guarantee",
        "sous 24",
        "within 24",
        "sera retiré",
    ):
        assert word not in text


def test_tu_and_vous() -> None:
    young, adult = (answer("fr", *Verdict, is_young=is_young, is_in_danger=True) for is_young in (True, False))
    assert not re.search(r"\b(vous|votre|vos)\b", young, re.IGNORECASE)
    assert not re.search(r"\b(tu|ton|ta|tes|toi)\b", adult, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_comes_first(language: str) -> None:
    text = answer(language, Verdict.NOT_FOUND, is_in_danger=True)
    assert text.index("112") < text.index("17 (police)") + 40 < text.index(SAYS[Verdict.NOT_FOUND][LANGUAGES.index(language)])
    assert "114" in text
    abroad = answer(language, Verdict.NOT_FOUND, is_in_danger=True, is_in_france=False)
    assert "112" in abroad
    assert "114" not in abroad


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_can_help_is_told_where_help_is_the_outcome(language: str) -> None:
    services = (Help("Maison", "01 02 03 04 05", "Mo-Fr 09:00-17:00"),)
    text = answer(language, Verdict.LAWFUL_HELP_NEEDED, services=services)
    for element in ("Maison", "01 02 03 04 05", "Mo-Fr 09:00-17:00", "119", "3018"):
        assert element in text
    assert "119" not in answer(language, Verdict.NOT_FOUND)
    assert "116 111" in answer(language, Verdict.LAWFUL_HELP_NEEDED, is_in_france=False)


def test_addresses_decided_alike_are_told_together() -> None:
    text = answer("en", Verdict.NOT_FOUND, Verdict.ILLEGAL_IN_FIELD, Verdict.NOT_FOUND)
    assert "Addresses 1, 3 of your report:" in text
    assert "Address 2 of your report:" in text
    assert "of your report" not in answer("en", Verdict.NOT_FOUND)


def test_paragraphs_are_one_line_each() -> None:
    for language, is_young in itertools.product(LANGUAGES, (False, True)):
        for paragraph in answer(language, *Verdict, is_young=is_young).split("\n\n"):
            *before, _ = paragraph.splitlines()
            assert all(line.startswith("- ") or line.endswith(":") for line in before)


def test_sentences_are_short() -> None:
    for language, is_young in itertools.product(LANGUAGES, (False, True)):
        sentences = re.split(r"(?<=[.!?:])\s+", answer(language, *Verdict, is_young=is_young, is_in_danger=True))
        lengths = [len(sentence.split()) for sentence in sentences if sentence.strip()]
        assert max(lengths) <= 30
        assert sum(lengths) / len(lengths) <= 13

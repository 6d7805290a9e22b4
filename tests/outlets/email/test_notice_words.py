"""What a notice says: every element of DSA article 16(2), in both languages, and nothing more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rempart.desk.outlets.email.grounds import SENTENCES, ground_for
from rempart.desk.outlets.email.letters import (
    Earlier,
    LetterKind,
    Listed,
    NoticeWords,
    Sender,
    write_answer_waits,
    write_notice,
)
from rempart.desk.outlets.texts import Written
from rempart.desk.rules.classification import (
    AgeGroup,
    ContentCategory,
    Dsa,
    FrenchLaw,
    Gender,
    Grading,
    Virtual,
    to_dsa,
    to_french_law,
)
from tests.cast import BASELINE, INTIMATE_IMAGE_OF_A_MINOR

ON = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
SENDER = Sender("Les Veilleurs", "notices@veilleurs.example", "https://veilleurs.example")
FLAGGER = replace(SENDER, flagger_reference="ARCOM-2026-4", flagger_coordinator="FR-ARCOM", flagger_area="protection des mineurs")
EARLIER = Earlier("R-N-2026-000001", "Roc Hosting", AT)
LANGUAGES = ("fr", "en")
KINDS = tuple(LetterKind)


def words(language: str = "fr", kind: LetterKind = LetterKind.NOTICE, *gradings: Grading | None, **also: object) -> Written:
    chosen = gradings or (BASELINE, INTIMATE_IMAGE_OF_A_MINOR)
    listed = tuple(
        Listed(f"R-2026-00000{number}/1", f"https://roc.example/{number}?q=1&r=<2>", AT, AT, ground_for(grading, ON, language))
        for number, grading in enumerate(chosen, start=1)
    )
    notice = NoticeWords(
        kind=kind,
        language=language,
        sender=SENDER,
        recipient="Roc Hosting",
        reference="R-N-2026-000007",
        answer_url="https://veilleurs.example/answer/TOKEN/",
        listed=listed,
        earlier=None if kind is LetterKind.NOTICE else EARLIER,
    )
    return write_notice(replace(notice, **also))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
class TestArticle16:
    """Reminders and escalations stand alone: each element is in every letter."""

    def test_a_why_it_is_illegal(self, language: str, kind: LetterKind) -> None:
        text = words(language, kind).text
        for grading in (BASELINE, INTIMATE_IMAGE_OF_A_MINOR):
            ground = ground_for(grading, ON, language)
            assert ground.sentence in text
            assert all(article in text for article in ground.articles)
        assert "article 227-23 " in text
        assert "STATEMENT_CATEGORY_PROTECTION_OF_MINORS, KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL" in text

    def test_b_the_exact_addresses(self, language: str, kind: LetterKind) -> None:
        lines = words(language, kind).text.splitlines()
        assert "1. https://roc.example/1?q=1&r=<2>" in lines, "live, whole, alone on its line, not escaped"
        assert "2. https://roc.example/2?q=1&r=<2>" in lines
        assert any("R-2026-000002/1" in line for line in lines)

    def test_c_who_notifies(self, language: str, kind: LetterKind) -> None:
        text = words(language, kind).text
        for element in ("Les Veilleurs", "notices@veilleurs.example", "https://veilleurs.example"):
            assert element in text
        assert {"fr": "n'est pas transmise", "en": "is not passed on"}[language] in text

    def test_d_good_faith(self, language: str, kind: LetterKind) -> None:
        text = " ".join(words(language, kind).text.split())
        assert {
            "fr": "de bonne foi, que les informations et les affirmations de cette notification sont exactes et complètes",
            "en": "in good faith that the information and allegations in this notice are accurate and complete",
        }[language] in text

    def test_it_is_no_order(self, language: str, kind: LetterKind) -> None:
        text = words(language, kind).text
        assert {"fr": "Ce n'est pas une injonction", "en": "It is not an injunction"}[language] in text

    def test_dates_references_evidence_and_answer(self, language: str, kind: LetterKind) -> None:
        text = words(language, kind).text
        for element in ("R-N-2026-000007", "https://veilleurs.example/answer/TOKEN/"):
            assert element in text
        when = {"fr": "02/03/2026 à 09 h 05 (UTC)", "en": "02 March 2026 at 09:05 (UTC)"}[language]
        assert text.count(when) >= 4, "first reported and last checked, for each address"
        assert {"fr": "MERCI DE CONSERVER LES PREUVES", "en": "PLEASE KEEP THE EVIDENCE"}[language] in text
        assert {"fr": "aucune image", "en": "no images"}[language] in text

    def test_trusted_flagger(self, language: str, kind: LetterKind) -> None:
        assert "ARCOM" not in words(language, kind).text
        text = words(language, kind, sender=FLAGGER).text
        for element in ("ARCOM-2026-4", "FR-ARCOM", "protection des mineurs"):
            assert element in text

    def test_a_subject_says_neither_what_nor_where(self, language: str, kind: LetterKind) -> None:
        subject = words(language, kind, sender=FLAGGER).subject
        assert "R-N-2026-000007" in subject
        assert len(subject) < 120
        for leak in ("http", "roc.example", "abus", "sex", "child", "enfant"):
            assert leak not in subject.lower()

    def test_sent_again_says_so(self, language: str, kind: LetterKind) -> None:
        mark = {"fr": "ENVOI RENOUVELÉ", "en": "SENT AGAIN"}[language]
        assert mark not in words(language, kind).text
        assert mark in words(language, kind, is_sent_again=True).text

    def test_it_reads_as_a_letter(self, language: str, kind: LetterKind) -> None:
        text = words(language, kind, None).text
        assert not re.search(r"\{[{%]|\n\n\n|[ \t]\n|None", text)
        prose = [line for line in text.splitlines() if "http" not in line and not line.startswith("- ")]
        # The sentences of the law are one line each, which mail programs fold; ours are folded by hand.
        assert all(len(line) <= 110 for line in prose if line not in ground_for(None, ON, language).sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminders_and_escalations_say_what_came_before(language: str) -> None:
    reminder, escalation = words(language, LetterKind.REMINDER), words(language, LetterKind.ESCALATION)
    assert "R-N-2026-000001" in reminder.subject
    for letter in (reminder, escalation):
        assert "R-N-2026-000001" in letter.text
        assert {"fr": "02/03/2026", "en": "02 March 2026"}[language] in letter.text
    assert "Roc Hosting" in escalation.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(ContentCategory))
def test_every_category_has_its_sentence_and_its_law(language: str, category: ContentCategory) -> None:
    grading = Grading(category, age=AgeGroup.NOT_DETERMINED, gender=Gender.FEMALE)
    ground = ground_for(grading, ON, language)
    assert ground.sentence == SENTENCES[category].in_language(language)
    assert ground.sentence.endswith(".")
    law, dsa = to_french_law(grading, ON), to_dsa(grading)
    if isinstance(law, FrenchLaw):
        assert len(ground.articles) == len(law.established)
        assert len(ground.may_apply) == len(law.to_check)
    assert ground.dsa_keywords == (dsa.keywords if isinstance(dsa, Dsa) else ())
    assert ground.sentence in words(language, LetterKind.NOTICE, grading).text


def test_addresses_with_the_same_reasons_stand_together() -> None:
    text = words("en", LetterKind.NOTICE, BASELINE, INTIMATE_IMAGE_OF_A_MINOR, BASELINE).text
    assert text.count(SENTENCES[ContentCategory.CSAM_BASELINE].en) == 1
    assert [int(number) for number in re.findall(r"^(\d)\. https", text, re.MULTILINE)] == [1, 2, 3]
    assert text.index("roc.example/3") < text.index("roc.example/2")


def test_software_made_content_is_said_to_be() -> None:
    made = replace(INTIMATE_IMAGE_OF_A_MINOR, virtual=Virtual.COMPUTER_GENERATED, self_generated=None)
    assert "generated or altered by software" in words("en", LetterKind.NOTICE, made).text


def test_other_languages_get_english() -> None:
    assert words("de", LetterKind.NOTICE).text == words("en", LetterKind.NOTICE).text


@pytest.mark.parametrize("language", [*LANGUAGES, "de"])
def test_an_answer_waits_says_nothing_else(language: str) -> None:
    written = write_answer_waits(language)
    whole = f"{written.subject} {written.text}".lower()
    for leak in ("http", "report", "signal", "illegal", "illicite", "abuse", "enfant", "child", "image", "@", "police"):
        assert leak not in whole

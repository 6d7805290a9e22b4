"""One word, one meaning: every table and every value that rows hold has its place in GLOSSARY.md."""

from __future__ import annotations

import re
from enum import Enum

import pytest
from django.apps import apps

from rempart.desk.registers.directory.models import RecipientKind
from rempart.desk.rules.access import Role
from rempart.desk.rules.assessment import Reading, Verdict
from rempart.desk.rules.duties import DutyKind
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.notice import Answer, Seen
from rempart.engine import Kernel, Pipeline
from tests.conventions.sources import ROOT, report

GLOSSARY = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
VOCABULARIES: tuple[type[Enum], ...] = (State, Closing, Verdict, Reading, DutyKind, Answer, Seen, Role, RecipientKind)


def words_of(name: str) -> str:
    """``ListEntry`` or ``LIST_ENTRY`` → ``list entry``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def is_explained(word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", GLOSSARY, re.IGNORECASE) is not None


def test_every_table_has_its_word() -> None:
    tables = [model.__name__ for model in apps.get_models() if model.__module__.startswith("rempart.")]
    offences = [name for name in tables if not is_explained(words_of(name))]
    assert tables
    assert not offences, report(offences)


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda one: one.__name__)
def test_every_value_has_its_word(vocabulary: type[Enum]) -> None:
    offences = [member.name for member in vocabulary if not is_explained(words_of(member.name))]
    assert not offences, report(offences)


@pytest.mark.parametrize("vocabulary", [Pipeline, Kernel], ids=lambda one: one.__name__)
def test_every_value_of_the_engine_has_its_word(vocabulary: type[Enum]) -> None:
    """They are said as they are written in records and on the terminal."""
    offences = [member.value for member in vocabulary if not is_explained(member.value)]
    assert not offences, report(offences)


def test_every_row_of_the_glossary_is_whole() -> None:
    tables = re.findall(r"^\|(.+)\|$", GLOSSARY, re.MULTILINE)
    rows = [[cell.strip() for cell in row.split("|")] for row in tables]
    offences = [" | ".join(row) for row in rows if len(row) != 3 or not row[0] or not row[1]]
    assert len(rows) > 40
    assert not offences, report(offences)

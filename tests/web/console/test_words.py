"""Nothing the console can meet is without words, in both languages."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

import rempart.desk
from rempart.desk.rules.access import Permission
from rempart.desk.rules.classification import NOT_ILLEGAL_REASONS, WhyNoMapping
from rempart.desk.rules.duties import Failure, Outcome
from rempart.desk.web.console import acts, words
from rempart.desk.web.console.templatetags.console import duration

DESK = Path(rempart.desk.__file__).parent


def verbs_written() -> set[str]:
    """Every verb the code writes in the journal as a plain text."""
    found = set()
    for path in DESK.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if is_journal_line(node) and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def is_journal_line(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"write", "entry"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "journal"
        and bool(node.args)
    )


def test_every_act_of_the_journal_has_words() -> None:
    written = verbs_written()
    assert len(written) > 30
    assert not written - set(acts.VERBS)


def test_every_reason_has_words() -> None:
    assert set(words.NOT_ILLEGAL) == set(NOT_ILLEGAL_REASONS)
    assert set(words.NO_MAPPING) == set(WhyNoMapping)
    assert set(words.PERMISSIONS) == set(Permission)
    assert set(acts.FAILURES) == set(Failure)
    assert set(acts.OUTCOMES) == set(Outcome)


def test_every_refusal_of_the_rules_has_a_sentence() -> None:
    named = set()
    for name in ("assessment", "grading", "statement"):
        tree = ast.parse((DESK / "rules" / f"{name}.py").read_text(encoding="utf-8"))
        named |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and is_reason(node.value)}
    assert "baseline_needs_act" in named
    assert not named - set(words.REFUSALS)


def is_reason(value: object) -> bool:
    marks = ("_missing", "_needs_", "_without_", "_with_", "_too_long", "deepfake_of_", "_not_illegal", "refused_but_")
    is_value = isinstance(value, str) and value in {"sexualised_not_illegal", "contradicts_person_concerned"}
    return isinstance(value, str) and " " not in value and any(mark in value for mark in marks) and not is_value


def test_keys_are_unlike_each_other() -> None:
    assert len({key.key for key in words.KEYS}) == len(words.KEYS)
    assert len({key.act for key in words.KEYS}) == len(words.KEYS)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0.5, "less than a minute"), (1, "1 minute"), (89, "89 minutes"), (90, "2 hours"), (2820, "47 hours"), (4320, "3 days")],
)
def test_a_span_is_said_in_one_unit(minutes: float, said: str) -> None:
    with translation.override("en"):
        assert duration(timedelta(minutes=minutes)) == said
        assert duration(-timedelta(minutes=1)) == "less than a minute"

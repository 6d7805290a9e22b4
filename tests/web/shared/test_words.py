"""Every value of the rules has words, in both languages, and no page can show a raw value by mistake."""

from __future__ import annotations

import inspect
from enum import Enum

import pytest
from django.template import Context, Template
from django.utils import translation

from rempart.desk.registers.directory import models as directory
from rempart.desk.rules import access, assessment, duties, grading, lifecycle, lists, locator_mentions, notice, queue, report
from rempart.desk.web.shared.words import WORDS, choices, words_for, words_of

# Machine words that no page shows as such: permissions are a table of the code, steps and mappings have sentences of their own.
NOT_SHOWN = {"Permission", "Step", "WhyNoMapping"}
MODULES = (report, lifecycle, assessment, duties, notice, access, queue, lists, locator_mentions, grading, directory)


def enumerations() -> list[type[Enum]]:
    return [
        found
        for module in MODULES
        for name, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Enum) and found.__module__ == module.__name__ and name not in NOT_SHOWN
    ]


@pytest.mark.parametrize("kind", enumerations(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_value_has_its_own_words(kind: type[Enum], language: str) -> None:
    with translation.override(language):
        labels = [str(words_for(member)) for member in kind]
    assert all(label.strip() for label in labels)
    assert len(set(labels)) == len(labels), f"two values of {kind.__name__} read the same"
    assert not {member.value for member in kind} & set(labels)


def test_the_list_of_enumerations_is_not_empty_and_the_table_has_nothing_else() -> None:
    assert len(enumerations()) > 15
    assert set(WORDS) == set(enumerations())


def test_values_as_rows_keep_them() -> None:
    with translation.override("fr"):
        assert words_of("Concerns", "not_said") == "Non précisé"
        assert words_of("Band", 0) == "Danger immédiat"
        assert words_of("Closing", "") == ""
    with pytest.raises(ValueError, match="nowhere"):
        words_of("State", "nowhere")


def test_in_a_template_and_in_a_form() -> None:
    with translation.override("fr"):
        said = Template('{% load words %}{{ value|word:"Verdict" }}').render(Context({"value": "not_found"}))
        assert said == "Introuvable"
    assert [value for value, _ in choices(access.Role)] == [role.value for role in access.Role]

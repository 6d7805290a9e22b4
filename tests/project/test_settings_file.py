"""The settings on paper say what the code says, in both languages."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.project import settings_file
from rempart.desk.project.settings_in_french import ABOUT_IN_FRENCH, SECTIONS_IN_FRENCH
from rempart.desk.project.upkeep import without_secret
from rempart.desk.registers.installation.config import Config, load_config
from tests.conventions.sources import ROOT

NAMES = [setting.name for setting in fields(Config)]


def test_every_setting_is_said_in_french_and_nothing_else() -> None:
    assert set(ABOUT_IN_FRENCH) == set(NAMES)
    assert set(settings_file.sections()) <= set(SECTIONS_IN_FRENCH)
    assert all(text[0].isupper() and text.endswith(".") for text in ABOUT_IN_FRENCH.values())


def test_every_setting_has_its_place() -> None:
    placed = [name for names in settings_file.SECTIONS.values() for name in names]
    assert sorted(placed) == sorted(NAMES)


@pytest.mark.parametrize(("language", "page"), [("en", "docs/en/reference/settings.md"), ("fr", "docs/fr/reference/reglages.md")])
def test_the_reference_pages_are_those_the_code_makes(language: str, page: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8") == settings_file.as_reference(language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_file_reads_back_as_what_was_written(language: str, tmp_path: Path) -> None:
    values = {"association": 'L’« étoile » "du" \\ nord\n', "threads": 3, "is_rehearsal": True, "smtp_password": ""}
    path = tmp_path / "rempart.toml"
    settings_file.write(path, values, language)
    assert load_config(path, {}) == Config(**values)
    with pytest.raises(FileExistsError):
        settings_file.write(path, values, language)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x7f")))
def test_any_text_survives_toml(text: str) -> None:
    assert tomllib.loads(f"a = {settings_file.toml_value(text)}")["a"] == text


def test_secrets_are_not_shown() -> None:
    assert without_secret("smtp_password", "whisper") == "(set)"
    assert without_secret("smtp_password", "") == ""
    assert without_secret("database", "postgresql://rempart:p%40ss@db/desk") == "postgresql://rempart@db/desk"
    assert without_secret("database", "postgresql://rempart@/desk?host=/run") == "postgresql://rempart@/desk?host=/run"

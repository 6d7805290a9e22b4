"""Every setting has its sentence, and its line in the reference pages of both languages."""

from __future__ import annotations

from dataclasses import fields

import pytest

from rempart.desk.registers.installation.config import ENVIRONMENT_PREFIX, Config
from tests.conventions.sources import ROOT, report

PAGES = ("docs/en/reference/settings.md", "docs/fr/reference/reglages.md")
SETTINGS = fields(Config)


def test_every_setting_has_its_sentence() -> None:
    offences = [setting.name for setting in SETTINGS if not is_a_sentence(str(setting.metadata.get("about", "")))]
    assert not offences, report(offences)


def is_a_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and len(text.split()) >= 2


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_is_in_the_reference(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    offences = [setting.name for setting in SETTINGS if f"`{setting.name}`" not in text]
    assert not offences, report(offences)


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_names_no_setting_that_is_gone(page: str) -> None:
    known = {setting.name for setting in SETTINGS}
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("| `")]
    named = {cell.split("`")[1] for cell in rows}
    unknown = {name for name in named if not name.startswith(ENVIRONMENT_PREFIX)} - known
    assert named, f"{page} has no table of settings"
    assert not unknown, report(sorted(unknown))


def test_a_setting_without_sentence_would_be_seen() -> None:
    assert not is_a_sentence("")
    assert not is_a_sentence("Port.")
    assert is_a_sentence("Its port.")

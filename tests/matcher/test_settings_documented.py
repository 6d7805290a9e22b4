"""Every setting of the matcher is in the reference of both languages, and the reference names no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rempart.matcher import settings as matcher_settings
from rempart.matcher.command.writing import EXAMPLE
from rempart.matcher.settings import Settings, settings_of
from tests.conventions.sources import ROOT

PAGES = ("docs/en/reference/matcher-settings.md", "docs/fr/reference/reglages-du-matcher.md")
TABLES = {"list.policy.disputed": "policy", "list.policy.confirmed": "policy"}


def all_lines() -> str:
    """The example with every line in force."""
    lines = EXAMPLE.splitlines()
    return "\n".join(line.removeprefix("#") if line.startswith("#") and not line.startswith("# ") else line for line in lines)


def names(content: dict[str, Any], table: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in content.items():
        inner = f"{table}.{key}" if table else key
        for one in value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]:
            if isinstance(one, dict):
                found |= names(one, TABLES.get(inner, inner))
            else:
                found.add(re.sub(r"(secret|password)_env$", r"\1", inner))
    return found


def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every key that the code asks for, as it reads the example."""
    taken: set[str] = set()
    take = matcher_settings._Table._take

    def noting(table: Any, key: str, usual: Any) -> Any:
        name = re.sub(r"\[\d+\]", "", table._name)
        name = re.sub(r"list\.policy\.\w+", "policy", name)
        taken.add(f"{name}.{key}" if name else key)
        return take(table, key, usual)

    monkeypatch.setattr(matcher_settings._Table, "_take", noting)
    environment = dict.fromkeys(re.findall(r"MATCHER_\w+", EXAMPLE), "x")
    assert isinstance(settings_of(tomllib.loads(all_lines()), base=Path(), environment=environment), Settings)
    tables = {"server", "flood", "list", "key", "webhook", "list.policy"}
    trusts = {one for one in taken if one.startswith("list.policy.")}
    return {re.sub(r"(secret|password)_env$", r"\1", one) for one in taken - trusts - tables}


def documented(page: str) -> set[str]:
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    return {found[1] for line in lines if (found := re.match(r"\| `([\w.]+)` \|", line))}


def test_the_example_shows_all_that_the_code_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch) - names(tomllib.loads(all_lines())) == set()


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_is_whole(page: str) -> None:
    assert documented(page) == names(tomllib.loads(all_lines())) | {"list.policy"}

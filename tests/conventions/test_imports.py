"""Imports point one way (the layers are in pyproject.toml), and rules depend on nothing that changes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.conventions.sources import ROOT, name_of, python_files, report

# import-linter sees only the first part of an outside name (`urllib`), so these are looked for here.
FORBIDDEN_IN_RULES = {"urllib.request", "http.client", "os", "logging"}
# The clock and chance, by the names that read them.
FORBIDDEN_NAMES = {"now", "today", "utcnow", "uuid1", "uuid4", "urandom", "localtime"}


def test_layers_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, "\n" + done.stdout + done.stderr


def test_rules_read_no_clock_no_chance_no_machine() -> None:
    offences = [
        f"{name_of(path)}:{line}: {what}"
        for path in python_files("src/rempart/desk/rules")
        for line, what in impurities(path.read_text(encoding="utf-8"))
    ]
    assert not offences, report(offences)


def impurities(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((node.lineno, f"imports {name}") for name in imported(node) & FORBIDDEN_IN_RULES)
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_NAMES:
            yield node.lineno, f"reads {node.attr}"


def imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    module = node.module or ""
    return {module, *(f"{module}.{alias.name}" for alias in node.names)}


def test_impurities_are_seen() -> None:
    assert list(impurities("from urllib import request"))
    assert list(impurities("import urllib.request"))
    assert list(impurities("from datetime import datetime\ndatetime.now()"))
    assert not list(impurities("from urllib.parse import urlsplit\nfrom datetime import datetime"))

"""Documentation says what the code does: its links lead somewhere, its tables equal those of the rules, its commands exist.

`docs/index.md` is the map: one line for each page, in both languages.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from rempart.desk.project.command import REPLAY, VERBS
from rempart.desk.rules.access import ROLES, Permission, Role
from rempart.desk.rules.notice import REHEARSAL_TEMPO, Tempo
from rempart.desk.rules.queue import TARGET_DELAY
from rempart.desk.rules.retention import Retention
from rempart.engine.commands.hash import parser as hash_parser
from rempart.engine.commands.index import parser as index_parser
from tests.conventions.sources import ROOT, name_of, report

DOCS = ROOT / "docs"
READ_BY_PEOPLE = (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
INDEX_VERBS: dict[str, argparse.ArgumentParser] = next(
    action.choices for action in index_parser()._actions if isinstance(action, argparse._SubParsersAction)
)
DAY, HOUR, MINUTE = 86_400, 3_600, 60


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """The anchor a heading gets on the usual forges."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


def test_links_lead_somewhere() -> None:
    offences = []
    for path in READ_BY_PEOPLE:
        for target in LINK.findall(CODE.sub("", text_of(path))):
            wrong = wrong_link(path, target)
            if wrong:
                offences.append(f"{name_of(path)}: {target}: {wrong}")
    assert not offences, report(offences)


def wrong_link(path: Path, target: str) -> str:
    if re.match(r"[a-z]+:", target):
        return ""
    name, _, anchor = target.partition("#")
    led_to = (path.parent / name).resolve() if name else path
    if not led_to.exists():
        return "does not exist"
    if anchor and led_to.suffix == ".md" and anchor not in {slug(one) for one in HEADING.findall(text_of(led_to))}:
        return "no such heading"
    return ""


def map_rows() -> list[tuple[str, str]]:
    """English and French page of each line of the map."""
    rows = []
    for line in text_of(DOCS / "index.md").splitlines():
        pages = [target for target in LINK.findall(line) if target.startswith(("en/", "fr/"))]
        if pages:
            assert len(pages) == 2, f"a line of the map has one page of each language: {line}"
            rows.append((pages[0], pages[1]))
    return rows


def test_both_languages_have_the_same_pages() -> None:
    rows = map_rows()
    for language, mapped in (("en", [en for en, _ in rows]), ("fr", [fr for _, fr in rows])):
        written = {path.relative_to(DOCS).as_posix() for path in (DOCS / language).rglob("*.md")}
        assert len(set(mapped)) == len(mapped)
        assert set(mapped) == written, f"{language}: the map and the folder differ: {set(mapped) ^ written}"
    folders = {"tutorial": "tutoriel", "how-to": "guides", "reference": "reference", "explanation": "explication"}
    assert all(folders[en.split("/")[1]] == fr.split("/")[1] for en, fr in rows)


def test_each_page_leads_to_the_other_language() -> None:
    offences = []
    for pair in map_rows():
        for here, other in (pair, pair[::-1]):
            first_lines = text_of(DOCS / here).splitlines()[:6]
            wanted = (DOCS / other).resolve()
            targets = [(DOCS / here).parent.joinpath(one).resolve() for one in LINK.findall("\n".join(first_lines))]
            if wanted not in targets:
                offences.append(f"{here} does not lead to {other} in its first lines")
    assert not offences, report(offences)


def test_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    verbs = {*VERBS, REPLAY}
    offences = []
    for path in READ_BY_PEOPLE:
        code = "\n".join(CODE.findall(text_of(path)))
        offences += [f"{name_of(path)}: make {one}" for one in re.findall(r"\bmake ([a-z-]+)", code) if one not in targets]
        named = re.findall(r"\brempart desk (?:--\S+ )*([a-z][a-z-]*)", code)
        offences += [f"{name_of(path)}: rempart desk {one}" for one in named if one not in verbs]
    assert not offences, report(offences)


def test_commands_of_the_engine_exist() -> None:
    """Each verb of `rempart index`, and each option beside `rempart hash` and `rempart index`."""
    known = {"index": {"--help"}, "hash": options_of(hash_parser())}
    offences = []
    for path in READ_BY_PEOPLE:
        code = "\n".join(CODE.findall(text_of(path)))
        offences += [
            f"{name_of(path)}: index {verb}" for verb in re.findall(r"\brempart index ([a-z]+)", code) if verb not in INDEX_VERBS
        ]
        for program, verb, options in re.findall(r"\brempart (hash|index)\b(?: ([a-z]+))?([^\n#|`]*)", code):
            allowed = options_of(INDEX_VERBS[verb]) if program == "index" and verb in INDEX_VERBS else known[program]
            offences += [f"{name_of(path)}: {program} {one}" for one in re.findall(r"--[a-z-]+", options) if one not in allowed]
    assert not offences, report(offences)


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    return {option for action in parser._actions for option in action.option_strings}


def test_files_named_in_code_exist() -> None:
    """A page about the code that names a module names one that is there."""
    offences = []
    for path in READ_BY_PEOPLE:
        for named in re.findall(r"`((?:src|tests|tools|docs|benchmarks)/[\w./-]+)`", text_of(path)):
            if not (ROOT / named).exists():
                offences.append(f"{name_of(path)}: {named}")
    assert not offences, report(offences)


def rows_of(page: str) -> dict[str, list[str]]:
    """Rows of the tables of a page whose first cell is `code`, by that code."""
    found = {}
    for line in text_of(DOCS / page).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = re.fullmatch(r"`(\w+)`", cells[0])
        if line.startswith("|") and name:
            found[name[1]] = cells[1:]
    return found


@pytest.mark.parametrize("page", ["en/reference/who-may-do-what.md", "fr/reference/qui-peut-quoi.md"])
def test_the_access_table_is_the_real_one(page: str) -> None:
    rows = rows_of(page)
    assert list(rows) == [permission.value for permission in Permission]
    for permission in Permission:
        marks = rows[permission.value][-len(Role) :]
        said = {role for role, mark in zip(Role, marks, strict=True) if mark}
        assert said == {role for role in Role if permission in ROLES[role]}, permission


def in_words(delay: timedelta) -> str:
    seconds = int(delay.total_seconds())
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds % size == 0 and seconds >= size and not (unit == "d" and seconds == DAY):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@pytest.mark.parametrize(("page", "day"), [("en/reference/delays.md", "d"), ("fr/reference/delais.md", "j")])
def test_the_delays_are_the_real_ones(page: str, day: str) -> None:
    rows = rows_of(page)
    for name in (field.name for field in fields(Tempo)):
        for column, tempo in ((-2, Tempo()), (-1, REHEARSAL_TEMPO)):
            value = getattr(tempo, name)
            wanted = in_words(value).replace(" d", f" {day}") if isinstance(value, timedelta) else str(value)
            assert rows[name][column] == wanted, name
    for field in fields(Retention):
        assert rows[field.name][-1] == in_words(getattr(Retention(), field.name)).replace(" d", f" {day}"), field.name
    for band, delay in TARGET_DELAY.items():
        assert rows[band.name.lower()][-1] == in_words(delay).replace(" d", f" {day}"), band


def test_decisions_are_short_and_dated() -> None:
    offences = []
    for path in sorted((DOCS / "adr").glob("*.md")):
        text = text_of(path)
        if not re.search(r"2026", "\n".join(text.splitlines()[:6])):
            offences.append(f"{path.name} has no date")
        if len(text.split()) > 700:
            offences.append(f"{path.name} is long: {len(text.split())} words")
    numbers = [path.name[:4] for path in sorted((DOCS / "adr").glob("*.md"))]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    assert not offences, report(offences)


def test_both_readmes_have_the_same_parts() -> None:
    parts = [len(HEADING.findall(CODE.sub("", text_of(ROOT / name)))) for name in ("README.md", "README.fr.md")]
    assert parts[0] == parts[1] > 5
    assert "README.fr.md" in text_of(ROOT / "README.md")
    assert "README.md" in text_of(ROOT / "README.fr.md")


def test_pictures_are_light_and_used() -> None:
    written = "\n".join(text_of(path) for path in READ_BY_PEOPLE)
    pictures = sorted((DOCS / "images").iterdir())
    offences = [f"{path.name} weighs {path.stat().st_size}" for path in pictures if path.stat().st_size > 200_000]
    offences += [f"{path.name} is shown nowhere" for path in pictures if f"images/{path.name}" not in written]
    assert not offences, report(offences)

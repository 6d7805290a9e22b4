"""Templates are used, what they call exists, and they hold nothing that our content security policy would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT, name_of, python_files, report

SUFFIXES = {".html", ".txt", ".svg", ".json", ".eml"}
CALLED = re.compile(r"""\{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")
COMMENTS = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)

# What to find → why it may not be there.
REFUSED = {
    r"<script(?![^>]*\bsrc=)[^>]*>": "a script without src: the policy refuses inline scripts",
    r"<style\b": "an inline stylesheet",
    r"<[^>]*\sstyle\s*=": "a style attribute",
    r"<[^>]*\son[a-z]+\s*=": "an on… attribute",
    r"javascript:": "a javascript: address",
    r"""<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*\s(?:src|href|data)\s*=\s*["']?(?:https?:)?//""": (
        "a resource of somebody else"
    ),
    r"\|\s*safe\b|autoescape\s+off": "escaping switched off",
    r"""\|\s*date:["'][^"']*\bj M\b""": "a month cut to three letters, which is no French: write N",
}
REFUSED_PATTERNS = {re.compile(pattern, re.IGNORECASE | re.DOTALL): why for pattern, why in REFUSED.items()}
HTML = {".html", ".svg"}


def templates() -> dict[str, Path]:
    """By the name a loader knows them under."""
    found: dict[str, Path] = {}
    for folder in (ROOT / "src").rglob("templates"):
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix in SUFFIXES:
                found[path.relative_to(folder).as_posix()] = path
    return found


TEMPLATES = templates()


def test_there_are_templates() -> None:
    assert TEMPLATES


def test_what_templates_call_exists() -> None:
    offences = [
        f"{name_of(path)}: calls {called}, which does not exist"
        for path in TEMPLATES.values()
        for called in calls(path)
        if called not in TEMPLATES
    ]
    assert not offences, report(offences)


def calls(path: Path) -> Iterator[str]:
    yield from CALLED.findall(COMMENTS.sub("", path.read_text(encoding="utf-8")))


def test_every_template_is_used() -> None:
    called = {name for path in TEMPLATES.values() for name in calls(path)}
    code = "\n".join(path.read_text(encoding="utf-8") for path in python_files("src"))
    offences = [name_of(path) for name, path in TEMPLATES.items() if name not in called and not is_named_in(code, name)]
    assert not offences, report(offences)


def is_named_in(code: str, name: str) -> bool:
    """By its whole name, or by a name made at run time: ``f"letter/{language}.txt"`` names every file of the folder."""
    if f'"{name}"' in code:
        return True
    made = (re.escape(part) for part in re.split(r"[^/.]+", name))
    pattern = r"[^/.\"\n]+".join(made)
    return any("{" in found for found in re.findall(rf'f"({pattern})"', code))


@pytest.mark.parametrize("pattern", REFUSED_PATTERNS, ids=list(REFUSED_PATTERNS.values()))
def test_nothing_the_policy_would_refuse(pattern: re.Pattern[str]) -> None:
    offences = []
    for path in TEMPLATES.values():
        if path.suffix in HTML:
            text = path.read_text(encoding="utf-8")
            offences += [f"{name_of(path)}:{text.count(chr(10), 0, at.start()) + 1}" for at in pattern.finditer(text)]
    assert not offences, f"{REFUSED_PATTERNS[pattern]}: {report(offences)}"


def test_scripts_and_styles_load_nothing_from_elsewhere() -> None:
    foreign = re.compile(r"""(?:@import|url\(|import\s*\(?|from|fetch\()\s*["'(]*(?:https?:)?//""")
    paths = [path for path in (ROOT / "src").rglob("static/**/*") if path.suffix in {".css", ".js", ".mjs"}]
    offences = [name_of(path) for path in paths if foreign.search(path.read_text(encoding="utf-8"))]
    assert paths
    assert not offences, report(offences)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<p class="a" style="color: red">',
        '<button onclick="go()">',
        '<img src="https://elsewhere.example/a.png">',
        '<link rel="stylesheet" href="//elsewhere.example/a.css">',
        '<a href="javascript:void(0)">',
        "{{ story|safe }}",
    ],
)
def test_each_would_be_seen(html: str) -> None:
    assert any(pattern.search(html) for pattern in REFUSED_PATTERNS)


@pytest.mark.parametrize(
    "html",
    [
        '<script type="module" src="{% static \'a.js\' %}"></script>',
        '<a href="https://www.service-public.fr/" rel="noreferrer">',
        '<meta name="x" content="style">',
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
    ],
)
def test_what_is_fine_passes(html: str) -> None:
    assert not any(pattern.search(html) for pattern in REFUSED_PATTERNS)

"""A fingerprint is as secret as the picture: the engine writes one in clear only where that is what it was asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT, name_of, python_files, report

ENGINE = "src/rempart/engine"
SPEAKING = {
    f"{ENGINE}/fingerprint.py",  # where hex() is defined
    f"{ENGINE}/video/text.py",  # files that others read
    f"{ENGINE}/commands/records.py",  # what `rempart hash` is for
}
CLEAR = {"hex", "hexlify", "b16encode", "b64encode"}
QUIET = {"print", "pprint"}


def clear_words(source: str) -> Iterator[tuple[int, str]]:
    """Lines that turn bytes into text, called or only named."""
    for node in ast.walk(ast.parse(source)):
        if (isinstance(node, ast.Attribute) and node.attr in CLEAR) or (isinstance(node, ast.Name) and node.id in CLEAR):
            yield node.lineno, ast.unparse(node)


def spoken_words(source: str) -> Iterator[tuple[int, str]]:
    """Lines that print or log."""
    for node in ast.walk(ast.parse(source)):
        is_print = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in QUIET
        imports = isinstance(node, (ast.Import, ast.ImportFrom)) and "logging" in ast.unparse(node)
        if is_print or imports:
            yield node.lineno, ast.unparse(node)


def offences_of(path: Path, words: Iterator[tuple[int, str]]) -> list[str]:
    return [f"{name_of(path)}:{line}: {what}" for line, what in words]


def test_fingerprints_are_written_in_few_places() -> None:
    found = {path: offences_of(path, clear_words(path.read_text(encoding="utf-8"))) for path in python_files(ENGINE)}
    offences = [one for path, ones in found.items() if name_of(path) not in SPEAKING for one in ones]
    assert not offences, report(offences)
    assert {name_of(path) for path, ones in found.items() if ones} == SPEAKING, "the list names no file without need"


def test_the_engine_neither_prints_nor_logs() -> None:
    """Its commands write what they were asked for; the rest answers its caller."""
    silent = [
        path for path in python_files(ENGINE) if not name_of(path).startswith((f"{ENGINE}/commands/", f"{ENGINE}/native/build"))
    ]
    offences = [one for path in silent for one in offences_of(path, spoken_words(path.read_text(encoding="utf-8")))]
    assert not offences, report(offences)


@pytest.mark.parametrize("source", ["pdq.hex()", "f'{row.tobytes().hex()}'", "binascii.hexlify(row)", "map(bytes.hex, rows)"])
def test_clear_words_are_seen(source: str) -> None:
    assert list(clear_words(source))
    assert not list(clear_words("bytes.fromhex(digits)"))


@pytest.mark.parametrize("source", ["print(x)", "import logging", "from logging import getLogger"])
def test_spoken_words_are_seen(source: str) -> None:
    assert list(spoken_words(source))
    assert not list(spoken_words("stream.write(x)"))


def test_the_engine_is_where_this_test_looks() -> None:
    assert len(python_files(ENGINE)) > 20
    assert (ROOT / ENGINE).is_dir()

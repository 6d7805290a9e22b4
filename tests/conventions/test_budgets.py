"""Small functions, small files, shallow nesting. No list of exceptions: what is too long is cut in two."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT, name_of, python_files, report

FUNCTION_LINES = 40
FILE_LINES = 400
NESTING = 3
LINE_SIGNS = 140  # of C++; ruff looks at Python

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def functions() -> Iterator[tuple[Path, Function]]:
    for path in python_files("src"):
        for node in ast.walk(ast.parse(path.read_bytes(), filename=name_of(path))):
            if isinstance(node, Function):
                yield path, node


def length(function: Function) -> int:
    """From `def` to the last line, documentation included; decorators are not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def nesting(node: ast.AST) -> int:
    """How many blocks lie one in another. An `elif` is no deeper than its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (Function, ast.ClassDef, ast.Lambda)):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        step = 1 if isinstance(child, BLOCKS) and not is_elif else 0
        deepest = max(deepest, nesting(child) + step)
    return deepest


def test_functions_are_short() -> None:
    offences = [
        f"{name_of(path)}:{function.lineno}: {function.name}() has {length(function)} lines, {FUNCTION_LINES} at most"
        for path, function in functions()
        if length(function) > FUNCTION_LINES
    ]
    assert not offences, report(offences)


NATIVE = ROOT / "src/rempart/engine/native"
CPP = tuple(sorted(path for path in NATIVE.iterdir() if path.suffix in {".cpp", ".h", ".inl"}))
# A function begins at the margin and ends at it; so do namespaces and types, which are no functions.
OPENING = re.compile(r"(?!namespace|struct|enum|class|union|#|//)[\w\s:<>&*,\[\]]+\([^;]*$")


def cpp_functions(source: str) -> Iterator[tuple[int, int]]:
    """First line and number of lines of each block that begins at the margin."""
    start = 0
    for number, line in enumerate(source.splitlines(), start=1):
        if not start and OPENING.match(line):
            start = number
        elif start and line.startswith("}"):
            yield start, number - start + 1
            start = 0
        elif start and line.endswith(";") and not line.startswith((" ", "\t")):
            start = 0  # it was a declaration


@pytest.mark.parametrize("path", CPP, ids=lambda path: path.name)
def test_cpp_is_short_too(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    offences = [f"{path.name}: {len(lines)} lines, {FILE_LINES} at most"] if len(lines) > FILE_LINES else []
    offences += [
        f"{path.name}:{number}: {len(line)} signs" for number, line in enumerate(lines, start=1) if len(line) > LINE_SIGNS
    ]
    offences += [f"{path.name}:{start}: {length} lines" for start, length in cpp_functions(source) if length > FUNCTION_LINES]
    assert not offences, report(offences)


def test_cpp_functions_are_seen() -> None:
    source = (
        "namespace {\n\nint one() {\n  return 1;\n}\n\nint two(int a,\n        int b) {\n  if (a) {\n  }\n  return b;\n}\n}\n"
    )
    assert list(cpp_functions(source)) == [(3, 3), (7, 6)]
    assert sum(length for path in CPP for _, length in cpp_functions(path.read_text(encoding="utf-8"))) > 300


def test_functions_are_shallow() -> None:
    offences = [
        f"{name_of(path)}:{function.lineno}: {function.name}() is nested {nesting(function)} deep, {NESTING} at most"
        for path, function in functions()
        if nesting(function) > NESTING
    ]
    assert not offences, report(offences)


@pytest.mark.parametrize("folder", ["src", "tests", "tools", "benchmarks"])
def test_files_are_short(folder: str) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(folder)}
    offences = [f"{name_of(path)}: {lines} lines, {FILE_LINES} at most" for path, lines in lengths.items() if lines > FILE_LINES]
    assert not offences, report(offences)


@pytest.mark.parametrize(
    ("source", "depth"),
    [
        ("def f():\n  return 1", 0),
        ("def f():\n  if a:\n    pass\n  elif b:\n    pass\n  elif c:\n    pass", 1),
        ("def f():\n  for a in b:\n    if a:\n      with c:\n        pass", 3),
        ("def f():\n  try:\n    pass\n  except E:\n    if a:\n      pass", 2),
        ("def f():\n  if a:\n    pass\n  else:\n    b()\n    if c:\n      pass", 2),
        ("def f():\n  if a:\n    def g():\n      if b:\n        pass", 1),
    ],
)
def test_nesting_is_counted_as_a_reader_would(source: str, depth: int) -> None:
    assert nesting(ast.parse(source).body[0]) == depth

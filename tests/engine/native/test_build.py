"""Building the library: which compiler, and whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rempart.engine.native import build
from rempart.engine.native.build import CompilerFailed, find_compiler

# Stands for a compiler: writes its own arguments where it was told to, and fails where it was told to.
COMPILER = """#!/bin/sh
case "$*" in *{fails_at}*) echo "no such word"; exit 1;; esac
all="$*"
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo "$all" > "$2"; shift; done
"""


def compiler(folder: Path, *, fails_at: str = "never") -> list[str]:
    program = folder / "compiler"
    program.write_text(COMPILER.format(fails_at=fails_at))
    program.chmod(0o755)
    return [str(program)]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CXX", "REMPART_NO_COMPILER"):
        monkeypatch.delenv(name, raising=False)


def test_the_compiler_of_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = compiler(tmp_path)[0]
    monkeypatch.setenv("CXX", f"{named} -Dwith='two words'")
    assert find_compiler() == [named, "-Dwith=two words"]


def test_a_compiler_that_is_named_and_missing_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert find_compiler() is None


def test_there_may_be_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_compiler() is None
    (tmp_path / "g++").touch(mode=0o755)
    assert find_compiler() == ["g++"]
    monkeypatch.setenv("REMPART_NO_COMPILER", "1")
    assert find_compiler() is None


def test_every_source_is_compiled_and_linked(tmp_path: Path) -> None:
    build.build(tmp_path / "made.so", compiler(tmp_path))
    linked = (tmp_path / "made.so").read_text()
    assert all(f"/{source.stem}.o" in linked for source in build.sources())
    assert "-march" not in linked
    assert "-ffp-contract=off" in linked
    assert f'"{build.digest()}"' not in linked, "the name goes to the compiler, once for each source"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compiler", "made.so"]


@pytest.mark.parametrize("stage", ["cpu.cpp", "-shared"])
def test_a_failure_leaves_what_was_there(tmp_path: Path, stage: str) -> None:
    output = tmp_path / "made.so"
    output.write_text("the former library")
    with pytest.raises(CompilerFailed, match="no such word"):
        build.build(output, compiler(tmp_path, fails_at=stage))
    assert output.read_text() == "the former library"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compiler", "made.so"]


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["build.py", "--output", str(tmp_path / "made.so")]
    monkeypatch.setattr("sys.argv", command)
    monkeypatch.setenv("REMPART_NO_COMPILER", "1")
    assert build.main() == 1
    assert "No C++ compiler" in capsys.readouterr().err
    monkeypatch.delenv("REMPART_NO_COMPILER")
    monkeypatch.setenv("CXX", compiler(tmp_path, fails_at="cpu.cpp")[0])
    assert build.main() == 1
    assert "no such word" in capsys.readouterr().err
    monkeypatch.setenv("CXX", compiler(tmp_path)[0])
    assert build.main() == 0
    assert (tmp_path / "made.so").exists()

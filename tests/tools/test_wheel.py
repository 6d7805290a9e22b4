"""What is published: an archive that is complete, a wheel that says what it holds, an engine that works without a compiler."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import hatch_build
from tests.project.commands import clean_environment
from tools import wheel

pytestmark = pytest.mark.slow
ROOT = wheel.ROOT


def test_a_wheel_without_compiler_works_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert wheel.main(["--without-compiler", "--output", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    (made,) = tmp_path.glob("*.whl")
    assert made.name.endswith("-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(made).namelist() if name.endswith((".so", ".o"))]
    assert "without its compiled half" in said
    assert "The trial is over: every answer was right." in said


def checkout(folder: Path) -> Path:
    """The files that the wheel is built from, and no git around them: what is built here touches nobody's checkout."""
    for name in ("src", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.mo"))
        else:
            shutil.copy(source, folder / name)
    return folder


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    return subprocess.run(command, cwd=folder, env=clean_environment(**environment), capture_output=True, text=True, timeout=300)


def test_a_compiler_that_fails_is_not_passed_over(tmp_path: Path) -> None:
    """Nobody would notice that the engine is slow: the way around is named instead."""
    done = build(checkout(tmp_path), CXX="false")
    assert done.returncode == 1
    assert "The C++ compiler did not succeed" in done.stderr
    assert "set REMPART_NO_COMPILER=1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.whl"))


def test_a_missing_compiler_is_said(tmp_path: Path) -> None:
    done = build(checkout(tmp_path), CXX="no-such-compiler")
    assert done.returncode == 0, done.stderr
    assert hatch_build.NO_COMPILER in done.stderr
    assert [made.name.split("-", 2)[2] for made in tmp_path.rglob("*.whl")] == ["py3-none-any.whl"]


@pytest.mark.parametrize(
    ("symbols", "oldest"), [([b"GLIBC_2.2.5"], 17), ([b"GLIBC_2.34", b"GLIBC_2.4", b"GLIBC_2.9"], 34), ([b"GLIBCXX_3.4.29"], 17)]
)
def test_the_name_of_a_wheel_says_how_old_a_system_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, symbols: list[bytes], oldest: int
) -> None:
    monkeypatch.setenv("_PYTHON_HOST_PLATFORM", "linux-x86_64")
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.40"))
    library = tmp_path / "_engine.so"
    library.write_bytes(b"\0" + b"\0".join(symbols) + b"\0")
    assert hatch_build.platform_of(library) == f"manylinux_2_{oldest}_x86_64"


@pytest.mark.parametrize(
    ("system", "libc", "name"), [("linux-x86_64", "", "linux_x86_64"), ("macosx-14.0-arm64", "", "macosx_14_0_arm64")]
)
def test_elsewhere_it_keeps_the_usual_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, libc: str, name: str
) -> None:
    monkeypatch.setenv("_PYTHON_HOST_PLATFORM", system)
    monkeypatch.setattr("platform.libc_ver", lambda: (libc, ""))
    assert hatch_build.platform_of(tmp_path / "never read") == name

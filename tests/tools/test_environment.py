"""When an environment is made again: for what changes in it, and for nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import environment
from tools.environment import LOCKS, NATIVE, SOURCE_LOCK, digest, is_ready, stamp

NAMES = ("run", "dev")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that decide, and an environment that was just made of them."""
    for name in ("pyproject.toml", "hatch_build.py", *LOCKS.values(), SOURCE_LOCK):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(environment.ROOT / name, tmp_path / name)
    shutil.copytree(environment.ROOT / NATIVE, tmp_path / NATIVE, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.delenv("REMPART_NO_COMPILER", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", python)
    for name in NAMES:
        stamp(name).write_text(digest(name))
    return tmp_path


def append(name: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def change(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with (checkout / name).open("a") as file:
            file.write("\n# changed\n")

    return change


def a_compiler_comes_or_goes(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = checkout / "programs"
    path.mkdir()
    if shutil.which("c++"):
        monkeypatch.setenv("PATH", str(path))
    else:
        (path / "c++").touch(mode=0o755)
        monkeypatch.setenv("PATH", str(path))


def ruff_is_set_otherwise(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace("line-length = 130", "line-length = 120"))


def test_what_was_just_made_is_ready(checkout: Path) -> None:
    assert all(is_ready(name) for name in NAMES)


def test_the_development_environment_can_run_the_desk(checkout: Path) -> None:
    stamp("run").unlink()
    assert is_ready("run")
    stamp("dev").unlink()
    assert not is_ready("run")


@pytest.mark.parametrize(
    "change",
    [
        append(f"{NATIVE}/cpu.cpp"),
        append(f"{NATIVE}/exported.h"),
        append(f"{NATIVE}/build.py"),
        append("hatch_build.py"),
        a_compiler_comes_or_goes,
    ],
)
def test_the_engine_is_built_again(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path, pytest.MonkeyPatch], None]
) -> None:
    change(checkout, monkeypatch)
    assert not any(is_ready(name) for name in NAMES)


def test_what_tests_compile_is_no_affair_of_the_desk(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(SOURCE_LOCK)(checkout, monkeypatch)
    assert is_ready("run")
    assert not is_ready("dev")


def test_the_settings_of_a_tool_change_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ruff_is_set_otherwise(checkout, monkeypatch)
    assert all(is_ready(name) for name in NAMES)

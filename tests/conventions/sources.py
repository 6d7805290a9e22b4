"""The files the conventions speak of."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "test-results", "screenshots", "__pycache__"}


@cache
def python_files(folder: str) -> tuple[Path, ...]:
    """Migrations are written by Django: they obey no budget."""
    return tuple(path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git keeps or would keep; everything, where there is no git (an unpacked source archive)."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        found = [path for path in ROOT.rglob("*") if not NOT_OURS & set(path.relative_to(ROOT).parts)]
    else:
        found = [ROOT / name for name in done.stdout.split("\0") if name]
    return tuple(path for path in sorted(found) if path.is_file())


def text_of(path: Path) -> str | None:
    """None for what is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def report(offences: list[str]) -> str:
    return "\n" + "\n".join(offences)

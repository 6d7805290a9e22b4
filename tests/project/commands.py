"""Typing `rempart …` as a person would: another process, a folder of its own, nothing inherited from the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import postgres

REMPART = str(Path(sys.executable).with_name("rempart"))
ANSWERS = (
    "--association=Les Phares",
    "--contact-email=desk@phares.example",
    "--public-url=https://desk.phares.example",
    "--mail-server=127.0.0.1:9",
    "--administrator=camille",
)
PASSWORD = "une lampe dans la brume 7"


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what belongs to the tests' own installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REMPART_", "DJANGO_"))}
    return {**kept, **more}


@dataclass
class Terminal:
    """Somebody at a terminal, in one folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def type(self, *words: str, answers: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Type a command and wait for its end."""
        return subprocess.run(
            [REMPART, *words],
            cwd=self.folder,
            env=clean_environment(**self.environment, **environment),
            input=answers,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def python(self, code: str) -> str:
        """Run a few lines inside this installation, as the desk's own processes would."""
        head = "import django; django.setup()\n"
        environment = {
            "DJANGO_SETTINGS_MODULE": "rempart.desk.project.settings",
            "REMPART_SETTINGS": str(self.folder / "rempart.toml"),
            **self.environment,
        }
        done = subprocess.run(
            [sys.executable, "-c", head + code],
            cwd=self.folder,
            env=clean_environment(**environment),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def init(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Make a desk, asking nothing."""
        return self.type("desk", "init", "--yes", *ANSWERS, "--password-stdin", *more, answers=PASSWORD + "\n")


RECEIVE = """
from datetime import UTC, datetime
from rempart.desk.rules.report import Draft
from rempart.desk.stages.intake.steps import receive_report
receive_report(Draft({address!r}, "fr"), now=datetime.now(UTC))
"""

READ_ALL = """
from rempart.desk.stages.intake import queries
from rempart.desk.stages.intake.models import Item
print("\\n".join(queries.typed(item) for item in Item.objects.order_by("pk")))
"""


def receive(terminal: Terminal, address: str) -> None:
    """A report arrives."""
    terminal.python(RECEIVE.format(address=address))


def reported(terminal: Terminal) -> list[str]:
    """Every address reported, read with the keys."""
    return terminal.python(READ_ALL).split()


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """A refusal is a sentence on the error output, exit code 1, and no traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert all(word in done.stderr for word in words), done.stderr


def make_database(socket: Path, name: str) -> None:
    """An empty database on the private cluster."""
    with psycopg.connect(postgres.address(socket, "postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')

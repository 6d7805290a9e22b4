"""The keyring of a desk: made with it, never again in silence, in no archive; what was taken back stays so after a restore."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rempart.desk.project import keyring_file
from rempart.desk.project.doctor import configured
from rempart.desk.project.doctor.findings import Severity
from rempart.desk.project.opening import Opened
from rempart.desk.registers.installation.config import Config
from rempart.desk.registers.vault.keyring import Keyring
from rempart.engine import IndexStore, rows_of
from tests import cast
from tests.project.commands import Terminal
from tests.registers.bank.pictures import pdq, protect

PROTECT = """
from datetime import UTC, datetime
from tests.registers.bank.pictures import pdq, protect
from rempart.desk.registers.bank.search import search
from rempart.desk.stages.intake import protecting
now = datetime.now(UTC)
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A real desk, with a database of its own; its processes find the tests' helpers."""
    root = Path(__file__).resolve().parents[2]
    made = Terminal(tmp_path_factory.mktemp("desk"), {"PYTHONPATH": str(root)})
    done = made.init()
    assert done.returncode == 0, done.stderr
    return made


def found(desk: Terminal) -> list[str]:
    """Which of the two pictures the desk finds, and where they stand."""
    shown = desk.python(
        PROTECT + "from rempart.desk.registers.bank.models import Protection\n"
        "print([len(search.near([pdq(f'{name} whole')])) for name in 'ab'],"
        " *Protection.objects.order_by('pk').values_list('trust', flat=True))"
    )
    return shown.split(maxsplit=2)


@pytest.mark.slow
def test_what_was_taken_back_does_not_come_back_with_an_old_backup(desk: Terminal) -> None:
    ring = Keyring(desk.folder / "keyring.sqlite3")
    assert ring.exists()
    backups = desk.folder / "backups"
    backups.mkdir()
    desk.python(PROTECT + "protect('a', now=now); protect('b', now=now)")
    done = desk.type("desk", "backup", "backups/monday")
    assert "in place of the copy before" in done.stdout
    keys = keys_in(ring.path)
    assert keys == keys_in(backups / "keyring.sqlite3")
    assert len(keys) == 2
    desk.python(
        PROTECT + "from rempart.desk.registers.bank import steps\nfrom rempart.desk.registers.bank.models import Protection\n"
        "from rempart.desk.rules.trust import Fact\nsteps.end(Protection.objects.filter(pk=1), Fact.WITHDRAWAL, now=now)"
    )
    (gone,) = keys - keys_in(ring.path)
    assert found(desk) == ["[0,", "1]", "withdrawn self_declared\n"]
    desk.type("desk", "backup", "backups/tuesday")
    # No archive holds a key, and the one copy no forgotten one.
    assert all(key not in (backups / name).read_bytes() for key in keys for name in ("monday", "tuesday"))
    assert gone not in (backups / "keyring.sqlite3").read_bytes()
    done = desk.type("desk", "restore", "backups/monday", "--replace")
    assert done.returncode == 0, done.stderr
    assert "1 protection(s) taken back since then stay taken back." in done.stdout
    assert found(desk) == ["[0,", "1]", "withdrawn self_declared\n"]
    lost_and_found(desk, ring, backups / "keyring.sqlite3")


def lost_and_found(desk: Terminal, ring: Keyring, copy: Path) -> None:
    """The keyring is lost: said, never made anew; its copy put back, all is as before."""
    ring.path.unlink()
    assert "is missing" in desk.type("desk", "migrate").stdout
    assert not ring.exists()
    assert found(desk) == ["[0,", "0]", "withdrawn self_declared\n"]
    findings = json.loads(desk.type("desk", "check", "--json").stdout)["findings"]
    assert [one["severity"] for one in findings if one["name"] == "keyring"] == ["unsafe"]
    shutil.copy(copy, ring.path)
    assert found(desk) == ["[0,", "1]", "withdrawn self_declared\n"]


@pytest.mark.slow
def test_the_keyring_of_another_desk_is_not_overwritten(desk: Terminal, tmp_path: Path) -> None:
    other = Keyring(tmp_path / "keyring.sqlite3")
    other.make()
    identity = other.identity()
    done = desk.type("desk", "backup", str(tmp_path / "b"))
    assert done.returncode != 0
    assert "another desk" in done.stderr
    assert other.identity() == identity


def keys_in(path: Path) -> set[bytes]:
    with sqlite3.connect(path) as opened:
        return {key for (key,) in opened.execute("SELECT key FROM keys")}


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    (tmp_path / "keys.json").touch(mode=0o600)
    return Opened(Config(), None, tmp_path)


@pytest.mark.django_db
def test_a_desk_older_than_the_keyring_gets_one_and_is_told(opened: Opened) -> None:
    told = keyring_file.make_if_new(opened)
    assert told is not None
    assert "was made" in told
    assert opened.keyring.exists()
    assert keyring_file.make_if_new(opened) is None


@pytest.mark.django_db
def test_once_something_is_protected_it_is_never_made_again(opened: Opened) -> None:
    protect("a", now=cast.MONDAY)
    told = keyring_file.make_if_new(opened)
    assert told is not None
    assert "is missing" in told
    assert not opened.keyring.exists()


def test_the_doctor_looks_at_the_index_of_well_known_pictures(opened: Opened) -> None:
    IndexStore.build(opened.folder / "known", rows_of([pdq("flag")]), np.array([1], dtype=np.uint64))
    seen = []
    for named in ("", "known", "nowhere"):
        (finding,) = configured.well_known(replace(opened, config=Config(well_known_pictures=named)), cast.MONDAY)
        seen.append(finding.severity)
    assert seen == [Severity.CARE, Severity.GOOD, Severity.UNSAFE]


def test_the_doctor_looks_at_it(opened: Opened) -> None:
    def severity() -> Severity:
        (finding,) = configured.keyring(opened, cast.MONDAY)
        return finding.severity

    assert severity() is Severity.UNSAFE
    opened.keyring.make()
    assert severity() is Severity.GOOD
    opened.keyring.path.chmod(0o640)
    assert severity() is Severity.UNSAFE
    opened.keyring.path.write_bytes(b"something else " * 50)
    opened.keyring.path.chmod(0o600)
    assert severity() is Severity.UNSAFE
    assert replace(opened, folder=opened.folder / "x").keyring.path == opened.folder / "x" / "keyring.sqlite3"

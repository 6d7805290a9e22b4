"""``rempart desk export-list`` as it is typed: the file, its manifest, its signatures; and ``threatexchange`` reads it."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.exchange.platform import Platform
from tests.project.commands import Terminal, assert_refused

pytestmark = pytest.mark.slow

PLANT = """
from datetime import UTC, datetime
from benchmarks.planted import plant
from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Protection
now = datetime.now(UTC)
plant(5, now=now, views=3)
facts.raise_alarm(Protection.objects.latest("pk").pk, "popular", now=now)
"""
PLATFORM = """
from datetime import UTC, datetime
from rempart.desk.registers.directory import steps
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.models import RecipientKind
steps.add_recipient(Details(kind=RecipientKind.PLATFORM, name="Piximi"), by=None, now=datetime.now(UTC))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    terminal = Terminal(tmp_path_factory.mktemp("desk"))
    assert terminal.init().returncode == 0
    terminal.python(PLATFORM)
    terminal.python(PLANT)
    return terminal


@pytest.fixture(scope="module")
def key(desk: Terminal) -> str:
    desk.type("desk", "client", "add", "Piximi", "--list", "minors")
    return str(json.loads(desk.type("desk", "client", "list", "--json").stdout)[0]["key_id"])


def test_a_file_with_its_manifest_and_signatures(desk: Terminal, key: str, tmp_path: Path) -> None:
    target = tmp_path / "list.txt"
    done = desk.type("desk", "export-list", "minors", str(target), "--client", key)
    assert done.returncode == 0, done.stderr
    lines = target.read_text().splitlines()
    assert len(set(lines)) == len(lines) == 12, "four that should be blocked, three views each"
    told = json.loads((tmp_path / "list.txt.json").read_text())
    assert (told["entries"], told["fingerprints"], told["list"], told["client"]) == (4, 12, "minors", key)
    assert told["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert lines[0].split()[1] not in done.stderr
    if shutil.which("minisign"):
        (tmp_path / "key.pub").write_text(desk.type("desk", "export-list", "--public-key").stdout)
        for name in ("list.txt", "list.txt.json"):
            command = ["minisign", "-V", "-H", "-q", "-p", "key.pub", "-m", name]
            assert subprocess.run(command, cwd=tmp_path).returncode == 0
    local = ["config", "collab", "edit", "local_file", "--create", "--filename", str(target), "FILE"]
    platform = Platform(tmp_path)
    platform.does(*local)
    platform.does("fetch", "--only-collab", "FILE")
    assert "FILE" in platform.matches(lines[0].split()[1])


def test_packed_and_without_other_views(desk: Terminal, key: str, tmp_path: Path) -> None:
    target = tmp_path / "list.txt.gz"
    done = desk.type("desk", "export-list", "minors", str(target), "--client", key, "--gzip", "--whole-only")
    assert done.returncode == 0, done.stderr
    assert len(gzip.decompress(target.read_bytes()).splitlines()) == 4


def test_refusals(desk: Terminal, key: str, tmp_path: Path) -> None:
    target = str(tmp_path / "list.txt")
    assert_refused(desk.type("desk", "export-list"), "needed")
    assert_refused(desk.type("desk", "export-list", "minors", target, "--client", "k222222222222"), "No client has this key")
    assert_refused(desk.type("desk", "export-list", "adults", target, "--client", key), "may not read")
    assert_refused(
        desk.type("desk", "export-list", "minors", str(tmp_path / "no" / "x"), "--client", key), "could not be written"
    )
    assert not list(tmp_path.iterdir())

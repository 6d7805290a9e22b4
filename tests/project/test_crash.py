"""Nothing acknowledged is lost, nothing goes twice, nothing stays stuck, whatever is killed whenever.

A real desk (web, two workers) takes 1,000 reports over HTTP while its processes are killed fifty times at random. Then the
machine is left in peace, with a clock that hurries, until everything has gone to its end.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.project.commands import make_database
from tests.project.crash_desk import Desk, Killer, Senders

REPORTS, KILLS = 1_000, 50
SEED = 20_261_122


@pytest.mark.slow
def test_crashes_on_sqlite(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path, "")
    crash_and_judge(desk)
    restored = tmp_path / "restored"
    shutil.copytree(desk.settings_file.parent, restored, ignore=shutil.ignore_patterns("desk.sqlite3*", "heartbeats"))
    judge_restored(desk, restored)


@pytest.mark.slow
@pytest.mark.postgres
def test_crashes_on_postgres(tmp_path: Path, postgres_socket: Path) -> None:
    for name in ("crash", "crash_restored"):
        make_database(postgres_socket, name)
    desk = Desk.at(tmp_path, postgres.address(postgres_socket, "crash"))
    crash_and_judge(desk)
    restored = tmp_path / "restored"
    shutil.copytree(desk.settings_file.parent, restored, ignore=shutil.ignore_patterns("heartbeats"))
    desk.environment["REMPART_DATABASE"] = postgres.address(postgres_socket, "crash_restored")
    judge_restored(desk, restored)


def crash_and_judge(desk: Desk) -> None:
    began = time.monotonic()
    desk.start()
    people = desk.people("live", str(desk.folder))
    try:
        senders, killer = crash(desk)
    finally:
        (desk.folder / "stop").touch()
        seconds_to_stop = desk.stop()
    _, errors = people.communicate(timeout=60)
    assert people.returncode == 0, errors[-3000:]
    with desk.invented_world():
        doubts = json.loads(desk.ask("finish"))
    facts = json.loads(desk.ask("check", str(desk.folder)))
    print(
        f"\n{len(senders.acknowledged)} reports acknowledged, {sum(killer.hit.values())} kills {dict(killer.hit)}, "
        f"{senders.broken_lines} broken lines, doubts {doubts}, {facts['notices']['sent']} notices, "
        f"stopped in {seconds_to_stop:.1f} s, {time.monotonic() - began:.0f} s in all"
    )
    judge(facts)
    assert facts["reports"] >= REPORTS
    assert sum(killer.hit.values()) == KILLS
    assert seconds_to_stop < 15


def crash(desk: Desk) -> tuple[Senders, Killer]:
    """One kill for every twenty reports, and a backup in the middle of it all."""
    senders, killer = Senders(desk, REPORTS), Killer(desk, SEED)
    senders.start()
    backup: subprocess.CompletedProcess[str] | None = None
    for number in range(KILLS):
        while len(senders.acknowledged) < number * REPORTS // KILLS:
            assert not senders.are_done
            time.sleep(0.02)
        if number == KILLS // 2:
            senders.write_down(desk.folder / "acknowledged-before-backup")
            backup = desk.type("desk", "backup", str(desk.folder / "halfway"))
        killer.kill_one()
    while not senders.are_done:
        time.sleep(0.1)
    senders.write_down(desk.folder / "acknowledged")
    assert len(senders.acknowledged) == REPORTS
    assert backup is not None
    assert backup.returncode == 0, backup.stderr
    return senders, killer


def judge(facts: dict[str, Any]) -> None:
    """The promises."""
    assert facts["lost"] == []
    assert facts["items"].keys() == {"closed"}, facts["items"]
    assert facts["unanswered"] == 0
    assert facts["open duties"] == {}
    notices = facts["notices"]
    assert notices["addresses"] > 100
    for broken in ("sent without mail", "mail without sent", "same mail twice", "same address twice"):
        assert notices[broken] == [], broken
    assert notices["neither sent nor cancelled"] == 0


def judge_restored(desk: Desk, folder: Path) -> None:
    """The backup taken while everything was being killed opens, whole, with everything acknowledged before it."""
    settings = folder / "rempart.toml"
    done = desk.type("desk", "restore", str(desk.folder / "halfway"), settings=settings)
    assert done.returncode == 0, done.stderr
    shutil.copy(desk.folder / "acknowledged-before-backup", folder / "acknowledged")
    # From here on the scripted people look into the restored copy.
    shutil.rmtree(desk.settings_file.parent)
    shutil.copytree(folder, desk.settings_file.parent)
    facts = json.loads(desk.ask("check", str(folder)))
    acknowledged = len((folder / "acknowledged").read_text().splitlines())
    assert facts["lost"] == []
    assert acknowledged >= REPORTS // 2 - REPORTS // KILLS
    assert facts["reports"] >= acknowledged
    assert facts["notices"]["same mail twice"] == []
    assert facts["notices"]["same address twice"] == []

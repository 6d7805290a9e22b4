"""The command as people type it: real processes on a real installation."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import stat
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from rempart import cli
from rempart.desk.registers.installation.config import Config
from tests import postgres
from tests.project.commands import ANSWERS, Terminal, assert_refused, make_database, receive, reported

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A desk made once; tests that change it take a copy."""
    terminal = Terminal(tmp_path_factory.mktemp("desk"))
    done = terminal.init()
    assert done.returncode == 0, done.stderr
    return terminal


@pytest.fixture
def desk(made: Terminal, tmp_path: Path) -> Iterator[Terminal]:
    """A desk of one's own."""
    folder = tmp_path / "desk"
    shutil.copytree(made.folder, folder)
    return Terminal(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestInit:
    def test_keys_are_for_their_owner_alone(self, made: Terminal) -> None:
        assert mode(made.folder / "keys.json") == 0o600
        assert mode(made.folder / "rempart.toml") == 0o640
        assert mode(made.folder / "var") == 0o700

    def test_the_file_names_every_setting(self, made: Terminal) -> None:
        text = (made.folder / "rempart.toml").read_text()
        values = tomllib.loads(text)
        for setting in fields(Config):
            assert setting.name in values or f"\n# {setting.name} = " in text, setting.name
        assert values["public_url"] == "https://desk.phares.example"
        assert values["behind_proxy"] is True
        assert "desk.phares.example" in values["hosts"]

    def test_the_administrator_can_be_checked_and_is_alone(self, made: Terminal) -> None:
        code = (
            "from rempart.desk.registers.people.models import Person\nprint(*Person.objects.values_list('sign_in_name', 'role'))"
        )
        assert made.python(code).strip() == "('camille', 'administrator')"
        assert "argon2$argon2id$" in made.python(
            "from rempart.desk.registers.people.models import Person\nprint(Person.objects.get().password)"
        )

    def test_nothing_is_ever_overwritten(self, desk: Terminal) -> None:
        before = (desk.folder / "keys.json").read_bytes()
        assert_refused(desk.init(), "already exists")
        (desk.folder / "rempart.toml").unlink()
        assert_refused(desk.init(), "never overwritten")
        assert (desk.folder / "keys.json").read_bytes() == before

    def test_questions_are_asked_again_until_they_can_be_used(self, tmp_path: Path) -> None:
        answers = "klingon\nfr\nLes Phares\nnowhere\nhttps://desk.phares.example\nnobody\na@phares.example\n\n\ncamille\n"
        done = Terminal(tmp_path).type("desk", "init", "--password-stdin", answers=answers + "une lampe dans la brume 7\n")
        assert done.returncode == 0, done.stderr
        assert "Type fr or en." in done.stdout
        assert "This does not look like an e-mail address." in done.stdout
        assert "Nom de l’association" in (tmp_path / "rempart.toml").read_text()

    def test_a_weak_password_is_refused_with_its_reason(self, tmp_path: Path) -> None:
        done = Terminal(tmp_path).type("desk", "init", "--yes", *ANSWERS, "--password-stdin", answers="1234\n")
        assert_refused(done, "password")

    def test_a_password_nobody_chose_is_shown_once(self, tmp_path: Path) -> None:
        done = Terminal(tmp_path).type("desk", "init", "--yes", *ANSWERS)
        assert done.returncode == 0, done.stderr
        shown = done.stdout.split("Password, shown only once: ")[1].splitlines()[0]
        assert len(shown) == 23
        assert shown not in (tmp_path / "rempart.toml").read_text()


class TestRefusals:
    def test_without_a_desk(self, tmp_path: Path) -> None:
        for verb in (["run"], ["migrate"], ["settings"], ["backup", "x"], ["person", "add", "x", "--role", "analyst"]):
            assert_refused(Terminal(tmp_path).type("desk", *verb), "rempart desk init")

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("thread = 3", "no setting named thread"),
            ("threads = '3'", "threads must be a whole number"),
            ("threads = ", "cannot be read"),
            ("keys_file = 'elsewhere.json'", "does not exist"),
        ],
    )
    def test_settings_that_cannot_be_used(self, desk: Terminal, line: str, words: str) -> None:
        with (desk.folder / "rempart.toml").open("a") as file:
            file.write(line + "\n")
        assert_refused(desk.type("desk", "run"), words)

    def test_a_database_that_does_not_answer(self, desk: Terminal) -> None:
        where = f"postgresql://rempart@/desk?host={desk.folder}"
        assert_refused(desk.type("desk", "run", REMPART_DATABASE=where), "database")
        assert_refused(desk.type("desk", "migrate", REMPART_DATABASE=where), "cannot be reached")

    def test_a_database_nobody_founded(self, desk: Terminal) -> None:
        (desk.folder / "var" / "desk.sqlite3").unlink()
        assert_refused(desk.type("desk", "run"), "rempart desk init")

    def test_misspelt_words_are_named(self) -> None:
        assert cli.main(["dek"]) == 2
        assert cli.main([]) == 2
        assert cli.main(["--help"]) == 0


class TestRehearsalAndReality:
    """They never mix, whichever way one tries."""

    def test_a_real_desk_never_becomes_a_rehearsal(self, desk: Terminal) -> None:
        for words in (["desk", "run"], ["desk", "run", "--rehearsal", "--settings", "rempart.toml"], ["desk", "migrate"]):
            assert_refused(desk.type(*words, REMPART_IS_REHEARSAL="true"), "holds real reports")
        worker = "from rempart.desk.project.worker import main; print(main([]))"
        assert Terminal(desk.folder, {"REMPART_IS_REHEARSAL": "true"}).python(worker).strip() == "1"

    def test_the_web_process_refuses_even_when_started_by_hand(self, desk: Terminal) -> None:
        code = (
            "from rempart.desk.registers.installation.steps import WrongInstallation\n"
            "try:\n    import rempart.desk.project.wsgi\nexcept WrongInstallation: print('refused')"
        )
        assert Terminal(desk.folder, {"REMPART_IS_REHEARSAL": "true"}).python(code).strip() == "refused"
        assert desk.python(code) == ""

    def test_a_rehearsal_does_not_run_on_real_settings(self, desk: Terminal) -> None:
        assert_refused(desk.type("desk", "run", "--rehearsal", "--settings", "rempart.toml"), "real work")

    def test_an_invented_desk_never_becomes_real(self, desk: Terminal) -> None:
        desk.python(
            "from rempart.desk.registers.installation.models import Installation\nInstallation.objects.update(is_rehearsal=True)"
        )
        assert_refused(desk.type("desk", "run"), "can never become real")
        assert_refused(desk.type("desk", "person", "add", "lou", "--role", "analyst", "--yes"), "can never become real")


class TestCheck:
    def test_a_fresh_desk_is_not_ready(self, desk: Terminal) -> None:
        done = desk.type("desk", "check")
        assert done.returncode == 1
        for words in (
            "second factor",
            "Nobody can assess",
            "No contact",
            "no police unit",
            "mail server",
            "Not safe for real use",
        ):
            assert words in done.stdout, words

    def test_programs_read_it_too(self, desk: Terminal) -> None:
        (desk.folder / "keys.json").chmod(0o644)
        done = desk.type("desk", "check", "--json")
        content = json.loads(done.stdout)
        assert done.returncode == 1
        assert content["is_safe"] is False
        assert {"keys_mode", "mail_server", "analysts"} <= {one["name"] for one in content["findings"]}

    def test_without_a_desk_it_says_so(self, tmp_path: Path) -> None:
        done = Terminal(tmp_path).type("desk", "check")
        assert done.returncode == 1
        assert "rempart desk init" in done.stdout


class TestUpkeep:
    def test_settings_show_no_secret(self, desk: Terminal) -> None:
        where = "postgresql://rempart:hushhush@db.example/desk"
        done = desk.type("desk", "settings", REMPART_DATABASE=where, REMPART_SMTP_PASSWORD="whisper")
        assert done.returncode == 0
        assert "hushhush" not in done.stdout
        assert "whisper" not in done.stdout
        assert "postgresql://rempart@db.example/desk" in done.stdout
        assert 'association = "Les Phares"' in done.stdout

    def test_migrating_twice_changes_nothing(self, desk: Terminal) -> None:
        assert "already of this version" in desk.type("desk", "migrate").stdout

    def test_a_person_is_added_once(self, desk: Terminal) -> None:
        words = ("desk", "person", "add", "lou", "--role", "analyst", "--yes")
        assert "Password, shown only once" in desk.type(*words).stdout
        assert_refused(desk.type(*words), "already signs in")


class TestBackup:
    def test_what_was_there_comes_back(self, desk: Terminal) -> None:
        receive(desk, "https://first.example/a")
        done = desk.type("desk", "backup", "one.rempart-backup")
        assert done.returncode == 0, done.stderr
        assert "keys are not in it" in done.stdout
        assert mode(desk.folder / "one.rempart-backup") == 0o600
        receive(desk, "https://second.example/b")
        assert_refused(desk.type("desk", "restore", "one.rempart-backup"), "not empty")
        assert len(reported(desk)) == 2
        done = desk.type("desk", "restore", "one.rempart-backup", "--replace")
        assert done.returncode == 0, done.stderr
        assert reported(desk) == ["https://first.example/a"]

    def test_it_holds_no_key_unless_asked(self, desk: Terminal) -> None:
        secret = json.loads((desk.folder / "keys.json").read_text())["intake_private"].encode()
        desk.type("desk", "backup", "without")
        desk.type("desk", "backup", "with", "--with-keys")
        assert secret not in (desk.folder / "without").read_bytes()
        assert secret in (desk.folder / "with").read_bytes()

    def test_a_backup_never_replaces_another(self, desk: Terminal) -> None:
        (desk.folder / "there").write_text("precious")
        assert_refused(desk.type("desk", "backup", "there"), "already exists")
        assert (desk.folder / "there").read_text() == "precious"

    def test_a_damaged_one_is_refused_and_nothing_is_lost(self, desk: Terminal) -> None:
        receive(desk, "https://first.example/a")
        desk.type("desk", "backup", "b")
        content = bytearray((desk.folder / "b").read_bytes())
        content[len(content) // 2] ^= 0xFF
        (desk.folder / "b").write_bytes(content)
        assert_refused(desk.type("desk", "restore", "b", "--replace"), "damaged")
        (desk.folder / "b").write_bytes(b"not a backup at all")
        assert_refused(desk.type("desk", "restore", "b", "--replace"), "not a backup")
        assert reported(desk) == ["https://first.example/a"]

    def test_other_keys_cannot_open_it(self, desk: Terminal, tmp_path: Path) -> None:
        desk.type("desk", "backup", "b")
        other = Terminal(tmp_path / "other")
        other.folder.mkdir()
        other.init()
        assert_refused(other.type("desk", "restore", str(desk.folder / "b"), "--replace"), "other keys")

    def test_a_running_desk_is_not_replaced(self, desk: Terminal) -> None:
        desk.type("desk", "backup", "b")
        beat = (
            "from datetime import UTC, datetime\nfrom django.conf import settings\n"
            "from rempart.desk.project.heartbeat import Heart\nHeart(settings.REMPART_DATA, 'worker-1').beat(datetime.now(UTC))"
        )
        desk.python(beat)
        assert_refused(desk.type("desk", "restore", "b", "--replace"), "is running")


@pytest.mark.postgres
def test_backup_and_restore_on_postgresql(tmp_path: Path, postgres_socket: Path) -> None:
    make_database(postgres_socket, "backed_up")
    desk = Terminal(tmp_path)
    assert desk.init(f"--database={postgres.address(postgres_socket, 'backed_up')}").returncode == 0
    receive(desk, "https://first.example/a")
    done = desk.type("desk", "backup", "one")
    assert done.returncode == 0, done.stderr
    receive(desk, "https://second.example/b")
    assert_refused(desk.type("desk", "restore", "one"), "not empty")
    # A restore that fails midway leaves everything as it was.
    truncate_database(desk.folder / "one", desk.folder / "half")
    assert_refused(desk.type("desk", "restore", "half", "--replace"), "pg_restore failed")
    assert len(reported(desk)) == 2
    done = desk.type("desk", "restore", "one", "--replace")
    assert done.returncode == 0, done.stderr
    assert reported(desk) == ["https://first.example/a"]
    assert "already of this version" in desk.type("desk", "migrate").stdout


def truncate_database(backup: Path, damaged: Path) -> None:
    """A backup whose database lost its end, with a card that says otherwise."""
    with tarfile.open(backup) as tar:
        parts = {entry.name: (tar.extractfile(entry) or io.BytesIO()).read() for entry in tar}
    parts["database"] = parts["database"][: len(parts["database"]) * 2 // 3]
    card = json.loads(parts["backup.json"])
    parts["backup.json"] = json.dumps({**card, "sha256": hashlib.sha256(parts["database"]).hexdigest()}).encode()
    with tarfile.open(damaged, "w") as tar:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))

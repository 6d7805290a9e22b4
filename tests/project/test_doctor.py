"""The doctor, one examination at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from rempart.desk.project.doctor import configured, look, machine, recorded
from rempart.desk.project.doctor.findings import Finding, Severity
from rempart.desk.project.heartbeat import Heart
from rempart.desk.project.opening import Opened
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.installation import steps as installation
from rempart.desk.registers.installation.config import Config
from rempart.desk.registers.installation.keys import make_keys
from rempart.desk.registers.lists import canaries, webhooks
from rempart.desk.registers.lists.models import WebhookTarget
from rempart.desk.registers.people.models import Person
from rempart.desk.rehearsal.cast import make_directory, make_people
from tests.registers.lists import made

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOOD = Config(
    association="Les Phares",
    contact_email="a@phares.example",
    mail_from="n@phares.example",
    public_url="https://desk.phares.example",
    hosts="desk.phares.example",
    behind_proxy=True,
    keys_file="keys.json",
    data_folder="data",
)


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    make_keys(tmp_path / "keys.json")
    (tmp_path / "data").mkdir(mode=0o700)
    return Opened(GOOD, tmp_path / "rempart.toml", tmp_path)


def names(findings: Iterable[Finding], severity: Severity = Severity.UNSAFE) -> set[str]:
    return {finding.name for finding in findings if finding.severity is severity}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"public_url": "http://desk.phares.example"}, "https"),
        ({"behind_proxy": False}, "proxy"),
        ({"hosts": "other.example"}, "hosts"),
        ({"hosts": "*,desk.phares.example"}, "hosts"),
    ],
)
def test_the_public_address(opened: Opened, change: dict[str, object], name: str) -> None:
    assert names(configured.public_address(opened, NOW)) == set()
    worse = replace(opened, config=replace(GOOD, **change))  # type: ignore[arg-type]
    assert names(configured.public_address(worse, NOW)) == {name}


def test_an_open_listener_asks_for_care(opened: Opened) -> None:
    wide = replace(opened, config=replace(GOOD, listen="0.0.0.0:8000"))
    assert names(configured.public_address(wide, NOW), Severity.CARE) == {"listen"}


def test_examples_are_not_an_identity(opened: Opened) -> None:
    assert names(configured.identity(opened, NOW)) == set()
    fresh = replace(opened, config=Config())
    assert names(configured.identity(fresh, NOW)) == {"association", "contact_email", "mail_from"}


def test_keys_readable_by_others(opened: Opened) -> None:
    assert names(configured.keys(opened, NOW)) == set()
    opened.keys_file.chmod(0o640)
    assert names(configured.keys(opened, NOW)) == {"keys_mode"}


def test_keys_in_a_wrong_place(opened: Opened) -> None:
    (opened.folder / "monday.rempart-backup").touch()
    assert names(configured.keys(opened, NOW)) == {"keys_place"}
    make_keys(opened.folder / "data" / "keys.json")
    inside = replace(opened, config=replace(GOOD, keys_file="data/keys.json"))
    assert "keys_place" in names(configured.keys(inside, NOW), Severity.CARE)


def test_mail_in_clear_to_a_far_server(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(django_settings, "EMAIL_PORT", 9)
    far = replace(opened, config=replace(GOOD, smtp_host="mail.phares.example", smtp_user="desk"))
    assert names(configured.mail(far, NOW)) == {"mail_security", "mail_password", "mail_server"}
    odd = replace(opened, config=replace(GOOD, smtp_security="ssl"))
    assert "mail_security" in names(configured.mail(odd, NOW))


def test_the_disk(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 100 * machine.MIB

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    assert names(machine.disk(opened, NOW)) == {"disk"}
    Usage.free = 1024 * machine.MIB
    assert names(machine.disk(opened, NOW), Severity.CARE) == {"disk"}
    opened.data.chmod(0o755)
    assert "data_mode" in names(machine.disk(opened, NOW), Severity.CARE)


def test_the_kind_of_disk(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("a / ext4 rw 0 0\nb /srv nfs4 rw 0 0\nc /srv/with\\040space ext4 rw 0 0\n")
    assert machine.disk_kind(Path("/srv/desk"), mounts) == "nfs4"
    assert machine.disk_kind(Path("/srv/with space/desk"), mounts) == "ext4"
    assert machine.disk_kind(Path("/var"), mounts) == "ext4"
    assert machine.disk_kind(Path("/var"), tmp_path / "none") == ""


def test_a_clock_from_before(opened: Opened) -> None:
    assert names(machine.clock(opened, datetime(1999, 1, 1, tzinfo=UTC))) == {"clock"}
    assert names(machine.clock(opened, NOW)) == set()


def test_workers_that_are_silent_or_fail(opened: Opened) -> None:
    assert names(machine.workers(opened, NOW), Severity.CARE) == {"workers"}
    Heart(opened.data, "worker-1").beat(NOW)
    assert names(machine.workers(opened, NOW), Severity.GOOD) == {"workers"}
    Heart(opened.data, "worker-2").beat(NOW - timedelta(minutes=10))
    Heart(opened.data, "worker-1").beat(NOW, ("action",))
    assert names(machine.workers(opened, NOW)) == {"worker_silent", "worker_failing"}


@pytest.mark.django_db
class TestRecorded:
    def test_nobody_and_nothing(self, opened: Opened) -> None:
        assert names(recorded.staff(opened, NOW)) == {"administrator", "analysts"}
        assert names(recorded.directory(opened, NOW)) == {"contacts", "police"}

    def test_the_whole_cast_is_enough(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        people = make_people(NOW)
        make_directory(people["salome"], NOW)
        assert names(recorded.staff(opened, NOW)) == set()
        assert names(recorded.directory(opened, NOW)) == set()
        Person.objects.filter(sign_in_name="basile").update(totp_confirmed_at=None)
        assert names(recorded.staff(opened, NOW)) == {"second_factor"}
        Person.objects.filter(sign_in_name="salome").update(is_active=False)
        assert names(recorded.staff(opened, NOW)) == {"second_factor", "supervisor"}

    def test_a_protection_that_waits_too_long_for_a_person(self, opened: Opened) -> None:
        one = Protection.objects.create(
            case_number=1, key_number=1, kind="picture", age="adult", helper="nobody", is_device_shared=False, edition=1,
            trust="held", trust_at=NOW - timedelta(days=3), declared_at=NOW, expires_at=NOW,
        )  # fmt: skip
        assert names(recorded.protections(opened, NOW), Severity.CARE) == set()
        assert names(recorded.protections(opened, NOW + timedelta(hours=1)), Severity.CARE) == {"protections_waiting"}
        Protection.objects.filter(pk=one.pk).update(trust="confirmed")
        assert names(recorded.protections(opened, NOW + timedelta(days=9)), Severity.CARE) == set()

    def test_a_database_of_the_other_kind(self, opened: Opened) -> None:
        assert names(recorded.database(opened, NOW)) == {"database"}
        installation.found(is_rehearsal=False, now=NOW)
        assert names(recorded.database(opened, NOW)) == set()
        rehearsal = replace(opened, config=replace(GOOD, is_rehearsal=True))
        assert names(recorded.database(rehearsal, NOW)) == {"database"}
        assert "rehearsal" in names(look(rehearsal, NOW))

    def test_an_examination_that_breaks_down_is_a_finding(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        installation.found(is_rehearsal=False, now=NOW)

        def breaks(opened: Opened, now: datetime) -> Iterable[Finding]:
            raise ZeroDivisionError

        monkeypatch.setattr(recorded, "EXAMINATIONS", (breaks,))
        assert "breaks" in names(look(opened, NOW))


@pytest.mark.django_db
def test_a_client_that_touched_a_canary_is_told(opened: Opened) -> None:
    assert list(recorded.canaries_touched(opened, NOW)) == []
    canaries.canary_alarm(12, "asked", now=NOW - timedelta(days=3))
    (finding,) = recorded.canaries_touched(opened, NOW)
    assert finding.severity is Severity.CARE
    assert "client(s) 12 " in finding.sentence
    assert list(recorded.canaries_touched(opened, NOW + timedelta(days=5))) == []


@pytest.mark.django_db
def test_platforms_that_cannot_be_told_of_changes(opened: Opened) -> None:
    client, _secret = made.client()
    webhooks.point(client, "https://hooks.piximi.example/", by=None, now=NOW)
    assert list(recorded.webhooks_failing(opened, NOW)) == []
    WebhookTarget.objects.update(failing_since=NOW, trouble="timeout")
    (finding,) = recorded.webhooks_failing(opened, NOW)
    assert finding.severity is Severity.CARE
    assert f"Client(s) {client.pk} " in finding.sentence
    assert "hooks" not in finding.sentence

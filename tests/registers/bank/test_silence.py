"""A fingerprint is as secret as the picture: two markers go through everything, and are in clear in no byte of what it left."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import transaction

from rempart.desk.registers.bank import boxes, facts, search, steps
from rempart.desk.registers.bank.models import Fingerprint, Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.protection import Kind, SentFile, SentPdq, SubmissionRefused, read_files
from rempart.desk.rules.trust import Vote
from rempart.desk.stages.intake import protecting, queries, worker
from rempart.engine import Pdq, Sha256
from tests import cast
from tests.project.commands import Terminal
from tests.registers.bank.pictures import pdq, protections, submission
from tests.stages.intake.test_sealed import everything_in_the_database

NOW = cast.MONDAY
DAY = timedelta(days=1)
SEEN, FILE = pdq("a marker of what is seen"), Sha256(pdq("a marker of the file").value)


def marked() -> tuple[SentFile, SentFile]:
    """A picture and a video whose fingerprints are the markers."""
    picture = SentFile(Kind.PICTURE, FILE, (SentPdq(SEEN, 90, "whole"),))
    frames = (SentPdq(Pdq(FILE.value), 90, "whole", 0), SentPdq(SEEN, 90, "whole", 1))
    return picture, SentFile(Kind.VIDEO, Sha256(SEEN.value), frames)


def forms(marker: bytes) -> Iterator[bytes]:
    """The ways bytes lie in a file: as they are, hexadecimal, base64 at its three places, as Python prints them, as numbers."""
    whole, part = marker, marker[4:20]
    for raw in (whole, part, part[::-1]):
        yield from (raw, raw.hex().encode(), raw.hex().upper().encode(), repr(raw)[2:-1].encode())
        for shift in range(3):
            yield base64.b64encode(b"x" * shift + raw)[4:-4]
    yield str(int.from_bytes(whole)).encode()
    yield ", ".join(map(str, part)).encode()
    yield " ".join(f"{byte:3d}" for byte in part[:8]).encode()


NEEDLES = [form for marker in (SEEN.value, FILE.value) for form in forms(marker)]


def found_in(blobs: Iterable[tuple[str, bytes]]) -> list[str]:
    return [where for where, data in blobs for needle in NEEDLES if needle in data]


def whole_life() -> list[str]:
    """Everything that can happen to a protection; the reprs of what the steps hand out."""
    shown: list[object] = []
    receipt = protecting.protect(submission(*marked()), now=NOW, code=None)
    keys = sealing.case_keys(receipt.code)
    one, other = protections(keys)
    again = protecting.protect(submission(*marked(), is_device_shared=True), now=NOW, code=None)
    shown += [receipt, again, submission(*marked()), search.search, search.search.near([SEEN]), search._read_all(99)]
    facts.raise_alarm(one.pk, "seen_before", now=NOW)
    facts.vouch(one.pk, by=1, now=NOW)
    facts.note_feedback(one.pk, 3, now=NOW, matches=2, accounts=200, vote=Vote.BLOCKED)
    shown += [protecting.protections_of(keys), *Protection.objects.all(), *Fingerprint.objects.all()]
    shared = sealing.case_keys(again.code)
    protecting.withdraw(keys, [one.pk], now=NOW)
    protecting.withdraw(shared, [row.pk for row in protections(shared)], now=NOW)
    shown += queries.mailbox(queries.case_of(shared), shared)
    protecting.cancel_withdrawal(shared, now=NOW)
    for days in (1, 700, 730, 1500):
        worker.work(now=NOW + days * DAY)
    assert search.search.near([SEEN]) == []
    assert other.pk
    return [repr(one) + str(one) for one in shown]


def errors(monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseException]:
    """Each place where a fingerprint is in hand, failing."""
    pdqs = f'[["{SEEN.hex()}",90,"whole"],["{SEEN.hex()}"]]'
    with pytest.raises(SubmissionRefused) as caught:
        read_files(f'{{"shape":1,"files":[{{"kind":"picture","sha256":"{FILE.hex()}","pdqs":{pdqs}}}]}}')
    yield caught.value
    writing = ((steps, "_link"), (boxes.keyring, "seal"), (steps.alarms, "doubt_about"), (Fingerprint.objects, "bulk_create"))
    for place, name in writing:
        yield failing(monkeypatch, place, name, declare)
    declare()
    for place, name in ((boxes.keyring, "unseal"), (search, "ExactIndex"), (search, "rows_of")):
        yield failing(monkeypatch, place, name, lambda: search.search.near([SEEN]))


def declare() -> None:
    protecting.protect(submission(*marked()), now=NOW, code=None)


def failing(monkeypatch: pytest.MonkeyPatch, place: object, name: str, gesture: Callable[[], object]) -> BaseException:
    with monkeypatch.context() as patch:
        patch.setattr(place, name, None)
        with pytest.raises(TypeError) as failed, transaction.atomic():
            gesture()
    return failed.value


@pytest.mark.django_db
def test_no_column_no_letter_no_log_and_no_error_holds_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    shown = whole_life()
    told = ["".join(traceback.format_exception(error)) for error in errors(monkeypatch)]
    rows = list(everything_in_the_database())
    assert {"bank_protection", "bank_fingerprint", "bank_trustfact", "bank_feedback", "journal_entry", "intake_message"} <= {
        table for table, _ in rows
    }
    outputs = "".join(capfd.readouterr()) + caplog.text + "".join(map(str, mail.outbox))
    said = [("output", outputs), *(("repr", one) for one in shown), *(("error", one) for one in told)]
    assert len(told) == 8
    # They are there all the same, for those who hold the keys.
    assert search.search.near([SEEN])
    assert not found_in([*rows, *((where, text.encode()) for where, text in said)])


@pytest.mark.slow
def test_no_file_of_a_desk_nor_of_its_backup_holds_one(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    desk = Terminal(tmp_path / "desk", {"PYTHONPATH": str(root)})
    desk.folder.mkdir()
    assert desk.init().returncode == 0
    said = desk.python("from tests.registers.bank.test_silence import whole_life, marked, NOW\n"
        "from tests.registers.bank.pictures import submission\nfrom rempart.desk.stages.intake import protecting\n"
        "whole_life()\nprotecting.protect(submission(*marked()), now=NOW, code=None)")  # fmt: skip
    (desk.folder / "backups").mkdir()
    done = desk.type("desk", "backup", "backups/one")
    assert done.returncode == 0, done.stderr
    files = [(path.name, path.read_bytes()) for path in desk.folder.rglob("*") if path.is_file()]
    assert {"desk.sqlite3", "keyring.sqlite3", "one"} <= {name for name, _ in files}
    assert not found_in([*files, ("said", (said + done.stdout + done.stderr).encode())])


def test_each_form_would_be_seen() -> None:
    for marker in (SEEN.value, FILE.value):
        hidden = [marker, marker.hex().encode(), base64.b64encode(b"?" + marker + b"!"), repr(marker).encode()]
        hidden += [repr(list(marker)).encode(), str(int.from_bytes(marker)).encode()]
        assert all(found_in([("file", b"\x00" + text + b"\xff")]) for text in hidden)

"""A stolen database reads nothing: markers are planted in every field a stranger can fill, then looked for in every byte."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from rempart.desk.registers.vault import sealing
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.followup.models import Reply
from rempart.desk.stages.intake.models import Report
from tests import cast
from tests.conventions.sources import ROOT
from tests.stages.intake.planting import MARKERS, plant


def forms(marker: str) -> Iterator[bytes]:
    """The ways a text lies in a file: as it is, in capitals, in UTF-16, in hexadecimal, in base64 at its three places."""
    for text in (marker, marker.upper()):
        raw = text.encode()
        yield from (raw, text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode())
        for shift in range(3):
            # The signs at both ends depend on the neighbours: leave them out.
            yield base64.b64encode(b"x" * shift + raw)[4:-4]


def everything_in_the_database() -> Iterator[tuple[str, bytes]]:
    """Every column of every row of ours, as bytes: what a dump would hold."""
    with connection.cursor() as cursor:
        for table in sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True)):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, b"\x00".join(bytes_of(value) for value in row)


def bytes_of(value: object) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    return str(value).encode()


def found_in(blobs: Iterable[tuple[str, bytes]], code: str) -> list[str]:
    wanted = {**MARKERS, code: "the case code", code.replace("-", ""): "the case code", cast.PASSWORD: "a password"}
    needles = [(form, why) for marker, why in wanted.items() for form in forms(marker)]
    return [f"{where}: {why}" for where, data in blobs for form, why in needles if form in data]


@pytest.mark.django_db
def test_no_column_holds_a_word_of_it() -> None:
    code = plant()
    rows = list(everything_in_the_database())
    assert {"intake_report", "intake_address", "followup_reply", "triage_hold", "journal_entry"} <= {table for table, _ in rows}
    assert not found_in(rows, code)
    # The markers are there all the same, for those who hold the keys.
    report = Report.objects.order_by("pk")[0]
    assert sealing.unseal(report.sealed_story or b"") == "zqstory4marker"
    assert "zqhost1marker" in sealing.unseal(report.items.order_by("ordinal")[0].sealed_typed or b"")
    assert sealing.unseal(Reply.objects.get().sealed_words or b"") == "zqreply13marker"
    assert Notice.objects.exists()


@pytest.mark.slow
def test_no_file_holds_a_word_of_it(tmp_path: Path) -> None:
    """The database, its write-ahead log and whatever else lies beside them, byte by byte, while the desk runs."""
    environment = {name: value for name, value in os.environ.items() if name != "REMPART_DATABASE"}
    environment |= {"REMPART_DATA_FOLDER": str(tmp_path), "DJANGO_SETTINGS_MODULE": "rempart.desk.project.settings"}
    command = [sys.executable, "-m", "tests.stages.intake.planting"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as planting:
        assert planting.stdout is not None
        code = planting.stdout.readline().strip()
        files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        planting.communicate()
    assert len(code) == 21
    assert len(files["desk.sqlite3"]) + len(files["desk.sqlite3-wal"]) > 300_000
    # A word the database may hold is found: the files are really those.
    assert any(b"bonne-reponse.example" in data for data in files.values())
    assert not found_in(files.items(), code)


def test_each_form_would_be_seen() -> None:
    for marker in MARKERS:
        raw = marker.encode()
        hidden = [
            raw,
            marker.upper().encode(),
            marker.encode("utf-16-le"),
            raw.hex().encode(),
            base64.b64encode(b"?" + raw + b"!"),
        ]
        for text in hidden:
            assert found_in([("file", b"\x00" + text + b"\xff")], "XXXX-XXXX-XXXX-XXXX-X"), marker

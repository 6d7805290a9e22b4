"""``rempart desk trace``: whatever the leaked file looks like, its fingerprints are found; the answer shows none."""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.project import opening, trace
from rempart.desk.project.opening import Refusal
from rempart.desk.registers.lists import entries
from rempart.desk.rules.lists import ListName
from tests.registers.bank import pictures
from tests.registers.lists.made import NOW, client

ONE, TWO = "0f" * 32, "A1" * 32


def found_in(text: bytes) -> set[str]:
    return {digits.decode() for digits in trace._digits(io.BytesIO(text))}


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{TWO}\n",
        f"pdq {ONE}\r\npdq {TWO}",
        f"hash,quality\n{ONE},90\n{TWO},70\n",
        json.dumps({"entries": [{"pdq": ONE}, {"pdq": TWO}]}),
        f'<hash type="pdq">{ONE}</hash><hash>{TWO}</hash>',
        f"d41d8cd98f00b204e9800998ecf8427e {ONE};{TWO}",
    ],
)
def test_any_shape(tmp_path: Path, text: str) -> None:
    for number, content in enumerate([text.encode(), gzip.compress(text.encode()), text.encode("utf-16")]):
        file = tmp_path / str(number)
        file.write_bytes(content)
        leaked, is_cut = trace.read_file(file)
        assert [row.tobytes().hex() for row in leaked] == [ONE, TWO.lower()]
        assert not is_cut


@pytest.mark.parametrize("text", ["", "f" * 63, "f" * 65, "f" * 128, "g" * 64, f"x{ONE}0", "\n" * 200])
def test_what_is_no_fingerprint(text: str) -> None:
    assert found_in(text.encode()) == set()


@given(st.lists(st.text("0aF \n,x", max_size=9) | st.sampled_from([ONE, TWO, "f" * 70]), max_size=9), st.integers(1, 90))
def test_cut_anywhere_it_is_the_same(parts: list[str], at_once: int) -> None:
    text = "".join(parts).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace, "_AT_ONCE", at_once)
        assert found_in(text) == {match.decode() for match in re.findall(trace._FINGERPRINT, text)}


@given(st.binary(max_size=400))
def test_any_bytes_are_read(content: bytes) -> None:
    assert all(len(digits) == 64 for digits in found_in(content))


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also one that is small until it is unpacked."""
    monkeypatch.setattr(trace, "MOST_BYTES", 10_000)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b" " * 100_000))
    with pytest.raises(Refusal, match="too large"):
        trace.read_file(tmp_path / "bomb.gz")


def test_of_very_many_some_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trace, "MOST_FINGERPRINTS", 10)
    (tmp_path / "many").write_text("\n".join(f"{number:064x}" for number in range(50)))
    leaked, is_cut = trace.read_file(tmp_path / "many")
    assert (len(leaked), is_cut) == (10, True)


# Packed, it holds the moment at which it was packed: named by that, the tests would not be the same in two processes.
@pytest.mark.parametrize(
    "content", [None, gzip.compress(b"x" * 4_000, mtime=0)[:20], b"\x1f\x8bnothing"], ids=["none", "cut", "no gzip"]
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "leak"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        trace.read_file(file)
    assert str(refused.value).endswith(".")


@pytest.mark.django_db
@pytest.mark.parametrize("as_json", [True, False])
def test_the_answer(as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from django.conf import settings

    from rempart.desk.registers.vault.keyring import Keyring

    ring = Keyring(tmp_path / "ring.sqlite3")
    ring.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", ring)
    monkeypatch.setattr(opening, "open_desk", lambda _named: None)
    reader, _ = client("Piximi")
    client("Clipolis")
    pictures.protect("one", "two", now=NOW)
    entries.catch_up(NOW)
    given_out = entries.changed(ListName.MINORS, after=0, until=2**60, limit=100, client=reader)
    hashes = [part.pdq.hex() for one in given_out for part in one.parts]
    (tmp_path / "leak.csv").write_text("\n".join(hashes))

    assert trace.run(argparse.Namespace(settings=None, file=tmp_path / "leak.csv", json=as_json)) == 0
    told = capsys.readouterr().out
    assert "Piximi" in told
    assert "Clipolis" not in told
    assert not re.search("[0-9a-f]{32}", told)
    if as_json:
        assert json.loads(told)["named"][0]["client"] == reader.pk

    (tmp_path / "other.csv").write_text("\n".join(np.random.default_rng(1).bytes(32).hex() for _ in range(5)))
    assert trace.run(argparse.Namespace(settings=None, file=tmp_path / "other.csv", json=as_json)) == 3
    told = capsys.readouterr().out
    assert "Piximi" not in told


def test_odds_in_words() -> None:
    assert trace._odds(0.0) == "chance of error below 1 in 10³⁰"
    assert trace._odds(1e-5) == "chance of error at most 1 in 100,000"

"""``rempart index``, as it is typed: lists in, answers out, refusals in a sentence; never a fingerprint on the screen."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rempart.cli import main
from rempart.engine.index.store import IndexStore

HASHES = np.random.default_rng(3).integers(0, 256, (40, 32), dtype=np.uint8)
TEXT = [row.tobytes().hex() for row in HASHES]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``rempart index …`` in an empty folder; gives its exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        try:
            code = main(["index", *words])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        shown = capsys.readouterr()
        assert not any(text[:16] in shown.out + shown.err for text in TEXT)
        return code, shown.out, shown.err

    return run


def listed(*numbers: int) -> str:
    """Lines of PDQ and key; the key is a tenth of the number."""
    return "".join(f"{TEXT[number]},{number // 10}\n" for number in numbers)


@pytest.fixture
def built(run: Run) -> Run:
    assert run("build", "ix", "-", given=listed(*range(30)))[0] == 0
    return run


def test_the_life_of_an_index(run: Run) -> None:
    assert run("build", "ix", "-", given=listed(*range(30), 5)) == (
        0,
        "",
        "Built: 30 entries. Given more than once, stored once: 1.\n",
    )
    assert run("add", "ix", "-", given=listed(0, 30, 31)) == (0, "", "Added: 2 entries. Stored already: 1.\n")
    asked = run("query", "ix", "-", given=f"{TEXT[31]}\n{TEXT[39]}\n\n{TEXT[0]}\n")
    assert asked == (0, "1\t3\t0\n4\t0\t0\n", "Lines that found something: 2 of 3.\n")
    code, _, said = run("remove", "ix", "--key", "3", "--key", "77", "-", given=f"{listed(5, 39)}2\n")
    assert (code, said.partition(".")[0]) == (0, "Withdrawn: 13 entries")
    assert run("query", "ix", "-", given=f"{TEXT[31]}\n{TEXT[5]}\n{TEXT[4]}\n")[1] == "3\t0\t0\n"
    assert run("compact", "ix") == (0, "", "One piece of 19 entries.\n")
    assert run("verify", "ix") == (0, "", "The index is what was written: 19 entries.\n")
    code, out, _ = run("info", "ix", "--json")
    said_of_it = json.loads(out)
    assert code == 0
    assert {name: said_of_it[name] for name in ("entries", "withdrawn", "in_log", "segments")} == {
        "entries": 19, "withdrawn": 0, "in_log": 0, "segments": 1,
    }  # fmt: skip
    assert "Entries                       19\n" in run("info", "ix")[1]


def test_what_hash_prints_is_a_list(built: Run, tmp_path: Path) -> None:
    records = [
        {"path": "a", "pdqs": [{"pdq": TEXT[30], "variant": "whole"}, {"pdq": TEXT[31], "variant": "left"}]},
        {"path": "b", "frames": [{"pdq": TEXT[32], "time": 0.0}], "key": 2**64 - 1},
    ]
    (tmp_path / "hashed").write_text("".join(json.dumps(record) + "\n" for record in records))
    code, _, said = built("add", "ix", "hashed", "--first-key", "500")
    assert (code, said) == (0, "Lines without a key: 1. Their key is counted from 500, line by line.\nAdded: 3 entries.\n")
    near = bytes([HASHES[31][0] ^ 7, *HASHES[31][1:]]).hex()
    code, out, _ = built("query", "ix", "-", "--json", given=f'{{"pdqs": ["{near}", "{TEXT[30]}", "{TEXT[0]}"]}}\n{TEXT[32]}\n')
    assert [json.loads(line) for line in out.splitlines()] == [
        {"line": 1, "matches": [{"key": 0, "distance": 0}, {"key": 500, "distance": 0}]},
        {"line": 2, "matches": [{"key": 2**64 - 1, "distance": 0}]},
    ]
    assert built("query", "ix", "-", "--radius", "2", given=near)[1] == ""
    assert built("query", "ix", "-", "--radius", "3", given=near)[1] == "1\t500\t3\n"


def test_lines_without_key_are_numbered_only_in_a_new_index(run: Run) -> None:
    code, _, said = run("build", "ix", "-", given="\n".join(TEXT[:3]))
    assert (code, said) == (0, "Lines without a key: 3. Their key is their line number.\nBuilt: 3 entries.\n")
    assert run("query", "ix", "-", given=TEXT[2])[1] == "1\t3\t0\n"
    code, _, said = run("add", "ix", "-", given=TEXT[4])
    assert (code, said) == (1, "Nothing was done: line 1 gives no key. With --first-key, such lines are given one.\n")
    assert run("remove", "ix", "-", given=TEXT[2])[::2] == (1, "Nothing was done: line 1 gives no key.\n")


@pytest.mark.parametrize("verb", ["build", "add", "remove", "query"])
def test_a_bad_line_changes_nothing_unless_told(built: Run, tmp_path: Path, verb: str) -> None:
    folder = "new" if verb == "build" else "ix"
    before = {path.name: path.read_bytes() for path in (tmp_path / "ix").iterdir()}
    text = f"{listed(3)}{TEXT[0][:-1]}z,4\n{listed(35)}"
    code, out, said = built(verb, folder, "-", given=text)
    assert (code, out) == (1, "")
    assert said == "Nothing was done: line 2 cannot be read. With --skip-bad, what cannot be read is passed over.\n"
    assert {path.name: path.read_bytes() for path in (tmp_path / "ix").iterdir()} == before
    assert not (tmp_path / "new").exists()
    code, _, said = built(verb, folder, "-", "--skip-bad", given=text)
    assert code == 0
    assert said.startswith("Passed over 1 line that cannot be read: 2.\n")


def test_a_fingerprint_is_not_typed(built: Run) -> None:
    for words in (
        ("query", "ix", TEXT[0]),
        ("remove", "ix", f"--key={TEXT[0]}"),
        ("info", TEXT[0]),
        ("add", "ix", listed(0).strip()),
    ):
        code, out, said = built(*words)
        assert (code, out) == (1, "")
        assert said.startswith("A fingerprint does not belong on the command line")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "ix", "-"), "There is an index in ix already"),
        (("build", "list", "-"), "An index is a folder, and list is a file."),
        (("info", "nowhere"), "There is no index in the folder nowhere."),
        (("add", "nowhere", "-"), "There is no index in the folder nowhere."),
        (("query", "ix", "nofile"), "nofile: There is no such file."),
        (("query", "ix", "."), ".: It cannot be read: is a directory."),
        (("remove", "ix"), "What is to be withdrawn?"),
    ],
)
def test_refusals_are_sentences(built: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "list").touch()
    code, out, shown = built(*words, given=listed(1))
    assert (code, out) == (1, "")
    assert shown.startswith(said)


def test_one_writes_at_a_time(built: Run, tmp_path: Path) -> None:
    with IndexStore.writer(tmp_path / "ix"):
        for words in (("add", "ix", "-"), ("remove", "ix", "--key", "1"), ("compact", "ix"), ("build", "ix", "-", "--replace")):
            assert built(*words, given=listed(1))[::2] == (
                1,
                "Another process is writing to the index in ix. Try again when it has finished.\n",
            )
    assert built("build", "ix", "-", "--replace", given=listed(39))[0] == 0
    assert built("info", "ix", "--json")[1].startswith('{"entries": 1,')


def test_damage_is_named(built: Run, tmp_path: Path) -> None:
    segment = next((tmp_path / "ix").glob("segment-*"))
    data = bytearray(segment.read_bytes())
    data[600] ^= 1
    segment.write_bytes(data)
    code, _, said = built("verify", "ix")
    assert code == 1
    assert segment.name in said


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("destroy", "ix"),
        ("build",),
        ("query", "ix"),
        ("query", "ix", "-", "--radius", "48"),
        ("remove", "ix", "--key", "-1"),
        ("info", "ix", "x"),
        ("query", "ix", "-", "--deep"),
    ],
)
def test_a_misspelt_command(run: Run, words: tuple[str, ...]) -> None:
    code, out, said = run(*words)
    assert (code, out) == (2, "")
    assert "usage: rempart index" in said


def test_help_says_how_lists_are_written(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "64 hexadecimal digits" in out
    assert all(verb in out for verb in ("build", "add", "remove", "query", "verify", "info", "compact"))

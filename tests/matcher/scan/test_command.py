"""``rempart matcher scan`` as it is run: real processes, stopped and killed."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rempart.matcher.scan.command import main, parser
from rempart.matcher.scan.pieces import Reason
from rempart.matcher.scan.reports import COLUMNS
from tests.matcher.scan.stored import a_list, drawn, jpeg, tarred, zipped

pytestmark = pytest.mark.slow

RUN = "import sys; from rempart.matcher.scan.command import main; sys.exit(main(sys.argv[1:]))"
COMMAND = [sys.executable, "-c", RUN]
# What is started in the background of a shell without a terminal is deaf to Ctrl-C: it hears again, whoever runs these tests.
HEARING = [sys.executable, "-c", f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {RUN}"]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    folder = tmp_path / "stored"
    folder.mkdir()
    for seed in range(8):
        (folder / f"{seed}.jpg").write_bytes(jpeg(seed))
    return folder


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    a_list(tmp_path / "var" / "lists" / "minors")
    return tmp_path / "var"


def test_a_small_scan_is_told_on_the_terminal(stored: Path, listed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(stored), "--folder", str(listed), "-j", "1"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("hold      minors listed (0 bits, whole)  ")
    assert told.out.endswith("7.jpg\n")
    assert "Files: 8. Pictures: 8. On a list: 1." in told.err


def test_the_report_and_its_summary(stored: Path, listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "r.csv"
    words = [str(stored), "--folder", str(listed), "-j", "1", "-o", str(report)]
    assert main(words) == 0
    assert report.read_text().count("\n") == 2
    said = json.loads((tmp_path / "r.csv.summary.json").read_text())
    assert said["lists"]["minors"][0]["entries"] == 1
    assert main(words) == 1
    assert "exists already" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    assert "whole" in capsys.readouterr().err
    assert main([*words, "--so-far"]) == 1
    assert "No scan was begun" in capsys.readouterr().err
    assert main([*words, "--afresh"]) == 0
    assert sorted(path.name for path in tmp_path.glob("r.csv*")) == ["r.csv", "r.csv.summary.json"]


def test_lists_of_settings_bring_their_policies(
    stored: Path, listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn().transpose(0).save(stored / "mirrored.png")
    (tmp_path / "matcher.toml").write_text(
        'folder = "var"\n[[list]]\nname = "minors"\nurl = "https://lists.example"\nuser = "u"\npassword = "p"\n'
        '[list.policy.self_declared]\nnear = "count"\n'
    )
    assert main([str(stored), "--settings", str(tmp_path / "matcher.toml"), "-j", "1", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(Path(one["path"]).name, one["outcome"], one["advice"]) for one in lines] == [
        ("7.jpg", "count", "review"),
        ("mirrored.png", "count", "review"),
    ]
    assert main([str(stored), "--settings", str(tmp_path / "matcher.toml"), "-j", "1", "--json", "--no-views"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_list_in_a_file_or_an_index(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    from rempart.engine import IndexStore, fingerprint_file, rows_of

    pdq = fingerprint_file(jpeg()).pdqs[0].pdq
    (tmp_path / "list.txt").write_text(f"# one\n{pdq.hex()}\n")
    IndexStore.build(tmp_path / "index", rows_of([pdq]), np.array([42], np.uint64))
    assert main([str(stored), "--list", str(tmp_path / "list.txt"), "-j", "1", "--json"]) == 0
    said = capsys.readouterr()
    assert pdq.hex() not in said.out + said.err
    assert json.loads(said.out)["list"] == "list.txt"
    assert main([str(stored), "--list", str(tmp_path / "index"), "-j", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entry"] == "42"
    (tmp_path / "list.txt").write_text("nothing\n")
    assert main([str(stored), "--list", str(tmp_path / "list.txt"), "-j", "1"]) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--folder", "nowhere"], "no list in this folder"),
        (["--list", "nowhere"], "cannot be read"),
        (["--settings", "nowhere.toml"], "does not exist"),
        (["--folder", "nowhere", "-o", "r.xls"], "ends in .csv"),
        (["--folder", "var", "--on", "spark://x"], "dask://"),
    ],
)
def test_refusals_are_sentences(
    words: list[str], sentence: str, listed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(listed.parent)
    assert main(["x", *words]) == 1
    assert sentence in capsys.readouterr().err


def many(folder: Path) -> Path:
    folder.mkdir()
    for seed in range(150):
        (folder / f"{seed:03}.jpg").write_bytes(jpeg(7 if seed % 10 == 0 else 1000 + seed % 30))
    members = {f"{number:03}.jpg": jpeg(7 if number % 25 == 0 else 2000) for number in range(130)}
    (folder / "many.zip").write_bytes(zipped(members))
    (folder / "many.tgz").write_bytes(tarred(members, "w:gz"))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def test_killed_at_any_moment_it_ends_with_the_same_report(listed: Path, tmp_path: Path) -> None:
    folder, chance = many(tmp_path / "many"), random.Random()
    words = [str(folder), "--folder", str(listed), "-j", "2", "--views", "--resume"]
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    began = time.monotonic()
    assert subprocess.run([*COMMAND, *words, "-o", str(whole)], capture_output=True).returncode == 1
    seconds = time.monotonic() - began
    kills = 0
    while not cut.exists() and kills < 12:
        with subprocess.Popen([*COMMAND, *words, "-o", str(cut)], stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(chance.uniform(0.2, seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                kills += 1
    subprocess.run([*COMMAND, *words, "-o", str(cut)], capture_output=True)
    assert cut.read_bytes() == whole.read_bytes()
    summaries = [json.loads(one.with_name(f"{one.name}.summary.json").read_text()) for one in (whole, cut)]
    assert all(summaries[0][name] == summaries[1][name] for name in ("counts", "refused", "hits", "lists"))
    assert not cut.with_name("cut.jsonl.scan").exists()


def test_ctrl_c_leaves_what_was_done_and_says_how_to_go_on(listed: Path, tmp_path: Path) -> None:
    folder = many(tmp_path / "many")
    words = [str(folder), "--folder", str(listed), "-j", "2", "--views", "-o", str(tmp_path / "r.jsonl")]
    with subprocess.Popen([*HEARING, *words], stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "r.jsonl.scan" / "scan.sqlite3").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "--resume" in said
    assert not (tmp_path / "r.jsonl").exists()
    assert subprocess.run([*COMMAND, *words], capture_output=True).returncode == 1
    assert subprocess.run([*COMMAND, *words, "--resume"], capture_output=True).returncode == 1  # one picture is broken
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 15 + 6 + 6 + 1


@pytest.mark.parametrize("page", ["en/how-to/scan-what-is-stored.md", "fr/guides/examiner-ce-qui-est-deja-la.md"])
def test_the_page_names_options_columns_and_reasons_that_exist(page: str) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / page).read_text()
    commands = "\n".join(line.partition("#")[0] for line in text.splitlines() if "rempart matcher scan" in line)
    options = {option for action in parser()._actions for option in action.option_strings}
    said = re.findall(r"(?<=[ `])--?[a-z0-9-]+", commands) + re.findall(r"`(--[a-z-]+)`", text)
    assert set(said) - {"-newer", "-print0"} <= options
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = [word for row in rows for word in re.findall(r"`(\w+)`", row)]
    assert named == [*sorted(COLUMNS, key=named.index), *sorted(Reason, key=named.index)]

"""``rempart matcher …``: what a person types, and the sentences they read."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rempart.engine.files import digest, pdq_of_file
from rempart.matcher.command import VERBS, main
from rempart.matcher.command.looking import in_words
from rempart.matcher.command.writing import EXAMPLE
from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.settings import Flood, read_settings
from rempart.matcher.shelf.writing import ShelfWriter
from tests.alone import rempart_alone
from tests.conventions.sources import ROOT
from tests.matcher.feedback.found import answer
from tests.matcher.made import NOW, batch, entry
from tests.matcher.web.drawn import edited, photograph

SETTINGS = """
folder = "data"
[[list]]
name = "minors"
url = "https://desk.example/api/v1/lists/minors"
user = "u"
password = "p4ssw0rd"
"""
DRAWN = photograph(7)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with settings and one list, read long ago."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "matcher.toml").write_text(SETTINGS)
    with ShelfWriter(tmp_path / "data" / "lists" / "minors") as shelf:
        shelf.take(batch(entry("a", pdq_of_file(DRAWN).pdq, sha256=digest(DRAWN).sha256)), now=NOW)
    return tmp_path


def typed(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(shlex.split(line))
    said = capsys.readouterr()
    return code, said.out, said.err


def listed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(typed("lists --json", capsys)[1])


def test_it_says_what_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed("", capsys)
    assert code == 2
    assert all(f"    {verb} " in out for verb in [*VERBS, "scan"])


def test_without_its_libraries_it_says_how_to_install_them() -> None:
    done = rempart_alone(["matcher", "run"])
    assert done.returncode == 1
    assert 'pip install ".[matcher]" in the clone' in done.stderr


def test_lists(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed("lists", capsys)
    assert out.startswith("minors (rempart): ")
    assert code in {0, 1}
    (one,) = listed(capsys)["lists"]
    assert (one["entries"], one["to_tell"], one["switched_off"]) == (1, 0, [])


def test_an_entry_is_switched_off_and_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("disable minors a --why 'A meme.'", capsys)[0] == 0
    assert listed(capsys)["lists"][0]["switched_off"][0]["why"] == "A meme."
    assert "switched off here: a (A meme.)" in typed("lists", capsys)[1]
    assert typed("enable minors a", capsys)[0] == 0
    assert typed("enable minors a", capsys) == (1, "", "a of the list minors was not switched off.\n")
    assert "stays switched off should it come" in typed("disable minors b --why x", capsys)[1]
    code, _, err = typed("disable others b --why x", capsys)
    assert (code, err) == (1, "The settings name no list “others”; there is minors.\n")


def test_a_pause_is_seen_and_ended(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outbox = Outbox(here / "data", flood=Flood(hits=1))
    outbox.hits([answer("a"), answer("a")], accounts=[None, None], now=NOW)
    assert "Paused for review: a of the list minors, 2 hits in all" in typed("lists", capsys)[1]
    assert typed("resume minors a", capsys)[0] == 0
    assert typed("resume minors a", capsys)[2] == "a of the list minors was not paused.\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("decide blocked", "Name an answer with --trace, or an entry with --list and --entry."),
        ("decide blocked --entry a", "Name an answer with --trace, or an entry with --list and --entry."),
        ("decide not_blocked --trace t1", "A reason goes with “not_blocked”, and with nothing else: --reason."),
        ("decide blocked --trace t2", "No match of this name is remembered."),
        ("lists --settings nothing.toml", "The settings file nothing.toml does not exist."),
        ("run --password x", "--password goes with --list."),
        ("run --list http://127.0.0.1:1/x", "A list with an address needs --user, and --password or --password-file."),
        ("run --list x --settings y", "Give a settings file or a list, not both."),
        ("run --workers 0", "--workers must be a number from 1 to 256."),
        ("check nothing.jpg", "nothing.jpg: there is no such file."),
    ],
)
def test_each_mistake_has_its_sentence(here: Path, capsys: pytest.CaptureFixture[str], line: str, sentence: str) -> None:
    code, _, err = typed(line, capsys)
    assert code == 1
    assert err.lower() == f"{sentence}\n".lower()


def test_a_decision_is_noted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Outbox(here / "data").hit(answer("a", trace="t1"), account=None, now=NOW)
    assert "its owner is told" in typed("decide not_blocked --reason well_known --trace t1", capsys)[1]
    assert typed("decide blocked --list minors --entry a", capsys)[0] == 0
    assert listed(capsys)["lists"][0]["to_tell"] == 1


def test_files_are_checked_without_a_server(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "same.jpg").write_bytes(DRAWN)
    (here / "mirrored.jpg").write_bytes(edited(DRAWN, mirror=True))
    (here / "other.jpg").write_bytes(photograph(8))
    (here / "broken.jpg").write_bytes(DRAWN[:300])
    code, out, _ = typed("check same.jpg mirrored.jpg other.jpg broken.jpg", capsys)
    assert code == 0
    heads = [line for line in out.splitlines() if not line.startswith(" ")]
    assert heads == ["same.jpg: block", "mirrored.jpg: hold", "other.jpg: accept", "broken.jpg: accept"]
    assert "the same file" in out
    assert "only the same file could be looked for" in out
    told = [json.loads(line) for line in typed("check --json same.jpg", capsys)[1].splitlines()]
    assert [(one["outcome"], one["found"][0]["exact"]) for one in told] == [("block", True)]


def test_the_example_is_well_and_so_is_every_line_of_it(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("MATCHER_KEY", "MATCHER_WEBHOOK_SECRET", "MATCHER_LIST_PASSWORD", "MATCHER_FEEDBACK_PASSWORD")
    environment = dict.fromkeys(names, "whsec_c2VjcmV0")
    code, out, _ = typed("settings --example", capsys)
    assert (code, out) == (0, EXAMPLE)
    (here / "example.toml").write_text(out)
    read_settings(here / "example.toml", environment)
    lines = [line.removeprefix("#") if line.startswith("#") and not line.startswith("# ") else line for line in out.splitlines()]
    (here / "all.toml").write_text("\n".join(lines))
    found = read_settings(here / "all.toml", environment)
    assert (len(found.lists), len(found.webhooks), len(found.keys)) == (2, 1, 1)
    for name in names:
        monkeypatch.setenv(name, environment[name])
    code, out, _ = typed("settings --settings all.toml", capsys)
    assert code == 0
    assert "whsec" not in out


def test_secrets_are_not_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "p4ssw0rd" not in "".join(map(str, typed("settings", capsys) + typed("lists --json", capsys)))


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (7_200, "2 h"), (200_000, "2 d")])
def test_ages_are_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_a_folder_that_cannot_be_written_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "matcher.toml").write_text(SETTINGS.replace('"data"', '"matcher.toml/data"'))
    code, _, err = typed("run", capsys)
    assert code == 1
    assert "matcher.toml" in err
    assert "Traceback" not in err


def test_the_pages_name_verbs_that_exist() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {verb for page in pages for verb in re.findall(r"rempart matcher ([a-z]+)", page.read_text(encoding="utf-8"))}
    assert named <= {*VERBS, "scan"}
    assert {"run", "double", "settings", "disable", "resume"} <= named

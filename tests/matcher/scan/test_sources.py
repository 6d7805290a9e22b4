"""From words to files: each once, in an order that depends only on their names."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from rempart.matcher.scan.sources import Sources, items_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/2.jpg", "b/10.jpg", "a.jpg", "c/deep/er/x", ".hidden"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    return tmp_path / "in"


def names(*words: Path | str, **also: object) -> list[str]:
    items = list(items_of(Sources(tuple(map(str, words)), **also)))  # type: ignore[arg-type]
    assert [one.number for one in items] == list(range(len(items)))
    return [one.path for one in items]


def test_a_folder_is_walked_in_order(folder: Path) -> None:
    inside = [str(folder / name) for name in (".hidden", "a.jpg", "b/10.jpg", "b/2.jpg", "c/deep/er/x")]
    assert names(folder) == inside
    assert all(not one.is_named for one in items_of(Sources((str(folder),))))


def test_nothing_is_taken_twice(folder: Path) -> None:
    assert len(names(folder, folder / "a.jpg", folder / "b", folder)) == 5
    assert names(folder / "a.jpg", folder / ".." / "in" / "a.jpg") == [str(folder / "a.jpg")]
    assert names(folder, folder / "none.jpg")[-1] == str(folder / "none.jpg")


def test_links_are_followed_to_files_and_never_in_circles(folder: Path) -> None:
    (folder / "circle").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (folder / "nowhere").symlink_to(folder / "nothing")
    (folder / "to-a.jpg").symlink_to(folder / "a.jpg")
    found = names(folder)
    assert len(found) == 6
    assert str(folder / "to-a.jpg") in found
    assert len(names(folder / "circle")) == 6


def test_pipes_in_a_folder_are_left_out(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert len(names(folder)) == 5


def test_what_the_command_writes_is_left_out(folder: Path) -> None:
    (folder / "report.csv").touch()
    (folder / "b" / "report.csv").touch()
    found = names(folder, without=(str(folder / "report.csv"), str(folder / "c")))
    assert found == [str(folder / name) for name in (".hidden", "a.jpg", "b/10.jpg", "b/2.jpg", "b/report.csv")]


def test_manifests_and_standard_input(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.jsonl").write_text('{"path": "a.jpg", "id": "7"}\n{"path": "/abs.jpg"}\n{bad\n')
    items = list(items_of(Sources(manifests=(str(tmp_path / "m.jsonl"),), root="/data")))
    assert [(one.path, one.id, one.reason) for one in items] == [
        ("/data/a.jpg", "7", ""),
        ("/abs.jpg", "", ""),
        (f"{tmp_path}/m.jsonl, line 3", "", "bad_line"),
    ]
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"x.jpg\0y\nz.jpg\0")))
    assert names("-", ends_with_nul=True) == ["x.jpg", "y\nz.jpg"]

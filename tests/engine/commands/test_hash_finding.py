"""Which files the words of the command mean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.engine.commands.finding import Found, find, printable, words_of


@pytest.fixture(name="tree")
def tree_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.jpg", "b/c.mp4", "b/d/e.png", "b/.hidden"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(found: Found) -> list[str]:
    return [file.path for file in found.files]


def test_a_folder_means_all_that_is_in_it(tree: Path) -> None:
    found = find(["b"])
    assert names(found) == ["b/.hidden", "b/c.mp4", "b/d/e.png"]
    assert not any(file.is_named for file in found.files)
    assert found.files[1].file_bytes == len("b/c.mp4")
    assert found.files[1].modified_ns == (tree / "b/c.mp4").stat().st_mtime_ns


@pytest.mark.usefixtures("tree")
def test_each_file_once_whatever_leads_to_it() -> None:
    assert names(find(["b/c.mp4", "b", "./b/c.mp4", "b/*.mp4", "b"])) == ["b/c.mp4", "b/.hidden", "b/d/e.png"]


@pytest.mark.usefixtures("tree")
def test_patterns_in_quotes() -> None:
    assert names(find(["**/*.p*"])) == ["b/d/e.png"]
    assert all(file.is_named for file in find(["**/*.p*"]).files)
    assert [path for path, _ in find(["*.gif"]).refusals] == ["*.gif"]


def test_a_name_that_looks_like_a_pattern_is_a_name(tree: Path) -> None:
    (tree / "[a].jpg").write_text("")
    assert names(find(["[a].jpg"])) == ["[a].jpg"]


def test_links_do_not_lead_round_in_circles(tree: Path) -> None:
    (tree / "b" / "again").symlink_to(tree)
    (tree / "b" / "self").symlink_to("self")
    (tree / "b" / "same.mp4").symlink_to("c.mp4")
    found = find(["b"])
    assert names(found) == ["b/.hidden", "b/c.mp4", "b/d/e.png"]
    assert found.set_aside == 1
    assert not found.refusals
    assert names(find(["b/again"])) == ["b/again/a.jpg", "b/again/b/.hidden", "b/again/b/c.mp4", "b/again/b/d/e.png"]


def test_what_is_no_file_is_refused_when_named_and_set_aside_in_a_folder(tree: Path) -> None:
    os.mkfifo(tree / "b" / "pipe")
    assert find(["b"]).set_aside == 1
    assert [path for path, _ in find(["b/pipe", "/dev/null", "nowhere", "nul\0"]).refusals] == [
        "b/pipe",
        "/dev/null",
        "nowhere",
        "nul\0",
    ]


@pytest.mark.usefixtures("tree")
def test_a_folder_that_may_not_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path == "b/d":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(["b"])
    assert found.refusals == [("b/d", "It may not be read: permission denied.")]
    assert names(found) == ["b/.hidden", "b/c.mp4"]


@pytest.mark.usefixtures("tree")
def test_what_is_left_out() -> None:
    assert names(find(["b"], without=["b/c.mp4"])) == ["b/.hidden", "b/d/e.png"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    for name in (b"caf\xe9.jpg", b"two\nlines", b"\x1b[31mred"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    found = find([str(tmp_path)])
    assert {os.fsencode(Path(file.path).name) for file in found.files} == {b"caf\xe9.jpg", b"two\nlines", b"\x1b[31mred"}
    shown = [printable(file.path) for file in found.files]
    assert all(one.isprintable() for one in shown)
    assert any(one.endswith("two\\nlines") for one in shown)


@given(st.lists(st.binary(min_size=1).filter(lambda name: b"\0" not in name)))
def test_a_list_of_names_comes_back(names: list[bytes]) -> None:
    assert [os.fsencode(one) for one in words_of(b"".join(name + b"\0" for name in names), separator=b"\0")] == names


@given(st.text())
def test_what_is_shown_cannot_move_the_cursor(name: str) -> None:
    assert printable(name).isprintable()

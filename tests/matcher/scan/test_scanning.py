"""One file: what it is, what it meets, why it is refused."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest
from PIL import ImageOps

from rempart.matcher.lookup import ListRules
from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Item
from rempart.matcher.scan.scanning import scan
from tests.matcher.scan.stored import LISTED, asked, drawn, jpeg, only, scanned, told


def test_a_near_copy_is_told_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    (tmp_path / "copy.dat").write_bytes(jpeg(quality=40))
    line = only(scanned(tmp_path / "copy.dat", asked(tmp_path), id="upload 9"))
    assert (line.what, line.list, line.entry, line.is_exact, line.id) == ("hit", "minors", "listed", False, "upload 9")
    assert line.distance is not None
    assert line.distance <= 31
    assert (line.asked_view, line.variant, line.trust) == ("whole", "whole", "self_declared")
    assert (line.advice, line.outcome, line.because) == ("review", "hold", "rule")


def test_the_same_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "same.jpg").write_bytes(jpeg())
    line = only(scanned(tmp_path / "same.jpg", asked(tmp_path, is_exact=True)))
    assert (line.is_exact, line.distance, line.advice, line.outcome) == (True, None, "block", "block")


def test_a_mirrored_copy_is_met_when_its_views_are_asked(tmp_path: Path) -> None:
    ImageOps.mirror(drawn()).save(tmp_path / "mirrored.png")
    assert not scanned(tmp_path / "mirrored.png", asked(tmp_path)).lines
    assert only(scanned(tmp_path / "mirrored.png", asked(tmp_path, views=True))).asked_view == "whole/mirror"


def test_a_broken_picture_is_refused_and_still_known_byte_for_byte(tmp_path: Path) -> None:
    from rempart.engine import Sha256
    from rempart.engine.files import digest
    from rempart.matcher.shelf.writing import ShelfWriter
    from tests.matcher.made import NOW, batch, entry

    broken = jpeg()[:700]
    sha256 = digest(broken).sha256
    assert isinstance(sha256, Sha256)
    with ShelfWriter(tmp_path / "shelf") as writer:
        writer.take(batch(entry("broken", sha256=sha256)), now=NOW)
    (tmp_path / "broken.jpg").write_bytes(broken)
    result = scanned(tmp_path / "broken.jpg", Asked((ListRules("minors", tmp_path / "shelf"),)))
    assert told(result) == [("", "unreadable"), ("", "broken")]


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("pipe", "socket", "."):
            assert only(scanned(tmp_path / name, asked(tmp_path))).reason == "not_a_file", name
    assert only(scanned("/dev/zero", asked(tmp_path))).reason == "not_a_file"


def test_what_cannot_be_read_is_told_in_a_word(tmp_path: Path) -> None:
    asking = asked(tmp_path)
    (tmp_path / "note.txt").write_text("nothing to see")
    (tmp_path / "empty").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    reasons = {name: only(scanned(tmp_path / name, asking)).reason for name in ("none", "note.txt", "empty", "loop", "a\0b")}
    assert reasons == {"none": "missing", "note.txt": "not_media", "empty": "not_media", "loop": "unreadable", "a\0b": "missing"}
    result = scanned(tmp_path / "note.txt", asking, is_named=False)
    assert not result.lines
    assert result.counts["passed_over"] == 1


def test_what_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut.jpg").write_bytes(jpeg())
    (tmp_path / "shut.jpg").chmod(0)
    asking = asked(tmp_path)

    def obeying(path: Path, *rest: int) -> int:
        """The superuser reads everything: here the mode counts for her too."""
        if not Path(path).stat().st_mode & 0o444:
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest)

    opened = os.open
    monkeypatch.setattr("rempart.matcher.scan.opening.os.open", obeying)
    assert only(scanned(tmp_path / "shut.jpg", asking)).reason == "permission"


def test_a_video_is_asked_frame_by_frame(tmp_path: Path) -> None:
    pytest.importorskip("av")
    frames = [drawn(seed) for seed in (1, LISTED, 3)]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=1000)
    (tmp_path / "moving.gif").write_bytes(stream.getvalue())
    line = only(scanned(tmp_path / "moving.gif", asked(tmp_path)))
    assert (line.entry, line.asked_view) == ("listed", "second 1")


def test_a_video_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("av")
    film = Path(__file__).resolve().parents[2] / "data" / "videos" / "slow.mp4"
    assert not scanned(film, asked(tmp_path)).lines
    monkeypatch.setattr("rempart.matcher.scan.seeing.MOST_SECONDS", -1)
    assert only(scanned(film, asked(tmp_path))).reason == "too_large"


def test_without_the_extra_a_video_is_told_and_asked_by_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    assert only(scanned(tmp_path / "film.mp4", asked(tmp_path))).reason == "not_installed"


def test_a_fault_of_ours_on_one_file_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.matcher.scan.seeing.open_picture", lambda *_, **__: 1 / 0)
    (tmp_path / "one.jpg").write_bytes(jpeg())
    result = scan([Item(0, str(tmp_path / "one.jpg")), Item(1, str(tmp_path / "none"))], asked(tmp_path))
    assert [line.reason for _, line in result.lines] == ["fault", "missing"]


def test_without_any_list_nothing_is_scanned(tmp_path: Path) -> None:
    result = scan([Item(0, "x")], Asked((ListRules("later", tmp_path / "nothing yet"),)))
    assert "Nothing was read" in result.trouble


def test_no_line_and_no_value_shows_a_fingerprint(tmp_path: Path) -> None:
    from rempart.engine import fingerprint_file

    (tmp_path / "same.jpg").write_bytes(jpeg())
    asking = asked(tmp_path, is_exact=True)
    result = scanned(tmp_path / "same.jpg", asking)
    made = fingerprint_file(jpeg())
    said = repr(result) + repr(asking)
    for secret in (made.pdqs[0].pdq, made.digests.sha256, made.digests.md5):
        assert secret.hex() not in said
        assert repr(secret.value) not in said

"""Photographs where Debian can be asked, drawn ones where not, and it is said which."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import drawn, pictures
from benchmarks.pictures import NotToBeHad, Source, origin, photographs

FREE = Source("free-pictures", r"shown/.*\.png", r"people")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CACHE", tmp_path)
    monkeypatch.setattr(pictures, "SOURCES", (FREE,))
    monkeypatch.setattr(drawn, "SIZES", ((320, 240),))


def package(at: Path) -> None:
    """A Debian package of five files: a scene, its mirror image, another scene, one with people, one that is too small."""
    shown = at / "root" / "shown"
    shown.mkdir(parents=True)
    control = at / "root" / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(
        "Package: free-pictures\nVersion: 1.2\nArchitecture: all\nMaintainer: nobody\nDescription: none\n"
    )
    drawn.scene(0).save(shown / "a.png")
    drawn.scene(0).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(shown / "b.png")
    drawn.scene(1).save(shown / "c.png")
    drawn.scene(2).save(shown / "people.png")
    drawn.scene(3).resize((100, 100)).save(shown / "small.png")
    (pictures.CACHE / "debs").mkdir()
    target = pictures.CACHE / "debs" / "free-pictures_1.2_all.deb"
    try:
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", at / "root", target], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no tool for Debian's packages here")


def test_one_picture_of_each_motif_is_kept_and_kept_for_later(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path_factory.mktemp("package"))
    found = photographs(1)
    assert len(found) == 2
    assert {one.package for one in found} == {"free-pictures 1.2"}
    assert "c" in {one.name for one in found}
    assert origin(found) == "2 distinct pictures of 1 Debian packages"
    monkeypatch.setattr(pictures, "fetch", lambda package: pytest.fail("asked twice"))
    assert photographs(1) == found
    assert found[0].open().mode == "RGB"


@pytest.mark.parametrize("failing", [FileNotFoundError, "apt-get says no"])
def test_without_debian_pictures_are_drawn_and_it_is_said(
    failing: type[OSError] | str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        if isinstance(failing, str):
            return subprocess.CompletedProcess([], 100, "", failing)
        raise failing

    monkeypatch.setattr(subprocess, "run", ask)
    found = photographs(3)
    assert "drawn by code are used instead" in capsys.readouterr().err
    assert [one.is_drawn for one in found] == [True] * 3
    assert origin(found) == "3 pictures drawn by code, for want of photographs"
    assert (np.asarray(found[1].open()) == np.asarray(drawn.scene(1))).all()


def test_a_broken_package_is_said_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = pictures.CACHE / "debs" / "free-pictures_1_all.deb"
    archive.parent.mkdir()
    archive.write_bytes(b"half")
    with pytest.raises(NotToBeHad, match="could not be opened"):
        pictures.unpack(archive, "free-pictures")
    assert not archive.exists()


def test_what_is_transparent_is_put_on_white(tmp_path: Path) -> None:
    path = tmp_path / "glass.png"
    Image.new("RGBA", (2000, 1000), (255, 0, 0, 0)).save(path)
    reduced = pictures.reduced(path)
    assert reduced is not None
    assert reduced.size == (1280, 640)
    assert reduced.getpixel((0, 0)) == (255, 255, 255)

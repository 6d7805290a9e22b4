"""Harmless pictures to measure with: photographs and wallpapers that Debian ships, and drawn ones where it cannot be asked.

``python -m benchmarks.pictures`` fetches them once into ``build/pictures`` (about 420 MB, a minute) and lists what was found.
All come from the main section of Debian, so each is free to use; what each package says of its authors is in its own
``copyright`` file, unpacked beside the pictures. Left out: people, screens, test charts, and second views of a motif.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pdqhash
from PIL import Image

from benchmarks import drawn

CACHE = Path(__file__).resolve().parents[1] / "build" / "pictures"
LONGEST_SIDE = 1280  # pixels; larger ones are reduced once, so that no run pays for it again
SHORTEST_SIDE = 240
LEAST_QUALITY = 50
SAME_MOTIF = 80  # bits; two distinct pictures differ by 128 or so


class Source(NamedTuple):
    """A Debian package and which of its pictures are wanted: a pattern their path must match, and one it must not."""

    package: str
    wanted: str
    unwanted: str = r"^$"


SOURCES = (
    Source("endless-sky-data", r"images/land/.*\.jpg"),
    Source("plasma-workspace-wallpapers", r"contents/images/.*\.(jpg|png)", r"/1[0-9]{3}x(1920|2[0-9]{3})\.|/720x1440"),
    Source("gnome-backgrounds", r"backgrounds/gnome/.*-l\.(webp|jpg|png)|backgrounds/gnome/[^/]*(?<!-[ld])\.(webp|jpg|png)"),
    Source("mate-backgrounds", r"backgrounds/mate/.*\.(jpg|png)", r"logo"),
    Source("ukui-wallpapers", r"backgrounds/.*\.(jpg|png)"),
    Source("lomiri-wallpapers-16.04", r"backgrounds/.*\.jpg"),
    Source("lomiri-wallpapers-20.04", r"backgrounds/.*\.jpg"),
    Source("lxqt-themes", r"lxqt/wallpapers/.*\.jpg"),
    Source("palapeli-data", r"palapeli/collection/.*\.jpg"),
    Source(
        "python3-skimage",
        r"skimage/data/(coffee|gravel|brick|motorcycle_left|hubble_deep_field|grass|ihc|rocket|chelsea|coins)\.",
    ),
    Source("python3-sklearn", r"sklearn/datasets/images/.*\.jpg"),
    Source(
        "opencv-doc",
        r"examples/data/(aloeL|apple|baboon|board|building|butterfly|fruits|graf1|home|orange|rubberwhale1|squirrel_cls|starry_night|"
        r"stuff|leuvenA|aero1)\.",
    ),
)


class NotToBeHad(Exception):
    """The packages cannot be fetched or opened here. ``str(error)`` is a sentence."""


@dataclass(frozen=True)
class Photograph:
    """One picture. ``package`` is where it comes from, with its version; "drawn" for one that code drew."""

    name: str
    package: str
    path: Path

    @property
    def is_drawn(self) -> bool:
        return self.package == "drawn"

    def __fspath__(self) -> str:
        return str(self.path)

    def open(self) -> Image.Image:
        """Its pixels, RGB, the longest side at most 1280."""
        with Image.open(self.path) as picture:
            return picture.convert("RGB")


def photographs(minimum: int = 200) -> list[Photograph]:
    """All there are, at least ``minimum``, in an order that mixes the packages and never changes.

    Where the packages cannot be had, says so on standard error and gives ``minimum`` pictures drawn by code. Whoever
    prints a figure asks ``origin`` for the words that go beside it.
    """
    try:
        with alone():
            found = known() or prepare()
    except NotToBeHad as refusal:
        sys.stderr.write(f"{refusal} Pictures drawn by code are used instead: figures are not those of photographs.\n")
        return draw(minimum)
    if len(found) < minimum:
        sys.stderr.write(f"Only {len(found)} distinct photographs were found; drawn ones make up the {minimum}.\n")
        return found + draw(minimum - len(found))
    return found


def origin(pictures: list[Photograph]) -> str:
    """Where these come from, in one sentence."""
    packages = {picture.package for picture in pictures}
    if packages == {"drawn"}:
        return f"{len(pictures)} pictures drawn by code, for want of photographs"
    mixed = f", {sum(picture.is_drawn for picture in pictures)} of them drawn by code" if "drawn" in packages else ""
    return f"{len(pictures)} distinct pictures of {len(packages - {'drawn'})} Debian packages{mixed}"


@contextmanager
def alone() -> Iterator[None]:
    """One process prepares the cache; the others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def recipe() -> str:
    """Changes when what is wanted changes, so that an older cache is not taken for this one."""
    return hashlib.sha256(repr((SOURCES, LONGEST_SIDE, SHORTEST_SIDE, LEAST_QUALITY, SAME_MOTIF)).encode()).hexdigest()[:16]


def known() -> list[Photograph]:
    """What an earlier run prepared, or nothing."""
    manifest = CACHE / recipe() / "manifest.json"
    if not manifest.exists():
        return []
    rows = json.loads(manifest.read_text(encoding="utf-8"))
    return [Photograph(row["name"], row["package"], manifest.parent / row["path"]) for row in rows]


def prepare() -> list[Photograph]:
    """Fetch, unpack, keep one picture of each motif, and write them where ``known`` looks. Raises NotToBeHad."""
    with_versions = {source.package: unpack(fetch(source.package), source.package) for source in SOURCES}
    candidates = [(version, path) for source in SOURCES for version, path in matching(source, with_versions[source.package])]
    candidates.sort(key=lambda one: hashlib.sha256("/".join(one[1].parts[-4:]).encode()).digest())
    unfinished = CACHE / f"{recipe()}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    kept = list(distinct(candidates, unfinished))
    rows = [{**asdict(one), "path": one.path.name} for one in kept]
    (unfinished / "manifest.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    unfinished.rename(CACHE / recipe())
    return known()


def fetch(package: str) -> Path:
    """The package's file, asked of Debian unless an earlier run has it. Raises NotToBeHad."""
    folder = CACHE / "debs"
    folder.mkdir(exist_ok=True)
    already = sorted(folder.glob(f"{package}_*.deb"))
    if already:
        return already[-1]
    sys.stderr.write(f"Fetching {package}…\n")
    try:
        done = subprocess.run(
            ["apt-get", "download", package], cwd=folder, capture_output=True, text=True, check=False, timeout=900
        )
    except (OSError, subprocess.TimeoutExpired):
        raise NotToBeHad("Debian's packages cannot be asked for on this machine.") from None
    fetched = sorted(folder.glob(f"{package}_*.deb"))
    if done.returncode or not fetched:
        raise NotToBeHad(f"Debian's package {package} could not be fetched (is “apt-get update” due?).")
    return fetched[-1]


def unpack(archive: Path, package: str) -> tuple[str, Path]:
    """``package version`` and the folder of its files. Nothing of the package is run or installed."""
    folder = CACHE / "unpacked" / archive.stem
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            subprocess.run(["dpkg-deb", "-x", str(archive), str(unfinished)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            archive.unlink()
            raise NotToBeHad(f"Debian's package {package} could not be opened.") from None
        unfinished.rename(folder)
    version = archive.stem.split("_")[1].replace("%3a", ":")
    return f"{package} {version}", folder


def matching(source: Source, unpacked: tuple[str, Path]) -> Iterator[tuple[str, Path]]:
    version, folder = unpacked
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and re.search(source.wanted, name) and not re.search(source.unwanted, name):
            yield version, path


def distinct(candidates: list[tuple[str, Path]], folder: Path) -> Iterator[Photograph]:
    """Write each that shows enough and is no second view, mirrored or turned, of one kept before."""
    seen = np.empty((0, 256), dtype=np.uint8)
    for number, (version, path) in enumerate(candidates):
        picture = reduced(path)
        if picture is None:
            continue
        turned, quality = pdqhash.compute_dihedral(np.asarray(picture))
        if quality < LEAST_QUALITY or (len(seen) and (seen[:, None] != np.array(turned)[None]).sum(axis=2).min() < SAME_MOTIF):
            continue
        seen = np.vstack([seen, turned[0]])
        written = folder / f"{len(seen) - 1:03d}.png"
        picture.save(written, compress_level=1)
        if number % 20 == 0:
            sys.stderr.write(f"\rPreparing pictures: {100 * number // len(candidates)} %")
        yield Photograph(name_of(path), version, written)
    sys.stderr.write("\rPreparing pictures: done \n")


def name_of(path: Path) -> str:
    """The file's name; that of the theme's folder, where files are named by their size."""
    return path.parts[-4] if re.fullmatch(r"\d+x\d+", path.stem) else path.stem


def reduced(path: Path) -> Image.Image | None:
    """RGB, on white where it is transparent, the longest side at most 1280; None for what is small or no picture."""
    try:
        with Image.open(path) as opened:
            if min(opened.size) < SHORTEST_SIDE:
                return None
            opened.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            picture = on_white(opened)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    return picture


def on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def draw(count: int) -> list[Photograph]:
    """The first ``count`` of an endless row of drawn scenes."""
    folder = CACHE / "drawn"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for seed in range(count):
        path = folder / f"{seed:03d}.png"
        if not path.exists():
            drawn.scene(seed).save(path, compress_level=1)
        pictures.append(Photograph(f"scene {seed}", "drawn", path))
    return pictures


def main() -> int:
    pictures = photographs(200)
    for package in sorted({picture.package for picture in pictures}):
        names = sorted(picture.name for picture in pictures if picture.package == package)
        sys.stdout.write(f"{package}: {len(names)}\n    {', '.join(names)}\n")
    sys.stdout.write(f"{origin(pictures)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Make the package in dist/: the source archive, and from it one wheel for this platform and any Python. Both are then tried.

    python tools/wheel.py [--output FOLDER] [--without-compiler]

The wheel is built from the unpacked archive, so the archive is complete; it is then installed in a fresh environment, away
from this checkout, where the engine must find a picture again. No network is used.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NATIVE = "rempart/engine/native/_engine.so"
MUST_HOLD = ("rempart/py.typed", "rempart/engine/native/library.py", "rempart/desk/web/public/locale/fr/LC_MESSAGES/django.mo")


def main(words: Sequence[str]) -> int:
    asked = read(words)
    asked.output.mkdir(parents=True, exist_ok=True)
    try:
        archive, wheel = make(asked.output, has_compiler=not asked.without_compiler)
        check(wheel, has_compiler=not asked.without_compiler)
        with tempfile.TemporaryDirectory() as folder:
            said = try_it(wheel, Path(folder))
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{error.stdout or ''}This failed: {' '.join(map(str, error.cmd))}\n")
        return 1
    except Unfit as unfit:
        sys.stderr.write(f"{unfit}\n")
        return 1
    for path in (archive, wheel):
        print(f"  {path}  ({path.stat().st_size / 1024:,.0f} KiB)")
    print(said, end="")
    return 0


class Unfit(Exception):
    """What was made is not what should be published; the message says why."""


def read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/wheel.py")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument(
        "--without-compiler", action="store_true", help="a wheel for any platform, whose engine runs on NumPy alone"
    )
    return parser.parse_args(words)


def make(output: Path, *, has_compiler: bool) -> tuple[Path, Path]:
    """The source archive, and the wheel made from it. What was in ``output`` under such names goes."""
    for old in (*output.glob("rempart-*.tar.gz"), *output.glob("rempart-*.whl")):
        old.unlink()
    say("Packing the sources")
    hatchling("sdist", output, ROOT)
    (archive,) = output.glob("rempart-*.tar.gz")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            # Python 3.11.2, Debian's, has no filters yet.
            packed.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
            packed.extractall(folder)
        say("Building the wheel from them" if has_compiler else "Building the wheel from them, without a compiler")
        hatchling("wheel", output, Path(folder) / archive.name.removesuffix(".tar.gz"), **({} if has_compiler else NO_COMPILER))
    (wheel,) = output.glob("rempart-*.whl")
    return archive, wheel


NO_COMPILER = {"REMPART_NO_COMPILER": "1"}


def hatchling(target: str, output: Path, source: Path, **more: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(output)]
    run(command, source, **more)


def check(wheel: Path, *, has_compiler: bool) -> None:
    """Raises Unfit."""
    held = set(zipfile.ZipFile(wheel).namelist())
    lacking = [name for name in MUST_HOLD if name not in held]
    if lacking:
        raise Unfit(f"{wheel.name} lacks {', '.join(lacking)}.")
    if has_compiler and NATIVE not in held:
        raise Unfit("No C++ compiler was found: the wheel would be slow everywhere. Install one (c++, g++ or clang++).")
    if wheel.name.endswith("-any.whl") is (NATIVE in held):
        raise Unfit(f"{wheel.name} does not say what it holds.")


TRIAL = Path(__file__).with_name("wheel_trial.py")


def try_it(wheel: Path, folder: Path) -> str:
    """Install it in a fresh environment, run the trial there, and give what it said."""
    say("Trying the wheel in a fresh environment")
    python = fresh_environment(folder)
    run(
        [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", str(wheel)],
        folder,
    )
    shutil.copy(TRIAL, folder / "trial.py")
    return run([str(python), "-I", "trial.py"], folder)


def fresh_environment(folder: Path) -> Path:
    """A virtual environment that sees the packages of this one, and not this checkout: its Python."""
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    packages = Path(run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip())
    # A folder named in a .pth file is searched last, and the .pth files in it (such as our editable install) are not read.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def run(command: Sequence[str], folder: Path, **more: str) -> str:
    """Raises CalledProcessError, which holds all that the command said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REMPART_", "PYTHON"))}
    environment = {**kept, **more}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    return done.stdout


def say(sentence: str) -> None:
    print(f"▸ {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

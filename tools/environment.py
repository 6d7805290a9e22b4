"""Make `.venv` hold exactly the locked packages, and nothing more than once.

    python3 tools/environment.py run    what the desk needs
    python3 tools/environment.py dev    that, and what its tests and checks need

Only the standard library: this runs before anything is installed. A stamp in `.venv` records what was
installed, so that the next start takes no time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import runpy
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
LOCKS = {"run": "requirements/run.txt", "dev": "requirements/dev.txt"}
SOURCE_LOCK = "requirements/source.txt"  # what tests compile, for want of a wheel
NATIVE = "src/rempart/engine/native"


def main(arguments: list[str]) -> int:
    if arguments not in (["run"], ["dev"]):
        print(__doc__)
        return 2
    if sys.version_info < OLDEST:
        print(f"Rempart needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        print("Name another one: make PYTHON=python3.12 …")
        return 1
    wanted = arguments[0]
    if is_ready(wanted):
        return 0
    try:
        prepare(wanted)
    except subprocess.CalledProcessError as error:
        print(f"\nThe environment could not be completed: this command failed.\n  {' '.join(map(str, error.cmd))}")
        return 1
    return 0


def is_ready(wanted: str) -> bool:
    """The development environment holds everything the desk needs to run."""
    names = ("run", "dev") if wanted == "run" else ("dev",)
    return PYTHON.exists() and any(stamp(name).exists() and stamp(name).read_text() == digest(name) for name in names)


def prepare(wanted: str) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        # Debian's own Python comes without it.
        subprocess.run([ROOT / "tools" / "system_packages.sh", "venv"], check=True)
    if not PYTHON.exists() or not was_made_here():
        say("Creating .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=True, symlinks=True)
    for name in LOCKS:
        stamp(name).unlink(missing_ok=True)
    install_locked(wanted)
    if wanted == "dev":
        say("Compiling what has no wheel for this Python")
        pip("--quiet", "--require-hashes", "--no-deps", "--no-build-isolation", "-r", str(ROOT / SOURCE_LOCK))
    say("Installing Rempart itself")
    pip("--quiet", "--no-build-isolation", "--no-deps", "--editable", str(ROOT))
    subprocess.run([PYTHON, "-c", "from rempart.engine.native.library import describe; print(describe())"], check=True)
    stamp(wanted).write_text(digest(wanted))


def was_made_here() -> bool:
    """A checkout that was moved or copied keeps scripts that point to its former place."""
    activate = VENV / "bin" / "activate"
    return activate.exists() and str(VENV) in activate.read_text()


def install_locked(wanted: str) -> None:
    lock = ROOT / LOCKS[wanted]
    total = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    say(f"Installing {total} locked packages ({LOCKS[wanted]})")
    command = pip_command("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock))
    done = 0
    errors = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                done += 1
                show_progress(done, total, line)
            elif line.startswith("ERROR"):
                errors.append(line)
    end_progress(total)
    if process.returncode:
        print("".join(errors), end="")
        raise subprocess.CalledProcessError(process.returncode, command)


def show_progress(done: int, total: int, line: str) -> None:
    if sys.stdout.isatty():
        name = line.removeprefix("Collecting ").removeprefix("Requirement already satisfied: ").split("==")[0]
        print(f"\r  {min(done, total)}/{total} {name.split()[0]:<40}", end="", flush=True)


def end_progress(total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r  {total}/{total} {'':<40}", flush=True)


def pip(*arguments: str) -> None:
    subprocess.run(pip_command(*arguments), check=True)


def pip_command(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", *arguments]


def digest(name: str) -> str:
    """Changes whenever what is installed should change; the settings of ruff or pytest are no reason."""
    import tomllib  # not there in an older Python, which main() refuses with a sentence

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    built = [project["build-system"], project["project"], project["tool"]["hatch"], str(VENV), sys.version]
    native = runpy.run_path(str(ROOT / NATIVE / "build.py"))
    files = [
        path.read_text(encoding="utf-8") for path in (ROOT / LOCKS[name], ROOT / "hatch_build.py", ROOT / NATIVE / "build.py")
    ]
    if name == "dev":
        files.append((ROOT / SOURCE_LOCK).read_text(encoding="utf-8"))
    # An engine installed without a compiler is built again the day there is one.
    built += [native["digest"](), native["find_compiler"]() is not None]
    return hashlib.sha256(repr((built, files)).encode()).hexdigest()


def stamp(name: str) -> Path:
    return VENV / f".ready-{name}"


def say(sentence: str) -> None:
    print(f"▸ {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

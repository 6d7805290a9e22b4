"""Compile the native half: every ``.cpp`` of this folder into one shared library with a plain C interface.

Only the standard library: the build hook runs this file by its path, before anything is installed.

    python src/rempart/engine/native/build.py [--sanitize] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).resolve().parent
LIBRARY = FOLDER / "_engine.so"
# No -march: each kernel names its own instructions, and the processor is asked at run time.
# No contraction: a fused multiply-add rounds once where the reference rounds twice, and a PDQ bit may flip.
COMMON = ["-std=c++17", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror=return-type"]
SPEED = ["-O3", "-DNDEBUG"]
SANITIZE = ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


class CompilerFailed(RuntimeError):
    """The compiler is there and did not succeed; the message is its own."""


def find_compiler() -> list[str] | None:
    """``$CXX`` if it is set, else the first of c++, g++ and clang++ on the path. None where there is none.

    ``REMPART_NO_COMPILER=1`` says that there is none: what an installation without one does can then be tried anywhere.
    """
    if os.environ.get("REMPART_NO_COMPILER"):
        return None
    words = shlex.split(os.environ.get("CXX", ""))
    for candidate in [words] if words else [["c++"], ["g++"], ["clang++"]]:
        if shutil.which(candidate[0]):
            return candidate
    return None


def sources() -> list[Path]:
    """What is compiled; headers are found beside it."""
    return sorted(FOLDER.glob("*.cpp"))


def build(output: Path, compiler: list[str], *, is_sanitized: bool = False) -> None:
    """Compile and link. The library appears whole or not at all. Raises CompilerFailed."""
    flags = COMMON + (SANITIZE if is_sanitized else SPEED)
    with TemporaryDirectory(dir=output.parent) as scratch:
        objects = [Path(scratch) / f"{source.stem}.o" for source in sources()]
        commands = [[*compiler, *flags, "-c", str(one), "-o", str(made)] for one, made in zip(sources(), objects, strict=True)]
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(_run, commands))
        linked = Path(scratch) / output.name
        runtime = [] if is_sanitized or sys.platform == "darwin" else ["-static-libstdc++", "-static-libgcc"]
        _run([*compiler, *flags, "-shared", "-pthread", *runtime, *map(str, objects), "-o", str(linked)])
        linked.replace(output)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CompilerFailed(f"{shlex.join(command)}\n{done.stdout}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sanitize", action="store_true", help="with checks of addresses and of undefined behaviour; slow")
    parser.add_argument("--output", type=Path, default=LIBRARY)
    asked = parser.parse_args()
    compiler = find_compiler()
    if compiler is None:
        sys.stderr.write("No C++ compiler was found (c++, g++ or clang++).\n")
        return 1
    build(asked.output, compiler, is_sanitized=asked.sanitize)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Compile the native half: every ``.cpp`` of this folder into one shared library with a plain C interface.

Only the standard library: the build hook runs this file by its path, before anything is installed.

    python src/rempart/engine/native/build.py [--sanitize address|thread] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

_SOURCES = runpy.run_path(str(Path(__file__).with_name("sources.py")))
LIBRARY: Path = _SOURCES["LIBRARY"]
sources: Callable[[], list[Path]] = _SOURCES["sources"]
digest: Callable[[], str] = _SOURCES["digest"]
# No -march: each kernel names its own instructions, and the processor is asked at run time.
# No contraction: a fused multiply-add rounds once where the reference rounds twice, and a PDQ bit may flip.
COMMON = ["-std=c++17", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror=return-type"]
SPEED = ["-O3", "-DNDEBUG", "-ffunction-sections", "-fdata-sections"]
SANITIZERS = {
    "address": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    "thread": ["-fsanitize=thread"],
}
DEBUG = ["-O1", "-g", "-fno-omit-frame-pointer"]
# The C++ runtime goes inside, and what is not used of it goes out: the library then needs nothing but an ordinary libc,
# and an older one than the compiler's own.
LINK = ["-static-libstdc++", "-static-libgcc", "-Wl,--gc-sections", "-Wl,--exclude-libs,ALL"]


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


def build(output: Path, compiler: list[str], *, sanitizer: str | None = None) -> None:
    """Compile and link. The library appears whole or not at all. Raises CompilerFailed."""
    flags = [*COMMON, *([*DEBUG, *SANITIZERS[sanitizer]] if sanitizer else SPEED)]
    name = f'-DREMPART_SOURCES="{digest()}"'
    with TemporaryDirectory(dir=output.parent) as scratch:
        made = {source: Path(scratch) / f"{source.stem}.o" for source in sources()}
        commands = [[*compiler, *flags, name, "-c", str(source), "-o", str(into)] for source, into in made.items()]
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(_run, commands))
        linked = Path(scratch) / output.name
        runtime = [] if sanitizer or sys.platform == "darwin" else LINK
        _run([*compiler, *flags, "-shared", "-pthread", *runtime, *map(str, made.values()), "-o", str(linked)])
        linked.replace(output)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CompilerFailed(f"{shlex.join(command)}\n{done.stdout}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sanitize", choices=sorted(SANITIZERS), help="with checks of memory, or of races; slow")
    parser.add_argument("--output", type=Path, default=LIBRARY)
    asked = parser.parse_args()
    compiler = find_compiler()
    if compiler is None:
        sys.stderr.write("No C++ compiler was found (c++, g++ or clang++).\n")
        return 1
    try:
        build(asked.output, compiler, sanitizer=asked.sanitize)
    except CompilerFailed as failure:
        sys.stderr.write(f"The C++ compiler did not succeed:\n{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

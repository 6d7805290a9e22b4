"""The compiled half, built with checks of memory, of undefined behaviour and of races, and asked hostile things."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from rempart.engine.native import build
from tests.conventions.sources import ROOT
from tests.project.commands import clean_environment

pytestmark = pytest.mark.slow

COMPILER = build.find_compiler()
RUNTIMES = {"address": "asan", "thread": "tsan"}
WATCHES_FOR = {"address": "one-by-one", "thread": "together"}
OPTIONS = {
    # Python itself leaves memory to the system when it ends.
    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "exitcode=99:halt_on_error=1",
    # Sizes that are refused must be refused by us, not granted by a generous allocator.
    "PYTHONMALLOC": "malloc",
}


def exported() -> set[str]:
    """The names that the sources show to Python."""
    shown = re.compile(r"^REMPART_EXPORT [^(]*?(\w+)\(", re.MULTILINE)
    return {name for source in build.sources() for name in shown.findall(source.read_text(encoding="utf-8"))}


@cache
def runtime(sanitizer: str) -> str:
    """The library that must be there before Python; skips the test where there is none, or none that this system can run."""
    if COMPILER is None:
        pytest.skip("there is no C++ compiler here")
    name = f"lib{RUNTIMES[sanitizer]}.so"
    found = subprocess.run([*COMPILER, f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
    if not Path(found).is_absolute():
        pytest.skip(f"this compiler comes without {name}")
    environment = clean_environment(**OPTIONS, LD_PRELOAD=found)
    done = subprocess.run([sys.executable, "-c", "print('alive')"], env=environment, capture_output=True, text=True, timeout=60)
    if done.stdout != "alive\n":
        # Some systems place memory where an older sanitizer does not expect any.
        pytest.skip(f"Python does not start under {name} here: {done.stderr.strip()[:200]}")
    return found


def run_under(sanitizer: str, library: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(**OPTIONS, LD_PRELOAD=runtime(sanitizer), REMPART_NATIVE=str(library))
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("sanitizer", sorted(RUNTIMES))
def test_nothing_is_read_where_nothing_was_written(sanitizer: str, tmp_path: Path) -> None:
    runtime(sanitizer)
    assert COMPILER
    library = tmp_path / "_engine.so"
    build.build(library, COMPILER, sanitizer=sanitizer)
    done = run_under(sanitizer, library, "-m", "tests.engine.native.hostile", WATCHES_FOR[sanitizer])
    assert done.returncode == 0, done.stdout[-4000:]
    assert set(done.stdout.split()) == exported(), "each function that Python can see is tried"


@pytest.mark.parametrize("sanitizer", sorted(RUNTIMES))
def test_the_sanitizer_would_say_it(sanitizer: str, tmp_path: Path) -> None:
    """A library with the fault that is looked for ends the process."""
    faults = {
        "address": """
            REMPART_EXPORT int fault() {
                int few[4] = {1, 2, 3, 4};
                volatile int beyond = 4;
                return few[beyond];
            }""",
        "thread": """
            #include <thread>
            static int shared;
            REMPART_EXPORT int fault() {
                std::thread other([] { shared++; });
                shared++;
                other.join();
                return shared;
            }""",
    }
    source, library = tmp_path / "fault.cpp", tmp_path / "fault.so"
    source.write_text('#include "exported.h"\n' + faults[sanitizer])
    runtime(sanitizer)
    assert COMPILER
    flags = [*build.COMMON, *build.DEBUG, *build.SANITIZERS[sanitizer]]
    subprocess.run(
        [*COMPILER, *flags, f"-I{build.LIBRARY.parent}", "-shared", "-pthread", str(source), "-o", str(library)],
        check=True,
        capture_output=True,
    )
    done = run_under(sanitizer, library, "-c", f"import ctypes; ctypes.CDLL({str(library)!r}).fault()")
    assert done.returncode != 0
    assert re.search("Sanitizer:|runtime error:", done.stdout)

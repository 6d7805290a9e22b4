"""Run the whole suite on SQLite, then what touches the database again on PostgreSQL, and add up.

    python tools/run_tests.py -n 2 [anything pytest understands]

Each pass prints pytest's own account; the last line is the sum of both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
PYTEST = Path(sys.executable).with_name("pytest")
# The second pass leaves out by itself what does not touch the database: see tests/conftest.py.
PASSES = {
    "sqlite": (["-m", "not postgres"], {}),
    "postgres": (["-m", "not browser"], {"REMPART_TEST_DATABASE": "postgres"}),
}
GOOD, SOME_FAILED, NONE_FOUND = 0, 1, 5


def main(arguments: list[str]) -> int:
    RESULTS.mkdir(exist_ok=True)
    passed = failed = skipped = 0
    for name in PASSES:
        print(f"\n▸ The suite on {name}", flush=True)
        start = time.monotonic()
        status = run_pass(name, arguments)
        counts = read_counts(name, status)
        print(f"▸ {name}: {time.monotonic() - start:.0f} s", flush=True)
        passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    sys.stdout.flush()
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return 0 if passed and not failed else 1


def run_pass(name: str, arguments: list[str]) -> int:
    options, environment = PASSES[name]
    report(name).unlink(missing_ok=True)
    command = [str(PYTEST), *options, f"--junitxml={report(name)}", "--durations=10", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode


def read_counts(name: str, status: int) -> tuple[int, int, int]:
    """Passed, failed and skipped. A pass that broke down before its end is one failure at least."""
    if status not in (GOOD, SOME_FAILED, NONE_FOUND) or not report(name).exists():
        return 0, 1, 0
    suite = next(ElementTree.parse(report(name)).getroot().iter("testsuite"))
    total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    if status == SOME_FAILED and not failed:
        failed = 1
    return total - failed - skipped, failed, skipped


def report(name: str) -> Path:
    return RESULTS / f"{name}.xml"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

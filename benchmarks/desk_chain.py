"""How fast a report goes through the whole chain, beside what the machine itself can do at most.

    python -m benchmarks.desk_chain [--quick] [--json] [--reports N] [--database postgresql://…]

The peer is the limit: rows that bare ``sqlite3`` inserts on the same disk in the same run, each one in a commit of its own, with
the settings of a rehearsal's database. No chain of steps can be faster than that.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, parser, plain, run

FULL, QUICK = 42_713, 1_000
PROBE_SECONDS = 2.0


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """Measure the machine, then the chain. Raises CalledProcessError when the replay did not end well."""
    inserts = inserts_per_second()
    yield plain("machine_syncs", syncs_per_second(), "syncs/s")
    yield plain("machine_inserts", inserts, "inserts/s")
    command = [sys.executable, "-c", "import sys; from rempart.desk.rehearsal.replay import main; sys.exit(main())", "--json"]
    reports = asked.reports or (QUICK if asked.quick else FULL)
    # The pace of the national year: a shorter replay is a shorter time, not a quieter one.
    days = min(365, max(1, round(365 * reports / FULL)))
    command += ["--reports", str(reports), "--days", str(days), "--database", asked.database]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    for figure in json.loads(done.stdout)["figures"] if done.stdout else []:
        yield beside_the_limit(Figure(**figure), inserts)
    done.check_returncode()


def options() -> argparse.ArgumentParser:
    made = parser("desk_chain", quick=f"{QUICK} reports in eight days instead of the whole year")
    made.add_argument("--reports", type=int)
    made.add_argument("--database", default="sqlite")
    return made


def beside_the_limit(figure: Figure, inserts: float) -> Figure:
    if figure.name != "reports_per_second":
        return figure
    ratio = round(figure.value / inserts, 4) if inserts else None
    return replace(figure, peer="sqlite3: one row, one commit", peer_value=inserts, ratio=ratio)


def syncs_per_second() -> float:
    """How often this disk says that a page is safe."""
    with tempfile.TemporaryDirectory() as folder:
        descriptor = os.open(Path(folder) / "probe", os.O_CREAT | os.O_WRONLY)
        try:
            began, count = perf_counter(), 0
            while perf_counter() - began < PROBE_SECONDS:
                os.pwrite(descriptor, b"x" * 4096, 0)
                os.fsync(descriptor)
                count += 1
            return round(count / (perf_counter() - began), 1)
        finally:
            os.close(descriptor)


def inserts_per_second() -> float:
    """How many rows bare sqlite3 commits, one at a time, with the settings of a rehearsal's database."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "probe.sqlite3", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)"
        )
        began, count = perf_counter(), 0
        while perf_counter() - began < PROBE_SECONDS:
            connection.execute("INSERT INTO t (b) VALUES (?)", (b"x" * 400,))
            count += 1
        seconds = perf_counter() - began
        connection.close()
        return round(count / seconds, 1)


if __name__ == "__main__":
    sys.exit(run("desk_chain", measure, sys.argv[1:], options()))

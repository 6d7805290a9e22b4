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
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter

from rempart.desk.rehearsal.replay_shown import Measure

FULL, QUICK = 42_713, 1_000
PROBE_SECONDS = 2.0


def main(arguments: list[str]) -> int:
    """Measure the machine, then the chain; print both."""
    asked = read(arguments)
    syncs, inserts = syncs_per_second(), inserts_per_second()
    command = [sys.executable, "-c", "import sys; from rempart.desk.rehearsal.replay import main; sys.exit(main())", "--json"]
    command += ["--reports", str(asked.reports), "--days", str(asked.days), "--database", asked.database]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        return done.returncode or 1
    figures = [Measure(**figure) for figure in json.loads(done.stdout)["figures"]]
    figures = [beside_the_limit(figure, inserts) for figure in figures]
    figures += [Measure("machine_syncs", syncs, "syncs/s"), Measure("machine_inserts", inserts, "inserts/s")]
    show(figures, as_json=asked.json)
    return done.returncode


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.desk_chain")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} reports in eight days instead of the whole year")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--reports", type=int)
    parser.add_argument("--database", default="sqlite")
    asked = parser.parse_args(arguments)
    asked.reports = asked.reports or (QUICK if asked.quick else FULL)
    # The pace of the national year: a shorter replay is a shorter time, not a quieter one.
    asked.days = min(365, max(1, round(365 * asked.reports / FULL)))
    return asked


def beside_the_limit(figure: Measure, inserts: float) -> Measure:
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


def show(figures: list[Measure], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"figures": [asdict(figure) for figure in figures]}, indent=1) + "\n")
        return
    for figure in figures:
        peer = f"  ({figure.ratio:.2%} of {figure.peer}: {figure.peer_value:,g}/s)" if figure.ratio else ""
        target = "" if figure.target is None else f"  target {figure.target:g}: {'met' if figure.met else 'not met'}"
        sys.stdout.write(f"{figure.name:32} {figure.value:>14,g} {figure.unit}{target}{peer}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

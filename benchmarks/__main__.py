"""Run every benchmark, or those named: ``python -m benchmarks [NAME…] [--quick] [--json] [--save FILE]``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import cpu_model
from rempart.engine.native.library import describe

Measured = dict[str, object]
NAMES = (
    "matching", "hashing", "recall", "video", "browser",
    "desk_chain", "leak_tracing", "feed", "withdrawal",
    "matcher_http", "matcher_day", "scan",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Each in a process of its own, so that one does not warm or crowd another. A benchmark that breaks is named at the end."""
    asked = read(arguments)
    is_kept = asked.json or asked.save is not None
    options = [*(["--quick"] if asked.quick else []), *(["--json"] if is_kept else [])]
    figures: list[Measured] = []
    broken = []
    for name in asked.names or NAMES:
        command = [sys.executable, "-m", f"benchmarks.{name}", *options]
        done = subprocess.run(command, stdout=subprocess.PIPE if is_kept else None, text=True, check=False)
        if done.returncode:
            broken.append(name)
        elif is_kept:
            figures += (figure for figure in json.loads(done.stdout)["figures"] if is_new(figure, figures))
    if asked.json:
        sys.stdout.write(json.dumps({"figures": figures}, ensure_ascii=False, indent=1) + "\n")
    if asked.save:
        save(asked.save, figures)
    if broken:
        sys.stderr.write(f"These benchmarks did not end: {', '.join(broken)}.\n")
    return 1 if broken else 0


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, among {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="smaller, each in a minute or so")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, all the rest on standard error")
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="keep the figures there, with the machine; those of other benchmarks stay"
    )
    asked = parser.parse_args(arguments)
    for name in asked.names:
        if name not in NAMES:
            parser.error(f"There is no benchmark named “{name}”: {', '.join(NAMES)}.")
    return asked


def is_new(figure: Measured, figures: list[Measured]) -> bool:
    """Each process measures the machine again; once is enough."""
    return all(figure["name"] != known["name"] for known in figures)


def save(path: Path, figures: list[Measured]) -> None:
    """Figures of the same name are replaced. Those of another machine are not kept: no comparison would hold."""
    machine = {"processor": cpu_model(), "cores": os.cpu_count(), "engine": describe()}
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept = before["figures"] if before.get("machine") == machine else []
    all_figures = [*figures, *(figure for figure in kept if is_new(figure, figures))]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine, "figures": all_figures}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

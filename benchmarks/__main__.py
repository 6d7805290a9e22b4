"""Run every benchmark, or those named: ``python -m benchmarks [NAME…] [--quick] [--json]``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

NAMES = ("matching", "hashing", "recall", "video", "desk_chain")


def main(arguments: list[str]) -> int:
    """Each in a process of its own, so that one does not warm or crowd another. A benchmark that breaks is named at the end."""
    asked = read(arguments)
    options = [*(["--quick"] if asked.quick else []), *(["--json"] if asked.json else [])]
    figures: list[dict[str, object]] = []
    broken = []
    for name in asked.names or NAMES:
        command = [sys.executable, "-m", f"benchmarks.{name}", *options]
        done = subprocess.run(command, stdout=subprocess.PIPE if asked.json else None, text=True, check=False)
        if done.returncode:
            broken.append(name)
        elif asked.json:
            figures += (figure for figure in json.loads(done.stdout)["figures"] if is_new(figure, figures))
    if asked.json:
        sys.stdout.write(json.dumps({"figures": figures}, ensure_ascii=False, indent=1) + "\n")
    if broken:
        sys.stderr.write(f"These benchmarks did not end: {', '.join(broken)}.\n")
    return 1 if broken else 0


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, among {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="smaller, each in a minute or so")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, all the rest on standard error")
    asked = parser.parse_args(arguments)
    for name in asked.names:
        if name not in NAMES:
            parser.error(f"There is no benchmark named “{name}”: {', '.join(NAMES)}.")
    return asked


def is_new(figure: dict[str, object], figures: list[dict[str, object]]) -> bool:
    """Each process measures the machine again; once is enough."""
    return all(figure["name"] != known["name"] for known in figures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

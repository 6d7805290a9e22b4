"""Pin every package, with its hashes, in requirements/: run.txt, dev.txt, and source.txt (what has no wheel for every Python).

python tools/lock.py                    the newest versions that pyproject.toml allows
python tools/lock.py --package django   only this one (and what it needs)
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
FORM = [
    "--quiet",
    "--universal",  # one file for every system and processor
    "--python-version=3.11",  # and for this Python and all newer ones
    "--generate-hashes",
    "--no-emit-index-url",  # where packages come from is each machine's own affair
    "--no-header",
    "--no-annotate",
]
COMMON = [*FORM, "--extra=desk", "--extra=postgres", "--extra=matcher"]
# Packages without a wheel for every Python we serve: tests compile them, with the tools that dev.txt pins.
FROM_SOURCE = ("pdqhash", "weighted-levenshtein")
# The desk opens no video and no HEIC: what people run holds none of the GPL libraries that those parts bring (ADR 10).
# What tests use must not move what people run: dev.txt obeys run.txt.
LOCKS = {
    "requirements/run.txt": [*COMMON, "--group=build", "pyproject.toml"],
    "requirements/dev.txt": [
        *COMMON,
        "--extra=video",
        "--extra=heic",
        "--extra=scan",
        "--extra=cluster",
        "--group=dev",
        "--constraint=requirements/run.txt",
        *(f"--no-emit-package={name}" for name in FROM_SOURCE),
        "pyproject.toml",
    ],
    "requirements/source.txt": [*FORM, "--no-deps", "-"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--package", action="append", default=[], help="upgrade only this package")
    packages = parser.parse_args().package
    upgrade = [f"--upgrade-package={name}" for name in packages] or ["--upgrade"]
    for lock, options in LOCKS.items():
        print(f"▸ Choosing versions for {lock}", flush=True)
        command = [str(UV), "pip", "compile", *options, *upgrade, "-o", lock]
        if status := subprocess.run(command, cwd=ROOT, input="\n".join(FROM_SOURCE), text=True).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Pin every package, with its hashes, in requirements/run.txt and requirements/dev.txt.

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
COMMON = [
    "--quiet",
    "--universal",  # one file for every system and processor
    "--python-version=3.11",  # and for this Python and all newer ones
    "--generate-hashes",
    "--no-emit-index-url",  # where packages come from is each machine's own affair
    "--no-header",
    "--no-annotate",
    "--extra=desk",
    "--extra=postgres",
]
# What tests use must not move what people run: dev.txt obeys run.txt.
LOCKS = {
    "requirements/run.txt": ["--group=build"],
    "requirements/dev.txt": ["--group=dev", "--constraint=requirements/run.txt"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--package", action="append", default=[], help="upgrade only this package")
    packages = parser.parse_args().package
    upgrade = [f"--upgrade-package={name}" for name in packages] or ["--upgrade"]
    for lock, options in LOCKS.items():
        print(f"▸ Choosing versions for {lock}", flush=True)
        command = [str(UV), "pip", "compile", *COMMON, *options, *upgrade, "pyproject.toml", "-o", lock]
        if status := subprocess.run(command, cwd=ROOT).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())

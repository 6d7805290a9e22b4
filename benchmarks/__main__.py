"""Run every benchmark: ``python -m benchmarks [--quick] [--json]``."""

from __future__ import annotations

import subprocess
import sys

MODULES = ("benchmarks.desk_chain",)


def main(arguments: list[str]) -> int:
    """Each in a process of its own, so that one does not warm or crowd another."""
    codes = [subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode for module in MODULES]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

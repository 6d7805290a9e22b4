"""Everything that can be said of the code without running it. All checks run, then the failures are shown.

python tools/check.py            all of them
python tools/check.py types      those whose name contains the word
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.installation import SETTINGS_MODULE, installation

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable

CHECKS = {
    "types": [f"{BIN}/mypy", "--strict", "src"],
    "format": [f"{BIN}/ruff", "format", "--check", "."],
    "lint": [f"{BIN}/ruff", "check", "."],
    "imports": [f"{BIN}/lint-imports", "--no-logo"],
    "migrations": [f"{BIN}/django-admin", "makemigrations", "--check", "--dry-run", "--skip-checks"],
    "django": [f"{BIN}/django-admin", "check", "--fail-level=WARNING"],
    "translations": [PYTHON, "tools/translations.py", "check"],
    "html": [f"{BIN}/djlint", "src", "--lint", "--quiet"],
    "templates": [PYTHON, "tools/templates.py", "check"],
}


def main(words: list[str]) -> int:
    wanted = [name for name in CHECKS if not words or any(word in name for word in words)]
    wanted = [name for name in wanted if has_something_to_do(name)]
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    with installation(), ThreadPoolExecutor(max_workers=2) as pool:
        failures = [output for output in pool.map(run, wanted) if output]
    for output in failures:
        print(output)
    print(f"Checks: {len(wanted) - len(failures)} good, {len(failures)} to mend")
    return 1 if failures else 0


def has_something_to_do(name: str) -> bool:
    if name == "html":
        return any((ROOT / "src").rglob("*.html"))
    return name != "templates" or (ROOT / "tools" / "templates.py").exists()


def run(name: str) -> str:
    """Empty when all is well; otherwise what the tool said."""
    start = time.monotonic()
    done = subprocess.run(CHECKS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    verdict = "good" if done.returncode == 0 else "TO MEND"
    print(f"  {name:<14} {verdict} ({time.monotonic() - start:.1f} s)", flush=True)
    return "" if done.returncode == 0 else f"\n── {name} ──\n{done.stdout.rstrip()}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the native library is made of, and the name that these sources have together.

Only the standard library, and no import of ours: the build runs this file by its path, before anything is installed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LIBRARY = FOLDER / "_engine.so"


def sources() -> list[Path]:
    """What is compiled; what it includes is found beside it."""
    return sorted(FOLDER.glob("*.cpp"))


def digest() -> str:
    """Changes with any line of the sources or of what they include; empty where they are not beside the code."""
    made = hashlib.sha256()
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in {".cpp", ".h", ".inl"})
    for path in files:
        made.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()[:16] if files else ""

"""Stand-ins for what a process does, as a module that other processes can import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Item, Result
from rempart.matcher.scan.scanning import scan

DEADLY = "deadly"
"""In the name of a file that kills the process that opens it; of an archive, its second member does."""


def dying(items: Sequence[Item], asked: Asked) -> Result:
    """As scan does it, but for such files."""
    for item in items:
        is_archive = item.path.endswith(".zip")
        is_met = item.last is None or item.first <= 1 < item.last
        if DEADLY in Path(item.path).name and not item.is_suspect and (is_met if is_archive else True):
            os.kill(os.getpid(), signal.SIGKILL)
    return scan(items, asked)


def slowly(items: Sequence[Item], asked: Asked) -> Result:
    """As scan does it, so that there is time to kill somebody; leaves its process number beside the first file."""
    (Path(items[0].path).parent.parent / "at-work" / str(os.getpid())).touch()
    time.sleep(0.05)
    return scan(items, asked)

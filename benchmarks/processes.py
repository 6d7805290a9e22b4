"""What running processes hold in memory, as the system counts it (proc(5), ``smaps_rollup``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PRIVATE = ("Private_Clean", "Private_Dirty")
SHARED_ONCE = ("Pss",)
"""Everything, what several share counted once."""


def family(root: int) -> Iterator[int]:
    """A process and all below it. Those that end meanwhile are left out."""
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        try:
            for thread in Path(f"/proc/{process}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
        except OSError:
            continue


def held_bytes(process: int, *kinds: str) -> int:
    """Of these kinds; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.partition(":")[0] in kinds)
    except (OSError, IndexError):
        return 0

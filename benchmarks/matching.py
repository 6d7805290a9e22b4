"""How fast pictures are found again, how surely, and what it costs, beside what others use today.

    python -m benchmarks.matching [--quick] [--json] [--only lookups,join] [--kernel avx2]

Banks and questions are of crops of real pictures (`benchmarks.natural`); the index is a store on disk, mapped, as a user
has it. Ten million fingerprints in full: about 20 minutes, 10 GB of memory for the peer, 10 GB of disk for a while.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from signal import SIGTERM, signal

from benchmarks.figures import Figure, Measure, parser, run, say
from benchmarks.matching_exactness import exactness
from benchmarks.matching_setting import FULL, QUICK, Setting, Size, prepared
from benchmarks.matching_speed import join, lookups, sizes, skew
from benchmarks.matching_upkeep import changes, memory, opening
from benchmarks.natural import pictures_told
from rempart.engine.native.library import Kernel, best_kernel, describe

Part = Callable[[Setting], Iterator[Figure]]

# In an order that needs the peer in memory first, and then no more.
PARTS: dict[str, Part] = {
    "lookups": lookups,
    "changes": changes,
    "opening": opening,
    "memory": memory,
    "exactness": exactness,
    "join": join,
    "skew": skew,
    "sizes": sizes,
}


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """The parts asked for, one after the other."""
    yield from of_size(QUICK if asked.quick else FULL, asked.only)


def of_size(size: Size, names: list[str]) -> Iterator[Figure]:
    say(f"crops of {pictures_told()}; bank of {size.bank:,}")
    with prepared(size) as setting:
        for name in names:
            say(name)
            yield from PARTS[name](setting)


def options() -> argparse.ArgumentParser:
    made = parser("matching", "a million fingerprints instead of ten, in three minutes")
    made.add_argument("--only", type=_names, default=list(PARTS), help=f"some of: {', '.join(PARTS)}")
    made.add_argument("--kernel", choices=[kernel.value for kernel in Kernel], help="not the fastest that this machine has")
    return made


def _names(text: str) -> list[str]:
    wanted = text.split(",")
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}")
    return [name for name in PARTS if name in wanted]


def main(arguments: list[str], measure: Measure = measure) -> int:
    """The kernel is chosen by the environment, so that other processes have the same."""
    asked = options().parse_args(arguments)
    signal(SIGTERM, lambda *_: sys.exit(128 + SIGTERM))  # gigabytes of files are taken away, whoever ends the run
    if asked.kernel:
        os.environ["REMPART_KERNEL"] = asked.kernel
    elif best_kernel() is Kernel.NUMPY:
        sys.stderr.write(f"{describe()} To measure it all the same, for hours: --kernel numpy.\n")
        return 1
    return run("matching", measure, arguments, options())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

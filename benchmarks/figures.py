"""What every benchmark shares: the shape of a figure, the two ways to print it, and the machine it was measured on.

A benchmark is a function that gives figures one by one, so that each is seen as soon as it is known:

    def measure(asked: argparse.Namespace) -> Iterator[Figure]:
        rate, theirs = race(...)
        yield faster("lookups_1_thread", rate, "look-ups/s", peer="threatexchange PDQIndex", peer_value=theirs, times=150)

    if __name__ == "__main__":
        sys.exit(run("matching", measure, sys.argv[1:]))

With ``--json``, standard output holds one object, ``{"figures": […]}``; everything else goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from time import perf_counter
from typing import TextIO

import numpy as np

from rempart.engine.native.library import describe

READ_BYTES = 1 << 29  # much more than any cache
READ_TRIES = 4
WIDTHS = (34, 28, 52, 10, 12, 9)
HEADINGS = ("figure", "value", "peer", "ratio", "target", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. ``ratio`` says how many times better than the peer; ``bound`` how the target is to be read."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    target: float | None = None
    met: bool | None = None
    bound: str = ""

    def for_json(self) -> dict[str, object]:
        """What is kept of it; ``bound`` is for the printed table alone."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "bound"}


Measure = Callable[[argparse.Namespace], Iterable[Figure]]


def plain(name: str, value: float, unit: str, *, at_least: float | None = None, at_most: float | None = None) -> Figure:
    """A figure without peer; the target, if there is one, is on the value itself."""
    if at_least is not None:
        return Figure(name, value, unit, target=at_least, met=value >= at_least, bound="≥ {:g}")
    if at_most is not None:
        return Figure(name, value, unit, target=at_most, met=value <= at_most, bound="≤ {:g}")
    return Figure(name, value, unit)


def faster(name: str, value: float, unit: str, *, peer: str, peer_value: float, times: float | None = None) -> Figure:
    """A rate beside a peer's, of the same run. ``times``: the ratio aimed at."""
    return _beside(name, value, unit, peer, peer_value, value / peer_value, times)


def shorter(name: str, value: float, unit: str, *, peer: str, peer_value: float, times: float | None = None) -> Figure:
    """A time or a size beside a peer's, of the same run: the ratio is how many times less."""
    return _beside(name, value, unit, peer, peer_value, peer_value / value, times)


def _beside(name: str, value: float, unit: str, peer: str, peer_value: float, ratio: float, times: float | None) -> Figure:
    if times is None:
        return Figure(name, value, unit, peer, peer_value, ratio)
    return Figure(name, value, unit, peer, peer_value, ratio, times, ratio >= times, "≥ {:g} ×")


def parser(name: str, quick: str = "smaller, in a minute or so") -> argparse.ArgumentParser:
    """The options that all benchmarks have; one may add its own and give it to ``run``."""
    made = argparse.ArgumentParser(prog=f"benchmarks.{name}")
    made.add_argument("--quick", action="store_true", help=quick)
    made.add_argument("--json", action="store_true", help="one JSON object on standard output, all the rest on standard error")
    return made


def run(name: str, measure: Measure, arguments: Sequence[str], options: argparse.ArgumentParser | None = None) -> int:
    """Measure, print, and give the exit code: a target that is missed is said, and is no failure of the benchmark."""
    asked = (options or parser(name)).parse_args(arguments)
    told = sys.stderr if asked.json else sys.stdout
    _write(told, f"{name}{', quick' if asked.quick else ''}")
    figures = [machine_limit(told)]
    _write(told, _row(HEADINGS))
    for figure in figures:
        _write(told, row(figure))
    for figure in measure(asked):
        figures.append(figure)
        _write(told, row(figure))
    _write(told, "")
    if asked.json:
        sys.stdout.write(as_json(figures) + "\n")
    return 0


def say(sentence: str) -> None:
    """What is being done, for whoever waits. On standard error, so that it is never in the way of figures."""
    _write(sys.stderr, f"  … {sentence}")


def as_json(figures: Iterable[Figure]) -> str:
    """One object, ``{"figures": […]}``."""
    return json.dumps({"figures": [figure.for_json() for figure in figures]}, ensure_ascii=False, indent=1)


def row(figure: Figure) -> str:
    """One line of the printed table."""
    peer = "" if figure.peer is None else f"{figure.peer}: {_number(figure.peer_value or 0)}"
    ratio = "" if figure.ratio is None else f"{_number(figure.ratio)} ×"
    target = "" if figure.target is None else (figure.bound or "{:g}").format(figure.target)
    met = {None: "", True: "met", False: "NOT MET"}[figure.met]
    return _row((figure.name, f"{_number(figure.value)} {figure.unit}", peer, ratio, target, met))


def _row(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def _number(value: float) -> str:
    """Four digits that mean something, without an exponent where one can do without."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def machine_limit(told: TextIO) -> Figure:
    """Name the machine, its kernel and its load; measure the bandwidth that no search in memory can exceed."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    _write(told, f"{cpu_model()}, {os.cpu_count()} cores, load {load:.2f}. Python {platform.python_version()}. {describe()}")
    return plain("machine_memory_read", round(memory_read(), 2), "GB/s")


def memory_read() -> float:
    """How many gigabytes (10⁹) one thread reads from memory in a second, the best of a few tries."""
    read = np.ones(READ_BYTES // 8, np.uint64)
    seconds = []
    for _ in range(READ_TRIES):
        began = perf_counter()
        np.bitwise_or.reduce(read)
        seconds.append(perf_counter() - began)
    return READ_BYTES / min(seconds) / 1e9


def cpu_model() -> str:
    """The processor as it names itself, and nothing else that would tell one machine from another."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _write(told: TextIO, line: str) -> None:
    told.write(line + "\n")
    told.flush()

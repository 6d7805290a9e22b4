"""How long a platform reads a list of a million entries, and what a delta costs: over HTTP, from a desk served as real ones.

    python -m benchmarks.feed [--quick] [--json] [--entries N]

No page may take twice as long as the first, and memory must not grow with the list: a delta costs what changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter

from benchmarks.figures import Figure, parser, plain, run, say
from benchmarks.served import Served, desk, served

FULL, QUICK = 1_000_000, 20_000
LIMIT = 2_000
CHANGED = 1_000
"""Withdrawn in an hour of which the delta is read, and as many protected."""
MOST_OVER_FIRST = 2.0
TRIES = 4
"""A page that seems slow is asked again: other programs run on this machine too."""


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """Plant, take over, read from the beginning, change, read the rest."""
    entries = asked.entries or (QUICK if asked.quick else FULL)
    with desk():
        from benchmarks.planted import plant

        say(f"planting {entries} protections")
        plant(entries, now=datetime.now(UTC))
        with served() as server:
            yield from _measure(server, entries)


def _measure(server: Served, entries: int) -> Iterator[Figure]:
    idle = server.peak_mib()
    began = perf_counter()
    server.page("", 1)
    yield plain("taking_over_seconds", round(perf_counter() - began, 3), "s")
    say("reading from the beginning")
    seconds, cursors, count = _read(server, "")
    assert count == entries, f"{count} entries were read, {entries} planted"
    yield plain("entries", entries, "entries")
    yield plain("full_fetch_seconds", round(sum(seconds), 3), "s")
    yield plain("entries_per_second", round(entries / sum(seconds)), "entries/s")
    yield plain("slowest_page_over_first", _slowest_over_first(server, seconds, cursors), "×", at_most=MOST_OVER_FIRST)
    say(f"{CHANGED} taken back, {CHANGED} protected")
    _change(min(CHANGED, entries // 2))
    began = perf_counter()
    _, _, changed = _read(server, cursors[-1])
    yield plain("delta_seconds", round(perf_counter() - began, 3), "s")
    yield plain("delta_entries", changed, "entries")
    began = perf_counter()
    for _ in range(20):
        server.page(cursors[-1], 1)
    yield plain("nothing_new_seconds", round((perf_counter() - began) / 20, 4), "s")
    yield plain("peak_memory_mib", round(server.peak_mib(), 1), "MiB")
    yield plain("memory_over_idle_mib", round(server.peak_mib() - idle, 1), "MiB")


def _read(server: Served, after: str) -> tuple[list[float], list[str], int]:
    """The time of each page, the cursor each was asked with and the last one given, and how many entries there were."""
    seconds, cursors, count, has_more = [], [after], 0, True
    while has_more:
        began = perf_counter()
        page = server.page(after, LIMIT)
        seconds.append(perf_counter() - began)
        count += len(page["entries"])
        after, has_more = page["next"], page["has_more"]
        cursors.append(after)
    return seconds, cursors, count


def _slowest_over_first(server: Served, seconds: list[float], cursors: list[str]) -> float:
    """The least of several tries of each page that seemed slow, over the first page's; the last page is shorter and left out."""
    first = min(seconds[0], *(_timed(server, "") for _ in range(TRIES)))
    slowest = first
    for cursor, at_first in zip(cursors[:-1], seconds[:-1], strict=False):
        if at_first > slowest:
            slowest = max(slowest, min(at_first, *(_timed(server, cursor) for _ in range(TRIES))))
    return round(slowest / first, 3)


def _timed(server: Served, cursor: str) -> float:
    began = perf_counter()
    server.page(cursor, LIMIT)
    return perf_counter() - began


def _change(count: int) -> None:
    from benchmarks.planted import plant
    from rempart.desk.registers.bank import steps
    from rempart.desk.registers.bank.models import Protection
    from rempart.desk.rules.trust import Fact

    now = datetime.now(UTC)
    numbers = list(Protection.objects.order_by("pk").values_list("pk", flat=True)[:count])
    steps.end(Protection.objects.filter(pk__in=numbers), Fact.WITHDRAWAL, now=now)
    plant(count, now=now, seed=2)


def options() -> argparse.ArgumentParser:
    made = parser("feed", quick=f"{QUICK} entries")
    made.add_argument("--entries", type=int)
    return made


if __name__ == "__main__":
    sys.exit(run("feed", measure, sys.argv[1:], options()))

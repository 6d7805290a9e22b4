"""What the replay says while it runs and when it is over."""

import json
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from rempart.desk.rehearsal.replay_chain import Replay, Told
    from rempart.desk.rehearsal.replay_checks import Check

TARGET_SECONDS = 600
"""A national year in ten minutes on two cores."""
NATIONAL_YEAR = 42_713
REFRESH = 0.2


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured figure, in the shape every benchmark uses."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    target: float | None = None
    met: bool | None = None


def measures(replay: "Replay", checks: Sequence["Check"], seconds: float) -> list[Measure]:
    """Everything measured: what broke, how fast, how much memory, and each stage."""
    broken = sum(check.broken for check in checks)
    rate = replay.door.received / seconds
    wanted = round(NATIONAL_YEAR / TARGET_SECONDS, 1)
    found = [
        Measure("invariants_broken", broken, "broken", target=0, met=broken == 0),
        Measure("reports_per_second", round(rate, 1), "reports/s", target=wanted, met=rate >= wanted),
        Measure("peak_memory_mib", round(peak_memory_mib(), 1), "MiB"),
        Measure("seconds", round(seconds, 1), "s"),
        # What the replay itself used: on a machine that others use too, the wall clock says little.
        Measure("cpu_seconds", round(process_time(), 1), "s"),
        Measure("reports", replay.door.received, "reports"),
        Measure("items", replay.door.items, "items"),
        Measure("readings", replay.reading.readings, "readings"),
        Measure("notices_received_by_hosts", replay.world.letters, "notices"),
        Measure("protections", replay.pictures.sent, "protections"),
        Measure("mails_to_reporters", replay.world.mails_to_reporters, "mails"),
    ]
    found += [Measure(f"broken_{check.name}", check.broken, "broken", target=0, met=check.broken == 0) for check in checks]
    for name, spent in replay.spent.items():
        each = 1e6 * spent.seconds / spent.rows if spent.rows else 0.0
        found.append(Measure(f"stage_{name}_seconds", round(spent.seconds, 2), "s"))
        found.append(Measure(f"stage_{name}_per_row", round(each, 1), "µs/row"))
    return found


def peak_memory_mib() -> float:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, except on macOS.
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def as_json(found: Sequence[Measure]) -> str:
    """The figures as one JSON object."""
    return json.dumps({"figures": [asdict(measure) for measure in found]}, ensure_ascii=False, indent=1)


@contextmanager
def progress(total: int, *, is_quiet: bool) -> Iterator["Told"]:
    """A bar with the day of the simulated clock, how many reports, how fast, and how long still."""
    if is_quiet:
        yield lambda _received, _day: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield _teller(bar, total)


def _teller(bar: Progress, total: int) -> Callable[[int, datetime], None]:
    task = bar.add_task("", total=total, rate="")
    began = last = perf_counter()

    def tell(received: int, day: datetime) -> None:
        nonlocal last
        now = perf_counter()
        if now - last < REFRESH:
            return
        last = now
        rate = f"{received / (now - began):.0f} reports/s"
        bar.update(task, completed=min(received, total), description=f"{day:%Y-%m-%d}", rate=rate)

    return tell


def show(replay: "Replay", checks: Sequence["Check"], found: Sequence[Measure]) -> None:
    """The invariants and the figures, for a person."""
    console = Console()
    invariants = Table("Invariant", "What would break it", "Broken", title="Invariants")
    for check in checks:
        invariants.add_row(check.name, check.about, "[green]0[/]" if check.broken == 0 else f"[bold red]{check.broken}[/]")
    console.print(invariants)
    stages = Table("Stage", "Rows", "Seconds", "µs a row", title="Stages")
    for name, spent in replay.spent.items():
        each = 1e6 * spent.seconds / spent.rows if spent.rows else 0
        stages.add_row(name, f"{spent.rows:,}", f"{spent.seconds:.1f}", f"{each:,.0f}")
    console.print(stages)
    for measure in found:
        if not measure.name.startswith(("stage_", "broken_")):
            target = "" if measure.target is None else f"  (target {measure.target:g}: {'met' if measure.met else 'not met'})"
            console.print(f"{measure.name}: {measure.value:,g} {measure.unit}{target}")

"""What needs a desk served by processes of its own, on a database in a file: the tests start it as a program, and it checks.

python -m tests.web.api.at_scale changing|many FOLDER
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.served import Served, desk, served
from tests.web.api.machine import Machine


def expected(server: Served) -> dict[str, list[str]]:
    """What the machine must hold."""
    from rempart.desk.registers.lists import entries
    from rempart.desk.registers.lists.hearing import name_for
    from rempart.desk.rules.lists import ListName

    entries.catch_up(datetime.now(UTC))
    head = entries.head(ListName.MINORS)
    found = entries.changed(ListName.MINORS, after=0, until=head, limit=10**6, client=server.client)
    names = [
        f"1-{name_for(server.client, entry.number)}-{part.number}"
        for entry in found
        if entry.stands_without_advice
        for part in entry.parts
    ]
    pdqs = {part.pdq.hex() for entry in found if entry.stands_without_advice for part in entry.parts}
    return {"entries": sorted(names), "pdqs": sorted(pdqs)}


def changing(server: Served, machine: Machine) -> None:
    """The list is read, cut short and gone on with, while people protect and take back."""
    plant(3_500)
    with people() as gestures:
        for _ in range(12):
            machine.fetches(most_deltas=1)
        machine.fetches()
    assert len(gestures) > 5, "nothing changed meanwhile"
    time.sleep(1.1)
    found = machine.fetches()
    assert {name: found[name] for name in ("entries", "pdqs")} == expected(server)


@contextmanager
def people() -> Iterator[list[int]]:
    """They protect and take back until the block ends."""
    from rempart.desk.registers.bank import steps
    from rempart.desk.registers.bank.models import Protection
    from rempart.desk.rules.trust import Fact

    stop, gestures, wrong = threading.Event(), [], []

    def live() -> None:
        try:
            for number in Protection.objects.order_by("pk").values_list("pk", flat=True)[:2_000]:
                if stop.wait(0.02):
                    return
                steps.end(Protection.objects.filter(pk=number), Fact.WITHDRAWAL, now=datetime.now(UTC))
                plant(1, seed=number + 1_000)
                gestures.append(number)
        except Exception as error:
            wrong.append(error)

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield gestures
    finally:
        stop.set()
        thread.join(timeout=60)
    assert not wrong, wrong


def many(server: Served, machine: Machine) -> None:
    """A hundred thousand, all new."""
    plant(100_000)
    found = machine.fetches()
    sys.stdout.write(f"{found['calls']} calls\n")
    assert (len(found["entries"]), len(found["pdqs"]), found["calls"] < 400) == (100_000, 100_000, True), found["calls"]


def plant(count: int, *, seed: int = 1) -> None:
    from benchmarks import planted

    planted.plant(count, now=datetime.now(UTC), seed=seed)


def main(what: str, folder: str) -> None:
    acts: dict[str, Any] = {"changing": changing, "many": many}
    with desk(), served() as server:
        machine = Machine(Path(folder), server.url, server.client.key_id, server.secret, "America/New_York")
        acts[what](server, machine)


if __name__ == "__main__":
    main(*sys.argv[1:])

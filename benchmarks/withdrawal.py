"""From the press of the button to the last moment at which a platform that polls each minute could still match.

    python -m benchmarks.withdrawal [--quick] [--json]

The person's step is the real one; the platform runs the unmodified library of ``threatexchange`` over HTTP, in NCMEC's shape,
from a desk served as real ones. What the minute adds is computed, not waited for: the unluckiest platform has just read when the
button is pressed. Its next reading begins a minute after that one, and the picture leaves it when that reading has ended.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter, sleep
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import Figure, parser, plain, run, say
from benchmarks.served import Served, desk, served

POLLS_EVERY = 60.0
"""Seconds."""
A_SECOND = 1.1
"""This library reads ranges of whole seconds: a second reading within one asks nothing."""
FULL, QUICK = (50_000, 30), (1_000, 8)
"""Entries that stand on the list besides, and how often the button is pressed."""


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """Press, read, look whether anything is left."""
    standing, presses = QUICK if asked.quick else FULL
    with desk():
        from benchmarks.planted import plant
        from rempart.desk.registers.lists import entries

        say(f"planting {standing} protections")
        plant(standing, now=datetime.now(UTC))
        entries.catch_up(datetime.now(UTC))
        with served() as server:
            yield from _measure(server, presses)


def _measure(server: Served, presses: int) -> Iterator[Figure]:
    platform, pressed, fetched, left = Platform(server), [], [], 0
    platform.reads()
    for number in range(presses):
        keys, numbers, pdqs = _protect(number)
        before = set(platform.entries)
        sleep(A_SECOND)
        platform.reads()
        its_own = set(platform.entries) - before
        assert len(its_own) == pdqs, "the platform has it before it is taken back"
        pressed.append(_press(keys, numbers))
        sleep(A_SECOND)
        began = perf_counter()
        platform.reads()
        fetched.append(perf_counter() - began)
        left += len(its_own & set(platform.entries))
    yield plain("press_seconds", round(statistics.median(pressed), 4), "s")
    yield plain("reading_seconds", round(statistics.median(fetched), 4), "s")
    yield plain("longest_reading_seconds", round(max(fetched), 4), "s")
    yield plain("seconds_to_withdraw", round(POLLS_EVERY + max(fetched), 3), "s", at_most=2 * POLLS_EVERY)
    yield plain("left_after_withdrawal", left, "fingerprints", at_most=0)


class Platform:
    """Its copy of the list, and where it is in it."""

    def __init__(self, server: Served) -> None:
        from threatexchange.exchanges.impl.ncmec_api import NCMECCollabConfig, NCMECSignalExchangeAPI

        environment: Any = SimpleNamespace(value=server.ncmec)
        collab = NCMECCollabConfig(name="MINORS", environment=environment)
        self.api = NCMECSignalExchangeAPI(collab, server.client.key_id, server.secret)
        self.entries: dict[str, Any] = {}
        self.checkpoint: Any = None

    def reads(self) -> None:
        """As ``threatexchange fetch`` does."""
        for delta in self.api.fetch_iter([], self.checkpoint):
            for key, update in delta.updates.items():
                merged = self.api.fetch_value_merge(self.entries.get(key), update)
                if merged is None:
                    self.entries.pop(key, None)
                else:
                    self.entries[key] = merged
            self.checkpoint = delta.checkpoint


def _protect(number: int) -> tuple[Any, list[int], int]:
    """Somebody protects a picture: the keys of her case, her protection, and how many PDQs it has."""
    from rempart.desk.registers.bank.models import Protection
    from rempart.desk.registers.vault import sealing
    from rempart.desk.rules.protection import Age, Helper, Submission
    from rempart.desk.stages.intake import protecting
    from tests.registers.bank.pictures import picture

    file = picture(f"withdrawn {number}")
    sent = Submission((file,), Age.FROM_13_TO_15, Helper.NOBODY, is_device_shared=False, language="fr")
    receipt = protecting.protect(sent, now=datetime.now(UTC), code=None)
    return sealing.case_keys(receipt.code), [Protection.objects.latest("pk").pk], len(file.pdqs)


def _press(keys: Any, numbers: list[int]) -> float:
    """The step behind the button of the case page; how long it took."""
    from rempart.desk.stages.intake import protecting

    began = perf_counter()
    receipt = protecting.withdraw(keys, numbers, now=datetime.now(UTC))
    assert receipt.gone == len(numbers)
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(run("withdrawal", measure, sys.argv[1:], parser("withdrawal")))

"""The worker killed anywhere in its round of the protections: started again, everything is as if it had not been."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings

from rempart.desk.registers.bank.models import Fingerprint, Protection, TrustFact
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.stages.intake import protecting, worker
from rempart.desk.stages.intake.models import Message
from tests import cast
from tests.registers.bank.pictures import protect
from tests.stages.action.killing import Killed, Killer, commits_watched
from tests.stages.action.test_crash import undone_afterwards

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOW = cast.MONDAY
DAY = timedelta(days=1)
END = NOW + 730 * DAY


class WatchedKeyring(Keyring):
    """The real keyring, with a point on either side of each forgetting."""

    killer = Killer()

    def forget(self, numbers: Iterable[int]) -> int:
        self.killer.point("before forgetting")
        gone = super().forget(numbers)
        self.killer.point("after forgetting")
        return gone


def a_busy_round() -> None:
    """Some expire now, some are asked about, some are taken back, one was taken back and its key is still there."""
    old, _ = protect("a", "b", now=NOW)
    worker.protect(now=END - 30 * DAY)
    protect("a", "c", now=END - 710 * DAY)
    shared, waiting = protect("d", "e", now=END - DAY, is_device_shared=True)
    protecting.withdraw(shared, [one.pk for one in waiting], now=END - DAY)
    keys, (gone,) = protect("f", now=END - DAY)
    protecting.withdraw(keys, [gone.pk], now=END)
    assert old


def everything(keyring: Keyring) -> tuple[object, ...]:
    rows = Protection.objects.order_by("pk")
    names = ("trust", "trust_at", "ended_at", "asked_to_renew_at", "forgotten_at", "same_as")
    numbers = list(rows.values_list("key_number", flat=True))
    return (
        [tuple(row[name] for name in names if name != "same_as") for row in rows.values(*names)],
        [number in keyring.keys_of(numbers) for number in numbers],
        Fingerprint.objects.count(),
        list(TrustFact.objects.order_by("protection_id", "pk").values_list("fact", flat=True)),
        sorted(Entry.objects.values_list("verb", flat=True)),
        Message.objects.count(),
    )


def lived(folder: Path, at: int) -> tuple[tuple[object, ...], Killer]:
    keyring = WatchedKeyring(folder / f"keyring-{at}")
    keyring.make()
    killer = Killer()
    with undone_afterwards(), patch.object(settings, "REMPART_KEYRING", keyring):
        a_busy_round()
        killer.at, keyring.killer = at, killer
        with commits_watched(killer):
            try:
                worker.protect(now=END)
            except Killed:
                killer.at = 0
            while worker.protect(now=END):
                pass
        return everything(keyring), killer


def test_killed_anywhere_the_next_round_makes_it_good(tmp_path: Path) -> None:
    unhurt, counted = lived(tmp_path, 0)
    assert [row[0] for row in unhurt[0]] == [*["expired"] * 2, *["self_declared"] * 2, *["withdrawn"] * 3]  # type: ignore[index,attr-defined]
    assert unhurt[1] == [False, False, True, True, False, False, False]
    places = set()
    for at in range(1, counted.passed + 1):
        hurt, killer = lived(tmp_path, at)
        places.add(killer.where)
        assert hurt == unhurt, killer.where
    assert {"before forgetting", "after forgetting"} < places
    assert len(places) >= 4

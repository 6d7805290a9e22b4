"""One host is not called twice in a row, and nobody waits for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rempart.desk.outlets.look import Spacing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TWO = timedelta(seconds=2)


def test_one_host_waits_and_the_others_do_not() -> None:
    spacing = Spacing(TWO)
    assert spacing.turns(["a", "a", "b", "a"], now=NOW) == [NOW, NOW + TWO, NOW, NOW + 2 * TWO]
    assert spacing.turns(["a", "c"], now=NOW + timedelta(seconds=1)) == [NOW + TWO, NOW + timedelta(seconds=1)]
    assert spacing.may_call("a", now=NOW + TWO)
    assert not spacing.may_call("a", now=NOW + TWO)


def test_everybody_is_served_in_the_end() -> None:
    spacing, now, waiting, rounds = Spacing(TWO), NOW, dict.fromkeys(range(20), NOW), 0
    while waiting:
        due = [number for number, at in waiting.items() if at <= now]
        for number, turn in zip(due, spacing.turns(["a"] * len(due), now=now), strict=True):
            if turn == now:
                del waiting[number]
            else:
                waiting[number] = turn
        now, rounds = now + TWO, rounds + 1
    assert rounds == 20


def test_no_spacing_no_memory() -> None:
    spacing = Spacing(timedelta(0))
    assert spacing.turns(["a", "a"], now=NOW) == [NOW, NOW]
    assert not spacing._free_at


def test_hosts_are_forgotten() -> None:
    spacing = Spacing(TWO)
    spacing.turns([f"host-{number}" for number in range(100)], now=NOW)
    spacing.turns(["other"], now=NOW + timedelta(minutes=1))
    assert list(spacing._free_at) == ["other"]

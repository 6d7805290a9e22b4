"""Deadlines in working time, what comes next after a probe, and how long to wait before trying again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.notice import (
    EVERY_DAY,
    REHEARSAL_TEMPO,
    WEEKDAYS,
    Seen,
    Step,
    Tempo,
    Watched,
    add_working_time,
    next_step,
    retry_at,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=PARIS)
TEMPO = Tempo()
zones = st.sampled_from([ZoneInfo(name) for name in ("Europe/Paris", "UTC", "America/New_York", "Pacific/Auckland")])
starts = st.builds(
    lambda minutes, zone: (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(zone),
    st.integers(0, 3 * 365 * 24 * 60),
    zones,
)
delays = st.timedeltas(timedelta(0), timedelta(days=20))
days = st.frozensets(st.integers(0, 6))


@pytest.mark.parametrize(
    ("start", "working", "due"),
    [
        (MONDAY, WEEKDAYS, MONDAY + timedelta(days=1)),
        (MONDAY.replace(day=6), WEEKDAYS, MONDAY.replace(day=9)),
        (MONDAY.replace(day=7), WEEKDAYS, MONDAY.replace(day=10, hour=0)),
        (MONDAY.replace(day=7), EVERY_DAY, MONDAY.replace(day=8)),
        (MONDAY.replace(day=7), (), MONDAY.replace(day=8)),
        (MONDAY, {6}, MONDAY.replace(day=9, hour=0)),
    ],
    ids=["a working day", "Friday to Monday", "Saturday counts nothing", "seven days", "none said", "Sundays only"],
)
def test_a_day_of_working_time(start: datetime, working: frozenset[int], due: datetime) -> None:
    assert add_working_time(start, timedelta(hours=24), working) == due


def test_days_on_which_clocks_change_keep_their_own_length() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=PARIS)
    after = add_working_time(before, timedelta(hours=24), EVERY_DAY)
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=24)
    assert after.hour == 13


@given(starts, delays, days)
def test_working_time_is_never_early(start: datetime, delay: timedelta, working: frozenset[int]) -> None:
    due = add_working_time(start, delay, working)
    assert due.astimezone(UTC) >= start.astimezone(UTC) + delay
    assert due.astimezone(UTC) <= start.astimezone(UTC) + 7 * delay + timedelta(days=8)
    assert due.tzinfo is start.tzinfo
    if working:
        # At midnight sharp the last moment worked was the day before.
        last_moment = (due.astimezone(UTC) - timedelta(microseconds=1)).astimezone(start.tzinfo)
        assert delay == timedelta(0) or last_moment.weekday() in working


@given(starts, delays, delays, days)
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta, working: frozenset[int]) -> None:
    in_two = add_working_time(add_working_time(start, first, working), second, working)
    at_once = add_working_time(start, first + second, working)
    if second:
        assert in_two.astimezone(UTC) == at_once.astimezone(UTC)


@given(starts, delays, delays, days)
def test_a_longer_delay_is_not_due_sooner(start: datetime, one: timedelta, other: timedelta, working: frozenset[int]) -> None:
    short, long = sorted((one, other))
    assert add_working_time(start, short, working).astimezone(UTC) <= add_working_time(start, long, working).astimezone(UTC)


def test_days_that_do_not_exist_do_not_hang() -> None:
    assert add_working_time(MONDAY, timedelta(hours=1), {9}) == MONDAY + timedelta(hours=1)


WATCHED = Watched(misses=0, gone_at=None, remind_at=MONDAY, reminders=0, rungs_left=1, is_refused=False, recheck_until=None)
BEFORE, AFTER = MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1)


@pytest.mark.parametrize(
    ("watched", "seen", "now", "step"),
    [
        (WATCHED, Seen.ONLINE, BEFORE, Step.WAIT),
        (WATCHED, Seen.ONLINE, AFTER, Step.REMIND),
        (replace(WATCHED, reminders=2), Seen.ONLINE, AFTER, Step.ESCALATE),
        (replace(WATCHED, reminders=2, rungs_left=0), Seen.ONLINE, AFTER, Step.ASK_SUPERVISOR),
        (replace(WATCHED, is_refused=True), Seen.ONLINE, BEFORE, Step.ESCALATE),
        (replace(WATCHED, is_refused=True, rungs_left=0), Seen.ONLINE, BEFORE, Step.ASK_SUPERVISOR),
        (WATCHED, Seen.MISSING, AFTER, Step.PROBE_AGAIN_SOON),
        (replace(WATCHED, misses=1), Seen.MISSING, AFTER, Step.PROBE_AGAIN_SOON),
        (replace(WATCHED, misses=2), Seen.MISSING, AFTER, Step.DECLARE_GONE),
        (WATCHED, Seen.UNCLEAR, AFTER, Step.REMIND),
        (replace(WATCHED, gone_at=BEFORE), Seen.ONLINE, AFTER, Step.RELAPSE),
        (replace(WATCHED, gone_at=BEFORE, recheck_until=AFTER), Seen.MISSING, MONDAY, Step.WAIT),
        (replace(WATCHED, gone_at=BEFORE, recheck_until=MONDAY), Seen.MISSING, AFTER, Step.CLOSE),
        (replace(WATCHED, gone_at=BEFORE, recheck_until=MONDAY), Seen.ONLINE, AFTER, Step.RELAPSE),
    ],
)
def test_what_comes_next(watched: Watched, seen: Seen, now: datetime, step: Step) -> None:
    assert next_step(watched, seen, now, TEMPO) is step


@given(
    st.builds(
        Watched,
        misses=st.integers(0, 5),
        gone_at=st.none() | st.just(BEFORE),
        remind_at=st.none() | st.sampled_from([BEFORE, AFTER]),
        reminders=st.integers(0, 3),
        rungs_left=st.integers(0, 3),
        is_refused=st.booleans(),
        recheck_until=st.none() | st.sampled_from([BEFORE, AFTER]),
    ),
    st.sampled_from(list(Seen)),
)
def test_gone_is_only_said_after_misses_in_a_row(watched: Watched, seen: Seen) -> None:
    step = next_step(watched, seen, MONDAY, TEMPO)
    if step is Step.DECLARE_GONE:
        assert seen is Seen.MISSING
        assert watched.misses + 1 >= TEMPO.misses_needed
    if step is Step.RELAPSE:
        assert watched.gone_at is not None
        assert seen is Seen.ONLINE
    if step is Step.ESCALATE:
        assert watched.rungs_left > 0
    if watched.gone_at is not None:
        assert step in {Step.RELAPSE, Step.CLOSE, Step.WAIT}


def test_each_wait_is_twice_the_one_before_and_there_is_an_end() -> None:
    waits = [retry_at(attempts, MONDAY, TEMPO) for attempts in range(1, 8)]
    minutes = [(wait - MONDAY).total_seconds() / 60 for wait in waits if wait is not None]
    assert minutes == [5, 10, 20, 40, 80]
    assert waits[5:] == [None, None]


def test_a_rehearsal_is_only_faster() -> None:
    faster = "undo grouping first_probe probe_every miss_spacing remind_after recheck_every retry_after"
    for name in faster.split():
        assert getattr(REHEARSAL_TEMPO, name) < getattr(TEMPO, name)
    for name in ("misses_needed", "reminders_per_step", "attempts"):
        assert getattr(REHEARSAL_TEMPO, name) == getattr(TEMPO, name)

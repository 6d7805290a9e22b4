"""Ranges of time: whatever the client's clock and however its ranges are cut, it misses nothing, and is sent little twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.desk.registers.lists import windows
from rempart.desk.registers.lists.models import Entry, ListClient, ListLog, Window
from rempart.desk.registers.lists.windows import range_of
from rempart.desk.rules.lists import ListName
from tests import cast
from tests.registers.lists import made

pytestmark = pytest.mark.django_db

NOW = cast.MONDAY
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def entry(position: int, at: datetime) -> None:
    made.entry(position, position, updated_at=at)


def asked(client: ListClient, since: datetime, until: datetime, now: datetime) -> tuple[int, int]:
    return tuple(range_of(client, ListName.MINORS, since, until, now=now))  # type: ignore[return-value]


def test_what_is_surely_past_is_taken_at_its_word() -> None:
    client, _ = made.client()
    for position, days in ((1, 5), (2, 4), (3, 3)):
        entry(position, NOW - days * DAY)
    assert asked(client, NOW - 4 * DAY, NOW - 3 * DAY, NOW) == (1, 2)
    assert asked(client, BEGINNING, NOW - 9 * DAY, NOW) == (0, 0)


def test_a_slow_client_whose_clock_is_at_the_edge_is_sent_the_list_once() -> None:
    """Ranges of half a minute. To read what is sent takes a minute: the next range is surely past, and the one after not."""
    client, _ = made.client()
    for position in range(1, 6):
        entry(position, NOW)
    sent, now, since = 0, NOW, BEGINNING
    until = NOW - windows.SLACK
    for _ in range(100):
        after, last = asked(client, since, until, now)
        sent += last - after
        now += (60 if last > after else 1) * SECOND
        since, until = until, until + 30 * SECOND
    assert sent == 5


def test_what_may_reach_the_present_goes_to_the_end() -> None:
    client, _ = made.client()
    for position, hours in ((1, 40), (2, 20), (3, 0)):
        entry(position, NOW - hours * HOUR)
    assert asked(client, NOW - HOUR, NOW - SECOND, NOW) == (2, 3), "begins 15 hours earlier: nobody knows where it goes on from"
    entry(4, NOW)
    assert asked(client, NOW - SECOND, NOW + SECOND, NOW) == (3, 4), "goes on from where it was"


def test_of_two_machines_with_one_key_the_one_that_was_sent_less_counts() -> None:
    client, _ = made.client()
    entry(1, NOW)
    assert asked(client, BEGINNING, NOW, NOW) == (0, 1)
    entry(2, NOW)
    assert asked(client, BEGINNING, NOW, NOW) == (0, 2)
    assert asked(client, NOW, NOW + SECOND, NOW) == (1, 2)


def test_only_the_latest_ends_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "KEPT", 3)
    client, _ = made.client()
    entry(1, NOW)
    for number in range(5):
        asked(client, NOW + number * SECOND, NOW + (number + 1) * SECOND, NOW)
    assert sorted(Window.objects.values_list("ends_at", flat=True)) == [NOW + number * SECOND for number in (3, 4, 5)]
    assert asked(client, NOW + SECOND, NOW + 9 * SECOND, NOW) == (0, 1), "begins 15 hours earlier"


def test_the_earliest_date_there_is() -> None:
    client, _ = made.client()
    entry(1, NOW)
    assert asked(client, datetime.min.replace(tzinfo=UTC), NOW, NOW) == (0, 1)


Step = st.tuples(st.integers(1, 10 * 24 * 3600), st.booleans(), st.integers(0, 3))


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-12, 14), st.lists(Step, min_size=1, max_size=14))
def test_any_clock_any_cutting(reader: ListClient, offset: int, steps: list[tuple[int, bool, int]]) -> None:
    """Each step: so many seconds pass, entries appear, the client reads up to now (its clock), in two ranges or one."""
    now, since, position, shift = NOW, BEGINNING, 0, timedelta(hours=offset)
    held: set[int] = set()
    for seconds, is_cut, appear in steps:
        for _ in range(appear):
            position += 1
            entry(position, now)
        now += timedelta(seconds=seconds)
        until = now - 5 * SECOND + shift
        if until <= since:
            continue
        middle = since + (until - since) / 2
        for begins, ends in ((since, middle), (middle, until)) if is_cut else ((since, until),):
            after, last = asked(reader, begins.replace(microsecond=0), ends.replace(microsecond=0), now)
            held |= set(range(after + 1, last + 1))
        since = until
        assert set(range(1, position + 1)) <= held
    Entry.objects.all().delete()
    Window.objects.all().delete()
    ListLog.objects.all().delete()


@pytest.fixture
def reader() -> ListClient:
    return made.client()[0]


def test_slack_covers_every_zone() -> None:
    assert windows.SLACK >= 14 * HOUR + HOUR

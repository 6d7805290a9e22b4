"""The dates of forgetting, and the two ways of asking for them agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.retention import (
    Retention,
    addresses_cutoff,
    addresses_due,
    half_sent_cutoff,
    protection_ends,
    renewal_cutoff,
    unanswered_cutoff,
    words_cutoff,
    words_due,
)

CLOSED = datetime(2026, 1, 1, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_the_defaults_are_what_the_pages_promise() -> None:
    assert words_due(CLOSED, Retention()) == CLOSED + timedelta(days=30)
    assert addresses_due(CLOSED, Retention()) == CLOSED + timedelta(days=730)
    assert half_sent_cutoff(CLOSED, Retention()) == CLOSED - timedelta(days=1)


def test_whoever_is_asked_in_time_has_answered_or_not_when_the_protection_ends() -> None:
    kept = Retention()
    ends = protection_ends(CLOSED, kept)
    assert ends == CLOSED + timedelta(days=730)
    asked = next(CLOSED + timedelta(days=day) for day in range(800) if ends <= renewal_cutoff(CLOSED + timedelta(days=day), kept))
    assert asked == ends - timedelta(days=30) == unanswered_cutoff(ends, kept)


@given(closed=moments, now=moments)
def test_due_and_cutoff_say_the_same(closed: datetime, now: datetime) -> None:
    kept = Retention()
    assert (words_due(closed, kept) <= now) == (closed <= words_cutoff(now, kept))
    assert (addresses_due(closed, kept) <= now) == (closed <= addresses_cutoff(now, kept))

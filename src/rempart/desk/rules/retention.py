"""What must be forgotten, and when. Defaults; a data protection officer confirms them for each association."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind of thing is kept after the report it belongs to is closed.

    E-mail addresses are not here: they are erased in the very transaction that records the answer as sent.
    """

    words: timedelta = timedelta(days=30)
    """The reporter's story and the messages of the case."""
    addresses: timedelta = timedelta(days=730)
    """The sealed address of an item; its keyed digest stays, so that a relapse is still recognised."""
    protection: timedelta = timedelta(days=730)
    """Fingerprints of a protected picture; renewed as long again each time the person says so."""
    renewal: timedelta = timedelta(days=30)
    """The person is asked this long before, and has this long to answer, however late she was asked."""
    second_thoughts: timedelta = timedelta(hours=24)
    """A protection withdrawn from a shared device ends this long after; until then it can be kept."""
    half_sent: timedelta = timedelta(days=1)
    """After this, a report whose later steps were never filled in is treated as complete."""


def words_due(closed_at: datetime, retention: Retention) -> datetime:
    """When the words of a report closed then must be forgotten."""
    return closed_at + retention.words


def addresses_due(closed_at: datetime, retention: Retention) -> datetime:
    """When the sealed addresses of an item closed then must be forgotten."""
    return closed_at + retention.addresses


def words_cutoff(now: datetime, retention: Retention) -> datetime:
    """Words of reports closed then or before are due to be forgotten."""
    return now - retention.words


def addresses_cutoff(now: datetime, retention: Retention) -> datetime:
    """Addresses of items closed then or before are due to be forgotten."""
    return now - retention.addresses


def protection_ends(declared_at: datetime, retention: Retention) -> datetime:
    """When a protection declared or renewed then ends, unless it is renewed."""
    return declared_at + retention.protection


def protection_stands_until(expires_at: datetime, asked_to_renew_at: datetime | None, retention: Retention) -> datetime:
    """When it really ends if nobody answers: whoever was asked late has the time to answer all the same."""
    return expires_at if asked_to_renew_at is None else max(expires_at, asked_to_renew_at + retention.renewal)


def renewal_cutoff(now: datetime, retention: Retention) -> datetime:
    """People whose protection ends then or before are to be asked now."""
    return now + retention.renewal


def unanswered_cutoff(now: datetime, retention: Retention) -> datetime:
    """Whoever was asked then or before, and did not renew, has had the time to."""
    return now - retention.renewal


def half_sent_cutoff(now: datetime, retention: Retention) -> datetime:
    """Reports received then or before are complete, whether or not the later pages of the form were sent."""
    return now - retention.half_sent

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
    half_sent: timedelta = timedelta(days=1)
    """After this, a report whose later steps were never filled in is treated as complete."""


def words_due(closed_at: datetime, retention: Retention) -> datetime:
    """When the words of a report closed then must be forgotten."""
    return closed_at + retention.words


def addresses_due(closed_at: datetime, retention: Retention) -> datetime:
    """When the sealed addresses of an item closed then must be forgotten."""
    return closed_at + retention.addresses

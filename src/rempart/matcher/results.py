"""What a platform tells the owner of a list: how often it met an entry, and what its own people decided. Frozen values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a person of the platform decided after looking, or that one is looking."""

    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"
    UNDER_REVIEW = "under_review"


class Reason(StrEnum):
    """Why a match was not blocked."""

    ANOTHER_PICTURE = "another_picture"
    """The match is wrong: it only looks like it."""
    NOT_INTIMATE = "not_intimate"
    WELL_KNOWN = "well_known"
    """A picture everybody knows: a meme, a work of art, the news."""
    WITH_CONSENT = "with_consent"
    """The person in it published it herself, as far as they can tell."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Result:
    """To tell of one entry. ``seen``: matches since the last time it was told; ``accounts``: from how many accounts, at least.

    ``reference``: what the owner wants to read, see ``lists.Entry``.
    """

    entry: str
    reference: str = field(repr=False)
    seen: int = 0
    accounts: int = 0
    verdict: Verdict | None = None
    reason: Reason | None = None
    at: datetime | None = None

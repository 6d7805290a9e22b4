"""When a platform is told that a list changed, and when it is told again."""

from datetime import timedelta

SPACING = timedelta(seconds=5)
"""At most one event in so long for one list and one target: what changes meanwhile is in the next one."""

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=20),
)
"""After each attempt that failed; after the last one nothing more is tried. About three days together."""

GONE = 410
"""A receiver that says so is told nothing more."""


def is_taken(status: int) -> bool:
    """Whether the receiver has it. A redirect is no receipt, and is not followed."""
    return 200 <= status < 300


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, all failed; None: it is given up."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None

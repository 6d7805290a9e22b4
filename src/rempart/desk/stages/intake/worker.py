"""The intake stage's share of the worker's round."""

from datetime import datetime

from rempart.desk.stages.intake import preparing, steps


def work(*, now: datetime) -> int:
    """One round: typed text becomes addresses, abandoned forms are complete; returns how many rows moved."""
    return preparing.prepare(now=now) + steps.complete_half_sent(now=now)

"""The triage stage's share of the worker's round."""

from datetime import datetime

from rempart.desk.stages.triage import settling


def work(*, now: datetime) -> int:
    """One round: readings whose undo window ended are settled, known addresses join their decision; returns how many moved."""
    return settling.settle(now=now) + settling.join_known(now=now)

"""Why an analyst's gesture was refused. The reasons are stable words; the console turns them into sentences.

TriageRefused
├── Taken            somebody else holds it, or it is on hold
├── NotYours         the lease ended, or was never yours
├── NotOpen          already decided, or not ready yet
├── MayNot           this person may not read it (own first reading, arbitration)
├── DecisionRefused  the decision contradicts itself
└── TooLate          the undo window is over
"""


class TriageRefused(Exception):
    """Nothing changed. ``reasons`` are machine-readable."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class Taken(TriageRefused):
    """Somebody else holds the item, or it is on hold."""


class NotYours(TriageRefused):
    """The person does not hold the item (any more)."""


class NotOpen(TriageRefused):
    """The item is already decided, or not ready yet."""


class MayNot(TriageRefused):
    """This person may not read this item."""


class DecisionRefused(TriageRefused):
    """The decision contradicts itself; see ``rules.assessment.problems`` and ``rules.classification.problems``."""


class TooLate(TriageRefused):
    """The undo window is over."""

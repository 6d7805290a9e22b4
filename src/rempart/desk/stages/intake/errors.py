"""Why a report, a message or an erasure could not be taken. The reasons are stable words; the doors turn them into sentences.

IntakeRefused
├── ReportRefused
├── MessageRefused
└── NoSuchCase
"""


class IntakeRefused(Exception):
    """Nothing was kept. ``reasons`` are machine-readable."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class ReportRefused(IntakeRefused):
    """Stable words: ``nothing_to_look_at``, ``too_many_addresses``, ``report_full``, ``text_too_long``, ``story_too_long``,
    ``email_unreadable``."""


class MessageRefused(IntakeRefused):
    """``empty`` or ``too_long``."""


class NoSuchCase(IntakeRefused):
    """No case opens with this code: never made, or erased."""

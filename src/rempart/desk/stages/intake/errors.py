"""Why a report, a message or an erasure could not be taken. The reasons are stable words; the doors turn them into sentences.

IntakeRefused
├── ReportRefused
├── MessageRefused
├── ProtectionRefused
├── ErasureRefused
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
    """``empty``, ``too_long``, or ``sent_already``."""


class ProtectionRefused(IntakeRefused):
    """``case_full``, or ``bank_closed``: the desk cannot keep fingerprints safe at this moment."""


class ErasureRefused(IntakeRefused):
    """``protections_stand``: on a shared device they are withdrawn first, which takes a day and can be cancelled."""


class NoSuchCase(IntakeRefused):
    """No case opens with this code: never made, or erased."""

"""Why the bank could not take something. The reasons are stable words; the doors turn them into sentences."""


class BankRefused(Exception):
    """Nothing was kept. ``reason``: ``bank_closed`` (no keyring), ``case_full``; of what a person says: ``why_missing``,
    ``changed_meanwhile``, ``not_now``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

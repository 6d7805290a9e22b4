"""Why a client of the lists could not be made or changed. The reasons are stable words; the console turns them into sentences."""


class ClientRefused(Exception):
    """Nothing was kept. ``reasons`` are machine-readable.

    ``platform_unknown``, ``label_missing``, ``label_taken``, ``lists_missing``, ``allowed_nothing``, ``calls_out_of_range``,
    ``questions_out_of_range``, ``former_too_long``, ``revoked``; of webhooks ``webhook_without_list``, ``webhook_missing``,
    ``webhook_unreadable``, ``webhook_not_https``, ``webhook_private``.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons

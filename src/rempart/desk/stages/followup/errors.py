"""Why the follow-up refused something. The reasons are stable words; the doors turn them into sentences."""


class FollowupRefused(Exception):
    """Nothing was kept. ``reasons`` are machine-readable."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class NotWatched(FollowupRefused):
    """``not_watched``: the address is not followed up (any more)."""


class ReplyRefused(FollowupRefused):
    """``not_in_notice``, ``nothing_said``, or a word of ``rules.statement.problems``."""

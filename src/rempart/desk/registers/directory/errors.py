"""Why the directory could not be changed. The reasons are stable words; the console turns them into sentences."""


class DirectoryRefused(Exception):
    """Nothing was kept. ``reasons`` are machine-readable.

    ``name_missing``, ``name_taken``, ``too_long``, ``kind_unknown``, ``country_unreadable``, ``language_unknown``,
    ``working_days_unreadable``, ``time_zone_unknown``, ``domain_unreadable``, ``channel_unknown``, ``contact_unreadable``,
    ``is_active_unreadable``.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons

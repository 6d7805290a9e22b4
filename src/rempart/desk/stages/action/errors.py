"""Why a gesture on a duty was refused. The reasons are stable words; the console turns them into sentences."""


class ActionRefused(Exception):
    """Nothing changed. ``reasons`` are machine-readable.

    ``not_red``, ``in_doubt`` (a person confirms or sends again, nothing else), ``not_in_doubt``, ``already_done``,
    ``not_a_dossier``, ``no_reason``, ``no_way``.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons

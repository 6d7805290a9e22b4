"""How small groups are counted together, so that no published cell points at somebody, not even by subtraction."""

from collections.abc import Hashable
from typing import TypeVar

from rempart.desk.statistics.figure import SMALL

Key = TypeVar("Key", bound=Hashable)
Member = TypeVar("Member")


def fold(groups: dict[Key, list[Member]], limit: int = SMALL) -> tuple[dict[Key, list[Member]], list[Member]]:
    """The groups that may be shown, and the members of all others together.

    A lone small group, or several that stay under the limit together, take in the next smallest one: else the total would tell.
    """
    ordered = sorted(groups, key=lambda key: (len(groups[key]), str(key)))
    hidden = [key for key in ordered if len(groups[key]) < limit]
    shown = ordered[len(hidden) :]
    while hidden and shown and (len(hidden) < 2 or sum(len(groups[key]) for key in hidden) < limit):
        hidden.append(shown.pop(0))
    together = [member for key in hidden for member in groups[key]]
    return {key: groups[key] for key in shown}, together

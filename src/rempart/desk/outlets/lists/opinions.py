"""Who has an opinion, as one client is told: the association, and its own platform. What others said is in the trust alone.

Shapes have room for everybody's vote by name. A vote says that a platform met this very picture: it is nobody else's business.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rempart.desk.registers.lists.entries import Said
from rempart.desk.rules.trust import RefusalReason, Vote

OURS, FIRST_PLATFORM = 1, 1_000


class Member(NamedTuple):
    """Somebody who has an opinion, as shapes name them."""

    number: int
    name: str


class Opinion(NamedTuple):
    """One verdict of one member."""

    member: Member
    vote: Vote
    reason: RefusalReason | None


class Members(NamedTuple):
    """All that a client ever sees."""

    ours: Member
    own: Member

    def opinions(self, votes: Sequence[Said]) -> list[Opinion]:
        """The votes as this client sees them: its own platform's."""
        own = self.own.number - FIRST_PLATFORM
        return [Opinion(self.own, said.vote, said.reason) for said in votes if said.platform == own]


def members(association: str, platform_number: int, platform: str) -> Members:
    """Those of one client."""
    return Members(Member(OURS, association), Member(FIRST_PLATFORM + platform_number, platform))

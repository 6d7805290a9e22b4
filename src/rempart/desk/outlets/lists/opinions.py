"""What one client is told of votes: its own platform's by name, those of all others together, without a name or a number."""

from collections.abc import Sequence
from typing import NamedTuple

from rempart.desk.registers.lists.entries import Said
from rempart.desk.rules.trust import RefusalReason, Vote

OURS, OTHERS, FIRST_PLATFORM = 1, 2, 1_000
OTHERS_NAME = "Other platforms"


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
    """All that a client ever sees: the association, its own platform, and the others as one."""

    ours: Member
    own: Member
    others: Member = Member(OTHERS, OTHERS_NAME)

    def opinions(self, votes: Sequence[Said]) -> list[Opinion]:
        """The votes as this client sees them. Of the others it learns that there is a verdict, not whose nor how many."""
        found = []
        for said in votes:
            is_own = said.platform == self.own.number - FIRST_PLATFORM
            opinion = Opinion(self.own, said.vote, said.reason) if is_own else Opinion(self.others, said.vote, None)
            if opinion not in found:
                found.append(opinion)
        return found


def members(association: str, platform_number: int, platform: str) -> Members:
    """Those of one client."""
    return Members(Member(OURS, association), Member(FIRST_PLATFORM + platform_number, platform))

"""How far a protected picture's fingerprints may be relied on, and what platforms are advised to do with a match.

Nobody is accused: a match is never evidence, and before somebody has confirmed it only an exact copy is blocked unseen.
A state changes by a new fact and by nothing else; facts are kept, so that who decided what stays known.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Trust(StrEnum):
    """Where a protection stands."""

    SELF_DECLARED = "self_declared"
    """From the first minute: somebody says that it is a private picture of hers."""
    HELD = "held"
    """Something made us doubt that the picture is private: matches are counted, nothing else, until a person has looked."""
    CONFIRMED = "confirmed"
    """An analyst vouches for it, without having seen the picture, or several platforms that saw it blocked it."""
    DISPUTED = "disputed"
    """Several platforms that saw it would not block it."""
    WITHDRAWN = "withdrawn"
    """The person took it back. Platforms are told for ever; the fingerprints are gone."""
    EXPIRED = "expired"
    """Nobody renewed it. The same follows."""


class Fact(StrEnum):
    """What can happen to a protection."""

    ALARM = "alarm"
    """It looks like a picture everybody knows, like no picture at all, or far too many people send it."""
    CLEARED = "cleared"
    """A person looked at the alarm and found it was none."""
    VOUCHED = "vouched"
    """An analyst confirms it, from what the person wrote."""
    BLOCKED_BY_QUORUM = "blocked_by_quorum"
    REFUSED_BY_QUORUM = "refused_by_quorum"
    WITHDRAWAL = "withdrawal"
    EXPIRY = "expiry"


_ENDS = {Fact.WITHDRAWAL: Trust.WITHDRAWN, Fact.EXPIRY: Trust.EXPIRED}

MOVES: dict[Trust, dict[Fact, Trust]] = {
    Trust.SELF_DECLARED: {
        Fact.ALARM: Trust.HELD,
        Fact.VOUCHED: Trust.CONFIRMED,
        Fact.BLOCKED_BY_QUORUM: Trust.CONFIRMED,
        Fact.REFUSED_BY_QUORUM: Trust.DISPUTED,
        **_ENDS,
    },
    # Platforms' votes do not lift an alarm: the desk promised that a person looks.
    Trust.HELD: {
        Fact.CLEARED: Trust.SELF_DECLARED,
        Fact.VOUCHED: Trust.CONFIRMED,
        Fact.REFUSED_BY_QUORUM: Trust.DISPUTED,
        **_ENDS,
    },
    Trust.CONFIRMED: {Fact.ALARM: Trust.HELD, Fact.REFUSED_BY_QUORUM: Trust.DISPUTED, **_ENDS},
    Trust.DISPUTED: {Fact.VOUCHED: Trust.CONFIRMED, Fact.BLOCKED_BY_QUORUM: Trust.CONFIRMED, **_ENDS},
    Trust.WITHDRAWN: {},
    Trust.EXPIRED: {},
}
"""A fact that is not named changes nothing; it is kept all the same."""

LIVE = frozenset({Trust.SELF_DECLARED, Trust.HELD, Trust.CONFIRMED, Trust.DISPUTED})
"""Still protecting: its fingerprints exist."""

QUORUM = 2
"""Platforms that must have seen the picture and say the same."""


def after(trust: Trust, fact: Fact) -> Trust:
    """Where a protection stands once this fact is known."""
    return MOVES[trust].get(fact, trust)


CAREFUL_FIRST = (Trust.HELD, Trust.DISPUTED, Trust.CONFIRMED, Trust.SELF_DECLARED)


def together(standings: Iterable[Trust]) -> Trust | None:
    """Where one picture stands that several people protect: a doubt about one is a doubt about all. None when all have ended.

    Sent again under another code, a picture that waits for a person's look does not become blocked in the meantime.
    """
    held = set(standings)
    return next((trust for trust in CAREFUL_FIRST if trust in held), None)


POPULAR = 100
"""Different accounts that send a picture within one day, all platforms together. A private picture rarely has so many."""


def is_popular(accounts_of_day: Iterable[int], history: Iterable[Fact]) -> bool:
    """Whether a person must look at why so many send it. Once somebody has, it is not asked again: leaks spread too."""
    return sum(accounts_of_day) >= POPULAR and not {Fact.CLEARED, Fact.VOUCHED} & set(history)


class Vote(StrEnum):
    """What a platform says it did, after a person of its own looked at a match."""

    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"


class RefusalReason(StrEnum):
    """Why a platform's people did not block a match."""

    ANOTHER_PICTURE = "another_picture"
    """The match is wrong: it only looks like it."""
    NOT_INTIMATE = "not_intimate"
    WELL_KNOWN = "well_known"
    """A picture everybody knows: a meme, a work of art, the news."""
    WITH_CONSENT = "with_consent"
    """The person in it published it herself, as far as they can tell."""
    OTHER = "other"


def fact_of_votes(votes: dict[int, Vote]) -> Fact | None:
    """What the platforms say together; ``votes`` holds the last one of each. None while they are too few, or do not agree."""
    blocked = sum(vote is Vote.BLOCKED for vote in votes.values())
    refused = len(votes) - blocked
    if blocked >= QUORUM and blocked > refused:
        return Fact.BLOCKED_BY_QUORUM
    if refused >= QUORUM and refused > blocked:
        return Fact.REFUSED_BY_QUORUM
    return None


class Act(StrEnum):
    """What a platform is advised to do with an upload that matches."""

    BLOCK = "block"
    REVIEW = "review"
    """Hold it until one of its own people has looked."""
    COUNT = "count"
    """Let it through; tell us how many."""
    NOTHING = "nothing"


class Advice(NamedTuple):
    """For an exact copy of the file, and for one that only looks like it."""

    exact: Act
    near: Act


ADVICE: dict[Trust, Advice] = {
    Trust.SELF_DECLARED: Advice(exact=Act.BLOCK, near=Act.REVIEW),
    Trust.HELD: Advice(exact=Act.COUNT, near=Act.COUNT),
    Trust.CONFIRMED: Advice(exact=Act.BLOCK, near=Act.BLOCK),
    Trust.DISPUTED: Advice(exact=Act.REVIEW, near=Act.REVIEW),
    Trust.WITHDRAWN: Advice(exact=Act.NOTHING, near=Act.NOTHING),
    Trust.EXPIRED: Advice(exact=Act.NOTHING, near=Act.NOTHING),
}


def advice_for(trust: Trust, own_vote: Vote | None) -> Advice:
    """What one platform is advised. What its own people decided after looking stands for it, while the protection lives."""
    if trust not in LIVE or own_vote is None:
        return ADVICE[trust]
    act = Act.BLOCK if own_vote is Vote.BLOCKED else Act.COUNT
    return Advice(exact=act, near=act)

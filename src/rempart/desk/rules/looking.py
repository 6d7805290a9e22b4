"""A person looks at a protection without ever seeing the picture: what waits for her, and the reasons she may give."""

from enum import StrEnum

from rempart.desk.rules.trust import MOVES, Fact, Trust

NEEDS_A_PERSON = (Trust.HELD, Trust.DISPUTED)
"""In this order: a doubt keeps matches from being stopped, a dispute only from being stopped unseen."""


class Reason(StrEnum):
    """Why an analyst says so: one word of a short list, kept with the fact. What she read stays sealed in the case."""

    PERSON_EXPLAINED = "person_explained"
    REPORT_FITS = "report_fits"
    HELPER_CONFIRMS = "helper_confirms"
    PLATFORM_TOLD = "platform_told"
    LEAK_SPREADS = "leak_spreads"
    FALSE_ALARM = "false_alarm"
    PUBLIC_PICTURE = "public_picture"
    NOBODY_IN_IT = "nobody_in_it"
    OBJECTION = "objection"
    MISUSE = "misuse"


REASONS: dict[Fact, tuple[Reason, ...]] = {
    Fact.VOUCHED: (Reason.PERSON_EXPLAINED, Reason.REPORT_FITS, Reason.HELPER_CONFIRMS, Reason.PLATFORM_TOLD),
    Fact.CLEARED: (Reason.PERSON_EXPLAINED, Reason.LEAK_SPREADS, Reason.FALSE_ALARM, Reason.PLATFORM_TOLD),
    Fact.ALARM: (Reason.PUBLIC_PICTURE, Reason.NOBODY_IN_IT, Reason.OBJECTION, Reason.MISUSE),
}
"""What a person of the staff can say, and why she may say it."""


def sayable(trust: Trust) -> tuple[Fact, ...]:
    """What a person can say of a protection that stands there, so that something moves."""
    return tuple(fact for fact in REASONS if fact in MOVES[trust])


def is_reason(fact: Fact, why: str) -> bool:
    """Whether this word may be given for that."""
    return why in REASONS.get(fact, ())

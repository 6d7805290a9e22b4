"""What of a protection stands on the copy of one platform.

Our own feed carries the advice with each entry. The shapes that platforms already read carry none: a client of theirs takes
whatever stands there for something to block. Therefore an entry stands there only while we advise to block an exact copy:

- self-declared and confirmed: it stands, with its state as a tag;
- held (count, let through) and disputed (a person must look): it is withdrawn there, and comes back if the doubt ends;
- a platform whose own people would not block it does not find it there any more; one whose people blocked it does.

A picture that only looks like a self-declared one should wait for one of the platform's people, and those shapes cannot say it.
Who wants to block without looking takes a cautious copy: it holds what is confirmed, and nothing else, in every shape.
"""

from rempart.desk.rules.trust import Act, Trust, Vote, advice_for


def is_on_copy(trust: Trust, *, is_cautious: bool) -> bool:
    """Whether an entry that protects stands on a copy at all."""
    return trust is Trust.CONFIRMED or not is_cautious


def stands_without_advice(trust: Trust, own_vote: Vote | None) -> bool:
    """Whether it stands in a shape that has no place for advice."""
    return advice_for(trust, own_vote).exact is Act.BLOCK

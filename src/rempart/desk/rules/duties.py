"""What must be done once an address is assessed: one decision in, the list of duties out."""

from dataclasses import dataclass
from enum import StrEnum

from rempart.desk.rules.assessment import Decision, Verdict


class DutyKind(StrEnum):
    """One kind of thing owed to somebody."""

    NOTICE = "notice"
    """Tell the platform or host (DSA article 16)."""
    AUTHORITY = "authority"
    """Hand a dossier to the police; a person sends it."""
    PARTNER = "partner"
    """Hand the address to the hotline of the hosting country; a person sends it."""
    REFERRAL = "referral"
    """Tell the reporter who can help."""
    ANSWER = "answer"
    """Answer the reporter."""
    SUPERVISION = "supervision"
    """The ladder is used up, or software cannot go on: a supervisor decides."""


BY_A_PERSON = frozenset({DutyKind.AUTHORITY, DutyKind.PARTNER, DutyKind.SUPERVISION})
"""Duties that no worker ever carries out: a person does, and records it."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom the directory proposes for one address; ids of approved recipients, or None where there is none.

    ``ladder`` is every notice recipient from the nearest to the content upwards (platform or host, then site owner).
    """

    ladder: tuple[int, ...] = ()
    authority: int | None = None
    partner: int | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty to file. ``waits_for_authority`` means police first: it may not start before the dossier was sent."""

    kind: DutyKind
    recipient: int | None = None
    waits_for_authority: bool = False


def duties_for(decision: Decision, recipients: Recipients, *, has_address: bool) -> tuple[Owed, ...]:
    """Everything owed about the address itself. What is owed to each reporter is :func:`owed_to_reporter`."""
    match decision.verdict:
        case Verdict.ILLEGAL_IN_FIELD:
            return _illegal_in_field(decision, recipients, has_address=has_address)
        case Verdict.ILLEGAL_OUTSIDE_FIELD:
            return (Owed(DutyKind.AUTHORITY, recipients.authority),)
        case Verdict.HARMFUL_BUT_LAWFUL | Verdict.NOT_FOUND | Verdict.LAWFUL_HELP_NEEDED:
            return ()


def _illegal_in_field(decision: Decision, recipients: Recipients, *, has_address: bool) -> tuple[Owed, ...]:
    owed = [Owed(DutyKind.AUTHORITY, recipients.authority)]
    if recipients.partner is not None:
        owed.append(Owed(DutyKind.PARTNER, recipients.partner))
    if has_address:
        nearest = recipients.ladder[0] if recipients.ladder else None
        owed.append(Owed(DutyKind.NOTICE, nearest, waits_for_authority=decision.is_police_first))
    return tuple(owed)


def owed_to_reporter(verdicts: tuple[Verdict, ...]) -> tuple[DutyKind, ...]:
    """What a reporter is owed once every item of the report is decided: an answer, and help where help is the outcome."""
    if Verdict.LAWFUL_HELP_NEEDED in verdicts:
        return (DutyKind.REFERRAL, DutyKind.ANSWER)
    return (DutyKind.ANSWER,)

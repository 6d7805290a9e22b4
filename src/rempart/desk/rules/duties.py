"""What must be done once an address is assessed: one decision in, the list of duties out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.lifecycle import Closing


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

DOSSIERS = frozenset({DutyKind.AUTHORITY, DutyKind.PARTNER})
"""Duties whose object is a dossier that a person hands over."""


class Outcome(StrEnum):
    """How a duty ended. Stored in rows: a value, once published, never changes its text."""

    SENT = "sent"
    ALREADY_GONE = "already_gone"
    """Seen gone in the last look before sending: nothing was sent."""
    HANDED_OVER = "handed_over"
    """A person sent the dossier."""
    ANSWERED = "answered"
    """The answer waits on the case page."""
    ANSWERED_AND_TOLD = "answered_and_told"
    """The answer waits on the case page, and an e-mail said so."""
    ANSWERED_NOT_TOLD = "answered_not_told"
    """The answer waits on the case page; the e-mail address does not exist, or nothing certain is known of the mail."""
    NO_ANSWER_WANTED = "no_answer_wanted"
    NO_CASE = "no_case"
    """A partner or a relapse: nobody has a case page to read."""
    CASE_ERASED = "case_erased"
    CLEARED = "cleared"
    """A person closed it with a reason."""


class Failure(StrEnum):
    """Why a duty is red. Stored in rows."""

    NO_CONTACT = "no_contact"
    """Nobody approved a contact for this recipient yet."""
    NO_OUTLET = "no_outlet"
    """The approved contacts need a person: a web form, a telephone."""
    NOT_SENT = "not_sent"
    """Every attempt failed; nothing was received."""
    REFUSED = "refused"
    """The recipient's mail server refused for good."""
    IN_DOUBT = "in_doubt"
    """It may have been received and may not: a person confirms or sends again."""
    LADDER_USED_UP = "ladder_used_up"
    """Every recipient refused or stayed silent: a supervisor decides."""
    NEED_MORE = "need_more"
    """The recipient asks for something before it acts: a person answers."""
    WRONG_ADDRESS = "wrong_address"
    """The recipient says the notice is not for it: a person finds whom to write to."""
    CANNOT_LOOK = "cannot_look"
    """The recipient says it is removed, and software cannot see it: a person looks."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom the directory proposes for one address; ids of approved recipients, or None where there is none.

    ``ladder`` is every notice recipient from the nearest to the content upwards (platform, host, then site owner).
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


def closing_without_duties(verdict: Verdict) -> Closing:
    """Why an item nothing is owed about is closed."""
    return Closing.HELP_GIVEN if verdict is Verdict.LAWFUL_HELP_NEEDED else Closing.NO_ACTION


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one duty about an address stands; ``outcome`` is None while it is owed."""

    kind: DutyKind
    outcome: Outcome | None


def closing_of(stands: Iterable[Stand]) -> Closing | None:
    """Why the item may be closed now, given all duties about it, or None while something keeps it open.

    Not for items a notice was sent about: the follow-up closes those.
    """
    found = tuple(stands)
    notices = [stand.outcome for stand in found if stand.kind is DutyKind.NOTICE]
    dossiers = [stand for stand in found if stand.kind in DOSSIERS]
    if None in notices or Outcome.SENT in notices:
        return None
    if Outcome.ALREADY_GONE in notices:
        return Closing.ALREADY_GONE
    if any(stand.outcome is None for stand in dossiers):
        return None
    handed = {stand.kind for stand in dossiers if stand.outcome is Outcome.HANDED_OVER}
    if DutyKind.AUTHORITY in handed:
        return Closing.HANDED_TO_AUTHORITY
    return Closing.HANDED_TO_PARTNER if handed else Closing.NO_ACTION

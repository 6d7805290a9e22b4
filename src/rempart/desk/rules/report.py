"""What a person can tell us: the words of a report, as frozen values.

Shapes only. How addresses are read is in ``locator``; what happens next is in ``lifecycle`` and ``duties``.
"""

from dataclasses import dataclass, field
from enum import StrEnum

MAX_STORY = 20_000
"""Longest free text kept from one report, in signs. More is refused with a sentence, never cut silently."""

MAX_MESSAGE = 5_000
"""Longest message in a case mailbox, in signs."""

MAX_EMAIL = 254
"""RFC 5321 limit on the length of an e-mail address."""


class Source(StrEnum):
    """Through which way a report reached the desk."""

    PUBLIC_FORM = "public_form"
    PARTNER_HOTLINE = "partner_hotline"
    PLATFORM = "platform"
    AUTHORITY = "authority"
    STAFF = "staff"
    RELAPSE = "relapse"


class ReportKind(StrEnum):
    """Why the report exists: somebody saw something, somebody objects, or removed content came back."""

    REPORT = "report"
    APPEAL = "appeal"
    RELAPSE = "relapse"


class Category(StrEnum):
    """What the reporter believes it is, in the field's categories. The analyst's grading is another thing."""

    CHILD_ABUSE_IMAGES = "child_abuse_images"
    INTIMATE_IMAGE_SHARED = "intimate_image_shared"
    SEXUAL_BLACKMAIL = "sexual_blackmail"
    GROOMING = "grooming"
    EXPLOITATION_ADVERT = "exploitation_advert"
    PORNOGRAPHY_SEEN_BY_MINORS = "pornography_seen_by_minors"
    HARASSMENT = "harassment"
    SUICIDE_PROVOCATION = "suicide_provocation"
    HATE_OR_VIOLENCE = "hate_or_violence"
    OTHER = "other"
    NOT_SAID = "not_said"


class Concerns(StrEnum):
    """Whom it is about, seen from the reporter."""

    ME = "me"
    CHILD_I_KNOW = "child_i_know"
    UNKNOWN_PERSON = "unknown_person"
    NOT_SAID = "not_said"


class AgeBand(StrEnum):
    """Age of the child, in the bands the law and the field use (limits at 13, 15 and 18)."""

    UNDER_13 = "under_13"
    FROM_13_TO_14 = "13_14"
    FROM_15_TO_17 = "15_17"
    ADULT = "adult"
    NOT_SAID = "not_said"


class DangerNow(StrEnum):
    """Is somebody in danger at this moment."""

    YES = "yes"
    NO = "no"
    NOT_SAID = "not_said"


class AnswerBy(StrEnum):
    """How the reporter wants to be answered."""

    NOTHING = "nothing"
    CASE_PAGE = "case_page"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Details:
    """Everything optional of a report. A field left at its default was not said."""

    category: Category = Category.NOT_SAID
    concerns: Concerns = Concerns.NOT_SAID
    age_band: AgeBand = AgeBand.NOT_SAID
    danger_now: DangerNow = DangerNow.NOT_SAID
    story: str = ""
    answer_by: AnswerBy = AnswerBy.CASE_PAGE
    email: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it arrives: the pasted text, the details, and how it came.

    ``addresses`` is the text as typed; ``rules.locator.read_locators`` finds the things to decide on in it.
    """

    addresses: str
    language: str
    has_no_link: bool = False
    details: Details = field(default_factory=Details)
    source: Source = Source.PUBLIC_FORM
    kind: ReportKind = ReportKind.REPORT


def problems(details: Details) -> tuple[str, ...]:
    """Machine-readable reasons why these details cannot be kept; empty when they can."""
    found = []
    if len(details.story) > MAX_STORY:
        found.append("story_too_long")
    if details.answer_by is AnswerBy.EMAIL and not _looks_like_email(details.email):
        found.append("email_unreadable")
    return tuple(found)


def _looks_like_email(text: str) -> bool:
    name, at, domain = text.partition("@")
    has_shape = bool(name) and at == "@" and "." in domain.strip(".") and "@" not in domain
    return has_shape and len(text) <= MAX_EMAIL and not any(sign.isspace() or ord(sign) < 32 for sign in text)

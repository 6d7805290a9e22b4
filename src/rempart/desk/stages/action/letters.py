"""From rows to the words of a letter: what a notice tells, and how its answer link is made."""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from secrets import token_hex

from django.conf import settings

from rempart.desk.outlets.email.grounds import ground_for
from rempart.desk.outlets.email.letters import Earlier, LetterKind, Listed, NoticeWords, Sender, write_notice
from rempart.desk.outlets.interface import Letter
from rempart.desk.registers.directory.models import Contact
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.stages.action.models import Notice, NoticedItem
from rempart.desk.stages.action.queries import item_reference, notice_reference
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.triage.queries import decision_of


def new_message_id(notice: Notice) -> str:
    """A Message-ID nobody else can have made, under the domain that sends."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<notice-{notice.pk}.{token_hex(16)}@{domain}>"


def token_of(notice: Notice) -> str:
    """The token of the answer link: 32 bytes, base64url. The same at every attempt, so that every copy's link works.

    Made with the installation's key, which the database does not hold: nobody who reads the database can make it.
    """
    raw = sealing.digest("answer_token", f"{notice.pk}\x00{notice.opened_at.astimezone(UTC).isoformat()}")
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def answer_url(notice: Notice) -> str:
    """Where the recipient answers without an account."""
    return f"{settings.REMPART.public_url.rstrip('/')}/answer/{token_of(notice)}/"


def compose(notice: Notice, contact: Contact, told: Sequence[NoticedItem], checked: Collection[int], *, now: datetime) -> Letter:
    """The letter of this notice about these addresses; ``checked`` are ids of items seen online in the last look."""
    words = NoticeWords(
        kind=_kind(notice),
        language=notice.language,
        sender=_sender(),
        recipient=notice.recipient.name,
        reference=notice_reference(notice),
        answer_url=answer_url(notice),
        listed=tuple(_listed(one, notice.language, now if one.item_id in checked else None) for one in told),
        earlier=_earlier(notice),
        is_sent_again=notice.is_sent_again,
    )
    written = write_notice(words)
    return Letter(
        to=contact.address,
        subject=written.subject,
        text=written.text,
        message_id=notice.message_id,
        language=notice.language,
        references=_references(notice),
        headers={"X-Rempart-Reference": notice_reference(notice), "Reply-To": settings.REMPART.contact_email},
    )


def _kind(notice: Notice) -> LetterKind:
    if notice.reminds is None:
        return LetterKind.NOTICE
    return LetterKind.REMINDER if notice.reminds.recipient_id == notice.recipient_id else LetterKind.ESCALATION


def _sender() -> Sender:
    house = settings.REMPART
    return Sender(
        association=house.association,
        email=house.contact_email,
        site=house.public_url,
        flagger_reference=house.trusted_flagger_reference,
        flagger_coordinator=house.trusted_flagger_coordinator,
        flagger_area=house.trusted_flagger_area,
    )


def _listed(one: NoticedItem, language: str, checked_at: datetime | None) -> Listed:
    assessment = one.duty.assessment
    return Listed(
        reference=item_reference(one.item),
        where=where(one, language),
        first_reported_at=one.item.address.first_seen_at if one.item.address else one.item.received_at,
        checked_at=checked_at,
        ground=ground_for(decision_of(assessment).grading, assessment.assessed_at.date(), language),
    )


def where(one: NoticedItem, language: str) -> str:
    """Where the content is, as the recipient needs it: the exact address, or the account on the platform."""
    canonical = intake.canonical(one.item)
    if one.item.kind != LocatorKind.ACCOUNT:
        return canonical
    platform, _, handle = canonical.partition(":")
    return f"compte « {handle} » ({platform})" if language == "fr" else f'account "{handle}" ({platform})'


def _earlier(notice: Notice) -> Earlier | None:
    old = notice.reminds
    if old is None:
        return None
    return Earlier(notice_reference(old), old.recipient.name, old.sent_at or old.opened_at)


def _references(notice: Notice) -> tuple[str, ...]:
    """A reminder answers the letter it reminds of; an escalation goes to somebody who never saw it."""
    if _kind(notice) is not LetterKind.REMINDER or notice.reminds is None:
        return ()
    return (notice.reminds.message_id,) if notice.reminds.message_id else ()

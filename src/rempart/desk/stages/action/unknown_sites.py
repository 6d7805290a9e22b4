"""A site nobody is known for: whom convention proposes, and a person writing it into the directory.

The name of such a site is itself a reported address: software keeps it sealed. It enters the directory, in clear, only by the
hand of a person who decided to write to that site.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.duties import DutyKind, Failure
from rempart.desk.stages.action.errors import ActionRefused
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.intake import queries as intake

MAX_TOGETHER = 500
"""Duties about unknown sites that are opened to find those of one site; the others wait for the next time."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The site, and the mailbox RFC 2142 says it should have; empty for a bare number or a hidden service."""

    site: str
    mailbox: str


def proposal(duty: Duty) -> Proposal | None:
    """Whom to write to about the unknown site of this red notice, computed on the spot and kept nowhere."""
    if duty.kind != DutyKind.NOTICE or duty.recipient_id is not None or duty.failure != Failure.NO_CONTACT or duty.item is None:
        return None
    locator = intake.locator(duty.item)
    if locator is None or not locator.site:
        return None
    host = locator.site.partition(":")[0]
    has_mailbox = not host.replace(".", "").isdigit() and "[" not in locator.site and not host.endswith(".onion")
    return Proposal(locator.site, f"abuse@{host}" if has_mailbox else "")


@transaction.atomic
def add_to_directory(duty: Duty, person: Person, *, now: datetime) -> Recipient:
    """Write the owner of the unknown site into the directory, with the proposed mailbox, still to be approved.

    Every red notice about that site waits for the same contact from now on. Raises :class:`ActionRefused`.
    """
    wanted = proposal(duty)
    if wanted is None:
        raise ActionRefused("no_way")
    try:
        recipient = directory.suggest_contact_for(wanted.site, by=person.pk, now=now)
    except DirectoryRefused as refusal:
        raise ActionRefused("no_way") from refusal
    waiting = Duty.objects.filter(
        kind=DutyKind.NOTICE, recipient__isnull=True, done_at__isnull=True, failed_at__isnull=False, failure=Failure.NO_CONTACT
    )
    others = waiting.exclude(pk=duty.pk).select_related("item__address").order_by("pk")[:MAX_TOGETHER]
    together = [duty.pk, *(other.pk for other in others if proposal(other) == wanted)]
    Duty.objects.filter(pk__in=together).update(recipient=recipient)
    journal.write(
        "site_added", f"duty:{duty.pk}", now=now, by=person.pk, detail={"recipient": recipient.pk, "duties": len(together)}
    )
    return recipient

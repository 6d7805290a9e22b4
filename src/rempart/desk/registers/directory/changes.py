"""Changes to the directory. Whoever or whatever finds a contact, only a person's approval makes it usable."""

from datetime import datetime

from django.db import transaction

from rempart.desk.registers.directory.entries import Details, clean_contact, clean_domain, cleaned
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.models import TAKES_NOTICES, Channel, Contact, Recipient, RecipientDomain, RecipientKind
from rempart.desk.registers.journal import steps as journal

RFC_2142 = "rfc2142"
"""Found by a convention of the Internet: every site should read ``abuse@`` its name."""


@transaction.atomic
def add_recipient(details: Details, *, by: int | None, now: datetime) -> Recipient:
    """Add one organisation. Raises :class:`DirectoryRefused`; then nothing was kept."""
    tidy = cleaned(details)
    _must_be_free(tidy)
    recipient = Recipient(created_at=now)
    _fill(recipient, tidy)
    recipient.save(force_insert=True)
    journal.write("recipient_added", f"recipient:{recipient.pk}", now=now, by=by, detail={"kind": tidy.kind})
    return recipient


@transaction.atomic
def change_recipient(recipient: Recipient, details: Details, *, by: int, now: datetime) -> bool:
    """Replace what is said of a recipient; whether anything changed. Raises :class:`DirectoryRefused`."""
    tidy = cleaned(details)
    _must_be_free(tidy, but=recipient.pk)
    changed = _fill(recipient, tidy)
    if changed:
        recipient.save()
        journal.write("recipient_changed", f"recipient:{recipient.pk}", now=now, by=by, detail={"fields": changed})
    return bool(changed)


def _must_be_free(details: Details, but: int = 0) -> None:
    if Recipient.objects.filter(kind=details.kind, name=details.name).exclude(pk=but).exists():
        raise DirectoryRefused("name_taken")


def _fill(recipient: Recipient, details: Details) -> list[str]:
    changed = []
    for field in Details.__dataclass_fields__:
        value = getattr(details, field)
        if getattr(recipient, field) != value:
            setattr(recipient, field, value)
            changed.append(field)
    return changed


@transaction.atomic
def add_domain(recipient: Recipient, domain: str, *, by: int | None, now: datetime) -> bool:
    """This recipient answers for that domain; False when it was known. Raises :class:`DirectoryRefused`."""
    host = clean_domain(domain)
    _, is_new = RecipientDomain.objects.get_or_create(recipient=recipient, domain=host)
    if is_new:
        journal.write("domain_added", f"recipient:{recipient.pk}", now=now, by=by)
    return is_new


@transaction.atomic
def remove_domain(recipient: Recipient, domain: str, *, by: int, now: datetime) -> None:
    """This recipient no longer answers for that domain."""
    removed, _ = RecipientDomain.objects.filter(recipient=recipient, domain=domain).delete()
    if removed:
        journal.write("domain_removed", f"recipient:{recipient.pk}", now=now, by=by)


@transaction.atomic
def add_contact(
    recipient: Recipient, channel: Channel, address: str, *, found_by: str, now: datetime, by: int | None = None
) -> Contact:
    """Write down a way to reach a recipient; not usable until approved. One known stands as it is.

    Raises :class:`DirectoryRefused`.
    """
    tidy = clean_contact(channel, address)
    contact, is_new = Contact.objects.get_or_create(
        recipient=recipient, channel=channel, address=tidy, defaults={"found_by": found_by[:40], "found_at": now}
    )
    if is_new:
        journal.write("contact_added", f"contact:{contact.pk}", now=now, by=by, detail={"found_by": found_by[:40]})
    return contact


@transaction.atomic
def approve_contact(contact: Contact, *, by: int, now: datetime) -> None:
    """A person checked this contact: from now on it may be used. Approving a retired one brings it back."""
    standing = Contact.objects.select_for_update().get(pk=contact.pk)
    if standing.approved_at is not None and standing.retired_at is None:
        return
    Contact.objects.filter(pk=contact.pk).update(approved_by_id=by, approved_at=now, retired_at=None)
    contact.refresh_from_db()
    journal.write("contact_approved", f"contact:{contact.pk}", now=now, by=by)


@transaction.atomic
def retire_contact(contact: Contact, *, by: int, now: datetime) -> None:
    """This contact is no longer used: it bounced, or somebody said so."""
    if Contact.objects.filter(pk=contact.pk, retired_at__isnull=True).update(retired_at=now):
        contact.refresh_from_db()
        journal.write("contact_retired", f"contact:{contact.pk}", now=now, by=by)


@transaction.atomic
def suggest_contact_for(site: str, *, by: int, now: datetime) -> Recipient:
    """Whom to write to about a site nobody is known for: its owner, at the address every site should have.

    Called by a person's hand only: the name of a reported site is not software's to write down. The contact is still to be
    approved. A recipient already known for the site is returned as it is. Raises :class:`DirectoryRefused`.
    """
    domain = clean_domain(site)
    kinds = [kind.value for kind in TAKES_NOTICES]
    known = Recipient.objects.filter(domains__domain=domain, kind__in=kinds, is_active=True).order_by("pk").first()
    recipient = known or _site_owner(domain, by, now)
    if not recipient.contacts.filter(retired_at__isnull=True).exists():
        _suggest_mailbox(recipient, domain.partition(":")[0], now)
    return recipient


def _site_owner(domain: str, by: int, now: datetime) -> Recipient:
    name = domain if len(domain) <= 120 else domain[-120:]
    existing = Recipient.objects.filter(kind=RecipientKind.SITE_OWNER, name=name).first()
    recipient = existing or add_recipient(Details(kind=RecipientKind.SITE_OWNER, name=name), by=by, now=now)
    add_domain(recipient, domain, by=by, now=now)
    return recipient


def _suggest_mailbox(recipient: Recipient, host: str, now: datetime) -> None:
    try:
        add_contact(recipient, Channel.EMAIL, f"abuse@{host}", found_by=RFC_2142, now=now)
    except DirectoryRefused:
        # A bare number or an onion name has no mailbox: the recipient waits for a person to find a contact.
        return

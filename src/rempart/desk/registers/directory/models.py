"""Who can be told, through which channel, in which language, on which days."""

from enum import StrEnum
from typing import ClassVar

from django.db import models


class RecipientKind(StrEnum):
    """What a recipient is."""

    PLATFORM = "platform"
    HOST = "host"
    SITE_OWNER = "site_owner"
    POLICE = "police"
    PARTNER_HOTLINE = "partner_hotline"
    HELP_SERVICE = "help_service"


TAKES_NOTICES = (RecipientKind.PLATFORM, RecipientKind.HOST, RecipientKind.SITE_OWNER)
"""In the order of the ladder: nearest to the content first."""


class Channel(StrEnum):
    """How a contact is reached."""

    EMAIL = "email"
    WEB_FORM = "web_form"
    PHONE = "phone"
    SMS = "sms"
    POST = "post"


class Recipient(models.Model):
    """One organisation that can be told, or that can help."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in RecipientKind])
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=2, default="en", help_text="Language notices to it are written in: fr or en.")
    # "01234": Monday is 0. Empty means every day.
    working_days = models.CharField(max_length=7, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    opening_hours = models.CharField(max_length=120, blank=True)
    about = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "country"], name="recipients_by_kind")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "name"], name="one_recipient_per_name")]

    def __str__(self) -> str:
        return self.name


class RecipientDomain(models.Model):
    """A registrable domain a recipient answers for. Names of services, not addresses of content."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["domain"], name="recipients_of_domain")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["recipient", "domain"], name="domain_once_per_recipient")]


class Contact(models.Model):
    """One way to reach a recipient. Unusable until a person approves it, whoever or whatever found it."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=20, choices=[(channel.value, channel.value) for channel in Channel])
    address = models.CharField(max_length=254)
    found_by = models.CharField(max_length=40)
    found_at = models.DateTimeField()
    approved_by_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipient", "channel", "address"], name="contact_once_per_recipient"),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True) | models.Q(approved_by_id__isnull=False),
                name="approved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.address

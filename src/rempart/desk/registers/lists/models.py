"""What stands on the lists, in the order in which it last changed, and the clients that read them.

Every shape in which a list is published is a projection of :class:`Entry`. No fingerprint lies here: those of a protection are in
the bank, sealed; they are opened while they are sent.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Kind
from rempart.desk.rules.trust import Trust


def _choices(kind: Iterable[Any]) -> list[tuple[Any, str]]:
    return [(member.value, member.name) for member in kind]


class ListLog(models.Model):
    """One row, held by whoever takes over what changed in the bank."""

    # The last change of the bank that was taken over.
    change = models.BigIntegerField(default=0)
    # The last position given.
    position = models.BigIntegerField(default=0)
    # Of that position: it never goes back, whatever the machine's clock does.
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_list_log")]


class Entry(models.Model):
    """One protection, or one canary, on one list. When it ends it stays for ever, as a tombstone."""

    list_name = models.CharField(max_length=20, choices=_choices(ListName))
    # Of the bank; null for a canary.
    protection_number = models.BigIntegerField(null=True, unique=True)
    # Of ``Canary``; null for a protection.
    canary_number = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=10, choices=_choices(Kind))
    trust = models.CharField(max_length=20, choices=_choices(Trust))
    # How many PDQs were ever published of it: as many tombstones, where a shape knows one hash for each entry.
    parts = models.PositiveIntegerField()
    declared_at = models.DateTimeField()
    # Grows with every change: the order in which everybody reads.
    position = models.BigIntegerField(unique=True)
    updated_at = models.DateTimeField()
    # Its first one, which never changes: whoever has read so far was sent it. Null where nobody noted it.
    first_position = models.BigIntegerField(null=True)
    is_gone = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(protection_number__isnull=True) ^ models.Q(canary_number__isnull=True),
                name="entry_is_a_protection_or_a_canary",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["list_name", "position"], name="entries_in_order"),
            models.Index(fields=["list_name", "updated_at", "position"], name="entries_by_time"),
        ]


class ListClient(models.Model):
    """One set of credentials of one platform. Its secret is shown once; here lies a digest."""

    # The platform's number in the directory.
    platform_number = models.BigIntegerField()
    # What the staff calls it: "production", "tests".
    label = models.CharField(max_length=60)
    # Names the client on the wire; no secret.
    key_id = models.CharField(max_length=20, unique=True)
    secret_digest = models.BinaryField(max_length=32)
    # The secret before the last rotation, for as long as both are taken.
    former_digest = models.BinaryField(max_length=32, null=True)
    former_until = models.DateTimeField(null=True)
    # May download lists; otherwise it may only ask about its uploads.
    may_hold_lists = models.BooleanField(default=True)
    may_ask = models.BooleanField(default=True)
    # Sees only what is confirmed.
    is_cautious = models.BooleanField(default=False)
    calls_per_minute = models.PositiveIntegerField(default=600)
    questions_per_day = models.PositiveIntegerField(default=1_000_000)
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform_number", "label"], condition=models.Q(revoked_at__isnull=True), name="one_client_per_label"
            ),
            models.CheckConstraint(
                condition=models.Q(former_digest__isnull=True) | models.Q(former_until__isnull=False),
                name="former_secret_has_an_end",
            ),
        ]


class Subscription(models.Model):
    """A list that a client may read, and how far it has read."""

    client = models.ForeignKey(ListClient, models.CASCADE, related_name="subscriptions")
    list_name = models.CharField(max_length=20, choices=_choices(ListName))
    # Everything up to this position was sent to it.
    read_position = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "list_name"], name="one_subscription_per_list")]


class Window(models.Model):
    """A stretch of time that a client asked for, by its own clock: where it ends, and how far it was then sent the list."""

    client = models.ForeignKey(ListClient, models.CASCADE, related_name="windows")
    list_name = models.CharField(max_length=20, choices=_choices(ListName))
    ends_at = models.DateTimeField()
    position = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "list_name", "ends_at"], name="one_window_per_end")]


class Counted(StrEnum):
    """What a client may do only so often."""

    CALLS = "calls"
    """Requests, by the minute."""
    QUESTIONS = "questions"
    """Fingerprints it asks about, by the day (UTC)."""


class Usage(models.Model):
    """How often one client did something within one minute or one day. Only the number is kept, and not for long."""

    client = models.ForeignKey(ListClient, models.CASCADE, related_name="usage")
    counted = models.CharField(max_length=10, choices=_choices(Counted))
    starts_at = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "counted", "starts_at"], name="one_usage_per_span")]
        indexes: ClassVar = [models.Index(fields=["counted", "starts_at"], name="usage_by_time")]


class Canary(models.Model):
    """A harmless picture drawn for this purpose, that stands on the copies of some clients only."""

    list_name = models.CharField(max_length=20, choices=_choices(ListName))
    # Its PDQs, sealed with a key of the keys file: there is no person whose wish could make us forget it.
    sealed = models.BinaryField()
    # Of 10,000: the part of the clients on whose copies it stands. The code against collusion chooses it, per canary.
    bias = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()


class WebhookTarget(models.Model):
    """Where one client wants to be told that a list changed. Its secret is derived from the keys file and ``salt``."""

    client = models.OneToOneField(ListClient, models.CASCADE, related_name="webhook")
    url = models.CharField(max_length=2_000)
    salt = models.BinaryField(max_length=16)
    # Of the secret before the last rotation, for as long as both sign.
    former_salt = models.BinaryField(max_length=16, null=True)
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # Of the last event that it took.
    told_at = models.DateTimeField(null=True)
    # Since the first attempt that failed after it.
    failing_since = models.DateTimeField(null=True)
    # A stable word: status_503, timeout, certificate…
    trouble = models.CharField(max_length=20, blank=True)
    # Nothing more is sent to it, until a person starts it again.
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(former_salt__isnull=True) | models.Q(former_until__isnull=False),
                name="former_salt_has_an_end",
            ),
        ]


class WebhookProgress(models.Model):
    """How far a target knows of one list: changes up to this position are in an event, or were before the target."""

    target = models.ForeignKey(WebhookTarget, models.CASCADE, related_name="progress")
    list_name = models.CharField(max_length=20, choices=_choices(ListName))
    position = models.BigIntegerField()
    # Of the last event about this list.
    at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["target", "list_name"], name="one_progress_per_list")]


class WebhookDelivery(models.Model):
    """One event for one target. What it says never changes: each attempt sends the same bytes under the same name."""

    target = models.ForeignKey(WebhookTarget, models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=40, unique=True)
    # Empty: a test, that a person asked for.
    list_name = models.CharField(max_length=20, blank=True, choices=_choices(ListName))
    # What changed after one position, up to another.
    after = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    added = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    withdrawn = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is tried next; while somebody tries, when it is free again, should that process die.
    next_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    # What the last attempt met, a stable word; "delivered" where it was taken.
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["target", "list_name"], condition=models.Q(next_at__isnull=False), name="one_event_under_way"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="webhooks_due"),
            models.Index(fields=["made_at"], name="webhooks_by_time"),
        ]


class CountsOfDay(models.Model):
    """What the public page of counts says, counted once a day; small numbers are hidden in it already."""

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    content = models.JSONField()

"""What people protect. A protection's row stays for ever, its fingerprints only as long as it protects.

Nothing here names a person, and no fingerprint is in clear: each is sealed with the key of its protection, which lies outside the
database (``vault.keyring``).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from rempart.desk.rules.protection import Age, Helper, Kind
from rempart.desk.rules.trust import Fact, RefusalReason, Trust, Vote


def _choices(kind: Iterable[Any]) -> list[tuple[Any, str]]:
    return [(member.value, member.name) for member in kind]


class Protection(models.Model):
    """One picture or video that one person protects."""

    # A plain number: the bank is below the stages and knows no case.
    case_number = models.BigIntegerField()
    # Whose key seals its fingerprints; drawn by chance, so that no restored database gives it twice.
    key_number = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=10, choices=_choices(Kind))
    age = models.CharField(max_length=10, choices=_choices(Age))
    helper = models.CharField(max_length=20, choices=_choices(Helper))
    is_device_shared = models.BooleanField()
    trust = models.CharField(max_length=20, choices=_choices(Trust), default=Trust.SELF_DECLARED.value)
    trust_at = models.DateTimeField()
    declared_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_to_renew_at = models.DateTimeField(null=True)
    withdraw_due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # When its key was forgotten: the fingerprints are then gone from every backup too.
    forgotten_at = models.DateTimeField(null=True)
    # Keyed; tells the same file sent twice. Null once it has ended.
    file_digest = models.BinaryField(max_length=32, null=True)
    # The same number: the same file, protected by several people. Never told to any of them. Null when alone, or ended.
    same_as = models.BigIntegerField(null=True)
    # The edition of the bank in which it began or ended.
    edition = models.BigIntegerField()
    # The last turn that changed anything of it that lists tell: its beginning, its end, its trust, a vote.
    change = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case_number", "file_digest"],
                condition=models.Q(ended_at__isnull=True),
                name="one_protection_per_file_in_case",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(
                    trust__in=["withdrawn", "expired"],
                    file_digest__isnull=True,
                    same_as__isnull=True,
                    withdraw_due_at__isnull=True,
                ),
                name="ended_protections_keep_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=False) | ~models.Q(trust__in=["withdrawn", "expired"]),
                name="ended_protections_say_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case_number", "id"], name="protections_of_case"),
            models.Index(fields=["edition"], name="protections_by_edition"),
            models.Index(fields=["change", "id"], name="protections_by_change"),
            # The analysts' list: newest first, narrowed by one of these; the figures count by the moments.
            models.Index(fields=["trust", "id"], name="protections_by_trust"),
            models.Index(fields=["age", "id"], name="protections_by_age"),
            models.Index(fields=["declared_at"], name="protections_by_time"),
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="protections_by_end"),
            models.Index(fields=["file_digest"], condition=models.Q(ended_at__isnull=True), name="protections_by_file"),
            models.Index(fields=["same_as"], condition=models.Q(same_as__isnull=False), name="protections_of_same_file"),
            models.Index(
                fields=["withdraw_due_at"], condition=models.Q(withdraw_due_at__isnull=False), name="protections_to_withdraw"
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(ended_at__isnull=True, asked_to_renew_at__isnull=True),
                name="protections_to_ask",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(ended_at__isnull=True, asked_to_renew_at__isnull=False),
                name="protections_to_expire",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(ended_at__isnull=False, forgotten_at__isnull=True),
                name="protections_to_forget",
            ),
        ]

    def __str__(self) -> str:
        return f"protection {self.pk}"


class FingerprintKind(StrEnum):
    """What a sealed fingerprint holds."""

    PDQ = "pdq"
    FRAMES = "frames"
    """The PDQ of each second of a video, in one piece: one row, not thousands."""
    SHA256 = "sha256"


class Fingerprint(models.Model):
    """One sealed fingerprint of a protection. Deleted when the protection ends."""

    protection = models.ForeignKey(Protection, models.CASCADE, related_name="fingerprints")
    kind = models.CharField(max_length=10, choices=_choices(FingerprintKind))
    # How the pixels became a PDQ (the engine's names), and of which view; empty where it does not apply.
    pipeline = models.CharField(max_length=10, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    quality = models.PositiveSmallIntegerField(null=True)
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["protection", "kind", "variant"], name="one_fingerprint_per_view"),
        ]

    def __str__(self) -> str:
        return f"fingerprint {self.pk}"


class TrustFact(models.Model):
    """One thing that happened to a protection. Added, never changed: its trust is what they make together."""

    protection = models.ForeignKey(Protection, models.PROTECT, related_name="facts")
    fact = models.CharField(max_length=20, choices=_choices(Fact))
    at = models.DateTimeField()
    # Of the staff, or null.
    by_id = models.BigIntegerField(null=True)
    # The platform whose vote completed a quorum, by its number in the directory; or null.
    platform_number = models.BigIntegerField(null=True)
    # A stable word: degenerate, well_known, popular, erased…
    why = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["protection", "id"], name="facts_of_protection"),
            models.Index(fields=["at"], name="facts_by_time"),
        ]


class Feedback(models.Model):
    """What one platform says of one protection: how many matches, when last, and what its own people decided."""

    protection = models.ForeignKey(Protection, models.PROTECT, related_name="feedback")
    # The platform's number in the directory; the bank does not know the directory.
    platform_number = models.BigIntegerField()
    matches = models.PositiveBigIntegerField(default=0)
    # Null while it told of none.
    first_match_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    # Different accounts, within the day of ``last_at``.
    accounts_of_day = models.PositiveIntegerField(default=0)
    vote = models.CharField(max_length=20, blank=True, choices=_choices(Vote))
    # When the platform decided so, by its own clock: a statement that arrives late does not undo a later one.
    voted_at = models.DateTimeField(null=True)
    # Why it was not blocked.
    reason = models.CharField(max_length=20, blank=True, choices=_choices(RefusalReason))
    # A match waits for one of its people.
    is_under_review = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["protection", "platform_number"], name="one_feedback_per_platform"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["first_match_at"], condition=models.Q(first_match_at__isnull=False), name="feedback_by_first_match"
            ),
        ]


class HeardMessage(models.Model):
    """A message of a platform that was taken: the same one again changes nothing. Only its number and a digest are kept."""

    platform_number = models.BigIntegerField()
    # What the platform calls it.
    key = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32)
    heard_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["platform_number", "key"], name="one_message_per_key")]
        indexes: ClassVar = [models.Index(fields=["heard_at"], name="heard_by_time")]


class BankEdition(models.Model):
    """One row, that whoever changes the bank holds until the end of the transaction: numbers appear in order."""

    # How often something began or ended. A process that has seen this number has seen the whole bank.
    number = models.BigIntegerField(default=0)
    # How often anything changed that lists tell. Whoever has read up to this number has missed nothing.
    changes = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_bank_edition")]

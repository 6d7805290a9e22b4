"""What arrived. Three units, never mixed: a report (what a person sent), an address, an item (one thing to decide on)."""

from typing import ClassVar

from django.db import models

from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.rules.queue import Band
from rempart.desk.rules.report import AgeBand, AnswerBy, Category, Concerns, DangerNow, ReportKind, Source
from rempart.desk.stages.rows import choices_of


class Case(models.Model):
    """The reporter's side: found by a digest of the code, answered through a box only the code opens."""

    lookup = models.BinaryField(max_length=32, null=True, unique=True)
    box_public = models.BinaryField(max_length=32, null=True)
    language = models.CharField(max_length=2)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"case {self.pk}"


class Message(models.Model):
    """One message of a case mailbox, sealed twice: for the staff and for the holder of the code."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="messages")
    is_from_reporter = models.BooleanField()
    sealed_for_staff = models.BinaryField()
    sealed_for_case = models.BinaryField()
    by_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sent_at"], name="messages_by_time")]


class Report(models.Model):
    """What one person (or partner) sent."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="reports")
    source = models.CharField(max_length=20, choices=choices_of(Source))
    kind = models.CharField(max_length=10, choices=choices_of(ReportKind), default=ReportKind.REPORT.value)
    language = models.CharField(max_length=2)
    category = models.CharField(max_length=30, choices=choices_of(Category), default=Category.NOT_SAID.value)
    concerns = models.CharField(max_length=20, choices=choices_of(Concerns), default=Concerns.NOT_SAID.value)
    age_band = models.CharField(max_length=10, choices=choices_of(AgeBand), default=AgeBand.NOT_SAID.value)
    danger_now = models.CharField(max_length=10, choices=choices_of(DangerNow), default=DangerNow.NOT_SAID.value)
    answer_by = models.CharField(max_length=10, choices=choices_of(AnswerBy), default=AnswerBy.CASE_PAGE.value)
    sealed_story = models.BinaryField(null=True)
    sealed_email = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    # Written when the answer to the reporter is carried out; the journal and the duty tell how.
    answered_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["received_at"], name="reports_by_time"),
            models.Index(fields=["case"], name="reports_of_case"),
            models.Index(fields=["id"], condition=models.Q(answered_at__isnull=True), name="reports_unanswered"),
            models.Index(fields=["received_at"], condition=models.Q(forgotten_at__isnull=True), name="reports_to_forget"),
            models.Index(fields=["received_at"], condition=models.Q(completed_at__isnull=True), name="reports_half_sent"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Address(models.Model):
    """One canonical address, sealed; keyed digests tell *same address, same host, same account* without saying which."""

    kind = models.CharField(max_length=10, choices=choices_of(LocatorKind))
    address_digest = models.BinaryField(max_length=32, unique=True)
    host_digest = models.BinaryField(max_length=32, null=True)
    account_digest = models.BinaryField(max_length=32, null=True)
    # Null once forgotten.
    sealed = models.BinaryField(null=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["host_digest"], name="addresses_of_host"),
            models.Index(fields=["account_digest"], name="addresses_of_account"),
        ]


class Item(models.Model):
    """One thing to decide on, as one report brought it."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="items")
    ordinal = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=choices_of(LocatorKind))
    sealed_typed = models.BinaryField(null=True)
    # Keyed, made at the door, which cannot open what it sealed: the digest its address will have, or without a link that of
    # the words typed instead. One thing sent twice is one item of its report.
    address_digest = models.BinaryField(max_length=32, null=True)
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="items")
    # Items decided together share it: the address, or the item itself when it has none.
    group_key = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=20, choices=choices_of(State), default=State.RECEIVED.value)
    band = models.PositiveSmallIntegerField(choices=choices_of(Band))
    due_at = models.DateTimeField()
    received_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    assessed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=30, blank=True, choices=choices_of(Closing))
    relapse_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="relapses")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "ordinal"], name="one_item_per_place_in_report"),
            models.UniqueConstraint(
                fields=["report", "address_digest"],
                condition=models.Q(address_digest__isnull=False),
                name="one_item_per_address_in_report",
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_at__isnull=False) | ~models.Q(state="closed"),
                name="closed_items_say_when",
            ),
        ]
        indexes: ClassVar = [
            # The intake worker's inbox.
            models.Index(fields=["id"], condition=models.Q(state="received"), name="items_to_prepare"),
            # The analysts' queue, in its order. Open for reading, said with nulls: SQLite does not use a partial index
            # for a list of states given as parameters.
            models.Index(
                fields=["band", "due_at", "id"],
                condition=models.Q(ready_at__isnull=False, assessed_at__isnull=True),
                name="items_in_queue",
            ),
            models.Index(fields=["group_key", "state"], name="items_of_group"),
            models.Index(fields=["address", "state"], name="items_of_address"),
            # Decided, and neither followed nor closed yet.
            models.Index(fields=["id"], condition=models.Q(state="assessed"), name="items_decided"),
            models.Index(
                fields=["closed_at"], condition=models.Q(state="closed", sealed_typed__isnull=False), name="items_to_forget"
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class WrittenFingerprints(models.Model):
    """What a report wrote as 64 hexadecimal signs, sealed, until the worker has looked for it in the bank; then deleted."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="written_fingerprints")
    sealed = models.BinaryField()


class Match(models.Model):
    """A fingerprint written in a report is that of something somebody protects. A suggestion for the analyst, no more.

    Never told to whoever reported: having a fingerprint must not tell whether the picture is listed.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="matches")
    # Plain numbers: the bank keeps its own rows, tombstones included.
    protection_number = models.BigIntegerField()
    # How far the nearest of its views is (bits); null for the very same file.
    distance = models.PositiveSmallIntegerField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "protection_number"], name="one_match_per_protection_in_report"),
        ]
        indexes: ClassVar = [models.Index(fields=["protection_number"], name="matches_of_protection")]

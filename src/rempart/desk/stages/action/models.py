"""What is owed to whom, and what was sent."""

from typing import ClassVar

from django.db import models

from rempart.desk.registers.directory.models import Contact, Recipient
from rempart.desk.rules.duties import DutyKind
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.rows import choices_of
from rempart.desk.stages.triage.models import Assessment


class Duty(models.Model):
    """One thing owed. Done, or waiting, or red (failed) until a person or a retry clears it; never gone silently."""

    kind = models.CharField(max_length=20, choices=choices_of(DutyKind))
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="duties")
    # Duties about an address name its lead item; duties to a reporter name the report.
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="duties")
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="duties")
    recipient = models.ForeignKey(Recipient, models.PROTECT, null=True, related_name="duties")
    # Police first: this duty starts once that one is done.
    waits_for = models.ForeignKey("self", models.PROTECT, null=True, related_name="held_back")
    # A reminder or an escalation is a new duty that points to the old one.
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    filed_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by_id = models.BigIntegerField(null=True)
    # A stable word (see action.steps): how it ended, e.g. sent, already_gone, no_answer_wanted.
    outcome = models.CharField(max_length=40, blank=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(done_at__isnull=True, failed_at__isnull=True),
                name="duties_to_carry_out",
            ),
            models.Index(
                fields=["failed_at"],
                condition=models.Q(done_at__isnull=True, failed_at__isnull=False),
                name="red_duties",
            ),
            models.Index(fields=["item", "kind"], name="duties_of_item"),
            models.Index(fields=["report", "kind"], name="duties_of_report"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assessment", "kind"],
                condition=models.Q(follows__isnull=True, report__isnull=True),
                name="one_first_duty_per_assessment_and_kind",
            ),
            models.UniqueConstraint(
                fields=["report", "kind"], condition=models.Q(report__isnull=False), name="one_answer_per_report"
            ),
        ]


class Notice(models.Model):
    """One notice to one recipient, for every address grouped into it. Its text is sealed; its token is kept as a digest."""

    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="notices")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="notices")
    language = models.CharField(max_length=2)
    # A reminder points to the notice it reminds of; an escalation to the one below on the ladder.
    reminds = models.ForeignKey("self", models.PROTECT, null=True, related_name="reminders")
    opened_at = models.DateTimeField()
    # Grouping ends then; after that the notice takes no more addresses.
    closes_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The intention is written before the attempt: this moment and the sealed text. A text without an outcome whose
    # lease is over is *in doubt*; an attempt known to have failed gives up its text and waits until closes_at.
    attempted_at = models.DateTimeField(null=True)
    # A person sends it again after a doubt: the text says that it may be a duplicate.
    is_sent_again = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    token_digest = models.BinaryField(max_length=32, null=True, unique=True)
    sealed_text = models.BinaryField(null=True)
    # The follow-up stage has taken it over.
    watched_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["closes_at"],
                condition=models.Q(sent_at__isnull=True, cancelled_at__isnull=True, failed_at__isnull=True),
                name="notices_to_send",
            ),
            models.Index(
                fields=["id"], condition=models.Q(sent_at__isnull=False, watched_at__isnull=True), name="notices_to_watch"
            ),
            models.Index(fields=["recipient", "sent_at"], name="notices_of_recipient"),
        ]
        constraints: ClassVar = [
            # At most one notice per recipient is still taking addresses.
            models.UniqueConstraint(
                fields=["recipient"],
                condition=models.Q(
                    reminds__isnull=True,
                    attempted_at__isnull=True,
                    sent_at__isnull=True,
                    cancelled_at__isnull=True,
                    failed_at__isnull=True,
                ),
                name="one_open_notice_per_recipient",
            )
        ]


class NoticedItem(models.Model):
    """One address inside one notice."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="noticed_items")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="noticed")
    item = models.ForeignKey(Item, models.PROTECT, related_name="noticed")
    # Seen gone in the last look before sending: left out of the text.
    left_out_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["notice", "item"], name="item_once_per_notice")]


class Dossier(models.Model):
    """What is handed to an authority or partner hotline by a person. The file is sealed; the sending is recorded."""

    duty = models.OneToOneField(Duty, models.PROTECT, related_name="dossier")
    sealed_json = models.BinaryField()
    prepared_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by_id = models.BigIntegerField(null=True)
    # How it was handed over and the reference the authority gave back.
    sent_through = models.CharField(max_length=60, blank=True)
    their_reference = models.CharField(max_length=80, blank=True)

"""Did it work: watched addresses, probes, and what recipients replied."""

from typing import ClassVar

from django.db import models

from rempart.desk.rules.notice import Answer, Seen
from rempart.desk.stages.action.models import Notice, NoticedItem
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import choices_of


class Watch(models.Model):
    """The follow-up of one address after a notice. One per item that led a decision; items decided with it share its fate.

    Millions of looks a year say the same thing again: those only move ``looks``, ``last_probe_at`` and ``next_probe_at`` here.
    A :class:`Probe` row is written for every look that changes something, so the history still proves what was done and why.
    """

    item = models.OneToOneField(Item, models.PROTECT, related_name="watch")
    noticed = models.ForeignKey(NoticedItem, models.PROTECT, related_name="watches")
    opened_at = models.DateTimeField()
    next_probe_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    misses = models.PositiveSmallIntegerField(default=0)
    remind_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(default=0)
    is_refused = models.BooleanField(default=False)
    # A recipient says it is removed: looked at soon, believed when seen.
    claimed_removed_at = models.DateTimeField(null=True)
    # A supervisor was asked what to do: nobody is reminded any more until the answer.
    asked_at = models.DateTimeField(null=True)
    looks = models.PositiveIntegerField(default=0)
    last_probe_at = models.DateTimeField(null=True)
    last_seen = models.CharField(max_length=20, blank=True, choices=choices_of(Seen))
    last_status = models.PositiveSmallIntegerField(null=True)
    gone_at = models.DateTimeField(null=True)
    recheck_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_probe_at"], condition=models.Q(ended_at__isnull=True), name="watches_to_probe"),
        ]


class Probe(models.Model):
    """One look that changed something: status and redirects only, no body, no address.

    Kept: the first look, every look unlike the one before, every miss before a thing is called gone (three in a row prove it),
    and every look after which something was done.
    """

    watch = models.ForeignKey(Watch, models.CASCADE, related_name="probes")
    at = models.DateTimeField()
    seen = models.CharField(max_length=20, choices=choices_of(Seen))
    status = models.PositiveSmallIntegerField(null=True)
    # A stable word for what went wrong when there is no status: timeout, no_such_name, tls, refused…
    trouble = models.CharField(max_length=20, blank=True)


class Reply(models.Model):
    """What a recipient answered about one address of a notice."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="replies")
    item = models.ForeignKey(Item, models.PROTECT, related_name="replies")
    answer = models.CharField(max_length=20, choices=choices_of(Answer))
    # DSA statement-of-reasons vocabulary (protocols: decision_visibility, decision_ground…), as sent; empty when none.
    statement = models.JSONField(default=dict)
    sealed_words = models.BinaryField(null=True)
    at = models.DateTimeField()
    # "recipient" through the token link, "staff" when a person typed a mail in.
    through = models.CharField(max_length=20)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["item", "id"], name="replies_of_item")]

"""Who is looking at what, and what was decided."""

from typing import ClassVar

from django.db import models

from rempart.desk.rules.assessment import Reading, Verdict
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import choices_of


class Claim(models.Model):
    """A lease: this person looks at this group of items until then. Two people never hold one group: the key is unique."""

    group_key = models.CharField(max_length=24, unique=True)
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    by_id = models.BigIntegerField()
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["by_id", "expires_at"], name="claims_of_person")]


class Hold(models.Model):
    """The group waits, for a reason, until a day or until somebody lets it go."""

    group_key = models.CharField(max_length=24)
    item = models.ForeignKey(Item, models.CASCADE, related_name="holds")
    by_id = models.BigIntegerField()
    sealed_reason = models.BinaryField()
    held_at = models.DateTimeField()
    until = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["group_key"], condition=models.Q(released_at__isnull=True), name="standing_holds")
        ]


class Assessment(models.Model):
    """One reading of one group by one person. Undone within the window or never; acted upon after it."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="led_assessments")
    group_key = models.CharField(max_length=24)
    reading = models.CharField(max_length=12, choices=choices_of(Reading))
    verdict = models.CharField(max_length=30, choices=choices_of(Verdict))
    # rules.classification.as_data; null unless illegal in our field.
    grading = models.JSONField(null=True)
    not_illegal_reason = models.PositiveSmallIntegerField(null=True)
    is_police_first = models.BooleanField(default=False)
    asks_second = models.BooleanField(default=False)
    # SecondReason values found when it was made.
    second_reasons = models.JSONField(default=list)
    sealed_note = models.BinaryField(null=True)
    by_id = models.BigIntegerField()
    assessed_at = models.DateTimeField()
    may_undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    # Settled: the undo window is over and the items moved on.
    settled_at = models.DateTimeField(null=True)
    # True on the one assessment whose decision stands for the group.
    is_final = models.BooleanField(default=False)
    # The action stage filed the duties.
    acted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["may_undo_until"],
                condition=models.Q(settled_at__isnull=True, undone_at__isnull=True),
                name="assessments_to_settle",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(is_final=True, acted_at__isnull=True),
                name="assessments_to_act_on",
            ),
            models.Index(fields=["group_key", "id"], name="assessments_of_group"),
            models.Index(fields=["by_id", "assessed_at"], name="assessments_of_person"),
        ]
        constraints: ClassVar = [
            # No double decision: one standing, unsettled reading per group at a time.
            models.UniqueConstraint(
                fields=["group_key"],
                condition=models.Q(settled_at__isnull=True, undone_at__isnull=True),
                name="one_pending_reading_per_group",
            )
        ]


class DecidedItem(models.Model):
    """This item was decided by this final assessment. One row per item, for ever."""

    item = models.OneToOneField(Item, models.PROTECT, related_name="decided")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="decided_items")


class HandOver(models.Model):
    """One analyst passed a group to another, with a word."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="hand_overs")
    from_id = models.BigIntegerField()
    to_id = models.BigIntegerField()
    sealed_word = models.BinaryField(null=True)
    at = models.DateTimeField()

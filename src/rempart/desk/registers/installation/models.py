"""One row that says, for ever, whether this database is a rehearsal or real."""

from typing import ClassVar

from django.db import models


class Installation(models.Model):
    """Written once when the database is made. Rehearsal can never be switched on over real data, nor off over invented data."""

    is_rehearsal = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_installation")]

"""The journal's one table. Rows are added, never changed or removed: the database itself refuses (see the migrations)."""

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One act. ``subject`` is ``kind:id`` (``item:12``); ``detail`` never holds an address, a word of a reporter or a code."""

    at = models.DateTimeField()
    # A plain id: the journal outlives accounts, and must not stand in the way of one being removed.
    by_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "id"], name="journal_of_subject"),
            models.Index(fields=["at"], name="journal_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"

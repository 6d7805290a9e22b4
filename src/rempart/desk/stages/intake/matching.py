"""The worker's step: fingerprints written in a report are looked for in the bank. What is found is a suggestion for the analyst.

Nothing of it reaches whoever reported, at no moment: the door only writes down what is to be looked for, the worker looks
later, and no answer, letter or delay of the public pages depends on what it finds.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from rempart.desk.registers.bank.search import same_file, search
from rempart.desk.registers.vault import sealing
from rempart.desk.stages.intake.models import Match, WrittenFingerprints
from rempart.engine import Pdq, Sha256, is_degenerate


class Hit(NamedTuple):
    """A protection, and how far it is; None for the very same file."""

    protection: int
    distance: int | None


def waiting() -> QuerySet[WrittenFingerprints]:
    """Written, and not looked for yet."""
    return WrittenFingerprints.objects.order_by("pk")


def match(*, now: datetime, limit: int = 200) -> int:
    """Look for what up to ``limit`` reports wrote; returns how many. Two workers at once find the same and write it once."""
    # Asked outside any transaction: within one, the whole bank would be read for each question.
    some = list(waiting()[:limit])
    found = [(one.report_id, hits_of(sealing.unseal(one.sealed).split())) for one in some]
    with transaction.atomic():
        Match.objects.bulk_create(
            (
                Match(report_id=report, protection_number=hit.protection, distance=hit.distance, found_at=now)
                for report, hits in found
                for hit in hits
            ),
            ignore_conflicts=True,
            batch_size=500,
        )
        WrittenFingerprints.objects.filter(pk__in=[one.pk for one in some]).delete()
    return len(some)


def hits_of(written: Iterable[str]) -> list[Hit]:
    """What the bank holds of these fingerprints, each protection once, the same file before what resembles it.

    Nobody writes which kind a fingerprint is: each is taken for both.
    """
    values = [bytes.fromhex(one) for one in written]
    same = dict.fromkeys(protection for value in values for protection in same_file(Sha256(value)))
    seen = [pdq for pdq in map(Pdq, values) if not is_degenerate(pdq)]
    near = [Hit(*found) for found in search.near(seen)] if seen else []
    return [*(Hit(protection, None) for protection in same), *(hit for hit in near if hit.protection not in same)]

"""Questions about what is owed and what was sent."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.duties import DOSSIERS, Failure
from rempart.desk.stages.action.models import Dossier, Duty, Notice, NoticedItem
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item


def item_reference(item: Item) -> str:
    """What a recipient quotes to speak of one address: ``R-2026-000123/2``. The item's report must be at hand."""
    return f"{intake.reference(item.report, settings.REMPART.reference_prefix)}/{item.ordinal}"


def notice_reference(notice: Notice) -> str:
    """What a recipient quotes to speak of one notice: ``R-N-2026-000045``."""
    return f"{settings.REMPART.reference_prefix}-N-{notice.opened_at.year}-{notice.pk:06d}"


def ladder_of(item: Item) -> tuple[int, ...]:
    """Ids of the recipients of this address as the directory stands now, nearest first."""
    return directory.recipients_for(intake.locator(item), settings.REMPART.country).ladder


def token_digest(token: str) -> bytes:
    """What is kept of the token of an answer link."""
    return hashlib.sha256(token.encode()).digest()


def notice_of_token(token: str) -> Notice | None:
    """The notice an answer link belongs to, or None. Only notices that may have been received are found."""
    rows = Notice.objects.filter(token_digest=token_digest(token), attempted_at__isnull=False, cancelled_at__isnull=True)
    return rows.select_related("recipient").first()


def notice_text(notice: Notice) -> str:
    """What was sent, or is about to be; empty before the attempt."""
    return sealing.unseal(notice.sealed_text) if notice.sealed_text is not None else ""


def told(notice: Notice) -> QuerySet[NoticedItem]:
    """The addresses this notice told about, in order."""
    rows = notice.noticed_items.filter(left_out_at__isnull=True).order_by("pk")
    return rows.select_related("item__report", "item__address", "duty__assessment")


def red() -> QuerySet[Duty]:
    """Every duty that waits for a person because it failed, oldest first."""
    rows = Duty.objects.filter(done_at__isnull=True, failed_at__isnull=False).order_by("failed_at", "pk")
    return rows.select_related("recipient", "item__report", "report", "noticed__notice")


def dossiers_to_send() -> QuerySet[Duty]:
    """Dossiers that a person still has to hand over; those a notice waits for come first, then the oldest."""
    rows = Duty.objects.filter(kind__in=DOSSIERS, done_at__isnull=True, dossier__isnull=False)
    return rows.select_related("recipient", "item__report", "dossier", "assessment").order_by("item__band", "filed_at", "pk")


def dossier_of(duty: Duty) -> dict[str, Any] | None:
    """The dossier as data, for the printable page and the JSON file; None before it is prepared."""
    dossier = Dossier.objects.filter(duty=duty).first()
    if dossier is None:
        return None
    data: dict[str, Any] = json.loads(sealing.unseal(dossier.sealed_json))
    return data


def history(item: Item) -> list[Duty]:
    """Every duty about this address, oldest first."""
    rows = Duty.objects.filter(item=item).select_related("recipient", "noticed__notice", "dossier")
    return list(rows.order_by("pk"))


def in_doubt() -> QuerySet[Notice]:
    """Notices of which nobody knows whether they were received."""
    return Notice.objects.filter(
        failure=Failure.IN_DOUBT, failed_at__isnull=False, sent_at__isnull=True, cancelled_at__isnull=True
    )


def decided_together(assessment_ids: Iterable[int], *also: str) -> dict[int, list[Item]]:
    """The items each of these assessments decided, with what else of them is asked for."""
    groups: dict[int, list[Item]] = defaultdict(list)
    rows = Item.objects.filter(decided__assessment_id__in=set(assessment_ids)).select_related("decided", *also)
    for item in rows.order_by("pk"):
        groups[item.decided.assessment_id].append(item)
    return groups

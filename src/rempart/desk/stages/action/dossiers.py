"""Dossiers for the police and for partner hotlines: prepared by software, handed over by a person, who records it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.rules import classification
from rempart.desk.rules.classification import FrenchLaw, Grading, LegalBasis, NoMapping
from rempart.desk.rules.duties import DOSSIERS, Outcome
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.stages.action.closing import close_what_may
from rempart.desk.stages.action.errors import ActionRefused
from rempart.desk.stages.action.models import Dossier, Duty, NoticedItem
from rempart.desk.stages.action.queries import decided_together, item_reference, notice_reference
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import lock
from rempart.desk.stages.triage.models import Assessment
from rempart.desk.stages.triage.queries import decision_of

FORMAT = "rempart-dossier"
VERSION = 1
MAX_THROUGH, MAX_REFERENCE = 60, 80


@dataclass(frozen=True, slots=True)
class _Around:
    """What belongs to a batch of dossiers, read once."""

    groups: Mapping[int, Sequence[Item]]
    notices: Mapping[int, Sequence[NoticedItem]]


@transaction.atomic
def prepare_dossiers(*, now: datetime, limit: int = 200) -> int:
    """Write the sealed file of up to ``limit`` dossiers that have none yet. Returns how many."""
    # In the order of the index of open duties: a table of years of duties is not read through.
    rows = Duty.objects.filter(kind__in=DOSSIERS, done_at__isnull=True, failed_at__isnull=True, dossier__isnull=True)
    rows = rows.order_by("not_before", "pk")
    duties = list(lock(rows.select_related("assessment", "item__report", "item__address", "recipient"))[:limit])
    if not duties:
        return 0
    around = _around(duties)
    Dossier.objects.bulk_create(
        (
            Dossier(duty=duty, sealed_json=sealing.seal_words(_as_json(_content(duty, around, now))), prepared_at=now)
            for duty in duties
        ),
        batch_size=100,
    )
    journal.write_all(journal.entry("dossier_prepared", f"duty:{duty.pk}", now=now) for duty in duties)
    return len(duties)


def _around(duties: Sequence[Duty]) -> _Around:
    notices: dict[int, list[NoticedItem]] = defaultdict(list)
    addresses = {duty.item.address_id for duty in duties if duty.item is not None and duty.item.address_id}
    sent = NoticedItem.objects.filter(item__address_id__in=addresses, notice__sent_at__isnull=False, left_out_at__isnull=True)
    for noticed in sent.select_related("notice__recipient", "item").order_by("pk"):
        if noticed.item.address_id is not None:
            notices[noticed.item.address_id].append(noticed)
    groups = decided_together((duty.assessment_id for duty in duties), "report")
    return _Around(groups=groups, notices=notices)


def _content(duty: Duty, around: _Around, now: datetime) -> dict[str, Any]:
    """What is handed over: addresses, classification and times; who reported and what they wrote stay with us."""
    item = duty.item
    assert item is not None
    items = around.groups[duty.assessment_id]
    prior = around.notices.get(item.address_id, ()) if item.address_id else ()
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": duty.kind,
        "our_reference": item_reference(item),
        "association": settings.REMPART.association,
        "contact": settings.REMPART.contact_email,
        "recipient": duty.recipient.name if duty.recipient else "",
        "prepared_at": _moment(now),
        "address": _address(item),
        "verdict": duty.assessment.verdict,
        "is_police_first": duty.assessment.is_police_first,
        "assessed_at": _moment(duty.assessment.assessed_at),
        "classification": _classification(duty.assessment),
        "reports": [_reported(one) for one in items],
        "prior_notices": [_prior(noticed) for noticed in prior],
        "holds_reporter_identity": False,
    }


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _address(item: Item) -> dict[str, Any]:
    locator = intake.locator(item)
    if locator is None or item.kind == LocatorKind.NO_LINK:
        # What was typed instead of an address is the reporter's own words.
        return {"kind": item.kind, "address": None, "host": None, "site": None, "account": None, "first_seen_at": None}
    return {
        "kind": item.kind,
        "address": intake.canonical(item) or locator.canonical,
        "host": locator.host,
        "site": locator.site,
        "account": locator.account,
        "first_seen_at": _moment(item.address.first_seen_at if item.address else item.received_at),
    }


def _reported(item: Item) -> dict[str, Any]:
    report = item.report
    return {
        "reference": item_reference(item),
        "received_at": _moment(report.received_at),
        "source": report.source,
        "kind": report.kind,
        "category": report.category,
        "concerns": report.concerns,
        "age_band": report.age_band,
        "danger_now": report.danger_now,
    }


def _prior(noticed: NoticedItem) -> dict[str, Any]:
    notice = noticed.notice
    return {
        "reference": notice_reference(notice),
        "recipient": notice.recipient.name,
        "sent_at": _moment(notice.sent_at),
        "is_reminder": notice.reminds_id is not None,
    }


def _classification(assessment: Assessment) -> dict[str, Any] | None:
    grading = decision_of(assessment).grading
    if grading is None:
        return None
    return {
        "grading": classification.as_data(grading),
        "iccam": _mapped(classification.to_iccam(grading)),
        "ncmec": _mapped(classification.to_ncmec(grading)),
        "dsa": _mapped(classification.to_dsa(grading)),
        "xarf": _mapped(classification.to_xarf(grading)),
        "french_law": _law(grading, assessment.assessed_at.date()),
    }


def _mapped(result: Any) -> dict[str, Any]:
    """A mapping that does not exist is shown as such, never guessed."""
    if isinstance(result, NoMapping):
        return {"no_mapping": result.reason.value}
    return asdict(result)


def _law(grading: Grading, on: date) -> dict[str, Any]:
    law = classification.to_french_law(grading, on)
    if not isinstance(law, FrenchLaw):
        return {"no_mapping": law.reason.value}
    return {"established": _bases(law.established), "to_check": _bases(law.to_check)}


def _bases(bases: Iterable[LegalBasis]) -> list[dict[str, str]]:
    return [{"code": basis.code, "title_fr": basis.title_fr, "title_en": basis.title_en} for basis in bases]


def record_dossier_read(duty: Duty, person: Person, *, as_file: bool, now: datetime) -> None:
    """A person opened this dossier, which holds whole addresses: the journal tells who."""
    journal.write("dossier_read", f"duty:{duty.pk}", now=now, by=person.pk, detail={"as_file": as_file})


def record_dossier_sent(duty: Duty, person: Person, *, through: str, their_reference: str = "", now: datetime) -> None:
    """A person handed this dossier over; notices that waited for it may start. Raises :class:`ActionRefused`."""
    record_dossiers_sent([duty], person, through=through, their_reference=their_reference, now=now)


@transaction.atomic
def record_dossiers_sent(
    duties: Sequence[Duty], person: Person, *, through: str, their_reference: str = "", now: datetime
) -> None:
    """A person handed these dossiers over in one go. Raises :class:`ActionRefused`; then nothing was recorded."""
    rows = Duty.objects.filter(pk__in=[duty.pk for duty in duties]).select_for_update(of=("self",)).select_related("dossier")
    standing = list(rows)
    for duty in standing:
        if duty.kind not in DOSSIERS or not hasattr(duty, "dossier"):
            raise ActionRefused("not_a_dossier")
        if duty.done_at is not None:
            raise ActionRefused("already_done")
    ids = [duty.pk for duty in standing]
    Dossier.objects.filter(duty_id__in=ids).update(
        sent_at=now, sent_by_id=person.pk, sent_through=through[:MAX_THROUGH], their_reference=their_reference[:MAX_REFERENCE]
    )
    Duty.objects.filter(pk__in=ids).update(
        done_at=now, done_by_id=person.pk, outcome=Outcome.HANDED_OVER, failed_at=None, failure=""
    )
    journal.write_all(
        journal.entry("dossier_sent", f"duty:{pk}", now=now, by=person.pk, detail={"through": through[:MAX_THROUGH]})
        for pk in ids
    )
    close_what_may((duty.assessment_id for duty in standing), now=now, by=person.pk)

"""What a reader may see of an item, and reading what its reporters wrote, which the journal remembers."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Permission
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Case, Item, Report
from rempart.desk.stages.triage.errors import MayNot
from rempart.desk.stages.triage.models import Assessment, DecidedItem


def may_see_readings(item: Item, person: Person) -> bool:
    """Whether readings of this item are open to this person: once it is decided, or to whoever settles between two."""
    state = State(item.state)
    if state is State.ARBITRATION:
        return person.may(Permission.ARBITRATE)
    return state not in OPEN_FOR_READING


def readings(item: Item, person: Person) -> list[Assessment]:
    """The readings this person may see, oldest first: all of them, or only one's own while others still read blind."""
    rows = Assessment.objects.filter(group_key=item.group_key, undone_at__isnull=True).order_by("pk")
    if State(item.state) not in OPEN_FOR_READING:
        # An address that came back is read again: what is read now is not part of what was decided then.
        decided = DecidedItem.objects.filter(item=item).first()
        return list(rows.filter(pk__lte=decided.assessment_id)) if decided else []
    rows = rows.filter(is_final=False, assessed_at__gte=item.ready_at or item.received_at)
    return list(rows if may_see_readings(item, person) else rows.filter(by_id=person.pk))


@dataclass(frozen=True, slots=True)
class Told:
    """What one reporter wrote. ``story`` is empty when nothing was written, or once forgotten."""

    report: Report
    story: str


@transaction.atomic
def read_words(item: Item, person: Person, *, now: datetime) -> list[Told]:
    """Open what the reporters of this item's group wrote. Raises :class:`MayNot`."""
    if not person.may(Permission.READ_REPORTER_WORDS):
        raise MayNot("words")
    reports = Report.objects.filter(items__group_key=item.group_key) if item.group_key else Report.objects.none()
    found = list(reports.distinct().order_by("pk")) or [item.report]
    journal.write("words_read", f"item:{item.pk}", now=now, by=person.pk, detail={"reports": len(found)})
    return [Told(report, intake.story(report)) for report in found]


@transaction.atomic
def copy_address(item: Item, person: Person, *, now: datetime) -> str:
    """The live address, for the one who must open it. The journal remembers."""
    journal.write("address_copied", f"item:{item.pk}", now=now, by=person.pk)
    return intake.canonical(item) or intake.typed(item)


@transaction.atomic
def read_report(report: Report, person: Person, *, now: datetime) -> str:
    """Open what the reporter of one report wrote. Raises :class:`MayNot`."""
    if not person.may(Permission.READ_REPORTER_WORDS):
        raise MayNot("words")
    journal.write("words_read", f"report:{report.pk}", now=now, by=person.pk, detail={"reports": 1})
    return intake.story(report)


@transaction.atomic
def read_case(case: Case, person: Person, *, now: datetime) -> list[Told]:
    """Open what the person of a case wrote in its reports. Raises :class:`MayNot`."""
    if not person.may(Permission.READ_REPORTER_WORDS):
        raise MayNot("words")
    found = list(case.reports.order_by("pk"))
    journal.write("words_read", f"case:{case.pk}", now=now, by=person.pk, detail={"reports": len(found)})
    return [Told(report, intake.story(report)) for report in found]

"""What must be true when the year is over. Each check answers with how many things break it; nought is the only good answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rehearsal.replay_chain import START, Replay
from rempart.desk.rehearsal.replay_pictures import broken
from rempart.desk.rules.duties import DutyKind, Outcome
from rempart.desk.rules.lifecycle import State
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.triage.models import Assessment, Claim, DecidedItem
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.reconcile import counted_twice


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant, and how many times it is broken."""

    name: str
    about: str
    broken: int


def all_checks(replay: Replay) -> list[Check]:
    """Every invariant, counted."""
    return [Check(name, about, count(replay)) for name, (about, count) in _CHECKS.items()]


def _unanswered(_replay: Replay) -> int:
    return Report.objects.filter(answered_at__isnull=True).count()


def _neither_done_nor_red(_replay: Replay) -> int:
    return Duty.objects.filter(done_at__isnull=True, failed_at__isnull=True).count()


def _counted_otherwise(replay: Replay) -> int:
    zone = settings.REMPART.time_zone
    whole = Period((START - timedelta(days=1)).date(), (replay.now + timedelta(days=1)).date(), zone)
    found = [(twice.by_rows, twice.by_journal) for twice in counted_twice(whole)]
    # A third way, from outside: what the door handed in and what the hosts received.
    people = Report.objects.filter(kind="report")
    found.append((people.count(), replay.door.received))
    found.append((Item.objects.filter(report__in=people).count(), replay.door.items))
    found.append((Notice.objects.filter(sent_at__isnull=False).count(), replay.world.letters))
    return sum(one != other for one, other in found)


def _sent_twice(replay: Replay) -> int:
    """By the hosts' mailboxes, and by the rows: one address before one recipient without a notice between to point to."""
    received = sum(times - 1 for times in replay.world.notices.values())
    firsts = NoticedItem.objects.filter(notice__sent_at__isnull=False, left_out_at__isnull=True, notice__reminds__isnull=True)
    again = firsts.values("item_id", "notice__recipient_id").annotate(times=Count("pk")).filter(times__gt=1)
    twice: int = again.count()
    return received + twice


def _late_and_unnoticed(_replay: Replay) -> int:
    """Read after its deadline, unless a person put it on hold or handed it over for a reason that the journal knows."""
    read = Assessment.objects.filter(
        group_key=OuterRef("group_key"),
        undone_at__isnull=True,
        assessed_at__gte=OuterRef("ready_at"),
        assessed_at__lte=OuterRef("due_at"),
    )
    # A report that comes while its address was read and waits for a second reader or a supervisor is before them already.
    decided = Assessment.objects.filter(
        group_key=OuterRef("group_key"),
        is_final=True,
        assessed_at__gt=OuterRef("assessed_at"),
        assessed_at__lt=OuterRef(OuterRef("ready_at")),
    )
    under_way = Assessment.objects.filter(
        group_key=OuterRef("group_key"), is_final=False, undone_at__isnull=True, assessed_at__lt=OuterRef("ready_at")
    ).exclude(Exists(decided))
    # An address already decided joins its decision: nobody need read it again.
    late = Item.objects.filter(Q(assessed_at__isnull=True) | Q(assessed_at__gt=F("due_at"))).exclude(Exists(read))
    return late.exclude(Exists(under_way)).exclude(holds__isnull=False).exclude(hand_overs__isnull=False).count()


def _silent_and_unescalated(_replay: Replay) -> int:
    """A watched address ends seen gone, or before a supervisor after every reminder; none is left waiting."""
    watches = Watch.objects.filter(gone_at__isnull=True, asked_at__isnull=True)
    asked = Duty.objects.filter(item=OuterRef("item"), kind="supervision")
    return watches.exclude(Exists(asked)).count()


def _stuck(_replay: Replay) -> int:
    return Item.objects.exclude(state=State.CLOSED).count() + Watch.objects.filter(ended_at__isnull=True).count()


def _leases(replay: Replay) -> int:
    claims = Claim.objects.filter(expires_at__gt=replay.now).count()
    duties = Duty.objects.filter(done_at__isnull=True, claimed_until__isnull=False).count()
    notices = Notice.objects.filter(sent_at__isnull=True, cancelled_at__isnull=True, claimed_until__isnull=False).count()
    return claims + duties + notices + Watch.objects.filter(ended_at__isnull=True, claimed_until__isnull=False).count()


_WITHOUT_MAIL = (Outcome.ANSWERED, Outcome.NO_ANSWER_WANTED, Outcome.NO_CASE, Outcome.CASE_ERASED)


def _unwritten(_replay: Replay) -> int:
    """Things that happened and of which the journal holds no line."""
    verbs = dict(Entry.objects.values_list("verb").annotate(Count("pk")).order_by())
    decided = DecidedItem.objects.count() - Item.objects.filter(assessed_at__isnull=False).count()
    # An answer that leaves no mail is told by the line of its report ("answered", counted in counts_equal_both_ways).
    by_report = Q(kind__in=[DutyKind.ANSWER, DutyKind.REFERRAL], outcome__in=_WITHOUT_MAIL)
    done = Duty.objects.filter(done_at__isnull=False).exclude(by_report).count()
    told = sum(verbs.get(verb, 0) for verb in ("duty_done", "dossier_sent", "cleared", "question_withdrawn"))
    gone = Watch.objects.filter(gone_at__isnull=False).count()
    unwritten: int = abs(decided) + abs(done - told) + abs(gone - verbs.get("seen_gone", 0))
    return unwritten


_CHECKS: dict[str, tuple[str, Callable[[Replay], int]]] = {
    "every_report_answered": ("reports without an answer", _unanswered),
    "every_duty_done_or_red": ("duties neither done nor red", _neither_done_nor_red),
    "counts_equal_both_ways": ("numbers that differ between rows, journal and world", _counted_otherwise),
    "no_notice_sent_twice": ("notices received more than once", _sent_twice),
    "every_reading_in_time": ("items read late without a hold or a hand-over", _late_and_unnoticed),
    "every_silence_escalated": ("addresses neither gone nor before a supervisor", _silent_and_unescalated),
    "no_item_stuck": ("items not closed, watches not ended", _stuck),
    "no_lease_left": ("leases that nobody gave back", _leases),
    "every_protection_whole": (
        "protections lost, counted otherwise, otherwise trusted than their facts say, or not gone when they ended",
        lambda replay: broken(replay.pictures, replay.now),
    ),
    "journal_complete": ("acts of which the journal holds no line", _unwritten),
}

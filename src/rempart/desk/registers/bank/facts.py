"""What people of the staff and platforms say of a protection. Each function is one transaction; trust moves by facts alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rempart.desk.registers.bank import alarms
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.bank.steps import add_fact, take_turn
from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.looking import is_reason, sayable
from rempart.desk.rules.trust import LIVE, Fact, RefusalReason, Trust, Vote, fact_of_votes, is_popular

_VERBS = {Fact.VOUCHED: "vouched", Fact.CLEARED: "alarm_cleared", Fact.ALARM: "alarm_raised"}


@transaction.atomic
def decide(number: int, fact: Fact, why: str, *, by: int, seen: int, now: datetime) -> Trust:
    """What a person of the staff says after looking, and the reason of the list she chose.

    ``seen`` is the number of the newest fact she saw (0 when none): whoever decided meanwhile is not decided over, and pressed
    twice it is said once. Raises BankRefused.
    """
    if not is_reason(fact, why):
        raise BankRefused("why_missing")
    with _changing(number) as protection:
        if newest_fact(number) != seen:
            raise BankRefused("changed_meanwhile")
        if fact not in sayable(Trust(protection.trust)):
            raise BankRefused("not_now")
    return _say(number, fact, _VERBS[fact], now=now, by=by, why=why)


def newest_fact(number: int) -> int:
    """The number of the last thing that happened to a protection; 0 when nothing did."""
    return TrustFact.objects.filter(protection=number).order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def vouch(number: int, *, by: int, now: datetime) -> Trust:
    """An analyst confirms it, from what the person wrote."""
    return _say(number, Fact.VOUCHED, "vouched", now=now, by=by)


@transaction.atomic
def clear_alarm(number: int, *, by: int, now: datetime) -> Trust:
    """A person looked at the alarm and found it was none."""
    return _say(number, Fact.CLEARED, "alarm_cleared", now=now, by=by)


@transaction.atomic
def raise_alarm(number: int, why: str, *, now: datetime, by: int | None = None) -> Trust:
    """Count only, until a person has looked. ``why`` is a stable word, never a sentence."""
    return _say(number, Fact.ALARM, "alarm_raised", now=now, by=by, why=why)


def _say(number: int, fact: Fact, verb: str, *, now: datetime, by: int | None = None, why: str = "") -> Trust:
    with _changing(number) as protection:
        if Trust(protection.trust) in LIVE:
            journal.write(verb, f"protection:{number}", now=now, by=by, detail={"why": why} if why else {})
            add_fact(protection, fact, now=now, by=by, why=why)
        return Trust(protection.trust)


@contextmanager
def _changing(number: int) -> Iterator[Protection]:
    """The protection, locked; what lists tell of it carries the number of this turn, if anything of that changed."""
    turn = take_turn(is_edition=False)
    protection = Protection.objects.select_for_update(of=("self",)).get(pk=number)
    before = _told(protection)
    yield protection
    if _told(protection) != before:
        Protection.objects.filter(pk=number, ended_at__isnull=True).update(change=turn.changes)


def _told(protection: Protection) -> tuple[str, list[tuple[object, ...]]]:
    """What lists tell of a protection while it stands."""
    said = protection.feedback.exclude(vote="").order_by("platform_number")
    return protection.trust, list(said.values_list("platform_number", "vote", "reason"))


@dataclass(frozen=True, slots=True)
class Statement:
    """What a platform tells: ``matches`` more than before, sent by ``accounts`` more accounts, and what its people decided."""

    matches: int = 0
    accounts: int = 0
    vote: Vote | None = None
    reason: RefusalReason | None = None
    is_under_review: bool = False
    at: datetime | None = None
    """When they decided so, where the platform says; a decision older than the one we know changes nothing."""


def note_feedback(
    number: int, platform: int, *, now: datetime, matches: int = 0, accounts: int = 0, vote: Vote | None = None
) -> Trust:
    """What a platform tells, in a few words; see :func:`note_statement`."""
    return note_statement(number, platform, Statement(matches, accounts, vote), now=now)


@transaction.atomic
def note_statement(number: int, platform: int, told: Statement, *, now: datetime) -> Trust:
    """Keep what a platform tells of one protection.

    Two platforms that agree move the trust; so many accounts in one day that it cannot be private raise an alarm.
    """
    with _changing(number) as protection:
        if Trust(protection.trust) in LIVE:
            before = fact_of_votes(_votes(protection))
            _count(protection, platform, told, now)
            detail = {"platform": platform, "matches": told.matches, "vote": told.vote or ""}
            journal.write("feedback_noted", f"protection:{number}", now=now, detail=detail)
            said = fact_of_votes(_votes(protection))
            if said is not None and said is not before:
                add_fact(protection, said, now=now, platform=platform)
            _watch_popularity(protection, platform, now)
        return Trust(protection.trust)


def _watch_popularity(protection: Protection, platform: int, now: datetime) -> None:
    if Trust(protection.trust) is not Trust.HELD and _is_popular(protection, now):
        journal.write("alarm_raised", f"protection:{protection.pk}", now=now, detail={"why": alarms.POPULAR})
        add_fact(protection, Fact.ALARM, now=now, platform=platform, why=alarms.POPULAR)


def _count(protection: Protection, platform: int, told: Statement, now: datetime) -> None:
    kept, _ = Feedback.objects.get_or_create(protection=protection, platform_number=platform, defaults={"last_at": now})
    is_same_day = kept.last_at.date() == now.date()
    kept.accounts_of_day = told.accounts + (kept.accounts_of_day if is_same_day else 0)
    kept.matches += told.matches
    kept.first_match_at = kept.first_match_at or (now if told.matches else None)
    kept.last_at = now
    _decide(kept, told, now)
    kept.save()


def _decide(kept: Feedback, told: Statement, now: datetime) -> None:
    # A platform's clock that is ahead must not make its decision the last one for ever.
    at = min(now, told.at or now)
    if kept.voted_at is not None and at < kept.voted_at:
        return
    if told.vote is not None:
        kept.vote, kept.voted_at, kept.is_under_review = told.vote.value, at, False
        kept.reason = told.reason.value if told.reason and told.vote is Vote.NOT_BLOCKED else ""
    elif told.is_under_review:
        kept.is_under_review = True


def _votes(protection: Protection) -> dict[int, Vote]:
    rows = protection.feedback.exclude(vote="").values_list("platform_number", "vote")
    return {platform: Vote(vote) for platform, vote in rows}


def _is_popular(protection: Protection, now: datetime) -> bool:
    today = protection.feedback.values_list("last_at", "accounts_of_day")
    history = TrustFact.objects.filter(protection=protection).values_list("fact", flat=True)
    return is_popular((count for at, count in today if at.date() == now.date()), map(Fact, history))

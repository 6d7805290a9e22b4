"""What people of the staff and platforms say of a protection. Each function is one transaction; trust moves by facts alone."""

from datetime import datetime

from django.db import transaction

from rempart.desk.registers.bank import alarms
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.bank.steps import add_fact
from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.looking import is_reason, sayable
from rempart.desk.rules.trust import LIVE, Fact, Trust, Vote, fact_of_votes, is_popular

_VERBS = {Fact.VOUCHED: "vouched", Fact.CLEARED: "alarm_cleared", Fact.ALARM: "alarm_raised"}


@transaction.atomic
def decide(number: int, fact: Fact, why: str, *, by: int, seen: int, now: datetime) -> Trust:
    """What a person of the staff says after looking, and the reason of the list she chose.

    ``seen`` is the number of the newest fact she saw (0 when none): whoever decided meanwhile is not decided over, and pressed
    twice it is said once. Raises BankRefused.
    """
    if not is_reason(fact, why):
        raise BankRefused("why_missing")
    protection = _locked(number)
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
    protection = _locked(number)
    if Trust(protection.trust) not in LIVE:
        return Trust(protection.trust)
    journal.write(verb, f"protection:{number}", now=now, by=by, detail={"why": why} if why else {})
    return add_fact(protection, fact, now=now, by=by, why=why)


def _locked(number: int) -> Protection:
    return Protection.objects.select_for_update(of=("self",)).get(pk=number)


@transaction.atomic
def note_feedback(
    number: int, platform: int, *, now: datetime, matches: int = 0, accounts: int = 0, vote: Vote | None = None
) -> Trust:
    """What a platform tells: ``matches`` more than before, sent by ``accounts`` more accounts, and what its people decided.

    Two platforms that agree move the trust; so many accounts in one day that it cannot be private raise an alarm.
    """
    protection = _locked(number)
    if Trust(protection.trust) not in LIVE:
        return Trust(protection.trust)
    before = fact_of_votes(_votes(protection))
    _count(protection, platform, matches, accounts, vote, now)
    journal.write("feedback_noted", f"protection:{number}", now=now, detail=_told(platform, matches, vote))
    said = fact_of_votes(_votes(protection))
    if said is not None and said is not before:
        add_fact(protection, said, now=now, platform=platform)
    if Trust(protection.trust) is not Trust.HELD and _is_popular(protection, now):
        journal.write("alarm_raised", f"protection:{number}", now=now, detail={"why": alarms.POPULAR})
        add_fact(protection, Fact.ALARM, now=now, platform=platform, why=alarms.POPULAR)
    return Trust(protection.trust)


def _told(platform: int, matches: int, vote: Vote | None) -> dict[str, int | str]:
    return {"platform": platform, "matches": matches, "vote": vote or ""}


def _count(protection: Protection, platform: int, matches: int, accounts: int, vote: Vote | None, now: datetime) -> None:
    kept, _ = Feedback.objects.get_or_create(protection=protection, platform_number=platform, defaults={"last_at": now})
    is_same_day = kept.last_at.date() == now.date()
    kept.accounts_of_day = accounts + (kept.accounts_of_day if is_same_day else 0)
    kept.matches += matches
    kept.first_match_at = kept.first_match_at or (now if matches else None)
    kept.last_at = now
    kept.vote = vote or kept.vote
    kept.save()


def _votes(protection: Protection) -> dict[int, Vote]:
    rows = protection.feedback.exclude(vote="").values_list("platform_number", "vote")
    return {platform: Vote(vote) for platform, vote in rows}


def _is_popular(protection: Protection, now: datetime) -> bool:
    today = protection.feedback.values_list("last_at", "accounts_of_day")
    history = TrustFact.objects.filter(protection=protection).values_list("fact", flat=True)
    return is_popular((count for at, count in today if at.date() == now.date()), map(Fact, history))

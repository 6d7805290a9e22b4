"""What a notice must say, when things are due, and what comes next once an address was probed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
"""Monday is 0, as in ``datetime.weekday``."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Every delay of the chain in one place. Rehearsal uses a fast one; rules are the same."""

    undo: timedelta = timedelta(seconds=60)
    lease: timedelta = timedelta(minutes=20)
    grouping: timedelta = timedelta(hours=1)
    first_probe: timedelta = timedelta(hours=1)
    probe_every: timedelta = timedelta(hours=4)
    miss_spacing: timedelta = timedelta(minutes=3)
    misses_needed: int = 3
    remind_after: timedelta = timedelta(hours=24)
    reminders_per_step: int = 2
    recheck_every: timedelta = timedelta(days=3)
    recheck_for: timedelta = timedelta(days=90)
    retry_after: timedelta = timedelta(minutes=5)
    attempts: int = 6


REHEARSAL_TEMPO = Tempo(
    undo=timedelta(seconds=15),
    grouping=timedelta(seconds=6),
    first_probe=timedelta(seconds=4),
    probe_every=timedelta(seconds=6),
    miss_spacing=timedelta(seconds=2),
    remind_after=timedelta(minutes=2),
    recheck_every=timedelta(seconds=20),
    retry_after=timedelta(seconds=5),
)


class Answer(StrEnum):
    """What a recipient can say to a notice without an account."""

    REMOVED = "removed"
    REFUSED = "refused"
    NEED_MORE = "need_more"
    WRONG_ADDRESS = "wrong_address"


class Seen(StrEnum):
    """What one probe saw; status and redirects only, never a body."""

    ONLINE = "online"
    MISSING = "missing"
    """404, 410, 451, or the name no longer exists."""
    UNCLEAR = "unclear"
    """Time-out, 403, 429, 5xx, a sign-in page: says nothing about the content."""
    MOVED = "moved"
    """A redirect leads to another site: the content may live on elsewhere."""
    UNREACHABLE_BY_RULE = "unreachable_by_rule"
    """A private address, an onion address without a proxy, a scheme we do not speak: a person looks."""


class Step(StrEnum):
    """What follow-up does next with a watched address."""

    WAIT = "wait"
    PROBE_AGAIN_SOON = "probe_again_soon"
    DECLARE_GONE = "declare_gone"
    REMIND = "remind"
    ESCALATE = "escalate"
    ASK_SUPERVISOR = "ask_supervisor"
    RELAPSE = "relapse"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Watched:
    """Where the follow-up of one address stands.

    ``misses`` is how many MISSING in a row before this probe; ``reminders`` counts those of the present rung;
    ``rungs_left`` is how many recipients remain above the present one on the ladder.
    """

    misses: int
    gone_at: datetime | None
    remind_at: datetime | None
    reminders: int
    rungs_left: int
    is_refused: bool
    recheck_until: datetime | None


def next_step(watched: Watched, seen: Seen, now: datetime, tempo: Tempo) -> Step:
    """What to do after this probe. Gone is only said after ``tempo.misses_needed`` misses in a row."""
    if watched.gone_at is not None:
        return _after_removal(watched, seen, now)
    if seen is Seen.MISSING:
        return Step.DECLARE_GONE if watched.misses + 1 >= tempo.misses_needed else Step.PROBE_AGAIN_SOON
    if watched.remind_at is None or (now < watched.remind_at and not watched.is_refused):
        return Step.WAIT
    if watched.reminders < tempo.reminders_per_step and not watched.is_refused:
        return Step.REMIND
    return Step.ESCALATE if watched.rungs_left > 0 else Step.ASK_SUPERVISOR


def retry_at(attempts: int, now: datetime, tempo: Tempo) -> datetime | None:
    """When to try again after this many failed attempts, each wait twice the one before; None when it is enough."""
    if attempts >= tempo.attempts:
        return None
    return now + tempo.retry_after * (1 << (attempts - 1))


def _after_removal(watched: Watched, seen: Seen, now: datetime) -> Step:
    if seen is Seen.ONLINE:
        return Step.RELAPSE
    if watched.recheck_until is not None and now >= watched.recheck_until:
        return Step.CLOSE
    return Step.WAIT


def add_working_time(start: datetime, delay: timedelta, working_days: Collection[int]) -> datetime:
    """``start`` plus ``delay``, counting only time that falls on ``working_days`` (in the timezone of ``start``).

    An empty collection means the recipient works every day. Source: art. 16(6) asks for a timely answer; reminders
    on days nobody works only train recipients to ignore them.
    """
    days = (frozenset(working_days) & EVERY_DAY) or EVERY_DAY
    moment, left = start, delay
    while True:
        next_midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        # Measured in UTC: a day on which the clocks change has 23 or 25 hours.
        rest_of_day = next_midnight.astimezone(UTC) - moment.astimezone(UTC)
        if moment.weekday() in days:
            if left <= rest_of_day:
                return (moment.astimezone(UTC) + left).astimezone(start.tzinfo)
            left -= rest_of_day
        moment = next_midnight

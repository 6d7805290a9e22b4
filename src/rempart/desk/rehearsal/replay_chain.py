"""The replay itself: a simulated clock steps through the year, and the real steps do the work."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from time import perf_counter
from zoneinfo import ZoneInfo

from django.conf import settings

from rempart.desk.rehearsal import replay_desk as desk
from rempart.desk.rehearsal.replay_people import Reading, Staff, fill_directory, hire
from rempart.desk.rehearsal.replay_pictures import Pictures
from rempart.desk.rehearsal.replay_world import World
from rempart.desk.rehearsal.replay_year import NATIONAL_YEAR, Arrival, Year
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.report import DangerNow
from rempart.desk.stages.action import worker as action
from rempart.desk.stages.followup import worker as followup
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.intake import worker as intake
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.triage import worker as triage

START = datetime(2025, 1, 1, tzinfo=UTC)
ROUND = timedelta(hours=2)
"""Notices are grouped for an hour and pages looked at every four: nobody needs to be asked more often; danger rings apart."""
FULL_BATCH = 100
"""A stage that moved this many rows may have more waiting: it is asked again at once."""
TAIL_ROUND = timedelta(hours=6)
ALARM = timedelta(minutes=5)
"""Danger now rings the people on call: they look within minutes, not at the next round."""
AFTER_UNDO = timedelta(minutes=2)
LOOK_AGAIN = (timedelta(minutes=4), timedelta(minutes=8))
"""A page seen missing is looked at again within minutes: three misses make a removal."""
HANDING_OVER = (17,)
LONGEST_TAIL = timedelta(days=400)

Told = Callable[[int, datetime], None]
"""Told now and then how many reports were received, and the day of the simulated clock."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to replay."""

    reports: int = NATIONAL_YEAR
    days: int = 365
    seed: int = 22


@dataclass(slots=True)
class Spent:
    """Time and rows of one stage."""

    seconds: float = 0.0
    rows: int = 0


@dataclass(slots=True)
class Replay:
    """One replay, over the database of the running settings."""

    plan: Plan
    told: Told = lambda _received, _day: None
    spent: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    world: World = field(init=False)
    door: desk.Door = field(init=False)
    staff: Staff = field(init=False)
    reading: Reading = field(init=False)
    pictures: Pictures = field(init=False)
    now: datetime = START
    _handed_over: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.world = World(self.plan.seed, START)
        self.door = desk.Door(self.plan.seed)
        self.pictures = Pictures(self.plan.seed)

    def run(self) -> None:
        """The whole year, then as many days more as the last addresses need."""
        zone = ZoneInfo(settings.REMPART.time_zone)
        self.staff = hire(START)
        self.reading = Reading(self.plan.seed, self.staff, zone)
        fill_directory(self.staff.supervisors[0], START)
        for now, arrived, is_alarm in rounds(Year(START, self.plan.days, self.plan.reports, self.plan.seed)):
            if is_alarm:
                self._arrive_and_read(now, arrived)
            else:
                self._round(now, arrived, zone)
        self._tail(zone)

    def _tail(self, zone: ZoneInfo) -> None:
        """Removed addresses are looked at again for ninety days: the replay waits for the last of them."""
        now, last = self.now, self.now + LONGEST_TAIL
        while now < last and not self._is_quiet():
            for _ in range(4):
                now += TAIL_ROUND
                self._round(now, [], zone)

    def _is_quiet(self) -> bool:
        is_open = Item.objects.exclude(state=State.CLOSED).exists() or Report.objects.filter(answered_at__isnull=True).exists()
        return not is_open and not Watch.objects.filter(ended_at__isnull=True).exists()

    def _round(self, now: datetime, arrived: list[Arrival], zone: ZoneInfo) -> None:
        """What happens in one round, in the order of the chain."""
        self._arrive_and_read(now, arrived)
        after = self.world.now = now + AFTER_UNDO
        self._busy("settle", lambda: triage.work(now=after))
        self._timed("replies", lambda: desk.type_replies(self.world))
        self._hand_over(after, zone)
        self.door.visit(after)
        analysts = [one.pk for one in self.staff.analysts]
        self._timed("protect", lambda: self.pictures.round(after, len(arrived), analysts))
        self.told(self.door.received, now)
        self._busy("act", lambda: action.work(now=after, look=self.world.eyes, outlet=self.world))
        self._follow(after)
        self._read_relapses(self.world.now)

    def _read_relapses(self, now: datetime) -> None:
        """What came back rings like an alarm: it may be somebody's danger again."""
        if Item.objects.filter(state=State.RECEIVED).order_by("pk").exists():
            self._arrive_and_read(now + ALARM, [])

    def _arrive_and_read(self, now: datetime, arrived: list[Arrival]) -> None:
        self.now = self.world.now = now
        self._timed("receive", lambda: self._receive(arrived))
        self._busy("prepare", lambda: intake.work(now=now))
        self._busy("join", lambda: triage.work(now=now))
        self._timed("read", lambda: self.reading.round(now))

    def _hand_over(self, now: datetime, zone: ZoneInfo) -> None:
        """Once a day the dossiers leave, and a supervisor looks at what is red."""
        local = now.astimezone(zone)
        slot = (local.toordinal(), max((hour for hour in HANDING_OVER if local.hour >= hour), default=0))
        if not slot[1] or slot == self._handed_over:
            return
        self._handed_over = slot
        chief = self.staff.supervisors[slot[0] % len(self.staff.supervisors)]
        self._timed("hand_over", lambda: desk.hand_dossiers_over(chief, now))
        self._timed("clear_red", lambda: desk.clear_red(chief, now))

    def _follow(self, now: datetime) -> None:
        self._busy("follow", lambda: followup.work(now=now, eyes=self.world.eyes))
        missed = Watch.objects.filter(next_probe_at__gt=now, next_probe_at__lte=now + LOOK_AGAIN[-1], ended_at__isnull=True)
        for later in LOOK_AGAIN:
            if missed.filter(misses__gt=0, gone_at__isnull=True).exists():
                self.world.now = now + later
                self._busy("follow", lambda: followup.work(now=self.world.now, eyes=self.world.eyes))

    def _receive(self, arrived: list[Arrival]) -> int:
        for arrival in arrived:
            self.door.receive(arrival)
        for draft in desk.partner_reports(self.world.moved_to):
            self.door.receive_from_partner(draft, self.now)
        self.world.moved_to.clear()
        return len(arrived)

    def _timed(self, name: str, work: Callable[[], int]) -> int:
        began = perf_counter()
        moved = work()
        spent = self.spent[name]
        spent.seconds += perf_counter() - began
        spent.rows += moved
        return moved

    def _busy(self, name: str, work: Callable[[], int]) -> None:
        """Once, and again as long as whole batches move."""
        while self._timed(name, work) >= FULL_BATCH:
            pass


def rounds(year: Year) -> Iterator[tuple[datetime, list[Arrival], bool]]:
    """Each moment at which the desk is looked at, with what arrived since the one before; True when only an alarm rang."""
    arrivals = chain(year.arrivals(), repeat(None))
    coming = next(arrivals)
    for turn in range(1, timedelta(days=year.days) // ROUND + 1):
        now = year.start + turn * ROUND
        arrived: list[Arrival] = []
        while coming is not None and coming.at < now:
            arrived.append(coming)
            if coming.details.danger_now is DangerNow.YES and coming.at + ALARM < now:
                yield coming.at + ALARM, arrived, True
                arrived = []
            coming = next(arrivals)
        yield now, arrived, False

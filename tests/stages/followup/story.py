"""A watched address, hour by hour: what it shows is said by the test, everything else is done by the real steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rempart.desk.outlets.look import Looked
from rempart.desk.rules.notice import Seen
from rempart.desk.stages.action import filing, grouping
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup import worker
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.intake.models import Item
from tests import cast

ONLINE = Looked(Seen.ONLINE, 200)
GONE = Looked(Seen.MISSING, 404)
UNSURE = Looked(Seen.UNCLEAR, 503)
TIMED_OUT = Looked(Seen.UNCLEAR, None, "timeout")
MOVED = Looked(Seen.MOVED, 302)


@dataclass
class World:
    """What each address shows; online unless said otherwise."""

    shows: dict[str, Looked] = field(default_factory=dict)
    default: Looked = ONLINE
    looked_at: list[str] = field(default_factory=list)

    def eyes(self, url: str) -> Looked:
        self.looked_at.append(url)
        return self.shows.get(url, self.default)


@dataclass
class Story:
    """One world, one clock."""

    clock: cast.Clock = field(default_factory=cast.Clock)
    world: World = field(default_factory=World)

    def assessed(self, addresses: str | None = None, **also: object) -> Item:
        return cast.assessed(cast.ready_item(addresses, now=self.clock.now), now=self.clock.now)

    def send(self) -> list[Notice]:
        """The notices owed are written and leave at this very moment."""
        now = self.clock.now
        owed = Duty.objects.filter(kind="notice", done_at__isnull=True, failed_at__isnull=True)
        if filing.file_duties(now=now) == 0 and not owed.exists():
            return []
        grouping.carry_out_notices(now=now)
        notices = list(Notice.objects.filter(sent_at__isnull=True, failed_at__isnull=True, cancelled_at__isnull=True))
        for notice in notices:
            Notice.objects.filter(pk=notice.pk).update(attempted_at=now, sent_at=now)
            Duty.objects.filter(noticed__notice=notice).update(done_at=now, outcome="sent")
            notice.refresh_from_db()
        return notices

    def sent(self, addresses: str | None = None) -> Item:
        """An address decided on and noticed, of which the follow-up knows nothing yet."""
        item = self.assessed(addresses)
        self.send()
        item.refresh_from_db()
        return item

    def work(self) -> int:
        """Everything the follow-up has to do at this moment."""
        return worker.work(now=self.clock.now, eyes=self.world.eyes)

    def until(self, end: datetime) -> None:
        """Let time pass, working whenever something is due; what the follow-up owes is sent at once."""
        while self.clock.now <= end:
            self.work()
            if self.send():
                self.work()
            moments = Watch.objects.filter(ended_at__isnull=True, next_probe_at__gt=self.clock.now)
            following = moments.order_by("next_probe_at").values_list("next_probe_at", flat=True).first()
            if following is None or following > end:
                break
            self.clock.now = following
        self.clock.now = end

    def passes(self, **delay: float) -> None:
        self.until(self.clock.now + timedelta(**delay))


def watch(item: Item) -> Watch:
    return Watch.objects.get(item=item)

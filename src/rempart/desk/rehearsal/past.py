"""Plays the invented past through the real steps, with the clock of that day, so that its history is coherent."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rempart.desk.registers.people.models import Person
from rempart.desk.rehearsal.hosts import BY_NAME, Place, address_of, path_of, place_at
from rempart.desk.rehearsal.past_protecting import PastProtecting
from rempart.desk.rehearsal.readers import plan_readings
from rempart.desk.rehearsal.scenes import DECISIONS, SCENES, Scene, Then
from rempart.desk.rehearsal.sites import ACTS, act
from rempart.desk.rehearsal.world import PageState, World
from rempart.desk.rules.duties import DOSSIERS
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.notice import Answer
from rempart.desk.rules.report import AnswerBy, Details, Draft
from rempart.desk.rules.statement import Statement, Visibility
from rempart.desk.stages.action.dossiers import record_dossier_sent
from rempart.desk.stages.action.models import Duty, NoticedItem
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.followup.replying import Said, Through, record_reply
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.intake.steps import receive_report
from rempart.desk.stages.triage import claims, steps
from rempart.desk.stages.triage.errors import TriageRefused

Work = Callable[[datetime], object]
"""Let every stage do one round of its work, as of that moment."""

LENGTH = timedelta(days=21)
WATCH_EVERY = timedelta(hours=6)
HOUR = timedelta(hours=1)
SOON = timedelta(minutes=4)
MOST_WAITS = 16


@dataclass(order=True, slots=True)
class _Event:
    at: datetime
    order: int
    play: Callable[[datetime], object] = field(compare=False)


class Past:
    """The days before the first start."""

    def __init__(self, world: World, people: dict[str, Person], port: int, work: Work) -> None:
        self.world, self.people, self.port, self.work = world, people, port, work
        self._events: list[_Event] = []
        self._order = itertools.count()
        self._items: dict[int, list[int]] = {}

    def play(self, now: datetime) -> Iterator[float]:
        """Play everything up to ``now``; yields how far it is, between 0 and 1, after each event."""
        begin = now - LENGTH
        PastProtecting(self.people, self.work).plan(self._at, now)
        plan_readings(self._at, now)
        for number, scene in enumerate(SCENES):
            self._plan(number, scene, now - timedelta(hours=scene.hours_ago))
        for tick in range(int(LENGTH / WATCH_EVERY)):
            self._at(begin + tick * WATCH_EVERY, self._watch)
        while self._events and self._events[0].at <= now:
            event = heapq.heappop(self._events)
            event.play(event.at)
            yield max(0.0, (event.at - begin) / LENGTH)
        self._watch(now)

    def _at(self, when: datetime, play: Callable[[datetime], object]) -> None:
        heapq.heappush(self._events, _Event(when, next(self._order), play))

    def _watch(self, now: datetime) -> None:
        """Let the stages work. Something seen missing is looked at again soon: gone is only said after three looks."""
        self.work(now)
        self.world.redate_new(now)
        if Watch.objects.filter(misses__gt=0, gone_at__isnull=True, next_probe_at__gt=now).exists():
            self._at(now + SOON, self._watch)

    def _plan(self, number: int, scene: Scene, at: datetime) -> None:
        self._at(at, lambda now: self._report(number, scene, now))
        if scene.decision:
            self._at(at + scene.decided_after * HOUR, lambda now: self._decide(number, scene, now))

    def _report(self, number: int, scene: Scene, now: datetime) -> None:
        details = Details(
            category=scene.category,
            concerns=scene.concerns,
            age_band=scene.age,
            danger_now=scene.danger,
            story=scene.story,
            answer_by=AnswerBy.CASE_PAGE,
        )
        addresses = "\n".join(address_of_page(page, self.port) for page in scene.pages.split())
        receipt = receive_report(Draft(addresses, scene.language, details=details), now=now)
        self._watch(now)
        self._items[number] = list(Item.objects.filter(report_id=receipt.report_id).values_list("pk", flat=True))

    def _decide(self, number: int, scene: Scene, now: datetime) -> None:
        """The first reading; when a rule asks for a second one, that comes some hours later."""
        has_second = self._read(number, "ines", scene.decision, now)
        moments = [0.05, 1.2, 3.4]
        if has_second and scene.second != "waits":
            self._at(now + 2 * HOUR, lambda at: self._read(number, "theo", scene.second or scene.decision, at))
            moments = [0.05, 2.1, 3.4, 5.5]
        if has_second and scene.is_arbitrated:
            self._at(now + 4 * HOUR, lambda at: self._read(number, "salome", scene.decision, at, only=State.ARBITRATION))
            moments = [0.05, 2.1, 4.1, 5.3, 7.5]
        for delay in moments:
            # The undo window, then the hour of grouping pass; the letter leaves; a person sends the dossiers.
            self._at(now + delay * HOUR, self._work_and_hand_dossiers)
        self._at(now + (moments[-1] + 0.1) * HOUR, lambda at: self._await_notice(number, scene, at))

    def _read(self, number: int, who: str, decision: str, now: datetime, only: State | None = None) -> bool:
        """One person reads; returns whether a rule asks for a second pair of eyes."""
        asks_second = False
        for item in Item.objects.filter(pk__in=self._items[number]):
            if only is not None and item.state != only:
                continue
            try:
                claims.claim(item, self.people[who], now=now)
                row = steps.assess(item, self.people[who], DECISIONS[decision], now=now)
            except TriageRefused:
                # Decided already, or not this person's to read: the queue would not have offered it.
                continue
            asks_second = asks_second or bool(row.second_reasons)
        return asks_second

    def _work_and_hand_dossiers(self, now: datetime) -> None:
        """The analyst sends what only a person may send; the newest stay to be sent by the visitor."""
        self._watch(now)
        waiting = Duty.objects.filter(kind__in=DOSSIERS, done_at__isnull=True, failed_at__isnull=True, dossier__isnull=False)
        for duty in waiting.filter(filed_at__lte=now - 2 * HOUR):
            record_dossier_sent(duty, self.people["ines"], through="portail (inventé)", their_reference=f"BN-{duty.pk}", now=now)

    def _await_notice(self, number: int, scene: Scene, now: datetime, waits: int = 0) -> None:
        """Once the host has the notice it acts in its own time; police first makes it later."""
        if scene.then is Then.NOTHING or waits > MOST_WAITS:
            return
        sent = NoticedItem.objects.filter(item_id__in=self._items[number], notice__sent_at__isnull=False)
        first = sent.order_by("notice__sent_at").values_list("notice__sent_at", flat=True).first()
        if first is None:
            self._at(now + 6 * HOUR, lambda at: self._await_notice(number, scene, at, waits + 1))
            return
        when = max(now, first + scene.then_after * HOUR)
        self._at(when, lambda at: self._host_acts(scene, ACTS[scene.then.value]))
        self._at(when + 0.1 * HOUR, lambda at: self._host_answers(number, scene.then, at))
        if scene.relapse_after:
            self._at(when + scene.relapse_after * HOUR, lambda at: self._host_acts(scene, PageState.ONLINE))

    def _host_acts(self, scene: Scene, state: PageState) -> None:
        for page in scene.pages.split():
            act(self.world, place_of_page(page), state, self.port)

    def _host_answers(self, number: int, then: Then, now: datetime) -> None:
        """Every second host answers through the link of its notice; those that refuse always do."""
        if then is Then.MOVES or (then is Then.REMOVES and number % 2):
            return
        said = Said(Answer.REFUSED) if then is Then.REFUSES else Said(Answer.REMOVED, Statement((Visibility.REMOVED,)))
        told = NoticedItem.objects.filter(
            item_id__in=self._items[number], notice__sent_at__isnull=False, left_out_at__isnull=True
        )
        for noticed in told.filter(notice__reminds__isnull=True).select_related("notice", "item"):
            record_reply(noticed.notice, noticed.item, said, through=Through.RECIPIENT, now=now)
        self._watch(now)


def place_of_page(page: str) -> Place:
    """``pixels/21`` as a place of the invented world."""
    name, _, number = page.partition("/")
    host = BY_NAME[name]
    place = place_at(host, path_of(host, int(number)))
    if place is None:
        raise ValueError(f"the invented world has no page {page}")
    return place


def address_of_page(page: str, port: int) -> str:
    """``pixels/21`` as the address people would report."""
    place = place_of_page(page)
    return address_of(place.host, place.path, port)

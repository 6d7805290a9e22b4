"""Plays the invented past through the real steps, with the clock of that day, so that its history is coherent."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rempart.desk.registers.people.models import Person
from rempart.desk.rehearsal.hosts import BY_NAME, Place, address_of, path_of, place_at
from rempart.desk.rehearsal.scenes import DECISIONS, SCENES, Scene, Then
from rempart.desk.rehearsal.sites import ACTS, act
from rempart.desk.rehearsal.world import PageState, World
from rempart.desk.rules.duties import DutyKind
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.report import AnswerBy, Details, Draft
from rempart.desk.stages.action.dossiers import record_dossier_sent
from rempart.desk.stages.action.models import Duty, NoticedItem
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.intake.steps import receive_report
from rempart.desk.stages.triage import claims, steps
from rempart.desk.stages.triage.errors import TriageRefused

Work = Callable[[datetime], object]
"""Let every stage work until nothing is left to do at that moment."""

LENGTH = timedelta(days=21)
WATCH_EVERY = timedelta(hours=6)
HOUR = timedelta(hours=1)
MOST_WAITS = 16


@dataclass(order=True, slots=True)
class _Event:
    at: datetime
    order: int
    play: Callable[[datetime], None] = field(compare=False)


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
        for number, scene in enumerate(SCENES):
            self._plan(number, scene, now - timedelta(hours=scene.hours_ago))
        for tick in range(int(LENGTH / WATCH_EVERY)):
            self._at(begin + tick * WATCH_EVERY, self._nothing)
        while self._events and self._events[0].at <= now:
            event = heapq.heappop(self._events)
            event.play(event.at)
            self.work(event.at)
            self.world.redate_new(event.at)
            yield (event.at - begin) / LENGTH

    def _at(self, when: datetime, play: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, _Event(when, next(self._order), play))

    def _nothing(self, now: datetime) -> None:
        """Only let the stages work: watched addresses are looked at."""

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
        self._items[number] = list(Item.objects.filter(report_id=receipt.report_id).values_list("pk", flat=True))

    def _decide(self, number: int, scene: Scene, now: datetime) -> None:
        """The first reading; when it asks for a second one, that comes some hours later."""
        self._read(number, "ines", scene.decision, now)
        if scene.second != "waits":
            later = now + 2 * HOUR
            self._at(later, lambda at: self._read(number, "theo", scene.second or scene.decision, at))
            self._at(later + 2 * HOUR, lambda at: self._read(number, "salome", scene.decision, at, only=State.ARBITRATION))
        # The undo window and the hour of grouping pass, then the letter leaves.
        for delay in (0.05, 1.2, 2.1, 3.4, 4.1, 5.3):
            self._at(now + delay * HOUR, self._hand_dossiers)
        self._at(now + 5.5 * HOUR, lambda at: self._await_notice(number, scene, at))

    def _read(self, number: int, who: str, decision: str, now: datetime, only: State | None = None) -> None:
        person = self.people[who]
        for item in Item.objects.filter(pk__in=self._items[number]):
            if only is not None and item.state != only:
                continue
            try:
                claims.claim(item, person, now=now)
                steps.assess(item, person, DECISIONS[decision], now=now)
            except TriageRefused:
                # Decided already, or not this person's to read: the queue would not have offered it.
                continue

    def _hand_dossiers(self, now: datetime) -> None:
        """The analyst sends what a person must send; the two newest stay to be sent by the visitor."""
        old_enough = now - 2 * HOUR
        waiting = Duty.objects.filter(
            kind__in=[DutyKind.AUTHORITY, DutyKind.PARTNER], done_at__isnull=True, failed_at__isnull=True
        )
        for duty in waiting.filter(filed_at__lte=old_enough):
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
        if scene.relapse_after:
            self._at(when + scene.relapse_after * HOUR, lambda at: self._host_acts(scene, PageState.ONLINE))
        # Gone is only said after three looks in a row.
        for delay in (0.1, 0.2, 0.3, 0.4):
            self._at(when + delay * HOUR, self._nothing)

    def _host_acts(self, scene: Scene, state: PageState) -> None:
        for page in scene.pages.split():
            act(self.world, place_of_page(page), state, self.port)


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

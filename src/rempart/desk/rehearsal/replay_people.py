"""The scripted staff of the replay: people on shift who claim, read, decide, hand dossiers over and clear what is red."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.entries import Details as Entry
from rempart.desk.registers.directory.models import Channel, RecipientKind
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.people.steps import create_person
from rempart.desk.rehearsal.people import PASSWORD
from rempart.desk.rehearsal.replay_world import ABOVE, HOSTS, PLATFORM_OF_ACCOUNTS, Draw, Host
from rempart.desk.rules.access import Role
from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.grading import Act, AgeGroup, ContentCategory, Gender, Grading, MediaType, Virtual
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.queue import Band
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage import claims, reading, steps
from rempart.desk.stages.triage.models import Claim

Choice = TypeVar("Choice")

OFFICE_HOURS = range(8, 20)
WEEKDAYS = range(5)
CAPACITY = 60
"""Readings one person makes in one round of two hours at most: two minutes each; nobody is asked for more."""

_VERDICTS = (
    (Verdict.ILLEGAL_IN_FIELD, 0.535),
    (Verdict.ILLEGAL_OUTSIDE_FIELD, 0.035),
    (Verdict.NOT_FOUND, 0.18),
    (Verdict.HARMFUL_BUT_LAWFUL, 0.17),
    (Verdict.LAWFUL_HELP_NEEDED, 0.08),
)


def _of_a_child(media: MediaType) -> Grading:
    return Grading(
        ContentCategory.CSAM_BASELINE,
        age=AgeGroup.PRE_PUBESCENT,
        gender=Gender.FEMALE,
        act=Act.SEX_ACT,
        virtual=Virtual.REAL,
        media=media,
    )


_GRADINGS = (
    (_of_a_child(MediaType.IMAGE), 0.55),
    (_of_a_child(MediaType.VIDEO), 0.12),
    (
        Grading(
            ContentCategory.CSAM_NATIONAL,
            age=AgeGroup.PUBESCENT,
            act=Act.LASCIVIOUS,
            virtual=Virtual.COMPUTER_GENERATED,
            media=MediaType.IMAGE,
        ),
        0.13,
    ),
    (Grading(ContentCategory.CHILD_SEXUAL_EXTORTION, virtual=Virtual.REAL, media=MediaType.TEXT), 0.06),
    (Grading(ContentCategory.CHILD_GROOMING, virtual=Virtual.REAL, media=MediaType.TEXT), 0.05),
    (Grading(ContentCategory.CHILD_IN_PROSTITUTION, virtual=Virtual.REAL, media=MediaType.TEXT), 0.05),
    (
        Grading(ContentCategory.ADULT_INTIMATE_IMAGE, age=AgeGroup.ADULT, virtual=Virtual.REAL, media=MediaType.IMAGE),
        0.04,
    ),
)
_NOTICE_AT_ONCE = frozenset({ContentCategory.ADULT_INTIMATE_IMAGE})
"""Everything about a child goes to the police first; the notice follows once the dossiers of the day are handed over."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works here."""

    analysts: tuple[Person, ...]
    supervisors: tuple[Person, ...]

    def on_shift(self, now: datetime, zone: ZoneInfo) -> Sequence[Person]:
        """Four analysts and a supervisor in office hours; two analysts on call otherwise: one reads, the other reads again."""
        local = now.astimezone(zone)
        turn = local.toordinal() % len(self.analysts)
        rota = self.analysts[turn:] + self.analysts[:turn]
        if local.hour in OFFICE_HOURS and local.weekday() in WEEKDAYS:
            return (*rota[:4], self.supervisors[turn % len(self.supervisors)])
        return (*rota[:2], self.supervisors[0]) if local.hour in OFFICE_HOURS else rota[:2]


def hire(now: datetime) -> Staff:
    """Make the accounts."""
    analysts = [create_person(f"analyste{one}", f"Analyste {one}", Role.ANALYST, PASSWORD, now=now) for one in range(1, 7)]
    chiefs = [create_person(f"chef{one}", f"Responsable {one}", Role.SUPERVISOR, PASSWORD, now=now) for one in (1, 2)]
    return Staff(tuple(analysts), tuple(chiefs))


def fill_directory(approver: Person, now: datetime) -> None:
    """Write the hosts, the host above them, the police and the partner hotlines into the directory."""
    above = Entry(RecipientKind.HOST, ABOVE, country="FR", language="fr")
    _enter(above, [host.domain for host in HOSTS], "socle@socle.example", approver, now)
    for host in HOSTS:
        _enter(_platform(host), [host.domain], f"notices@{host.domain}", approver, now)
    accounts = Entry(RecipientKind.PLATFORM, "Messagerie", country="US", language="en")
    _enter(accounts, [PLATFORM_OF_ACCOUNTS], "notices@messagerie.example", approver, now)
    _enter(Entry(RecipientKind.POLICE, "Plateforme de police", country="FR", language="fr"), [], "", approver, now)
    for country in ("NL", "DE", "US", "RO"):
        _enter(Entry(RecipientKind.PARTNER_HOTLINE, f"Hotline {country}", country=country), [], "", approver, now)


def _platform(host: Host) -> Entry:
    language = "fr" if host.country == "FR" else "en"
    return Entry(RecipientKind.PLATFORM, host.name, country=host.country, language=language, working_days=host.working_days)


def _enter(entry: Entry, domains: Sequence[str], mail: str, approver: Person, now: datetime) -> None:
    recipient = directory.add_recipient(entry, by=approver.pk, now=now)
    for domain in domains:
        directory.add_domain(recipient, domain, by=approver.pk, now=now)
    if mail:
        contact = directory.add_contact(recipient, Channel.EMAIL, mail, found_by="replay", now=now, by=approver.pk)
        directory.approve_contact(contact, by=approver.pk, now=now)


class Reading:
    """One round of reading: everybody on shift takes an item, decides, and takes the next until none is left."""

    def __init__(self, seed: int, staff: Staff, zone: ZoneInfo) -> None:
        self.seed = seed
        self.staff = staff
        self.zone = zone
        self.readings = 0
        self._put_off: set[int] = set()

    @staticmethod
    def truth(seed: int, key: str) -> Verdict:
        """What a careful reader would decide about this address."""
        return _pick(_VERDICTS, Draw.of(seed, key).part(0))

    @staticmethod
    def gradings() -> list[Grading]:
        """Every grading the scripted readers give."""
        return [grading for grading, _share in _GRADINGS]

    def round(self, now: datetime) -> int:
        """Read what waits; returns how many readings were made."""
        before = self.readings
        waiting = Item.objects.filter(claims.OPEN).values("group_key").distinct().count()
        people = deque(self.staff.on_shift(now, self.zone))
        left = CAPACITY * len(people)
        while waiting > 0 and people and left > 0:
            # Everybody takes one before anybody decides: several leases run at the same time.
            at_work = [people[place] for place in range(min(waiting, len(people)))]
            taken = [(person, claims.claim_next(person, now=now)) for person in at_work]
            for person, claim in taken:
                left, waiting = left - 1, waiting - 1
                if claim is None:
                    people.remove(person)
                    waiting += 1
                else:
                    self._read(claim, person, now)
            people.rotate(-1)
        return self.readings - before

    def _read(self, claim: Claim, person: Person, now: datetime) -> None:
        item = Item.objects.select_related("address", "report").get(pk=claim.item_id)
        key = intake.canonical(item) or f"item {item.pk}"
        draw = Draw.of(self.seed, f"reading {item.pk} {item.state} {person.pk}")
        if self._puts_off(item, person, draw, now):
            return
        if draw.part(1) < 0.2:
            reading.read_words(item, person, now=now)
        decision = self._decide(key, item, draw)
        made = steps.assess(item, person, decision, now=now)
        self.readings += 1
        if draw.part(2) < 0.004:
            # Second thoughts within the minute: the same person takes the item back and decides again.
            steps.undo(made, person, now=now + timedelta(seconds=20))
            steps.assess(Item.objects.get(pk=item.pk), person, decision, now=now + timedelta(seconds=40))
            self.readings += 1

    def _puts_off(self, item: Item, person: Person, draw: Draw, now: datetime) -> bool:
        """Now and then an item waits a few hours for a reason, goes to a colleague, or goes back to the queue."""
        may_wait = item.band >= Band.CHILD_ABUSE and item.due_at > now + timedelta(hours=8) and item.pk not in self._put_off
        if not may_wait or draw.part(3) >= 0.01:
            return False
        self._put_off.add(item.pk)
        if draw.part(4) < 0.4:
            claims.hold(item, person, "On attend la réponse d’un partenaire.", now + timedelta(hours=3), now=now)
        elif draw.part(4) < 0.7:
            claims.release(item, person, now=now)
        else:
            colleague = next(one for one in self.staff.analysts if one.pk != person.pk)
            claims.hand_over(item, person, colleague, "Pour toi.", now=now)
        return True

    def _decide(self, key: str, item: Item, draw: Draw) -> Decision:
        """The truth of the address; a second reader sees it otherwise one time in twenty."""
        truth = Draw.of(self.seed, key)
        verdict = _pick(_VERDICTS, truth.part(0))
        if item.state == State.SECOND_READING and draw.part(0) < 0.05:
            verdict = Verdict.HARMFUL_BUT_LAWFUL
        if verdict is not Verdict.ILLEGAL_IN_FIELD:
            return Decision(verdict)
        grading = _pick(_GRADINGS, truth.part(1))
        is_police_first = grading.category not in _NOTICE_AT_ONCE
        return Decision(verdict, grading, is_police_first=is_police_first, asks_second=truth.part(2) < 0.01)


def _pick(choices: Sequence[tuple[Choice, float]], number: float) -> Choice:
    for choice, share in choices:
        number -= share
        if number < 0:
            return choice
    return choices[0][0]

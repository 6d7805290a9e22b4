"""The cast of our stories: people, recipients and words that come back from test to test, brought on by the real steps.

Everybody here is invented, as are all the places: names under `.localhost` and `.example` belong to nobody. The clock is
always an argument: a test that wants tomorrow says so, with `Clock.later(days=1)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyotp
from django.contrib.auth.hashers import make_password

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.entries import Details as RecipientDetails
from rempart.desk.registers.directory.models import Channel, Recipient, RecipientKind
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.people.second_factor import enrol_known_totp
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.access import Role
from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.classification import (
    Act,
    AgeGroup,
    Commerciality,
    ContentCategory,
    Gender,
    Grading,
    MediaType,
    Virtual,
)
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.notice import Tempo
from rempart.desk.rules.report import AgeBand, AnswerBy, Category, Concerns, DangerNow, Details, Draft
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.intake.preparing import prepare
from rempart.desk.stages.intake.steps import Receipt, receive_report
from rempart.desk.stages.triage import claims
from rempart.desk.stages.triage.settling import settle
from rempart.desk.stages.triage.steps import assess

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Ten in the morning in Paris, on a working day."""

PASSWORD = "a quiet lamp in the window"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Clock:
    """The clock of one story. Nothing in it moves by itself."""

    now: datetime = MONDAY

    def later(self, **delay: float) -> datetime:
        """Let this much time pass: `clock.later(hours=2)`."""
        self.now += timedelta(**delay)
        return self.now


# The staff ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of the staff, before she has an account."""

    sign_in_name: str
    display_name: str
    role: Role
    language: str = "fr"


CAMILLE = Character("camille", "Camille", Role.ANALYST)
IDRIS = Character("idris", "Idris", Role.ANALYST, language="en")
SOLENE = Character("solene", "Solène", Role.SUPERVISOR)
ANGE = Character("ange", "Ange", Role.ADMINISTRATOR)
WASSIM = Character("wassim", "Wassim", Role.AUDITOR)
STAFF = (CAMILLE, IDRIS, SOLENE, ANGE, WASSIM)


@cache
def hashed_password() -> str:
    """Argon2 is slow on purpose: everybody has the same password, hashed once."""
    return make_password(PASSWORD)


def account(character: Character, *, now: datetime = MONDAY) -> Person:
    """The person's account, with its second factor enrolled; made the first time it is asked for."""
    known = Person.objects.filter(sign_in_name=character.sign_in_name).first()
    if known is not None:
        return known
    person = Person.objects.create(
        sign_in_name=character.sign_in_name,
        display_name=character.display_name,
        role=character.role.value,
        language=character.language,
        password=hashed_password(),
        created_at=now,
    )
    enrol_known_totp(person, TOTP_SECRET, now)
    return person


def camille(*, now: datetime = MONDAY) -> Person:
    """An analyst, in French."""
    return account(CAMILLE, now=now)


def idris(*, now: datetime = MONDAY) -> Person:
    """Another analyst, in English: the second pair of eyes."""
    return account(IDRIS, now=now)


def solene(*, now: datetime = MONDAY) -> Person:
    """The supervisor."""
    return account(SOLENE, now=now)


def ange(*, now: datetime = MONDAY) -> Person:
    """The administrator, who never reads what reporters wrote."""
    return account(ANGE, now=now)


def wassim(*, now: datetime = MONDAY) -> Person:
    """The auditor, who reads what was done and changes nothing."""
    return account(WASSIM, now=now)


def totp_code(now: datetime) -> str:
    """What the telephone of anybody of the staff shows at this moment."""
    return pyotp.TOTP(TOTP_SECRET).at(now)


# Those who write to us ----------------------------------------------------------------------------

LINA = Details(
    category=Category.INTIMATE_IMAGE_SHARED,
    concerns=Concerns.ME,
    age_band=AgeBand.FROM_15_TO_17,
    danger_now=DangerNow.NO,
    story="Quelqu'un de ma classe a publié une photo de moi. Je voudrais qu'elle parte.",
)
"""A girl of sixteen: it is about her."""

MADO = Details(
    category=Category.GROOMING,
    concerns=Concerns.CHILD_I_KNOW,
    age_band=AgeBand.UNDER_13,
    danger_now=DangerNow.YES,
    story="An adult asks my grandson for pictures, at this very moment.",
)
"""A grandmother; a child is in danger now."""

PAUL = Details(category=Category.CHILD_ABUSE_IMAGES, concerns=Concerns.UNKNOWN_PERSON, danger_now=DangerNow.NO)
"""A witness, who saw a page by accident and knows nobody in it."""

SOMEBODY = Details()
"""Somebody who gave an address and left."""


@cache
def _counter() -> list[int]:
    return [0]


def some_address() -> str:
    """An address nobody reported before, on a host that answers."""
    _counter()[0] += 1
    return f"https://bonne-reponse.example/page-{_counter()[0]}"


def receive(
    addresses: str | None = None, details: Details = PAUL, *, now: datetime = MONDAY, language: str = "fr", **also: Any
) -> Receipt:
    """A report arrives by the public door. ``also`` overrides single details: ``receive(danger_now=DangerNow.YES)``."""
    text = some_address() if addresses is None else addresses
    draft = Draft(addresses=text, language=language, has_no_link=not text.strip(), details=replace(details, **also))
    return receive_report(draft, now=now)


def items_of(receipt: Receipt) -> list[Item]:
    """The things to decide on that a report brought, in its order."""
    return list(Item.objects.filter(report_id=receipt.report_id).order_by("ordinal"))


def ready_item(addresses: str | None = None, details: Details = PAUL, *, now: datetime = MONDAY, **also: Any) -> Item:
    """The first item of a fresh report, waiting for an analyst."""
    receipt = receive(addresses, details, now=now, **also)
    prepare(now=now)
    return items_of(receipt)[0]


def by_email(details: Details, email: str = "mado@famille.example") -> Details:
    """The same report, whose author wants to be told by e-mail."""
    return replace(details, answer_by=AnswerBy.EMAIL, email=email)


# What analysts decide -----------------------------------------------------------------------------

BASELINE = Grading(
    category=ContentCategory.CSAM_BASELINE,
    age=AgeGroup.PRE_PUBESCENT,
    gender=Gender.FEMALE,
    act=Act.LASCIVIOUS,
    self_generated=False,
    virtual=Virtual.REAL,
    commercial=Commerciality.NON_COMMERCIAL,
    media=MediaType.IMAGE,
)
INTIMATE_IMAGE_OF_A_MINOR = Grading(
    category=ContentCategory.CSAM_NATIONAL,
    age=AgeGroup.PUBESCENT,
    gender=Gender.FEMALE,
    act=Act.LASCIVIOUS,
    self_generated=True,
    virtual=Virtual.REAL,
    commercial=Commerciality.NON_COMMERCIAL,
    media=MediaType.IMAGE,
)

REMOVE_IT = Decision(verdict=Verdict.ILLEGAL_IN_FIELD, grading=BASELINE)
POLICE_FIRST = replace(REMOVE_IT, is_police_first=True)
FOR_SOMEBODY_ELSE = Decision(verdict=Verdict.ILLEGAL_OUTSIDE_FIELD)
HARD_BUT_LAWFUL = Decision(verdict=Verdict.HARMFUL_BUT_LAWFUL, not_illegal_reason=14)
NOTHING_THERE = Decision(verdict=Verdict.NOT_FOUND, not_illegal_reason=9)
SOMEBODY_NEEDS_HELP = Decision(verdict=Verdict.LAWFUL_HELP_NEEDED)


def read(item: Item, decision: Decision = REMOVE_IT, by: Person | None = None, *, now: datetime = MONDAY) -> Item:
    """One person takes the item, decides, and the undo window ends."""
    person = by or camille(now=now)
    claims.claim(item, person, now=now)
    assess(item, person, decision, now=now)
    settle(now=now + Tempo().undo)
    item.refresh_from_db()
    return item


def assessed(item: Item | None = None, decision: Decision = REMOVE_IT, *, now: datetime = MONDAY) -> Item:
    """An item decided for good, whoever had to read it: if a rule asked for a second reading, Idris agreed."""
    found = item or ready_item(now=now)
    for reader in (camille, idris, solene):
        if State(found.state) in OPEN_FOR_READING:
            read(found, decision, by=reader(now=now), now=now)
    return found


def next_is_sampled(one_in: int = 20) -> bool:
    """Whether the next item will be drawn for a second reading."""
    newest = Item.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return (newest + 1) % one_in == 0


# Those we tell ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A recipient of the directory, before it is written there."""

    kind: RecipientKind
    name: str
    domain: str = ""
    email: str = ""
    country: str = "FR"
    language: str = "fr"
    working_days: str = "01234"
    also: dict[str, str] = field(default_factory=dict)


ANSWERS = Listed(RecipientKind.HOST, "Bonne Réponse", "bonne-reponse.example", "abuse@bonne-reponse.example")
REFUSES = Listed(RecipientKind.HOST, "Roc Hosting", "roc.example", "abuse@roc.example", language="en")
SILENT = Listed(RecipientKind.PLATFORM, "Puits", "puits.example", "abuse@puits.example", language="en", working_days="")
ABROAD = Listed(RecipientKind.HOST, "Polder Hosting", "polder.example", "abuse@polder.example", country="NL", language="en")
POLICE = Listed(RecipientKind.POLICE, "Brigade numérique (inventée)")
PARTNER = Listed(RecipientKind.PARTNER_HOTLINE, "Meldpunt (invented)", country="NL", language="en")
HELP = Listed(RecipientKind.HELP_SERVICE, "Écoute (inventée)", also={"about": "Pour les enfants et leurs parents."})
EVERYBODY_LISTED = (ANSWERS, REFUSES, SILENT, ABROAD, POLICE, PARTNER, HELP)


def listed(known: Listed, *, now: datetime = MONDAY, is_approved: bool = True) -> Recipient:
    """Write a recipient in the directory; Solène approves its contact unless told otherwise."""
    standing = Recipient.objects.filter(kind=known.kind, name=known.name).first()
    if standing is not None:
        return standing
    details = RecipientDetails(
        kind=known.kind,
        name=known.name,
        country=known.country,
        language=known.language,
        working_days=known.working_days,
        **known.also,
    )
    supervisor = solene(now=now)
    recipient = directory.add_recipient(details, by=supervisor.pk, now=now)
    if known.domain:
        directory.add_domain(recipient, known.domain, by=supervisor.pk, now=now)
    if known.email:
        contact = directory.add_contact(recipient, Channel.EMAIL, known.email, found_by="staff", by=supervisor.pk, now=now)
        if is_approved:
            directory.approve_contact(contact, by=supervisor.pk, now=now)
    return recipient


def full_directory(*, now: datetime = MONDAY) -> None:
    """Everybody who can be told."""
    for known in EVERYBODY_LISTED:
        listed(known, now=now)


def keys_of(receipt: Receipt) -> sealing.CaseKeys:
    """What the reporter's code opens."""
    assert receipt.code is not None
    return sealing.case_keys(receipt.code)

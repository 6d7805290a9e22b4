"""The shape of a year at a national hotline: how many reports, of what, when, with how many addresses.

The mix is the published one of 2024: 42,713 reports, about nine in ten under suspicion of child sexual exploitation, 57 %
judged illegal. What is not published (how many addresses a report holds, duplicates, hours) is an assumption, written here.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from rempart.desk.rehearsal.replay_world import HOSTS, UNKNOWN_DOMAIN
from rempart.desk.rules.report import AgeBand, AnswerBy, Category, Concerns, DangerNow, Details, Source

NATIONAL_YEAR = 42_713
"""Reports received by the French hotline in 2024."""
ILLEGAL_SHARE = 0.57
"""Share of them judged illegal."""
PUBLISHED_NOTICES = 3_365
"""Notices it sent to hosts in that year."""

CATEGORIES = {
    Category.CHILD_ABUSE_IMAGES: 0.68,
    Category.SEXUAL_BLACKMAIL: 0.06,
    Category.GROOMING: 0.04,
    Category.EXPLOITATION_ADVERT: 0.05,
    Category.INTIMATE_IMAGE_SHARED: 0.06,
    Category.PORNOGRAPHY_SEEN_BY_MINORS: 0.03,
    Category.HARASSMENT: 0.02,
    Category.HATE_OR_VIOLENCE: 0.03,
    Category.SUICIDE_PROVOCATION: 0.005,
    Category.OTHER: 0.015,
    Category.NOT_SAID: 0.01,
}
SOURCES = {Source.PUBLIC_FORM: 0.70, Source.PARTNER_HOTLINE: 0.27, Source.PLATFORM: 0.02, Source.AUTHORITY: 0.01}
HOUR_WEIGHTS = (3, 2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 6, 6, 6, 7, 7, 7, 7, 7, 7, 8, 8, 7, 5)
"""Reports follow the waking day and its evening."""
DAY_WEIGHTS = (1.1, 1.1, 1.05, 1.05, 1.0, 0.85, 0.85)
SIZES = ((1, 0.88), (2, 0.05), (3, 0.03), (5, 0.02), (8, 0.015), (12, 0.005))
"""How many addresses a report names, and how often."""
DUPLICATE_SHARE = 0.22
"""Share of addresses that were already reported a short time ago."""
REMEMBERED = 3_000
STORIES = (
    "Je suis tombé dessus en cherchant autre chose, je ne sais pas quoi faire.",
    "Ma fille de 13 ans m’a montré ce message. Elle a peur.",
    "Somebody sent me this and says there is more.",
    "La page est partagée dans un groupe depuis hier soir.",
)


class Arrival(NamedTuple):
    """One report on its way: when, what is typed, what is said, and whether the person goes to the end of the form."""

    at: datetime
    text: str
    details: Details
    source: Source
    language: str
    has_no_link: bool
    is_finished: bool


@dataclass(slots=True)
class Year:
    """The arrivals of one year, drawn as they come: nothing of the year is kept but the last addresses."""

    start: datetime
    days: int
    reports: int
    seed: int

    def arrivals(self) -> Iterator[Arrival]:
        """Every report, oldest first."""
        chance = Random(self.seed)  # noqa: S311 - a replay must be the same twice
        maker = _Maker(chance)
        for day, number in enumerate(self._per_day()):
            midnight = self.start + timedelta(days=day)
            hours = sorted(chance.choices(range(24), HOUR_WEIGHTS, k=number))
            moments = sorted(midnight + timedelta(hours=hour, seconds=chance.randrange(3600)) for hour in hours)
            for at in moments:
                yield maker.arrival(at)

    def _per_day(self) -> list[int]:
        """How many each day, adding up exactly to the reports asked for."""
        weights = [DAY_WEIGHTS[(self.start + timedelta(days=day)).weekday()] for day in range(self.days)]
        total, done, given = sum(weights), 0.0, 0
        numbers = []
        for weight in weights:
            done += weight
            upto = round(self.reports * done / total)
            numbers.append(upto - given)
            given = upto
        return numbers


class _Maker:
    """Makes arrivals one after the other; remembers the last addresses, because people report the same ones."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.recent: deque[str] = deque(maxlen=REMEMBERED)
        self.number = 0

    def arrival(self, at: datetime) -> Arrival:
        chance = self.chance
        source = chance.choices(list(SOURCES), list(SOURCES.values()))[0]
        details = self._details(source)
        has_no_link = source is Source.PUBLIC_FORM and chance.random() < 0.02
        text = "" if has_no_link else self._addresses(source)
        language = "en" if source is not Source.PUBLIC_FORM or chance.random() < 0.06 else "fr"
        return Arrival(at, text, details, source, language, has_no_link, chance.random() < 0.85)

    def _details(self, source: Source) -> Details:
        chance = self.chance
        category = chance.choices(list(CATEGORIES), list(CATEGORIES.values()))[0]
        if source is not Source.PUBLIC_FORM:
            return Details(category=category, answer_by=AnswerBy.NOTHING)
        is_close = chance.random() < 0.06
        return Details(
            category=category,
            concerns=chance.choice([Concerns.ME, Concerns.CHILD_I_KNOW]) if is_close else Concerns.UNKNOWN_PERSON,
            age_band=chance.choices(list(AgeBand), (0.3, 0.12, 0.12, 0.06, 0.4))[0],
            danger_now=DangerNow.YES if chance.random() < (0.15 if is_close else 0.005) else DangerNow.NO,
            story=chance.choice(STORIES) if chance.random() < 0.35 else "",
            answer_by=chance.choices([AnswerBy.NOTHING, AnswerBy.CASE_PAGE, AnswerBy.EMAIL], (0.35, 0.5, 0.15))[0],
            email=f"personne{self.number}@courriel.example",
        )

    def _addresses(self, source: Source) -> str:
        chance = self.chance
        if source is Source.PUBLIC_FORM and chance.random() < 0.03:
            self.number += 1
            return f"@compte_{self.number} sur Snapchat"
        sizes, weights = zip(*SIZES, strict=True)
        wanted = chance.choices(sizes, weights)[0]
        # What lies together is reported together: one host a report.
        domain = self._domain()
        return "\n".join(self._address(domain) for _ in range(wanted))

    def _domain(self) -> str:
        if self.chance.random() < 0.01:
            return UNKNOWN_DOMAIN
        return self.chance.choices(HOSTS, [host.share for host in HOSTS])[0].domain

    def _address(self, domain: str) -> str:
        chance = self.chance
        if self.recent and chance.random() < DUPLICATE_SHARE:
            # The newest are reported again most often.
            back = min(int(chance.expovariate(1 / 200)), len(self.recent) - 1)
            return self._as_typed(self.recent[-1 - back])
        self.number += 1
        url = f"https://{domain}/p/{self.number}"
        self.recent.append(url)
        return self._as_typed(url)

    def _as_typed(self, url: str) -> str:
        way = self.chance.random()
        if way < 0.05:
            return url.replace("https", "hxxps", 1)
        if way < 0.12:
            return f"{url}?utm_source=partage&utm_medium=chat"
        return url.replace("https://", "HTTPS://", 1) if way < 0.15 else url

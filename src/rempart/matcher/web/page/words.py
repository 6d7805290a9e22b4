"""The words of the page, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from rempart.matcher.policy import Outcome

LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that the page says."""

    language: str
    other: str
    other_name: str
    title: str
    intro: str
    as_of: str
    all_ready: str
    not_ready: str
    dry_run: str
    lists: str
    list_name: str
    state: str
    states: MappingProxyType[str, str]
    entries: str
    fingerprints: str
    version: str
    heard: str
    trouble: str
    none: str
    answers: str
    kind: str
    kinds: MappingProxyType[str, str]
    requests: str
    half: str
    most: str
    slowest: str
    answers_note: str
    milliseconds: str
    hits: str
    hits_note: str
    hour: str
    outcomes: MappingProxyType[Outcome, str]
    no_hits: str
    drawn: str
    table_of: str
    ago: MappingProxyType[str, str]
    foot: str
    thousands: str
    decimal: str
    months: tuple[str, ...]
    first: str
    """The first day of a month."""

    def number(self, value: int) -> str:
        """With its thousands apart."""
        return f"{value:,}".replace(",", self.thousands)

    def ms(self, seconds: float | None) -> str:
        """Milliseconds, with one decimal where they are few."""
        if seconds is None:
            return self.none
        value = seconds * 1e3
        return (f"{value:.1f}" if value < 100 else f"{value:.0f}").replace(".", self.decimal) + f" {self.milliseconds}"

    def moment(self, at: datetime) -> str:
        """A day and a time, in UTC."""
        at = at.astimezone(UTC)
        day = self.first if at.day == 1 else str(at.day)
        return self.as_of.format(f"{day} {self.months[at.month - 1]} {at.year}, {at:%H:%M:%S}")

    def since(self, seconds: float | None) -> str:
        """How long ago."""
        if seconds is None:
            return self.ago["never"]
        for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            if seconds >= 2 * length:
                return self.ago[unit].format(int(seconds // length))
        return self.ago["second"].format(int(seconds))


ENGLISH = Words(
    language="en",
    other="fr",
    other_name="Français",
    title="Matcher",
    intro="What this matcher holds, how quickly it answers, and what it met. Nothing can be changed here.",
    as_of="As of {} UTC",
    all_ready="Every list is ready.",
    not_ready="Not ready: {}.",
    dry_run="Dry run: matches are only counted, nothing is held or blocked.",
    lists="Lists",
    list_name="List",
    state="State",
    states=MappingProxyType({"ready": "ready", "stale": "stale", "unread": "not read yet"}),
    entries="Entries",
    fingerprints="Fingerprints",
    version="Read up to",
    heard="Owner heard of",
    trouble="Last trouble",
    none="—",
    answers="Answers in the last hour",
    kind="Kind",
    kinds=MappingProxyType(
        {"single": "One fingerprint", "batch": "Batches", "upload": "Uploads", "hma": "HMA’s paths", "other": "Everything else"}
    ),
    requests="Requests",
    half="Half within",
    most="99 of 100 within",
    slowest="999 of 1,000 within",
    answers_note="Times are rounded up to the next step of a scale, a quarter at most.",
    milliseconds="ms",
    hits="Matches in the last 24 hours",
    hits_note="Each match of an upload with an entry, by what this platform’s policy said. Hours are UTC.",
    hour="Hour",
    outcomes=MappingProxyType(
        {Outcome.BLOCK: "blocked", Outcome.HOLD: "held for review", Outcome.COUNT: "counted", Outcome.ACCEPT: "let through"}
    ),
    no_hits="Nothing was met on this list.",
    drawn="Matches on the list {}, hour by hour; the same figures are in the table below.",
    table_of="Figures of {}",
    ago=MappingProxyType(
        {"never": "never", "second": "{} s ago", "minute": "{} min ago", "hour": "{} h ago", "day": "{} days ago"}
    ),
    foot="For machines: /metrics, /readyz and /openapi.json.",
    thousands=",",
    decimal=".",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    first="1",
)

FRENCH = Words(
    language="fr",
    other="en",
    other_name="English",
    title="Matcher",
    intro="Ce que ce matcher détient, en combien de temps il répond, et ce qu’il a rencontré. Rien ne se modifie ici.",
    as_of="Au {} UTC",
    all_ready="Toutes les listes sont prêtes.",
    not_ready="Pas prêt : {}.",
    dry_run="Essai à blanc : les correspondances sont seulement comptées, rien n’est retenu ni bloqué.",
    lists="Listes",
    list_name="Liste",
    state="État",
    states=MappingProxyType({"ready": "prête", "stale": "périmée", "unread": "pas encore lue"}),
    entries="Entrées",
    fingerprints="Empreintes",
    version="Lue jusqu’à",
    heard="Nouvelles du responsable",
    trouble="Dernier incident",
    none="—",
    answers="Réponses de la dernière heure",
    kind="Demande",
    kinds=MappingProxyType(
        {"single": "Une empreinte", "batch": "Lots", "upload": "Fichiers", "hma": "Chemins de HMA", "other": "Tout le reste"}
    ),
    requests="Demandes",
    half="La moitié en",
    most="99 sur 100 en",
    slowest="999 sur 1 000 en",
    answers_note="Les durées sont arrondies au degré suivant d’une échelle, d’un quart au plus.",
    milliseconds="ms",
    hits="Correspondances des dernières 24 heures",
    hits_note="Chaque rencontre d’un fichier et d’une entrée, selon ce qu’a dit la règle de cette plateforme. Heures UTC.",
    hour="Heure",
    outcomes=MappingProxyType(
        {Outcome.BLOCK: "bloquées", Outcome.HOLD: "retenues pour examen", Outcome.COUNT: "comptées", Outcome.ACCEPT: "acceptées"}
    ),
    no_hits="Rien n’a été rencontré sur cette liste.",
    drawn="Correspondances sur la liste {}, heure par heure ; les mêmes chiffres sont dans le tableau ci-dessous.",
    table_of="Chiffres de {}",
    ago=MappingProxyType(
        {
            "never": "jamais",
            "second": "il y a {} s",
            "minute": "il y a {} min",
            "hour": "il y a {} h",
            "day": "il y a {} jours",
        }
    ),
    foot="Pour les machines : /metrics, /readyz et /openapi.json.",
    thousands="\u202f",
    decimal=",",
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    first="1er",
)

BY_LANGUAGE = {"en": ENGLISH, "fr": FRENCH}


def chosen(asked: str, accepted: bytes) -> Words:
    """By the address, otherwise by what the browser prefers; English where neither says anything we have."""
    if asked in BY_LANGUAGE:
        return BY_LANGUAGE[asked]
    wanted = []
    for one in accepted.decode("latin-1").split(",")[:20]:
        name, _, weight = one.partition(";")
        try:
            share = float(weight.partition("=")[2] or 1)
        except ValueError:
            share = 0.0
        wanted.append((-share, name.strip().lower()[:2]))
    found = next((name for _, name in sorted(wanted, key=lambda pair: pair[0]) if name in BY_LANGUAGE), "en")
    return BY_LANGUAGE[found]

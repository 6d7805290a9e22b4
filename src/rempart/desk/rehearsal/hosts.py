"""The invented hosts: sites of this machine only, each with a mailbox, a temper and pages drawn by code."""

import re
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

ENDING = ".localhost"
MAX_PAGE = 99_999
"""Any page from 1 to here exists until its host removes it."""


class Temper(StrEnum):
    """What the host usually does with a notice, when nobody presses its buttons."""

    QUICK = "quick"
    SLOW = "slow"
    REFUSES = "refuses"
    MOVES = "moves"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Host:
    """One invented site, or a company that hosts sites of others."""

    name: str
    title: str
    folder: str
    about: object
    temper: Temper
    country: str = "FR"
    language: str = "fr"
    hosted_by: str = ""
    is_platform: bool = False
    hue: int = 180
    desk: str = "abuse"

    @property
    def domain(self) -> str:
        """Its name on this machine."""
        return f"{self.name}{ENDING}"

    @property
    def mailbox(self) -> str:
        """Where its notices arrive."""
        return f"{self.desk}@{self.domain}"


HOSTS = (
    Host("pixels", "Pixels & Bordures", "image", _("An image site that answers within the hour."), Temper.QUICK, hue=190),
    Host(
        "clairiere", "La Clairière", "sujet", _("A forum whose owner seldom reads his mail."), Temper.REFUSES,
        hosted_by="vallon", hue=110,
    ),
    Host("clips", "Clips du Soir", "video", _("A video platform, slow but serious."), Temper.SLOW, is_platform=True, hue=265),
    Host("depot", "Le Dépôt", "fichier", _("A file host that moves things rather than removing them."), Temper.MOVES, hue=35),
    Host("ronde", "La Ronde", "@", _("A social network with accounts."), Temper.QUICK, is_platform=True, hue=330),
    Host(
        "fjord", "Fjordbilder", "photo", _("A foreign site, hosted in another country."), Temper.SLOW, country="NO",
        language="en", hosted_by="nordlys", hue=215,
    ),
    Host(
        "miroir", "Miroir Gris", "copie", _("Where moved things come up again."), Temper.SILENT, country="NO",
        language="en", hue=285,
    ),
    Host("vallon", "Vallon Hébergement", "", _("A company that hosts the sites of others."), Temper.QUICK, hue=150),
    Host(
        "nordlys", "Nordlys Hosting", "", _("A foreign company that hosts the sites of others."), Temper.QUICK, country="NO",
        language="en", hue=230,
    ),
    Host(
        "muet", "Muet", "page", _("A site whose mailbox refuses every mail: to see what a failure looks like."),
        Temper.SILENT, hue=10, desk="nobody",
    ),
)  # fmt: skip
BY_NAME = {host.name: host for host in HOSTS}
SITES = tuple(host for host in HOSTS if host.folder)

ACCOUNTS = ("marin.invente", "lune.invente", "sable.invente", "cedre.invente", "brume.invente")
_PAGE = re.compile(r"/(?P<folder>[a-z]+)/(?P<number>[1-9][0-9]{0,4})")
_ACCOUNT = re.compile(r"/@(?P<name>[a-z]+\.invente)(?:/(?P<number>[1-9][0-9]{0,4}))?")
_NAMED = re.compile(r"https?://(?P<host>[a-z]+)\.localhost:[0-9]+(?P<path>/[@a-z0-9./_-]*[a-z0-9])")


@dataclass(frozen=True, slots=True)
class Place:
    """One page of one host. ``account`` is empty on hosts without accounts."""

    host: Host
    path: str
    number: int
    account: str = ""


def place_at(host: Host, path: str) -> Place | None:
    """The page at this path, if the host has such a page."""
    if host.folder == "@":
        found = _ACCOUNT.fullmatch(path)
        if found is None or found["name"] not in ACCOUNTS:
            return None
        return Place(host, path, int(found["number"] or 0) + 1000 * ACCOUNTS.index(found["name"]), found["name"])
    page = _PAGE.fullmatch(path)
    if page is None or page["folder"] != host.folder:
        return None
    return Place(host, path, int(page["number"]))


def path_of(host: Host, number: int) -> str:
    """The path of a host's page by number."""
    if host.folder == "@":
        return f"/@{ACCOUNTS[number % len(ACCOUNTS)]}/{number}"
    return f"/{host.folder}/{number}"


def address_of(host: Host, path: str, port: int) -> str:
    """The address people would report."""
    return f"http://{host.domain}:{port}{path}"


def places_named_in(text: str) -> list[Place]:
    """The pages of invented hosts a mail speaks of, defanged or not, each once."""
    plain = text.replace("hxxp", "http").replace("[.]", ".").replace("[:]", ":")
    found: dict[tuple[str, str], Place] = {}
    for match in _NAMED.finditer(plain):
        host = BY_NAME.get(match["host"])
        place = place_at(host, match["path"]) if host else None
        if place is not None:
            found.setdefault((place.host.name, place.path), place)
    return list(found.values())


def sites_under(host: Host) -> tuple[str, ...]:
    """Names of the sites whose pages this host can remove: its own, and those it hosts."""
    return (host.name, *(site.name for site in HOSTS if site.hosted_by == host.name))

"""The guided tour, the mail catcher's pages, and the sign-ins of the invented people."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.urls import NoReverseMatch, reverse
from django.utils import translation

from rempart.desk.registers.installation.config import Config
from rempart.desk.rehearsal.hosts import BY_NAME, SITES, address_of, path_of
from rempart.desk.rehearsal.people import PASSWORD, PLAYERS, seconds_left
from rempart.desk.rehearsal.readers import SHOWN, shown_commands
from rempart.desk.rehearsal.sites import pieces
from rempart.desk.rehearsal.tour_protecting import ProtectingTour
from rempart.desk.rehearsal.web import LANGUAGES, Answer, Request, not_found, page, redirect, static
from rempart.desk.rehearsal.world import World
from rempart.desk.rules.access import Role
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.classification import ContentCategory, Virtual
from rempart.desk.web.shared.words import words_for

POSTED = {"/reset", "/protect/met"}
RESET_REQUEST = "reset-requested"
STATIC = {"/house.css", "/rehearsal.css", "/tour.js"}
CHOSEN = {
    "verdict": Verdict.ILLEGAL_IN_FIELD,
    "category": ContentCategory.ADULT_INTIMATE_IMAGE,
    "virtual": Virtual.REAL,
}
"""What the tour proposes to choose in the form: enough for a notice after one reading."""
STORY = ("pixels", 7)
"""The page the tour proposes to report; the invented past leaves it alone."""


@dataclass(frozen=True, slots=True)
class Tour:
    """The pages at 127.0.0.1 itself."""

    world: World
    config: Config

    @property
    def protecting(self) -> ProtectingTour:
        """The second story."""
        return ProtectingTour(self.world, self.config.public_url)

    def __call__(self, request: Request) -> Answer:
        if request.path in STATIC:
            return static(request.path[1:])
        if request.path == "/codes.json":
            return self._codes()
        if request.path in POSTED and request.method == "POST":
            return (self._reset if request.path == "/reset" else self.protecting.met)(request)
        if request.path in {"/picture.png", "/flag.png"}:
            return self.protecting.drawing(is_known=request.path == "/flag.png")
        language, _, rest = request.path[1:].partition("/")
        if language not in LANGUAGES:
            return redirect(f"/{request.language}/") if request.path == "/" else not_found()
        return self._in_language(request, language, rest)

    def _in_language(self, request: Request, language: str, rest: str) -> Answer:
        match rest.strip("/").split("/"):
            case [""]:
                return page("tour.html", language, {**self._tour_values(language, request), "place": "tour"})
            case ["protect"]:
                values = {**self._tour_values(language, request), **self.protecting.values(request), "place": "protect"}
                values |= self._reading()
                return page("protect.html", language, values)
            case ["mail"]:
                return page("mailboxes.html", language, self._mailboxes(language))
            case ["mail", mailbox] if "@" in mailbox:
                mails = self.world.mails(mailbox)
                return page("mailbox.html", language, {**self._frame(language), "mailbox": mailbox, "mails": mails})
            case ["mail", number] if number.isdigit():
                return self._mail(language, int(number))
        return not_found()

    def _mail(self, language: str, number: int) -> Answer:
        mail = self.world.mail(number)
        if mail is None:
            return not_found()
        values = {"mail": mail, "pieces": pieces(mail.text, self.config.public_url)}
        return page("caught.html", language, {**self._frame(language), **values})

    def _frame(self, language: str) -> dict[str, object]:
        other = "en" if language == "fr" else "fr"
        return {"other": other, "place": "mail", "desk": self.config.public_url, "port": self.config.rehearsal_port}

    def _mailboxes(self, language: str) -> dict[str, object]:
        return {**self._frame(language), "mailboxes": self.world.mailboxes()}

    def _tour_values(self, language: str, request: Request) -> dict[str, object]:
        name, number = STORY
        host = BY_NAME[name]
        now = datetime.now(UTC)
        return {
            **self._frame(language),
            "story": address_of(host, path_of(host, number), self.config.rehearsal_port),
            "abuse": address_of(host, "/abuse/", self.config.rehearsal_port),
            "links": {key: self.config.public_url + path for key, path in desk_paths(language).items()},
            "analyst": next(one for one in PLAYERS if one.role is Role.ANALYST and one.language == language),
            "players": [{"player": player, "code": player.code_at(now)} for player in PLAYERS],
            "words": {name: words_for(member) for name, member in CHOSEN.items()},
            "password": PASSWORD,
            "seconds": seconds_left(now),
            "sites": [(site, address_of(site, "/", self.config.rehearsal_port)) for site in SITES],
            "was_reset": "reset" in request.query,
            "is_resetting": (self.world.path.parent / RESET_REQUEST).exists(),
        }

    def _reading(self) -> dict[str, object]:
        """What a platform types to read the list, with a key that everybody knows."""
        said = shown_commands(self.config.public_url, self.config.association)
        clients = f"{self.config.public_url}{reverse('console:clients')}"
        return {"reader": SHOWN, "reader_commands": said, "clients": clients}

    def _codes(self) -> Answer:
        now = datetime.now(UTC)
        codes = {player.sign_in_name: player.code_at(now) for player in PLAYERS}
        content = json.dumps({"codes": codes, "seconds": seconds_left(now)})
        return Answer(content, kind="application/json")

    def _reset(self, request: Request) -> Answer:
        if not request.is_from_here:
            return not_found()
        # The parent process watches for this file: it stops the desk, begins again, and removes it.
        (self.world.path.parent / RESET_REQUEST).touch()
        language = request.form.get("language", "en")
        return redirect(f"/{language if language in LANGUAGES else 'en'}/?reset=1")


PLACES = {
    # What the tour links to, and the address to use should the desk name its pages otherwise one day.
    "report": ("public:report", "/{language}/"),
    "follow": ("public:case", "/{language}/"),
    "home": ("public:home", "/{language}/"),
    "image": ("public:image", "/{language}/image/"),
    "sign_in": ("console:sign-in", "/console/"),
    "queue": ("console:queue", "/console/"),
    "notices": ("console:notices", "/console/"),
    "figures": ("console:figures", "/console/"),
    "directory": ("console:directory", "/console/"),
    "protections": ("console:protections", "/console/"),
}


def desk_paths(language: str) -> dict[str, str]:
    """Where the desk's pages are."""
    found = {}
    with translation.override(language):
        for key, (name, otherwise) in PLACES.items():
            try:
                found[key] = reverse(name)
            except NoReverseMatch:
                found[key] = otherwise.format(language=language)
    return found

"""The pages of the invented hosts: a front page, pictures drawn by code, and the desk of the abuse team."""

from dataclasses import dataclass
from http import HTTPStatus

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rempart.desk.rehearsal.drawings import drawing
from rempart.desk.rehearsal.hosts import BY_NAME, Host, Place, address_of, path_of, place_at, places_named_in, sites_under
from rempart.desk.rehearsal.photos import PLATFORM, Photos
from rempart.desk.rehearsal.web import Answer, Request, not_found, page, redirect, static
from rempart.desk.rehearsal.world import PageState, World

FRONT_PAGES = 12
STATIC = {"/house.css", "/rehearsal.css", "/ronde.css"}
MIRROR = "miroir"

ACTS = {"remove": PageState.REMOVED, "refuse": PageState.REFUSED, "move": PageState.MOVED, "restore": PageState.ONLINE}


@dataclass(frozen=True, slots=True)
class Sites:
    """Every invented host, told apart by the name in the address."""

    world: World
    port: int
    desk: str
    photos: Photos

    def __call__(self, request: Request) -> Answer:
        host = BY_NAME.get(request.name)
        if host is None:
            return not_found()
        if request.path in STATIC:
            return static(request.path[1:])
        if request.path.startswith("/photos/") and host.name == PLATFORM:
            return self.photos(request)
        if request.path.startswith("/abuse/"):
            return AbuseTeam(self.world, self.port, self.desk)(request, host)
        if request.path == "/":
            return self._front(request, host)
        return self._page(request, host)

    def _front(self, request: Request, host: Host) -> Answer:
        places = [place_at(host, path_of(host, number)) for number in range(1, FRONT_PAGES + 1)] if host.folder else []
        shown = [self._card(place) for place in places if place and self.world.page(place).state is not PageState.REMOVED]
        return page(
            "site.html", request.language, {"host": host, "cards": shown, "port": self.port, "has_photos": host.name == PLATFORM}
        )

    def _card(self, place: Place) -> dict[str, object]:
        return {"path": place.path, "drawing": picture(place), "caption": caption(place)}

    def _page(self, request: Request, host: Host) -> Answer:
        place = place_at(host, request.path)
        if place is None:
            return page("gone.html", request.language, {"host": host, "was_removed": False}, HTTPStatus.NOT_FOUND)
        state = self.world.page(place)
        if state.state is PageState.REMOVED:
            return page("gone.html", request.language, {"host": host, "was_removed": True}, HTTPStatus.GONE)
        if state.state is PageState.MOVED:
            return Answer(status=HTTPStatus.FOUND, headers=(("Location", state.moved_to),))
        values = {
            "host": host,
            "place": place,
            "drawing": picture(place),
            "caption": caption(place),
            "address": address_of(host, place.path, self.port),
        }
        return page("picture.html", request.language, values)


@dataclass(frozen=True, slots=True)
class AbuseTeam:
    """Where the host's people read their mail and act."""

    world: World
    port: int
    desk: str

    def __call__(self, request: Request, host: Host) -> Answer:
        if request.path == "/abuse/":
            return self._inbox(request, host)
        if request.path == "/abuse/act" and request.method == "POST":
            return self._act(request, host)
        number = request.path.removeprefix("/abuse/mail/")
        if number.isdigit():
            return self._mail(request, host, int(number))
        return not_found()

    def _inbox(self, request: Request, host: Host) -> Answer:
        mails = self.world.mails(host.mailbox)
        named = {place.path: place for mail in mails for place in places_named_in(mail.text) if self._is_ours(host, place)}
        rows = sorted(map(self._row, named.values()), key=lambda row: row["state"] != PageState.ONLINE)
        return page("abuse.html", request.language, {"host": host, "mails": mails, "rows": rows})

    def _mail(self, request: Request, host: Host, number: int) -> Answer:
        mail = self.world.mail(number)
        if mail is None or mail.mailbox != host.mailbox:
            return not_found()
        rows = [self._row(place) for place in places_named_in(mail.text) if self._is_ours(host, place)]
        values = {"host": host, "mail": mail, "pieces": pieces(mail.text, self.desk), "rows": rows}
        return page("mail.html", request.language, values)

    def _act(self, request: Request, host: Host) -> Answer:
        site = BY_NAME.get(request.form.get("site", ""))
        place = place_at(site, request.form.get("path", "")) if site else None
        state = ACTS.get(request.form.get("act", ""))
        if not request.is_from_here or place is None or state is None or not self._is_ours(host, place):
            return Answer("No.", HTTPStatus.FORBIDDEN, "text/plain; charset=utf-8")
        act(self.world, place, state, self.port)
        back = request.form.get("back", "")
        return redirect(f"/abuse/mail/{back}" if back.isdigit() else "/abuse/")

    def _is_ours(self, host: Host, place: Place) -> bool:
        return place.host.name in sites_under(host)

    def _row(self, place: Place) -> dict[str, object]:
        with_state = self.world.page(place)
        return {
            "site": place.host.name,
            "path": place.path,
            "address": address_of(place.host, place.path, self.port),
            "state": with_state.state.value,
            "moved_to": with_state.moved_to,
        }


def act(world: World, place: Place, state: PageState, port: int) -> None:
    """A host does something with a page. What is moved comes up again on the mirror."""
    mirror = BY_NAME[MIRROR]
    moved_to = address_of(mirror, f"/{mirror.folder}/{place.number or 1}", port) if state is PageState.MOVED else ""
    world.set_page(place, state, moved_to)


def picture(place: Place) -> SafeString:
    """The page's drawing. Made of numbers and of our own words only."""
    title = gettext("A drawing made by code")
    return mark_safe(drawing(f"{place.host.name}{place.path}", title, place.host.hue))  # noqa: S308


def caption(place: Place) -> str:
    """A line under the drawing that nobody can mistake."""
    return gettext("Rehearsal content no. %(number)s: pretend this page is harmful.") % {"number": place.number or 1}


def pieces(text: str, desk: str) -> list[tuple[str, bool]]:
    """A mail cut where it links to the desk: only such links can be clicked, a reported address never."""
    found: list[tuple[str, bool]] = []
    rest = text
    while desk and (at := rest.find(f"{desk}/")) >= 0:
        end = next((at + index for index, sign in enumerate(rest[at:]) if sign.isspace() or sign in '<>"'), len(rest))
        found += [(rest[:at], False), (rest[at:end], True)]
        rest = rest[end:]
    return [*found, (rest, False)]

"""The photos of the invented platform: people post pictures, its matcher is asked about each, its own people look at some."""

from dataclasses import dataclass, field
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from rempart.desk.rehearsal.copies import Change, File, file_of
from rempart.desk.rehearsal.gallery import Gallery, State, Upload
from rempart.desk.rehearsal.hosts import ACCOUNTS, BY_NAME, Host
from rempart.desk.rehearsal.platform_matcher import NoPicture, PlatformMatcher, Silent
from rempart.desk.rehearsal.web import Answer, Request, not_found, page, redirect
from rempart.desk.rehearsal.world import SEEDED, World
from rempart.desk.rules.trust import RefusalReason

PLATFORM = "ronde"
"""The host whose program reads the desk's lists with the key that everybody knows (``readers.SHOWN``)."""
DRAWN = "drawn"
"""The number of the drawing that the visitor saved last (a note of the world)."""

STATES = {"block": State.REFUSED, "hold": State.HELD}
KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))
CHANGES = {
    Change.SAME: _("the same file"),
    Change.MIRRORED: _("mirrored"),
    Change.BORDERED: _("with a border"),
    Change.CAPTIONED: _("with a caption"),
    Change.RECOMPRESSED: _("smaller, and compressed again"),
    Change.OTHER: _("another picture"),
}
REASONS = {
    RefusalReason.ANOTHER_PICTURE: _("it is another picture"),
    RefusalReason.NOT_INTIMATE: _("nothing intimate in it"),
    RefusalReason.WELL_KNOWN: _("a picture everybody knows"),
    RefusalReason.WITH_CONSENT: _("the person posted it herself"),
    RefusalReason.OTHER: _("something else"),
}


def host() -> Host:
    """The platform."""
    return BY_NAME[PLATFORM]


def drawn(world: World, change: str) -> File | None:
    """A file of the drawing saved last; None before any was saved, or where there is no such change."""
    number = world.note(DRAWN)
    return file_of(int(number), Change(change)) if number.isdigit() and change in set(Change) else None


@dataclass(frozen=True, slots=True)
class Photos:
    """Everything under /photos/ of the platform's own address."""

    world: World
    matcher: PlatformMatcher
    desk: str
    tour: str
    gallery: Gallery = field(default_factory=Gallery)

    def __call__(self, request: Request) -> Answer:
        self.gallery.begin(self.world.note(SEEDED))
        match request.path.removeprefix("/photos/").split("/"):
            case [""]:
                return self._front(request)
            case ["post"] if request.method == "POST" and request.is_from_here:
                return self._post(request)
            case ["team", ""]:
                return self._page(request, "team.html", held=self.gallery.all(State.HELD), reasons=REASONS.items())
            case ["team", "decide"] if request.method == "POST" and request.is_from_here:
                return self._decide(request)
            case ["copy", change]:
                found = drawn(self.world, change)
                return Answer(found.content, kind=found.kind) if found else not_found()
            case [number] if number.isdigit():
                return self._one(request, self.gallery.get(int(number)))
            case [number, "picture"] if number.isdigit():
                upload = self.gallery.get(int(number))
                return Answer(upload.content, kind=upload.kind) if upload and upload.content else not_found()
        return not_found()

    def _page(self, request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Answer:
        frame = {"host": host(), "desk": self.desk, "tour": self.tour, "waiting": len(self.gallery.all(State.HELD))}
        return page(f"photos/{template}", request.language, {**frame, **values}, status)

    def _front(self, request: Request, trouble: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
        values = {
            "uploads": self.gallery.all(State.PUBLISHED),
            "changes": CHANGES.items() if self.world.note(DRAWN) else (),
            "age": self.matcher.age(),
            "trouble": trouble,
        }
        return self._page(request, "front.html", status, **values)

    def _one(self, request: Request, upload: Upload | None) -> Answer:
        if upload is None:
            return not_found()
        return self._page(request, "one.html", upload=upload, state=upload.state.value)

    def _post(self, request: Request) -> Answer:
        copied = drawn(self.world, request.form.get("copy", ""))
        content = copied.content if copied else request.file
        kind = next((kind for begins, kind in KINDS if content.startswith(begins)), "")
        if not content or not kind:
            return self._front(request, "kind", HTTPStatus.UNPROCESSABLE_ENTITY)
        account = ACCOUNTS[0]
        try:
            said = self.matcher.match(content, kind, account=account)
            if said.outcome == "hold":
                self.matcher.tell(said.trace_id, "under_review")
        except NoPicture:
            return self._front(request, "kind", HTTPStatus.UNPROCESSABLE_ENTITY)
        except Silent:
            # Without an answer nothing is published: whoever posts is asked to come back.
            return self._front(request, "silent", HTTPStatus.SERVICE_UNAVAILABLE)
        upload = self.gallery.add(account, kind, content, STATES.get(said.outcome, State.PUBLISHED), said)
        return redirect(f"/photos/{upload.number}")

    def _decide(self, request: Request) -> Answer:
        """The visitor plays somebody of the platform who looked."""
        number, act, reason = (request.form.get(name, "") for name in ("number", "act", "reason"))
        upload = self.gallery.get(int(number)) if number.isdigit() else None
        is_known = act == "block" or (act == "publish" and reason in set(RefusalReason))
        if upload is None or upload.state is not State.HELD or not is_known:
            return redirect("/photos/team/")
        try:
            if act == "block":
                self.matcher.tell(upload.said.trace_id, "blocked")
            else:
                self.matcher.tell(upload.said.trace_id, "not_blocked", reason)
        except Silent:
            return self._front(request, "silent", HTTPStatus.SERVICE_UNAVAILABLE)
        self.gallery.decide(upload.number, State.REFUSED if act == "block" else State.PUBLISHED)
        return redirect(f"/photos/{upload.number}")

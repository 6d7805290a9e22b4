"""The second story of the guided tour: a picture is protected, a platform meets it in all shapes, it is taken back."""

from dataclasses import dataclass

from rempart.desk.rehearsal.copies import Change
from rempart.desk.rehearsal.hosts import address_of
from rempart.desk.rehearsal.photos import CHANGES, DRAWN, drawn, host
from rempart.desk.rehearsal.pictures import new_picture, picture, png
from rempart.desk.rehearsal.protected import MATCHED, RENEWAL, code_of
from rempart.desk.rehearsal.web import Answer, redirect
from rempart.desk.rehearsal.world import World


@dataclass(frozen=True, slots=True)
class ProtectingTour:
    """What that page needs beside the frame of the tour."""

    world: World
    port: int

    def values(self) -> dict[str, object]:
        """For the template."""
        return {
            "matched": code_of(MATCHED),
            "renewal": code_of(RENEWAL),
            "platform": host().title,
            "photos": address_of(host(), "/photos/", self.port),
            "team": address_of(host(), "/photos/team/", self.port),
            "changes": [(change, words) for change, words in CHANGES.items() if change is not Change.SAME],
        }

    def drawing(self, *, is_known: bool) -> Answer:
        """A picture to save: another at each request; or the flag that everybody of the invented world knows."""
        if is_known:
            return _saved("rehearsal-flag.png", "image/png", png(picture("flag")))
        made = new_picture()
        self.world.set_note(DRAWN, str(made.number))
        return _saved(f"rehearsal-{made.number}.png", "image/png", made.content)

    def copy(self, change: str, language: str) -> Answer:
        """The drawing saved last, as somebody changed it."""
        found = drawn(self.world, change)
        return _saved(found.name, found.kind, found.content) if found else redirect(f"/{language}/protect/")


def _saved(name: str, kind: str, content: bytes) -> Answer:
    return Answer(content, kind=kind, headers=(("Content-Disposition", f'attachment; filename="{name}"'),))

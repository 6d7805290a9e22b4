"""The second story of the guided tour: a picture is protected, a copy of it is met, the protection is taken back."""

from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError

from rempart.desk.rehearsal.pictures import new_picture, picture, png
from rempart.desk.rehearsal.platform import PLATFORM, meet_a_copy
from rempart.desk.rehearsal.protected import MATCHED, RENEWAL, code_of
from rempart.desk.rehearsal.seeding import SEEDED
from rempart.desk.rehearsal.web import LANGUAGES, Answer, Request, not_found, redirect
from rempart.desk.rehearsal.world import World
from rempart.desk.rules.trust import Act

NOTHING, NO_ANSWER = "nothing", "no-answer"


@dataclass(frozen=True, slots=True)
class ProtectingTour:
    """What that page needs beside the frame of the tour. ``desk``: its address."""

    world: World
    desk: str

    def values(self, request: Request) -> dict[str, object]:
        """For the template."""
        met = request.query.get("met", "")
        return {
            "matched": code_of(MATCHED),
            "renewal": code_of(RENEWAL),
            "platform": PLATFORM,
            "met": met if met in {NOTHING, NO_ANSWER, *Act} else "",
        }

    def drawing(self, *, is_known: bool) -> Answer:
        """A picture to save: another at each request; or the flag that everybody of the invented world knows."""
        drawn = None if is_known else new_picture()
        name, content = (f"rehearsal-{drawn.number}", drawn.content) if drawn else ("rehearsal-flag", png(picture("flag")))
        return Answer(content, kind="image/png", headers=(("Content-Disposition", f'attachment; filename="{name}.png"'),))

    def met(self, request: Request) -> Answer:
        """The visitor has the invented platform meet a copy."""
        seeded = self.world.note(SEEDED)
        if not request.is_from_here or not seeded:
            return not_found()
        try:
            met = meet_a_copy(self.desk, since=datetime.fromisoformat(seeded)) or NOTHING
        except (DatabaseError, OSError):
            # The rehearsal is beginning again at this very moment.
            met = NO_ANSWER
        language = request.form.get("language", "en")
        return redirect(f"/{language if language in LANGUAGES else 'en'}/protect/?met={met}#met")

"""Stand-ins for the world outside, where a test is about something else."""

from __future__ import annotations

from dataclasses import dataclass, field

from rempart.desk.outlets.interface import Letter, Result, Sent
from rempart.desk.outlets.look import Looked
from rempart.desk.rules.notice import Seen


@dataclass
class Letterbox:
    """A way out that keeps every letter and always succeeds."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> Result:
        self.letters.append(letter)
        return Sent()

    def close(self) -> None:
        """Nothing is open."""


def sees_everything_online(url: str) -> Looked:
    """A look at a world from which nothing ever disappears."""
    return Looked(seen=Seen.ONLINE, status=200)

"""The action stage's own stage set: a mail server, a world to look at, and a clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from rempart.desk.outlets.look import Looked
from rempart.desk.rules.notice import Seen
from rempart.desk.stages.action.worker import work
from tests.cast import Clock
from tests.outlets.mailserver import Mailbox, mail_server


@dataclass
class World:
    """What is still online."""

    gone: set[str] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)
    looks: list[str] = field(default_factory=list)

    def look(self, url: str) -> Looked:
        self.looks.append(url)
        if url in self.gone:
            return Looked(Seen.MISSING, 404)
        return Looked(Seen.UNCLEAR, None, "timeout") if url in self.unclear else Looked(Seen.ONLINE, 200)


@dataclass
class Stage:
    """One story: its clock, its mailbox, its world."""

    mailbox: Mailbox
    clock: Clock = field(default_factory=Clock)
    world: World = field(default_factory=World)

    @property
    def now(self) -> datetime:
        return self.clock.now

    def round(self, **later: float) -> int:
        """Let time pass, then one round of the worker."""
        self.clock.later(**later)
        return work(now=self.clock.now, look=self.world.look, outlet=self.mailbox.outlet())

    def until_calm(self, **later: float) -> None:
        """Let time pass, then rounds until nothing moves."""
        self.clock.later(**later)
        for _ in range(20):
            if not self.round():
                return
        raise AssertionError("the worker never rests")


@pytest.fixture(scope="session")
def mail_server_of_the_session() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def stage(mail_server_of_the_session: Mailbox) -> Stage:
    fresh = Mailbox()
    for name in ("taken", "at_rcpt", "at_end", "at_mail", "hangs_up_after_text"):
        setattr(mail_server_of_the_session, name, getattr(fresh, name))
    return Stage(mail_server_of_the_session)

"""The stage of a story: its clock, its desk, its hosts, its mailboxes, and the browsers people come with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page

from rempart.desk.project.worker import work_until_idle
from rempart.desk.registers.directory.models import RecipientKind
from rempart.desk.rehearsal.hosts import BY_NAME, address_of, path_of, place_at
from rempart.desk.rehearsal.world import PageState, World
from tests import cast

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 900}
LINK = re.compile(r"https?://\S+/answer/\S+")


@dataclass
class Stage:
    """Where a story is played."""

    browser: Browser
    clock: cast.Clock
    world: World
    desk: str
    port: int
    _contexts: list[BrowserContext] = field(default_factory=list)

    # What time does -------------------------------------------------------------------------------

    def work(self) -> None:
        """The worker does all there is to do at this moment."""
        work_until_idle(self.clock.now)

    def wait(self, **delay: float) -> None:
        """Time passes, and the worker works: `stage.wait(hours=1)`."""
        self.clock.later(**delay)
        for context in self._contexts:
            for page in context.pages:
                if not getattr(context, "is_without_script", False):
                    page.clock.set_system_time(self.clock.now)
        self.work()

    # The world outside ----------------------------------------------------------------------------

    def address(self, host: str, number: int) -> str:
        """A page of an invented host."""
        return address_of(BY_NAME[host], path_of(BY_NAME[host], number), self.port)

    def knows(self, host: str) -> None:
        """The directory has this host, with a contact that a person approved."""
        known = BY_NAME[host]
        kind = RecipientKind.PLATFORM if known.is_platform else RecipientKind.HOST
        listed = cast.Listed(kind, known.title, known.domain, known.mailbox, known.country, known.language, working_days="")
        cast.listed(listed, now=self.clock.now)

    def removes(self, host: str, number: int) -> None:
        """The host takes the page down."""
        place = place_at(BY_NAME[host], path_of(BY_NAME[host], number))
        assert place is not None
        self.world.set_page(place, PageState.REMOVED)

    def puts_back(self, host: str, number: int) -> None:
        """The page is there again."""
        place = place_at(BY_NAME[host], path_of(BY_NAME[host], number))
        assert place is not None
        self.world.set_page(place, PageState.ONLINE)

    def mails_to(self, mailbox: str) -> list[str]:
        """The texts of the mails that arrived there, oldest first."""
        return [mail.text for mail in reversed(self.world.mails(mailbox))]

    def answer_link(self, mailbox: str) -> str:
        """The link in the newest mail of this mailbox."""
        found = LINK.search(self.mails_to(mailbox)[-1])
        assert found is not None, "the notice carries no link to answer"
        return found[0]

    # People ---------------------------------------------------------------------------------------

    def browser_of(self, language: str, size: dict[str, int] | None = None, *, has_script: bool = True) -> Page:
        """Somebody opens a browser of her own."""
        context = self.browser.new_context(
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
            viewport=size or DESK,  # type: ignore[arg-type]
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        context.is_without_script = not has_script  # type: ignore[attr-defined]
        self._contexts.append(context)
        page = context.new_page()
        if has_script:
            page.clock.set_system_time(self.clock.now)
        page.set_default_timeout(10_000)
        return page

    def close(self) -> None:
        """Everybody leaves."""
        for context in self._contexts:
            context.close()

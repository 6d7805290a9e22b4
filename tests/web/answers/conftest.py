"""What the tests of the answer page stand on: a notice about three addresses, sent a moment ago."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser

from rempart.desk.stages.action.letters import token_of
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.action.queries import token_digest
from rempart.desk.stages.followup import watching
from rempart.desk.stages.intake.models import Item
from rempart.desk.web.answers.views import answer
from tests import cast
from tests.stages.followup.story import Story
from tests.web.public.browser import chromium


@dataclass(frozen=True)
class Sent:
    """One notice, its link and its addresses."""

    notice: Notice
    token: str
    items: list[Item]

    @property
    def path(self) -> str:
        return f"/answer/{self.token}/"


Send = Callable[..., Sent]


@pytest.fixture
def send() -> Send:
    """Send one notice about so many addresses; French unless said otherwise."""

    def sending(count: int = 3, language: str = "fr") -> Sent:
        story = Story(cast.Clock(timezone.now()))
        cast.full_directory(now=story.clock.now)
        items = [story.assessed(f"https://bonne-reponse.example/page/{number}") for number in range(1, count + 1)]
        (notice,) = story.send()
        token = token_of(notice)
        Notice.objects.filter(pk=notice.pk).update(token_digest=token_digest(token), language=language)
        watching.open_watches(now=story.clock.now)
        notice.refresh_from_db()
        return Sent(notice, token, items)

    return sending


@pytest.fixture(autouse=True)
def _fresh_limit() -> None:
    answer.limit.forget()


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened

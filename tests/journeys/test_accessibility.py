"""Every page that can be opened, in both languages, held against axe-core in a real browser and against a telephone's width."""

from __future__ import annotations

import pytest

from rempart.desk.rules.access import Role
from tests.conventions.routes import Route, routes
from tests.conventions.samples import make_samples
from tests.conventions.sources import report
from tests.conventions.walking import WHO, may_enter
from tests.journeys.people import Analyst, Visitor, axe_faults, is_wider_than_its_window
from tests.journeys.stage import PHONE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("role", [None, Role.SUPERVISOR, Role.ADMINISTRATOR], ids=["anonymous", "supervisor", "administrator"])
def test_every_page_is_accessible(stage: Stage, role: Role | None, language: str) -> None:
    samples = make_samples(now=stage.clock.now)
    stage.wait(hours=1)
    visitor = Analyst(stage, stage.browser_of(language), language)
    if role is not None:
        visitor.signs_in(WHO[role])
    offences: list[str] = []
    walked = 0
    for route in pages_for(role):
        if opens_a_page(visitor, route.address(samples, language)):
            walked += 1
            offences += [f"{route.name}: {fault}" for fault in faults_of(visitor)]
    assert walked >= 5
    assert not offences, report(sorted(set(offences)))


def pages_for(role: Role | None) -> list[Route]:
    """What this visitor may open; what everybody may open is left to the stranger."""
    mine = [route for route in routes() if may_enter(role, route)]
    return mine if role is None else [route for route in mine if not may_enter(None, route)]


def opens_a_page(visitor: Visitor, path: str) -> bool:
    """Whether there is a page at this address: not a download, not an answer to a form only, not the way out."""
    answer = visitor.page.context.request.get(visitor.stage.desk + path, max_redirects=0)
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("text/html"):
        return False
    visitor.page.goto(visitor.stage.desk + path)
    return visitor.page.url.startswith(visitor.stage.desk)


def faults_of(visitor: Visitor) -> list[str]:
    page, size = visitor.page, visitor.page.viewport_size
    found = axe_faults(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    if is_wider_than_its_window(page):
        found.append("wider than a telephone")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_invented_world_is_accessible_too(stage: Stage, language: str) -> None:
    visitor = Visitor(stage, stage.browser_of(language), language)
    tour = f"http://127.0.0.1:{stage.port}/{language}"
    offences = []
    for address in (f"{tour}/", f"{tour}/mail/", f"http://pixels.localhost:{stage.port}/", stage.address("pixels", 3)):
        visitor.page.goto(address)
        visitor.look()
        offences += [f"{address}: {fault}" for fault in faults_of(visitor)]
    assert not offences, report(offences)

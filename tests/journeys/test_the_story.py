"""The story of the house, from a stranger's report to the figures: both languages, by mouse, by keyboard, on a telephone."""

from __future__ import annotations

import pytest

from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.journeys.hands import Hands, Keyboard, Mouse
from tests.journeys.people import Analyst, Recipient, Reporter
from tests.journeys.stage import DESK, PHONE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MAILBOX = "abuse@pixels.localhost"


@pytest.mark.parametrize(
    ("language", "hands", "size", "has_axe"),
    [
        pytest.param("fr", Mouse(), PHONE, True, id="fr-phone"),
        pytest.param("en", Mouse(), DESK, True, id="en"),
        pytest.param("fr", Keyboard(), DESK, False, id="fr-keyboard"),
        pytest.param("en", Keyboard(), PHONE, False, id="en-keyboard-phone"),
    ],
)
def test_a_page_is_reported_removed_and_counted(
    stage: Stage, language: str, hands: Hands, size: dict[str, int], has_axe: bool
) -> None:
    stage.knows("pixels")
    paul = Reporter(stage, stage.browser_of(language, size), language, hands, has_axe)
    camille = Analyst(stage, stage.browser_of(language, size), language, hands, has_axe)
    host = Recipient(stage, stage.browser_of(language, size), language, hands, has_axe)

    # Paul saw a page by accident. He gives its address and leaves with a code.
    code = paul.reports(stage.address("pixels", 7))
    stage.work()

    # Camille signs in, takes the most urgent item, and decides.
    camille.signs_in(cast.CAMILLE)
    assert counted(camille) == {"reports_received": 1, "notices_by_recipient": 0, "items_by_closing": 0}
    camille.takes_next()
    camille.grades(cast.BASELINE)
    camille.keeps()
    assert Item.objects.get().state == State.READY, "nothing moves while the decision can be taken back"

    # A minute later it stands; within the hour the notice leaves, once.
    stage.wait(minutes=2)
    assert Item.objects.get().state == State.ASSESSED
    stage.wait(hours=1, minutes=5)
    assert len(stage.mails_to(MAILBOX)) == 1
    assert Item.objects.get().state == State.FOLLOWED
    assert "pixels" in stage.mails_to(MAILBOX)[0]

    # Somebody at the host opens the link, says that it is removed, and removes it.
    host.opens(stage.answer_link(MAILBOX))
    host.answers("removed")
    stage.removes("pixels", 7)

    # The desk does not take her word for it: it looks, three times.
    for _ in range(3):
        assert Item.objects.get().state == State.FOLLOWED
        stage.wait(minutes=5)
    item = Item.objects.get()
    assert (item.state, item.closing) == (State.CLOSED, Closing.REMOVED)
    assert len(stage.mails_to(MAILBOX)) == 1

    # Paul comes back with his code.
    said = paul.opens_case(code)
    assert paul.page.locator(".badge-good").count() == 1, said

    # And the figures moved.
    camille.signs_in(cast.CAMILLE)
    assert counted(camille) == {"reports_received": 1, "notices_by_recipient": 1, "items_by_closing": 1}
    assert camille.figure("delay_to_removal") == 1


def counted(analyst: Analyst) -> dict[str, int]:
    analyst.go("/console/figures/")
    return {name: analyst.figure(name) for name in ("reports_received", "notices_by_recipient", "items_by_closing")}

"""The journal's page: filtered, never told too much."""

from __future__ import annotations

import pytest
from django.urls import reverse

from rempart.desk.registers.journal import steps
from tests import cast
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
JOURNAL = "/console/journal/"


def test_lines_are_found_by_what_who_which_and_when(signed_in: SignedIn, clock: cast.Clock) -> None:
    item = cast.read(cast.ready_item())
    client = signed_in(cast.WASSIM)

    def found(asked: str) -> list[str]:
        return [line.entry.verb for line in client.get(f"{JOURNAL}?{asked}").context["lines"]]

    assert set(found(f"subject=item:{item.pk}")) >= {"claimed", "assessed", "settled"}
    assert set(found(f"by={cast.camille().pk}")) == {"claimed", "assessed"}
    assert found("verb=assessed") == ["assessed"]
    assert found(f"day={clock.now.date()}")
    assert found("day=2001-01-01") == []
    assert found("subject=nonsense'&by=x&day=32&before=-1") == found("")


def test_older_lines_follow(signed_in: SignedIn, clock: cast.Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.desk.web.console.views.journal.PAGE_SIZE", 4)
    client = signed_in(cast.WASSIM)
    for number in range(10):
        steps.write("released", f"item:{number}", now=clock.now)
    seen, asked = [], "verb=released"
    while asked:
        page = client.get(f"{JOURNAL}?{asked}")
        seen += [line.entry.subject for line in page.context["lines"]]
        asked = page.context["next_page"]
    assert seen == [f"item:{number}" for number in reversed(range(10))]


def test_what_is_sealed_stays_so(signed_in: SignedIn, clock: cast.Clock) -> None:
    steps.write("cleared", "duty:1", now=clock.now, detail={"sealed_why": "c0ffee", "kinds": ["a", "b"], "is_final": True})
    page = signed_in(cast.WASSIM).get(reverse("console:journal"), {"verb": "cleared"})
    line = page.context["lines"][0]
    assert line.detail == "kinds: a + b, is_final: yes"

"""The queue as people see it: in its order, grouped, without one address, found by reference."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from rempart.desk.rules.queue import Band
from rempart.desk.rules.report import Category
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.triage import claims
from tests import cast
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
QUEUE = "/console/queue/"


def rows(signed_in: SignedIn, asked: str = "", who: cast.Character = cast.CAMILLE) -> list[object]:
    return list(signed_in(who).get(f"{QUEUE}?{asked}").context["rows"])


def test_danger_first_then_the_person_concerned_then_the_clock(signed_in: SignedIn, clock: cast.Clock) -> None:
    witness = cast.ready_item(details=cast.PAUL, now=clock.now)
    older = cast.ready_item(details=cast.PAUL, now=clock.now - timedelta(hours=2))
    lina = cast.ready_item(details=cast.LINA, now=clock.now)
    mado = cast.ready_item(details=cast.MADO, now=clock.now)
    found = [row.item.pk for row in rows(signed_in)]  # type: ignore[attr-defined]
    assert found == [mado.pk, lina.pk, older.pk, witness.pk]


def test_one_address_is_one_row(signed_in: SignedIn) -> None:
    for details in (cast.PAUL, cast.LINA, cast.PAUL):
        cast.ready_item("https://puits.example/the-very-page", details)
    found = rows(signed_in)
    assert [row.reports for row in found] == [3]  # type: ignore[attr-defined]
    assert [row.item.band for row in found] == [Band.PERSON_CONCERNED]  # type: ignore[attr-defined]
    page = signed_in(cast.CAMILLE).get(QUEUE).content.decode()
    assert "puits[.]example" in page
    assert "the-very-page" not in page
    assert "puits.example" not in page


def test_the_list_is_narrowed(signed_in: SignedIn, clock: cast.Clock) -> None:
    lina, mado = cast.ready_item(details=cast.LINA), cast.ready_item(details=cast.MADO)
    held = cast.ready_item(details=cast.PAUL)

    def found(asked: str, who: cast.Character = cast.CAMILLE) -> list[int]:
        return [row.item.pk for row in rows(signed_in, asked, who)]  # type: ignore[attr-defined]

    claims.claim(held, cast.camille(), now=clock.now)
    claims.hold(held, cast.camille(), "why", clock.now + timedelta(hours=1), now=clock.now)
    claims.claim(lina, cast.camille(), now=clock.now)
    assert found("place=on_hold") == [held.pk]
    assert found("place=mine") == [lina.pk]
    assert found("place=with_colleagues", cast.IDRIS) == [lina.pk]
    assert found("") == [mado.pk, lina.pk], "what I hold is also what I could take"
    assert found("", cast.IDRIS) == [mado.pk]
    assert found(f"category={Category.GROOMING.value}") == [mado.pk]
    assert found(f"band={Band.PERSON_CONCERNED.value}") == [lina.pk]
    assert found("state=arbitration") == []
    assert found("band=nonsense&state=closed&category=x&place=y&after=1~x~2") == [mado.pk, lina.pk]


def test_pages_follow_each_other_without_gap_or_repeat(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rempart.desk.web.console.views.queue.PAGE_SIZE", 3)
    wanted = [cast.ready_item(details=cast.PAUL).pk for _ in range(8)]
    client, seen, asked = signed_in(cast.CAMILLE), [], ""
    for _ in range(3):
        page = client.get(f"{QUEUE}?{asked}")
        seen += [row.item.pk for row in page.context["rows"]]
        asked = page.context["next_page"]
    assert seen == wanted
    assert asked == ""


@pytest.mark.parametrize("shape", ["{0}", " {0} ", "{1}", "r-2026-{1}"])
def test_a_reference_leads_to_its_item(signed_in: SignedIn, shape: str) -> None:
    item = cast.ready_item()
    typed = shape.format(intake.reference(item.report, "R"), f"{item.report_id:06d}")
    answer = signed_in(cast.CAMILLE).get(reverse("console:search"), {"reference": typed})
    assert answer.headers["Location"] == reverse("console:item", args=[item.pk])


def test_a_reference_of_several_items_leads_to_the_report(signed_in: SignedIn) -> None:
    item = cast.ready_item("https://a.example/1 https://b.example/2")
    answer = signed_in(cast.CAMILLE).get(reverse("console:search"), {"reference": str(item.report_id)})
    assert answer.headers["Location"] == reverse("console:report", args=[item.report_id])


@pytest.mark.parametrize("typed", ["", "R-2026-999999", "' OR 1=1", "９９", "1" * 60])
def test_a_reference_nobody_has(signed_in: SignedIn, typed: str) -> None:
    answer = signed_in(cast.CAMILLE).get(reverse("console:search"), {"reference": typed}, follow=True)
    assert "No report has this reference." in answer.content.decode()


def test_next_takes_the_most_urgent_and_finishes_what_is_in_hand_first(signed_in: SignedIn, clock: cast.Clock) -> None:
    lina = cast.ready_item(details=cast.LINA)
    client = signed_in(cast.CAMILLE)
    assert client.post(reverse("console:next")).headers["Location"] == reverse("console:item", args=[lina.pk])
    mado = cast.ready_item(details=cast.MADO)
    assert client.post(reverse("console:next")).headers["Location"] == reverse("console:item", args=[lina.pk])
    idris = signed_in(cast.IDRIS)
    assert idris.post(reverse("console:next")).headers["Location"] == reverse("console:item", args=[mado.pk])
    assert signed_in(cast.SOLENE).post(reverse("console:next")).headers["Location"] == QUEUE

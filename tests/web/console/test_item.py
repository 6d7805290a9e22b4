"""The page of an item: what is shown, what is never shown, and every gesture of a reader."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.lifecycle import State
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage import claims
from rempart.desk.stages.triage.models import Assessment
from rempart.desk.stages.triage.settling import settle
from tests import cast
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
LIVE = "https://bonne-reponse.example/secret-page"
GRADED = {
    "verdict": "illegal_in_field",
    "category": "csam_baseline",
    "age": "pre_pubescent",
    "gender": "female",
    "act": "lascivious",
    "virtual": "real",
    "media": "image",
    "commercial": "non_commercial",
}


def url(name: str, item: Item) -> str:
    return reverse(f"console:{name}", args=[item.pk])


def text(client: Client, item: Item) -> str:
    return client.get(url("item", item)).content.decode()


@pytest.fixture
def item(signed_in: SignedIn) -> Item:
    return cast.ready_item(f"{LIVE}?utm_source=x", cast.LINA)


@pytest.fixture
def camille(signed_in: SignedIn, item: Item) -> Client:
    """Camille, who took the item."""
    client = signed_in(cast.CAMILLE)
    client.post(url("take", item))
    return client


def test_the_address_is_shown_to_its_holder_and_is_never_live(camille: Client, item: Item, signed_in: SignedIn) -> None:
    page = text(camille, item)
    assert "hxxps://bonne-reponse[.]example/secret-page" in page
    assert "utm_source" in page, "as typed, too"
    assert LIVE not in page
    assert not re.search(r'(?:href|src|action)="[^"]*secret-page', page)
    assert "secret-page" not in text(signed_in(cast.IDRIS), item), "a colleague sees no address"


def test_the_live_address_goes_to_the_clipboard_only(camille: Client, item: Item, signed_in: SignedIn) -> None:
    answer = camille.post(url("address", item))
    assert answer.json() == {"address": LIVE}
    assert Entry.objects.filter(verb="address_copied", subject=f"item:{item.pk}").count() == 1
    assert signed_in(cast.IDRIS).post(url("address", item)).status_code == 409
    assert "secret-page" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_words_stay_behind_a_gesture_the_journal_remembers(camille: Client, item: Item, signed_in: SignedIn) -> None:
    assert "Quelqu" not in re.sub(r"<[^>]+>", "", text(camille, item)).replace("Quelqu’un que", "")
    assert not Entry.objects.filter(verb="words_read").exists()
    page = camille.post(url("words", item), {"verdict": "not_found", "note": "kept"}).content.decode()
    assert "une photo de moi" in page
    assert ">kept</textarea>" in page, "what was filled in is not lost"
    told = camille.post(url("words", item), headers={"accept": "application/json"}).json()["told"]
    assert "une photo de moi" in told[0]["story"]
    assert Entry.objects.filter(verb="words_read", by_id=cast.camille().pk).count() == 2
    assert "une photo" not in signed_in(cast.IDRIS).post(url("words", item)).content.decode()


def test_an_assessment_is_kept_and_undone(camille: Client, item: Item, clock: cast.Clock) -> None:
    assert camille.post(url("assess", item), GRADED).status_code == 302
    row = Assessment.objects.get()
    assert (row.verdict, row.is_police_first) == (Verdict.ILLEGAL_IN_FIELD, False)
    assert row.grading is not None
    assert row.grading["self_generated"] is None
    assert reverse("console:undo", args=[row.pk]) in camille.get("/console/").content.decode()
    camille.post(reverse("console:undo", args=[row.pk]))
    row.refresh_from_db()
    assert row.undone_at is not None
    assert "assessment" in text(camille, item), "the form is back"
    camille.post(url("assess", item), GRADED)
    clock.later(seconds=61)
    fresh = Assessment.objects.get(undone_at__isnull=True)
    camille.post(reverse("console:undo", args=[fresh.pk]))
    fresh.refresh_from_db()
    assert fresh.undone_at is None, "too late"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a verdict"),
        ({"verdict": "nonsense"}, "Choose a verdict"),
        ({"verdict": "illegal_in_field"}, "needs a grading"),
        ({**GRADED, "virtual": "drawn"}, "needs a real child"),
        ({**GRADED, "age": "nonsense"}, "could not be read"),
        ({"verdict": "not_found", "note": "x" * 5001}, "too long"),
    ],
)
def test_what_contradicts_itself_is_said_in_a_sentence(camille: Client, item: Item, sent: dict[str, str], sentence: str) -> None:
    page = camille.post(url("assess", item), sent)
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert not Assessment.objects.exists()


def test_the_grading_is_previewed_in_the_words_of_partners(camille: Client, item: Item) -> None:
    page = camille.post(url("preview", item), GRADED).content.decode()
    for words in ("classification = 1", "A2", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "FR:CP:227-23"):
        assert words in page
    drawn = camille.post(url("preview", item), {**GRADED, "category": "child_grooming", "act": "none"}).content.decode()
    assert "No mapping: this vocabulary has no word for it." in drawn
    assert not Assessment.objects.exists()
    assert '<option value="csam_baseline" selected' in page


def test_each_verdict_says_what_happens_next(camille: Client, item: Item) -> None:
    cast.full_directory()
    said = {one.verdict: " ".join(one.sentences) for one in camille.get(url("item", item)).context["outlooks"]}
    assert set(said) == set(Verdict)
    assert "a notice to Bonne Réponse" in said[Verdict.ILLEGAL_IN_FIELD]
    assert "Brigade numérique" in said[Verdict.ILLEGAL_OUTSIDE_FIELD]
    assert said[Verdict.LAWFUL_HELP_NEEDED] == "the reporter is told who can help the reporter is answered"


def test_two_people_never_hold_one_item(camille: Client, item: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
    idris = signed_in(cast.IDRIS)
    idris.post(url("take", item))
    assert idris.post(url("assess", item), GRADED).status_code == 400
    assert not Assessment.objects.exists()
    clock.later(minutes=21)
    idris.get("/console/")
    idris.post(url("take", item))
    held = claims.holder(item, now=clock.now)
    assert held is not None
    assert held.by_id == cast.idris().pk
    refused = camille.post(url("assess", item), GRADED)
    assert refused.status_code == 400
    assert "A colleague is looking at this item." in refused.content.decode()


def test_a_lease_that_ran_out_is_taken_again_if_nobody_was_faster(camille: Client, item: Item, clock: cast.Clock) -> None:
    clock.later(minutes=22)
    assert camille.post(url("assess", item), GRADED).status_code == 302


def test_hold_release_and_hand_over(camille: Client, item: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
    assert camille.post(url("hold", item), {"reason": " "}).status_code == 400
    camille.post(url("hold", item), {"reason": "asked the reporter", "until": "day"})
    assert claims.holder(item, now=clock.now) is None
    assert "asked the reporter" in text(signed_in(cast.IDRIS), item)
    camille.post(url("let-go", item))
    camille.post(url("take", item))
    camille.post(url("release", item))
    assert claims.holder(item, now=clock.now) is None
    camille.post(url("take", item))
    assert camille.post(url("hand-over", item), {"to": str(cast.wassim().pk)}).status_code == 400, "an auditor reads no item"
    camille.post(url("hand-over", item), {"to": str(cast.idris().pk), "word": "you know this host"})
    assert "you know this host" in text(signed_in(cast.IDRIS), item)
    assert "you know this host" not in text(camille, item)


def test_an_earlier_item_of_the_address_shows_what_was_decided(camille: Client, item: Item, clock: cast.Clock) -> None:
    camille.post(url("release", item))
    cast.assessed(item, cast.NOTHING_THERE)
    Item.objects.filter(pk=item.pk).update(state=State.CLOSED, closed_at=clock.now)
    again = cast.ready_item(LIVE, cast.PAUL)
    camille.post(url("take", again))
    page = camille.get(url("item", again))
    assert [str(one.verdict) for _, found in page.context["same"] for one in found][:1] == ["Not found"]


class TestSecondReading:
    """The second reader sees nothing of the first reading: no verdict, no note, no name, wherever one looks."""

    NOTE = "a note that must not be seen"

    @pytest.fixture
    def second(self, item: Item) -> Item:
        """The item, read once by Camille, who asked for a second pair of eyes."""
        decision = cast.Decision(verdict=Verdict.HARMFUL_BUT_LAWFUL, not_illegal_reason=14, asks_second=True, note=self.NOTE)
        return cast.read(item, decision)

    def assert_blind(self, page: str) -> None:
        assert self.NOTE not in page
        said = re.sub(r'<form id="assessment".*?</form>|<dialog.*?</dialog>', "", page, flags=re.DOTALL)
        assert "armful but lawful" not in said
        assert "Lawful pornography" not in said
        assert "asked for it" not in said

    def test_on_every_page(self, second: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
        clock.later(minutes=2)
        assert second.state == State.SECOND_READING
        earlier = cast.ready_item(LIVE, cast.PAUL, now=clock.now)
        idris = signed_in(cast.IDRIS)
        self.assert_blind(text(idris, second))
        idris.post(url("take", second))
        report = reverse("console:report", args=[second.report_id])
        for page in (url("item", second), url("item", earlier), "/console/queue/", report):
            self.assert_blind(idris.get(page).content.decode())
        lines = [line for line in idris.get(url("item", second)).context["history"] if line.verb in {"assessed", "settled"}]
        assert lines
        assert all(not line.by and not line.detail for line in lines)

    def test_in_the_journal_of_a_supervisor(self, second: Item, signed_in: SignedIn) -> None:
        lines = signed_in(cast.SOLENE).get(reverse("console:journal")).context["lines"]
        about = [line for line in lines if line.entry.verb == "assessed"]
        assert about
        assert all(not line.by and not line.detail for line in about)

    def test_the_first_reader_does_not_read_again(self, second: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
        clock.later(minutes=2)
        camille = signed_in(cast.CAMILLE)
        camille.post(url("take", second))
        assert claims.holder(second, now=clock.now) is None
        assert self.NOTE in text(camille, second), "one's own reading stays one's own"

    def test_an_older_item_of_the_same_address_gives_nothing_away(
        self, item: Item, signed_in: SignedIn, clock: cast.Clock
    ) -> None:
        cast.assessed(item, cast.NOTHING_THERE)
        Item.objects.filter(pk=item.pk).update(state=State.CLOSED, closed_at=clock.now)
        again = cast.ready_item(LIVE, cast.PAUL, now=clock.later(days=30))
        decision = cast.Decision(verdict=Verdict.HARMFUL_BUT_LAWFUL, asks_second=True, note=self.NOTE)
        cast.read(again, decision, now=clock.now)
        page = signed_in(cast.IDRIS).get(url("item", item))
        self.assert_blind(page.content.decode())
        assert [one["row"].verdict for one in page.context["readings"]] == ["not_found"]

    def test_readings_open_to_whoever_settles_between_them(self, second: Item, signed_in: SignedIn, clock: cast.Clock) -> None:
        cast.read(second, cast.NOTHING_THERE, by=cast.idris(), now=clock.later(minutes=2))
        settle(now=clock.later(minutes=2))
        second.refresh_from_db()
        assert second.state == State.ARBITRATION
        assert self.NOTE in text(signed_in(cast.SOLENE), second)
        assert self.NOTE not in text(signed_in(cast.IDRIS), second)

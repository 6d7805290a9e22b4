"""The story of an address, built from rows of every stage, in words that do not hurt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.report import Draft
from rempart.desk.stages.action.models import Dossier, Duty, Notice, NoticedItem
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.stages.intake import steps
from rempart.desk.stages.intake.models import Case, Item
from rempart.desk.stages.triage.models import Assessment, DecidedItem
from rempart.desk.web.public.timeline import Story, stories

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@pytest.fixture
def item() -> Item:
    steps.receive_report(Draft(addresses="https://bad.example/1", language="en"), now=START)
    found = Item.objects.get()
    found.group_key = "a1"
    found.save()
    return found


def move(item: Item, state: State, **more: object) -> None:
    Item.objects.filter(pk=item.pk).update(state=state, **more)


def decide(item: Item, verdict: Verdict, hours: float = 1) -> Assessment:
    decision = Assessment.objects.create(
        item=item,
        group_key=item.group_key,
        reading="first",
        verdict=verdict,
        by_id=1,
        assessed_at=after(hours),
        may_undo_until=after(hours),
        settled_at=after(hours),
        is_final=True,
    )
    DecidedItem.objects.create(item=item, assessment=decision)
    move(item, State.ASSESSED, assessed_at=after(hours))
    return decision


def notice(item: Item, decision: Assessment, recipient: Recipient, hours: float, follows: Duty | None = None) -> NoticedItem:
    duty = Duty.objects.create(
        kind="notice",
        assessment=decision,
        item=item,
        recipient=recipient,
        follows=follows,
        filed_at=after(hours),
        not_before=after(hours),
    )
    sent = Notice.objects.create(
        recipient=recipient, language="en", opened_at=after(hours), closes_at=after(hours), sent_at=after(hours)
    )
    return NoticedItem.objects.create(notice=sent, duty=duty, item=item)


def recipient(name: str) -> Recipient:
    return Recipient.objects.create(kind="host", name=name, created_at=START)


def told() -> Story:
    with translation.override("en"):
        (story,) = stories(Case.objects.get())
    return story


def words() -> list[str]:
    return [event.words for event in told().events]


def test_a_fresh_report() -> None:
    steps.receive_report(Draft(addresses="https://bad.example/1", language="en"), now=START)
    assert words() == ["We received it.", "Next: a person of our team looks at it."]
    assert told().address == "hxxps://bad[.]example/1"
    assert not told().is_gone


@pytest.mark.parametrize("state", [State.SECOND_READING, State.ARBITRATION])
def test_a_reading_is_not_told_before_it_stands(item: Item, state: State) -> None:
    Assessment.objects.create(
        item=item,
        group_key="a1",
        reading="first",
        verdict=Verdict.HARMFUL_BUT_LAWFUL,
        by_id=1,
        assessed_at=after(1),
        may_undo_until=after(1),
        settled_at=after(1),
    )
    move(item, state)
    assert words() == ["We received it.", "Next: a second person of our team looks at it too."]


@pytest.mark.parametrize(
    ("verdict", "said", "offers_help"),
    [
        (Verdict.ILLEGAL_IN_FIELD, "It is against the law. We act", False),
        (Verdict.ILLEGAL_OUTSIDE_FIELD, "not in our field", False),
        (Verdict.HARMFUL_BUT_LAWFUL, "you did well to tell us", True),
        (Verdict.NOT_FOUND, "did not find it there", False),
        (Verdict.LAWFUL_HELP_NEEDED, "somebody may need help", True),
    ],
)
def test_each_decision_has_its_words(item: Item, verdict: Verdict, said: str, offers_help: bool) -> None:
    decide(item, verdict)
    move(item, State.CLOSED, closed_at=after(1), closing=Closing.NO_ACTION)
    last = told().events[-1]
    assert said in last.words
    assert last.offers_help is offers_help


def test_the_long_way_to_removal_and_back(item: Item) -> None:
    decision = decide(item, Verdict.ILLEGAL_IN_FIELD)
    near, far = recipient("Near host"), recipient("Far host")
    first = notice(item, decision, near, 2)
    notice(item, decision, near, 26, follows=first.duty)
    Reply.objects.create(notice=first.notice, item=item, answer="refused", at=after(27), through="recipient")
    notice(item, decision, far, 28, follows=first.duty)
    authority = Duty.objects.create(
        kind="authority", assessment=decision, item=item, filed_at=after(1), not_before=after(1), done_at=after(3)
    )
    Dossier.objects.create(duty=authority, sealed_json=b"", prepared_at=after(1), sent_at=after(3), sent_by_id=1)
    Watch.objects.create(item=item, noticed=first, opened_at=after(2), gone_at=after(40), recheck_until=after(3000))
    move(item, State.FOLLOWED)
    assert words() == [
        "We received it.",
        "A person of our team looked at it. It is against the law. We act to have it removed.",
        "We asked the service where it is to remove it.",
        "We handed it to the authorities.",
        "It is still there. We asked again.",
        "The service does not want to remove it. We look for another way.",
        "It is still there. We asked another company that can remove it.",
        "It is no longer there.",
        "Next: we check for 90 days that it does not come back.",
    ]
    assert told().is_gone
    back = steps.receive_relapse(item, now=after(100))
    assert words()[-2:] == ["It is back online. We start again.", "Next: a person of our team looks at it."]
    assert not told().is_gone
    move(back, State.CLOSED, closed_at=after(120), closing=Closing.REMOVED, assessed_at=after(101))


@pytest.mark.parametrize(
    ("answer", "said"),
    [("removed", "answers that it removed it"), ("need_more", "asks us a question"), ("wrong_address", "We look for who can")],
)
def test_what_the_service_answered(item: Item, answer: str, said: str) -> None:
    decision = decide(item, Verdict.ILLEGAL_IN_FIELD)
    first = notice(item, decision, recipient("Host"), 2)
    Reply.objects.create(notice=first.notice, item=item, answer=answer, at=after(3), through="recipient")
    move(item, State.FOLLOWED)
    assert said in words()[-2]
    assert words()[-1] == "Next: we check regularly whether it is still there."


@pytest.mark.parametrize(
    ("closing", "said"), [(Closing.REFUSED, "We tried everything"), (Closing.ALREADY_GONE, "nothing left to ask")]
)
def test_endings(item: Item, closing: Closing, said: str) -> None:
    decide(item, Verdict.ILLEGAL_IN_FIELD)
    move(item, State.CLOSED, closed_at=after(9), closing=closing)
    assert said in words()[-1]
    assert told().is_gone is (closing is Closing.ALREADY_GONE)


def test_a_second_reporter_sees_what_is_done_for_the_first_item(item: Item) -> None:
    decision = decide(item, Verdict.ILLEGAL_IN_FIELD)
    first = notice(item, decision, recipient("Host"), 2)
    Watch.objects.create(item=item, noticed=first, opened_at=after(2), gone_at=after(4))
    receipt = steps.receive_report(Draft(addresses="https://bad.example/1", language="en"), now=after(3))
    assert receipt.code
    second = Item.objects.get(report_id=receipt.report_id)
    DecidedItem.objects.create(item=second, assessment=decision)
    move(second, State.FOLLOWED, assessed_at=after(3), group_key="a1")
    case = Case.objects.get(lookup=sealing.case_keys(receipt.code).lookup)
    with translation.override("en"):
        (story,) = stories(case)
    assert story.is_gone
    assert [event.words for event in story.events] == [
        "We received it.",
        "Somebody had already told us about it. This was done before:",
        "We asked the service where it is to remove it.",
        "A person of our team looked at it. It is against the law. We act to have it removed.",
        "It is no longer there.",
        "Next: we check for 90 days that it does not come back.",
    ]


def test_no_story_names_a_recipient_or_an_analyst(item: Item) -> None:
    decision = decide(item, Verdict.ILLEGAL_IN_FIELD)
    notice(item, decision, recipient("Secret host"), 2)
    assert "Secret host" not in " ".join(words())


def test_a_forgotten_address_is_simply_absent(item: Item) -> None:
    Item.objects.update(sealed_typed=None)
    assert told().address == ""

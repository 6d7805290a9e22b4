"""What recipients answer, and what follows. A claim is looked at before it is believed."""

from __future__ import annotations

import pytest

from rempart.desk.registers.directory.models import Contact
from rempart.desk.registers.directory.queries import usable_contact
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.duties import DutyKind, Failure
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.notice import Answer
from rempart.desk.rules.statement import Ground, Statement, Visibility
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup.errors import ReplyRefused
from rempart.desk.stages.followup.models import Reply
from rempart.desk.stages.followup.queries import answers_about, newest_answers, takes_answers
from rempart.desk.stages.followup.replying import MAX_WORDS, Said, Through, record_replies, record_reply
from rempart.desk.stages.intake.models import Item
from tests import cast
from tests.stages.followup.story import GONE, Story, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    cast.full_directory()
    return Story()


def say(story: Story, item: Item, answer: Answer, **also: object) -> None:
    notice = Notice.objects.filter(noticed_items__item=item).latest("pk")
    record_reply(notice, item, Said(answer, **also), through=Through.RECIPIENT, now=story.clock.now)  # type: ignore[arg-type]


def red() -> list[str]:
    return list(Duty.objects.filter(kind=DutyKind.SUPERVISION, done_at__isnull=True).values_list("failure", flat=True))


def test_removed_is_looked_at_at_once_and_believed_when_seen(story: Story) -> None:
    item = story.sent()
    story.passes(hours=2)
    say(story, item, Answer.REMOVED)
    row = watch(item)
    assert (row.claimed_removed_at, row.next_probe_at, row.gone_at) == (story.clock.now, story.clock.now, None)
    looks = row.looks
    story.work()
    assert watch(item).looks == looks + 1
    assert watch(item).gone_at is None
    item.refresh_from_db()
    assert item.state == State.FOLLOWED
    story.world.default = GONE
    story.passes(hours=5)
    assert watch(item).gone_at is not None


def test_removed_and_gone_is_closed_within_minutes(story: Story) -> None:
    item = story.sent()
    story.passes(hours=2)
    story.world.default = GONE
    say(story, item, Answer.REMOVED)
    start = story.clock.now
    story.passes(minutes=10)
    gone_at = watch(item).gone_at
    assert gone_at is not None
    assert (gone_at - start).total_seconds() == 360


def test_a_false_claim_changes_no_reminder(story: Story) -> None:
    item = story.sent()
    story.passes(hours=2)
    due = watch(item).remind_at
    say(story, item, Answer.REMOVED)
    story.passes(hours=3)
    assert watch(item).remind_at == due
    story.passes(hours=20)
    assert watch(item).reminders == 1


def test_removed_where_software_cannot_look_asks_a_person(story: Story) -> None:
    cast.listed(cast.Listed(cast.RecipientKind.PLATFORM, "Snap (inventé)", "snapchat.com", "abuse@snap.example"))
    item = story.sent("@petit_prince sur Snapchat")
    assert item.kind == "account"
    story.work()
    say(story, item, Answer.REMOVED)
    assert red() == [Failure.CANNOT_LOOK]


def test_need_more_is_red_and_nobody_is_nagged_meanwhile(story: Story) -> None:
    item = story.sent()
    story.passes(hours=23)
    say(story, item, Answer.NEED_MORE, words="Quelle image de la page ?")
    assert red() == [Failure.NEED_MORE]
    story.passes(hours=2)
    assert watch(item).reminders == 0
    story.passes(hours=23)
    assert watch(item).reminders == 1
    # What a person was asked goes away with the content.
    story.world.default = GONE
    story.passes(hours=5)
    assert red() == []


def test_wrong_address_suggests_a_contact_that_nobody_uses_before_approval(story: Story) -> None:
    item = story.sent()
    story.work()
    recipient = Notice.objects.get().recipient
    before = usable_contact(recipient)
    say(story, item, Answer.WRONG_ADDRESS, contact="legal@bonne-reponse.example")
    suggested = Contact.objects.get(address="legal@bonne-reponse.example")
    assert (suggested.recipient, suggested.approved_at, suggested.found_by) == (recipient, None, "recipient_answer")
    assert usable_contact(recipient) == before
    assert red() == [Failure.WRONG_ADDRESS]


def test_a_contact_that_cannot_be_read_is_kept_as_words(story: Story) -> None:
    item = story.sent()
    contacts = Contact.objects.count()
    say(story, item, Answer.WRONG_ADDRESS, contact="ask at the front desk")
    assert Contact.objects.count() == contacts
    assert answers_about(item)[0].words == "ask at the front desk"


def test_history_grows_and_the_newest_counts(story: Story) -> None:
    item = story.sent()
    story.work()
    say(story, item, Answer.REFUSED, words="Nous ne voyons rien d'illégal.")
    story.clock.later(hours=1)
    say(story, item, Answer.REMOVED)
    assert Reply.objects.count() == 2
    assert newest_answers([Notice.objects.get().pk]) == {item.pk: (Answer.REMOVED, story.clock.now)}
    assert not watch(item).is_refused
    assert [one.answer for one in answers_about(item)] == [Answer.REFUSED, Answer.REMOVED]


def test_the_statement_of_reasons_is_kept_in_its_own_words(story: Story) -> None:
    item = story.sent()
    statement = Statement((Visibility.AGE_RESTRICTED, Visibility.LABELLED), Ground.INCOMPATIBLE)
    say(story, item, Answer.REFUSED, statement=statement, words="Clause 4.2")
    row = Reply.objects.get()
    assert row.statement == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "DECISION_VISIBILITY_CONTENT_LABELLED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    }
    assert b"Clause" not in bytes(row.sealed_words or b"")
    opened = answers_about(item)[0]
    assert (opened.statement, opened.words, opened.recipient) == (statement, "Clause 4.2", "Bonne Réponse")


def test_the_journal_holds_no_word_of_it(story: Story) -> None:
    item = story.sent()
    say(story, item, Answer.REFUSED, words="un mot secret", contact="x@y.example")
    line = Entry.objects.get(verb="replied")
    assert line.detail == {"answer": "refused", "notice": Notice.objects.get().pk}
    assert (line.subject, line.by_id) == (f"item:{item.pk}", None)


def test_staff_can_type_in_what_came_by_mail(story: Story) -> None:
    item = story.sent()
    person = cast.camille()
    notice = Notice.objects.get()
    record_reply(notice, item, Said(Answer.REFUSED), through=Through.STAFF, by=person.pk, now=story.clock.now)
    row = Reply.objects.get()
    assert (row.through, row.by_id) == ("staff", person.pk)


def test_what_cannot_be_kept_keeps_nothing(story: Story) -> None:
    item = story.sent()
    other = cast.ready_item()
    notice = Notice.objects.get()

    def refused(said: dict[int, Said]) -> tuple[str, ...]:
        with pytest.raises(ReplyRefused) as caught:
            record_replies(notice, said, through=Through.RECIPIENT, now=story.clock.now)
        return caught.value.reasons

    assert refused({}) == ("nothing_said",)
    assert refused({item.pk: Said(Answer.REMOVED), other.pk: Said(Answer.REMOVED)}) == ("not_in_notice",)
    assert refused({item.pk: Said(Answer.REFUSED, Statement((Visibility.REMOVED,)))}) == ("refused_but_taken_down",)
    assert refused({item.pk: Said(Answer.REFUSED, words="x" * (MAX_WORDS + 1))}) == ("too_long",)
    assert not Reply.objects.exists()


def test_an_answer_after_the_end_is_kept_and_moves_nothing(story: Story) -> None:
    item = story.sent()
    story.world.default = GONE
    story.passes(hours=2)
    before = watch(item)
    say(story, item, Answer.REFUSED)
    after = watch(item)
    assert Reply.objects.count() == 1
    assert (after.is_refused, after.next_probe_at, after.gone_at) == (False, before.next_probe_at, before.gone_at)


@pytest.mark.parametrize("answer", [Answer.REMOVED, Answer.REFUSED])
def test_an_answer_may_come_before_the_watch_is_open(story: Story, answer: Answer) -> None:
    item = story.sent()
    say(story, item, answer)
    story.work()
    row = watch(item)
    assert row.looks == 1
    assert row.claimed_removed_at == (story.clock.now if answer is Answer.REMOVED else None)
    assert row.asked_at == (story.clock.now if answer is Answer.REFUSED else None)


def test_the_link_closes_after_twice_the_time_of_re_checks(story: Story) -> None:
    story.sent()
    notice = Notice.objects.get()
    assert takes_answers(notice, story.clock.later(days=179))
    assert not takes_answers(notice, story.clock.later(days=1))

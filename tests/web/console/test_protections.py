"""The analysts' side of *protect my image*: what needs a person, what may be said of it and why, and what is never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rempart.desk.registers.bank import alarms, boxes, facts
from rempart.desk.registers.bank.models import Feedback, Fingerprint, Protection, TrustFact
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.protection import Age, Helper, Kind
from rempart.desk.rules.trust import POPULAR, Fact, Trust, Vote
from rempart.desk.stages.intake import protecting, queries, steps
from rempart.desk.stages.intake.models import Message
from tests import cast
from tests.registers.bank.pictures import fresh, picture, protect, submission
from tests.web.console.conftest import SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keyring")]
NOW = cast.MONDAY


def one(name: str = "a") -> Protection:
    return protect(name)[1][0]


def text(client: Client, path: str) -> str:
    answer = client.get(f"/console/protections/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def says(client: Client, number: int, fact: Fact, why: str, seen: str | None = None) -> HttpResponse:
    """Fill in the form of the page, or one that was opened earlier; the page that follows."""
    newest = re.search(r'name="fact" value="\w+"><input type="hidden" name="seen" value="(\d+)"', text(client, f"{number}/"))
    sent = {"fact": fact.value, "why": why, "seen": seen or (newest[1] if newest else "0")}
    return client.post(f"/console/protections/{number}/decide/", sent, follow=True)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (alarms.WELL_KNOWN, "It looks like a picture that everybody knows"),
        (alarms.DEGENERATE, "Only stripes or checks: such a fingerprint resembles many pictures"),
        (alarms.NOTHING_TO_SEE, "Hardly anything can be seen in it: too dark, too plain or too small"),
        (alarms.POPULAR, "Far too many different people sent it within one day"),
    ],
)
def test_a_doubt_is_first_with_its_reason_in_words(camille: Client, why: str, said: str) -> None:
    held, other = one("a"), one("b")
    facts.raise_alarm(held.pk, why, now=NOW)
    page = text(camille, "")
    waiting, everything = page.split('id="all-title"')
    assert said in waiting
    assert f"P-{held.pk}" in waiting
    assert f"P-{other.pk}" not in waiting
    assert f"P-{other.pk}" in everything
    assert "(1)" in page
    assert said[1:] in text(camille, f"{held.pk}/")


def test_a_dispute_tells_what_each_platform_says(camille: Client) -> None:
    cast.full_directory()
    disputed = one()
    numbers = list(Recipient.objects.order_by("pk").values_list("pk", flat=True)[:3])
    for number, vote in zip(numbers, (Vote.NOT_BLOCKED, Vote.NOT_BLOCKED, Vote.BLOCKED), strict=True):
        facts.note_feedback(disputed.pk, number, now=NOW, matches=2, accounts=1, vote=vote)
    assert fresh(disputed).trust == Trust.DISPUTED
    page = text(camille, "")
    assert "2 did not block it · 1 blocked it" in page
    mine = text(camille, f"{disputed.pk}/")
    assert "2 platforms that saw it did not block it" in mine
    assert mine.count("looked, and did not block it") == 2
    for name in Recipient.objects.filter(pk__in=numbers).values_list("name", flat=True):
        assert name in mine


def test_nothing_waits(camille: Client) -> None:
    one()
    page = text(camille, "")
    assert "Nothing waits for a person." in page
    assert "wait for a person</span>" not in page


def test_popular_is_an_alarm_and_a_colleague_lifts_it_for_a_reason(camille: Client) -> None:
    number = one().pk
    facts.note_feedback(number, 5, now=NOW, matches=POPULAR, accounts=POPULAR)
    done = says(camille, number, Fact.CLEARED, "leak_spreads")
    assert "The doubt is lifted." in done.content.decode()
    assert Protection.objects.get(pk=number).trust == Trust.SELF_DECLARED
    last = TrustFact.objects.latest("pk")
    assert (last.fact, last.why, last.by_id) == (Fact.CLEARED, "leak_spreads", cast.camille().pk)
    entry = Entry.objects.filter(subject=f"protection:{number}").latest("pk")
    assert (entry.verb, entry.by_id, entry.detail) == ("alarm_cleared", cast.camille().pk, {"why": "leak_spreads"})
    assert "it is spreading: that is why so many send it" in text(camille, f"{number}/")


def test_disputed_then_vouched(camille: Client) -> None:
    number = one().pk
    for platform in (1, 2):
        facts.note_feedback(number, platform, now=NOW, matches=1, vote=Vote.NOT_BLOCKED)
    assert "The protection is confirmed." in says(camille, number, Fact.VOUCHED, "person_explained").content.decode()
    assert Protection.objects.get(pk=number).trust == Trust.CONFIRMED


def test_a_doubt_is_raised_and_a_reason_is_needed(camille: Client) -> None:
    number = one().pk
    for why in ("", "popular", "a sentence of mine", "leak_spreads"):
        answer = says(camille, number, Fact.ALARM, why)
        assert answer.status_code == 400
        assert "Choose a reason." in answer.content.decode()
    assert not TrustFact.objects.exists()
    assert "a person will look" in says(camille, number, Fact.ALARM, "objection").content.decode()
    assert Protection.objects.get(pk=number).trust == Trust.HELD


def test_pressed_twice_it_is_said_once(camille: Client) -> None:
    number = one().pk
    for _ in range(2):
        assert "The protection is confirmed." in says(camille, number, Fact.VOUCHED, "report_fits", seen="0").content.decode()
    assert TrustFact.objects.count() == 1
    assert Entry.objects.filter(verb="vouched").count() == 1


def test_who_decided_meanwhile_is_not_decided_over(camille: Client, signed_in: SignedIn) -> None:
    number = one().pk
    says(signed_in(cast.IDRIS), number, Fact.ALARM, "misuse", seen="0")
    answer = says(camille, number, Fact.VOUCHED, "person_explained", seen="0")
    assert answer.status_code == 400
    assert "Something happened to this protection meanwhile" in answer.content.decode()
    assert Protection.objects.get(pk=number).trust == Trust.HELD


@pytest.mark.parametrize("state", [Trust.SELF_DECLARED, Trust.HELD, Trust.CONFIRMED, Trust.DISPUTED])
def test_only_what_moves_something_is_offered(camille: Client, state: Trust) -> None:
    number = one().pk
    Protection.objects.filter(pk=number).update(trust=state.value)
    offered = set(re.findall(r'data-act="(vouch|clear|doubt)"', text(camille, f"{number}/")))
    expected = {
        Trust.SELF_DECLARED: {"vouch", "doubt"},
        Trust.HELD: {"vouch", "clear"},
        Trust.CONFIRMED: {"doubt"},
        Trust.DISPUTED: {"vouch"},
    }
    assert offered == expected[state]
    for fact, act, why in (
        (Fact.VOUCHED, "vouch", "platform_told"),
        (Fact.CLEARED, "clear", "false_alarm"),
        (Fact.ALARM, "doubt", "misuse"),
    ):
        if act not in offered:
            assert says(camille, number, fact, why).status_code == 400
    assert not TrustFact.objects.exists()


def test_an_ended_protection_is_a_line_that_stays(camille: Client) -> None:
    keys, (gone,) = protect("a")
    protecting.withdraw(keys, [gone.pk], now=NOW)
    page = text(camille, f"{gone.pk}/")
    assert "its fingerprints are gone" in page
    assert "The person took it back" in page
    assert 'data-act="vouch"' not in page
    assert says(camille, gone.pk, Fact.VOUCHED, "person_explained").status_code == 400


def test_the_same_file_under_other_codes_is_linked_for_the_staff(camille: Client) -> None:
    mine, theirs, other = one("a"), one("a"), one("b")
    page = text(camille, f"{mine.pk}/")
    assert "1 other protection holds the very same file" in page
    assert f'href="/console/protections/{theirs.pk}/"' in page
    assert f'href="/console/protections/{other.pk}/"' not in page


class TestWords:
    def test_they_are_opened_by_a_gesture_that_the_journal_remembers(self, camille: Client) -> None:
        number, keys = self.case_with_words()
        closed = text(camille, f"{number}/")
        assert "zqstory" not in closed
        assert "zqmessage" not in closed
        assert "1 new message" in closed
        opened = camille.post(f"/console/protections/{number}/words/").content.decode()
        assert "zqstory" in opened
        assert "zqmessage" in opened
        assert Entry.objects.filter(verb="words_read", by_id=cast.camille().pk).count() == 1
        assert not Message.objects.filter(is_from_reporter=True, read_at__isnull=True).exists()
        assert queries.case_of(keys)

    def test_a_question_reaches_the_mailbox_once(self, camille: Client) -> None:
        number, keys = self.case_with_words()
        newest = Message.objects.latest("pk").pk
        for _ in range(2):
            answer = camille.post(
                f"/console/protections/{number}/ask/", {"text": "Is it you in it?", "seen": newest}, follow=True
            )
            assert "Your message is in the case of the person." in answer.content.decode()
        lines = queries.mailbox(queries.case_of(keys), keys)
        assert [line.text for line in lines if not line.is_from_reporter] == ["Is it you in it?"]
        again = Message.objects.latest("pk").pk
        camille.post(f"/console/protections/{number}/ask/", {"text": "Another thing.", "seen": again})
        assert len(queries.mailbox(queries.case_of(keys), keys)) == 3

    def test_an_empty_question_and_an_erased_case(self, camille: Client) -> None:
        number, keys = self.case_with_words()
        answer = camille.post(f"/console/protections/{number}/ask/", {"text": " "})
        assert answer.status_code == 400
        assert "Write something first." in answer.content.decode()
        steps.erase_case(keys, now=NOW)
        assert "nobody would read a message" in text(camille, f"{number}/")
        assert camille.post(f"/console/protections/{number}/ask/", {"text": "Hello"}).status_code == 400
        assert camille.post(f"/console/protections/{number}/words/").status_code == 200

    def case_with_words(self) -> tuple[int, sealing.CaseKeys]:
        receipt = cast.receive(details=cast.LINA, story="zqstory")
        assert receipt.code is not None
        keys, (mine,) = protect("a", code=receipt.code)
        steps.write_to_hotline(keys, "zqmessage", now=NOW)
        return mine.pk, keys


def secrets_of(name: str) -> Iterator[bytes]:
    """Everything about a picture that must be on no page."""
    file = picture(name)
    yield from (boxes.file_digest(file.sha256), file.sha256.value, *(sent.pdq.value for sent in file.pdqs))
    yield from (bytes(row) for row in Fingerprint.objects.values_list("sealed", flat=True))


def test_no_page_holds_a_fingerprint_a_digest_or_a_key_number(camille: Client) -> None:
    mine = one("a")
    one("a")
    number = mine.pk
    pages = (
        text(camille, "") + text(camille, f"{number}/") + camille.post(f"/console/protections/{number}/words/").content.decode()
    )
    for secret in secrets_of("a"):
        assert secret.hex() not in pages.lower()
        assert repr(secret)[2:-1] not in pages
    assert str(Protection.objects.get(pk=number).key_number) not in pages


def test_filters_and_pages(camille: Client) -> None:
    many(120)
    Protection.objects.filter(pk__lte=Protection.objects.order_by("pk")[59].pk).update(age=Age.UNDER_13)
    first = text(camille, "?age=under_13").split('id="all-title"')[1]
    assert len(re.findall(r">P-\d+<", first)) == 50
    following = re.search(r'href="\?(age=under_13&amp;before=\d+)', first)
    assert following
    second = text(camille, "?" + following[1].replace("&amp;", "&")).split('id="all-title"')[1]
    assert len(re.findall(r">P-\d+<", second)) == 25
    assert "Older protections" not in second
    assert "Nothing here." in text(camille, "?since=2027-01-01")
    assert len(re.findall(r">P-\d+<", text(camille, "?since=2026-01-01&trust=nonsense&before=x&case=-1"))) == 50


def many(count: int, **fields: object) -> None:
    """Protections as rows alone: no page opens what they seal."""
    Protection.objects.bulk_create(
        Protection(**{
            "case_number": number, "key_number": number, "kind": Kind.PICTURE, "age": list(Age)[number % 4],
            "helper": Helper.NOBODY, "is_device_shared": False, "trust_at": NOW, "expires_at": NOW, "edition": 1,
            "declared_at": NOW - timedelta(minutes=count - number), **fields,
        })
        for number in range(1, count + 1)
    )  # fmt: skip


def questions(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        text(client, path)
    return len(asked)


def test_a_page_asks_as_few_questions_of_many_as_of_one(camille: Client) -> None:
    held = one("a").pk
    facts.raise_alarm(held, "objection", now=NOW)
    facts.note_feedback(held, 3, now=NOW, matches=1)
    text(camille, "")
    few = questions(camille, "")
    many(300)
    Protection.objects.filter(key_number__lte=200).update(trust=Trust.HELD)
    Feedback.objects.bulk_create(
        Feedback(protection=row, platform_number=9, matches=3, last_at=NOW)
        for row in Protection.objects.filter(key_number__lte=200)
    )
    assert questions(camille, "") <= few
    assert few <= 12


@pytest.mark.slow
def test_a_hundred_thousand_protections(camille: Client) -> None:
    """Each question goes by an index: none reads the whole table."""
    many(100_000)
    Protection.objects.filter(key_number__lte=40).update(trust=Trust.HELD)
    Protection.objects.filter(key_number__gt=40, key_number__lte=60).update(trust=Trust.DISPUTED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    newest = Protection.objects.latest("pk").pk
    for path in ("", "?trust=held", "?age=13_15", "?trust=confirmed&age=adult", f"?before={newest - 50_000}", f"{newest}/"):
        with CaptureQueriesContext(connection) as asked:
            text(camille, path)
        walks = [one["sql"] for one in asked if '"bank_protection"' in one["sql"] and is_a_walk(one["sql"])]
        assert not walks, path
        assert sum(float(one["time"]) for one in asked) < 2, path


def is_a_walk(sql: str) -> bool:
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = [row[3] for row in cursor.fetchall()]
    # In the order of its key it stops after a page.
    return any(line == "SCAN bank_protection" for line in plan) and "LIMIT" not in sql


@pytest.mark.parametrize("who", [cast.ANGE, cast.WASSIM])
def test_who_does_not_read_them_sees_no_trace_of_them(signed_in: SignedIn, who: cast.Character) -> None:
    facts.raise_alarm(one().pk, "objection", now=NOW)
    client = signed_in(who)
    assert "/console/protections/" not in client.get("/console/").content.decode()
    assert client.get("/console/protections/").status_code == 403


def test_shared_device_and_helper_are_said(camille: Client) -> None:
    sent = protecting.protect(submission(picture("a"), is_device_shared=True, age=Age.ADULT), now=NOW, code=None)
    number = Protection.objects.get(case_number=queries.case_of(sealing.case_keys(sent.code)).pk).pk
    Protection.objects.filter(pk=number).update(helper=Helper.PARENT)
    page = text(camille, f"{number}/")
    assert "Others use it too" in page
    assert "A parent" in page
    assert "18 or over" in page

"""NCMEC's shape at the door: entries, tombstones, pages, dates, members, votes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from rempart.desk.outlets.lists import ncmec
from rempart.desk.outlets.lists.ncmec import FingerprintType, guid_of
from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.lists.models import Entry
from rempart.desk.rules.protection import Kind, SentFile, SentPdq
from rempart.desk.rules.trust import Fact, RefusalReason
from rempart.desk.stages.intake import protecting
from rempart.desk.web.api.views import ncmec as door
from tests.registers.bank.pictures import pdq, protect, sha256, submission, video
from tests.web.api.hands import NCMEC, Program, has, program, texts, xml

pytestmark = pytest.mark.django_db

AFFIRMATIVE = f'<feedbackSubmission xmlns="{ncmec.NAMESPACE}"><affirmative /></feedbackSubmission>'
HOUR = timedelta(hours=1)


def negative(reason: RefusalReason, kind: FingerprintType = FingerprintType.PDQ) -> str:
    guid = guid_of(reason, kind)
    return f"<feedbackSubmission><negative><reasonIds><guid>{guid}</guid></reasonIds></negative></feedbackSubmission>"


def withdraw(one: Protection) -> None:
    steps.end(Protection.objects.filter(pk=one.pk), Fact.WITHDRAWAL, now=timezone.now())


def dated(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ids(reader: Program) -> list[str]:
    return texts(xml(reader.ncmec("/v2/entries")), "id")


def test_one_entry_for_each_pdq() -> None:
    reader = program()
    protect("a")
    page = xml(reader.ncmec("/v2/entries"))
    assert (has(page, "image"), has(page, "deletedImage"), has(page, "next")) == (2, 0, 0)
    assert texts(page, "sha256") == [sha256("a").hex()]
    assert len(set(texts(page, "pdq"))) == 2
    assert not set(texts(page, "pdq")) & {pdq("a whole").hex(), pdq("a mirror").hex()}
    assert texts(page, "classification") == ["self_declared"] * 2
    assert texts(page, "member") == ["Rempart"] * 2
    name, parts = texts(page, "id")[0][:32], [name[32:] for name in texts(page, "id")]
    assert (name.isalnum(), parts) == (True, ["-0", "-1"])


def test_a_tombstone_for_each_for_ever() -> None:
    reader = program()
    _, (one,) = protect("a")
    before = ids(reader)
    withdraw(one)
    page = xml(reader.ncmec("/v2/entries"))
    assert (has(page, "image"), has(page, "deletedImage"), has(page, "fingerprints")) == (0, 2, 0)
    assert texts(page, "id") == before


def test_a_doubt_is_a_tombstone_and_may_come_back() -> None:
    reader = program()
    _, (one,) = protect("a")
    facts.raise_alarm(one.pk, "popular", now=timezone.now())
    assert has(xml(reader.ncmec("/v2/entries")), "deletedImage") == 2
    facts.vouch(one.pk, by=1, now=timezone.now())
    page = xml(reader.ncmec("/v2/entries"))
    assert (has(page, "image"), texts(page, "classification")) == (2, ["confirmed"] * 2)


def test_a_pdq_that_says_too_little_is_not_sent() -> None:
    reader = program()
    views = (SentPdq(pdq("flat"), 49, "whole"), SentPdq(pdq("flat mirror"), 80, "mirror"))
    protecting.protect(submission(SentFile(Kind.PICTURE, sha256("flat"), views)), now=timezone.now(), code=None)
    facts.vouch(Protection.objects.get().pk, by=1, now=timezone.now())
    page = xml(reader.ncmec("/v2/entries"))
    assert (has(page, "image"), has(page, "pdq"), has(page, "sha256")) == (2, 1, 1)


def test_a_video_has_its_sha256() -> None:
    reader = program()
    (_, kept) = (protecting.protect(submission(video("v")), now=timezone.now(), code=None), Protection.objects.get())
    page = xml(reader.ncmec("/v2/entries"))
    assert (has(page, "video"), has(page, "image"), texts(page, "sha256")) == (1, 0, [sha256("v").hex()])
    withdraw(kept)
    assert has(xml(reader.ncmec("/v2/entries")), "deletedVideo") == 1


def test_pages_follow_a_sealed_cursor_whatever_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PAGE", 4)
    reader = program()
    _, kept = protect(*"abcde")
    page = xml(reader.ncmec("/v2/entries"))
    (following,) = texts(page, "next")
    asked = parse_qs(urlsplit(following).query)
    assert following.startswith("/v2/")
    assert all(asked[name][0].isdigit() for name in ("start", "size", "max"))
    seen = texts(page, "id")
    withdraw(kept[0])
    protect("late")
    while following:
        page = xml(reader.http.get(NCMEC + following, headers=reader.basic))
        seen += texts(page, "id")
        following = "".join(texts(page, "next"))
    assert len(seen) == len(set(seen)) == 10
    assert (has(page, "deletedImage"), set(seen[:2])) == (0, {name for name in seen if name[:32] == seen[0][:32]})


def test_a_cursor_is_for_one_client_and_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PAGE", 2)
    reader, other = program(), program("Fotoz")
    protect("a", "b")
    following = texts(xml(reader.ncmec("/v2/entries")), "next")[0]
    assert other.http.get(NCMEC + following, headers=other.basic).status_code == 400
    for hostile in ("x", "", "é", "eyJ:x:y", "0" * 5_000):
        answer = reader.ncmec("/v2/entries", cursor=hostile)
        assert (answer.status_code, texts(xml(answer), "reason")) == (400, ["unknown_cursor"])


@pytest.mark.parametrize("date", ["x", "2026-11-22", "2026-11-22T10:00:00", "2026-02-30T10:00:00Z", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("name", ["from", "to"])
def test_dates_that_are_none(name: str, date: str) -> None:
    answer = program().ncmec("/v2/entries", **{name: date})
    assert answer.status_code == 400
    assert name in texts(xml(answer), "message")[0]


def test_from_after_to() -> None:
    assert program().ncmec("/v2/entries", **{"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}).status_code == 400


def test_an_empty_range_is_an_answer() -> None:
    reader = program()
    protect("a")
    page = xml(reader.ncmec("/v2/entries", **{"from": "1970-01-01T00:00:00Z", "to": "2000-01-01T00:00:00.123Z"}))
    assert [element.get("count") for element in page] == ["0", "0"]
    assert all(element.get("maxTimestamp") is None for element in page)


@pytest.mark.parametrize("offset", [-12, -5, 0, 1, 2, 14])
def test_a_clock_in_any_zone_misses_nothing_and_is_sent_what_is_new(offset: int) -> None:
    """The client writes local time and calls it UTC; its ranges touch."""
    reader, shift = program(), timedelta(hours=offset)
    since = datetime(1970, 1, 1, tzinfo=UTC)
    for round_ in range(3):
        protect(f"picture {round_}")
        until = timezone.now() - timedelta(seconds=5) + round_ * timedelta(seconds=1)
        page = xml(
            reader.ncmec("/v2/entries", **{"from": dated(since + (shift if round_ else 0 * HOUR)), "to": dated(until + shift)})
        )
        assert has(page, "image") == 2, "what is new, and nothing twice"
        since = until


def test_a_range_that_goes_on_from_nowhere_we_know_begins_earlier() -> None:
    reader = program()
    protect("a")
    now = timezone.now()
    page = xml(reader.ncmec("/v2/entries", **{"from": dated(now + HOUR), "to": dated(now + HOUR + HOUR)}))
    assert has(page, "image") == 2


def test_who_it_is_and_whom_it_sees() -> None:
    reader = program()
    program("Fotoz")
    status = xml(reader.ncmec("/v2/status"))
    assert (texts(status, "member"), texts(status, "username")) == (["Piximi"], [reader.client.key_id])
    assert texts(xml(reader.ncmec("/v2/members")), "member") == ["Rempart", "Piximi"]


def test_votes_are_counted_and_no_platform_sees_that_of_another() -> None:
    first, second = program(), program("Fotoz")
    protect("a")
    assert first.vote(ids(first)[1], negative(RefusalReason.WELL_KNOWN)).status_code == 200
    kept = Feedback.objects.get()
    assert (kept.vote, kept.reason, kept.platform_number) == ("not_blocked", "well_known", first.client.platform_number)
    theirs = xml(second.ncmec("/v2/entries"))
    assert (has(theirs, "image"), has(theirs, "feedback")) == (2, 0)
    mine = xml(first.ncmec("/v2/entries"))
    assert has(mine, "deletedImage") == 2, "its own people would not block it"
    second.vote(ids(second)[0], AFFIRMATIVE)
    assert has(xml(second.ncmec("/v2/entries")), "affirmativeFeedback") == 2


def test_the_same_vote_again_changes_nothing() -> None:
    reader = program()
    protect("a")
    name = ids(reader)[0]
    reader.vote(name, AFFIRMATIVE)
    ids(reader)
    position = Entry.objects.get().position
    reader.vote(name, AFFIRMATIVE)
    ids(reader)
    assert (Entry.objects.get().position, Feedback.objects.count()) == (position, 1)


def test_entries_of_others_are_unknown() -> None:
    reader, other = program(), program("Fotoz")
    protect("a")
    for name in (ids(other)[0], "x", "0" * 32 + "-0", "é"):
        assert reader.vote(name, AFFIRMATIVE).status_code == 404
    assert not Feedback.objects.exists()


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<feedbackSubmission><affirmative>&b;</affirmative></feedbackSubmission>"
)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "<a/>",
        "<feedbackSubmission/>",
        "<feedbackSubmission><maybe/></feedbackSubmission>",
        "<feedbackSubmission><negative/></feedbackSubmission>",
        "<feedbackSubmission><negative><reasonIds><guid>x</guid></reasonIds></negative></feedbackSubmission>",
        "<feedbackSubmission><affirmative/><negative/></feedbackSubmission>",
        BOMB,
        "<a>" * 9_000,
        negative(RefusalReason.OTHER, FingerprintType.MD5),
    ],
)
def test_votes_that_are_none(body: str) -> None:
    reader = program()
    protect("a")
    assert reader.vote(ids(reader)[0], body).status_code == 400
    assert not Feedback.objects.exists()


def test_reasons_by_type() -> None:
    reader = program()
    page = xml(reader.ncmec("/v2/feedback/PDQ/reasons"))
    guids = [element.get("guid") for element in page]
    assert len(set(guids)) == len(RefusalReason)
    assert set(guids) != {element.get("guid") for element in xml(reader.ncmec("/v2/feedback/MD5/reasons"))}
    assert reader.ncmec("/v2/feedback/NOPE/reasons").status_code == 400

"""Our own feed: pages and cursors, advice, tombstones, results taken once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.journal.models import Entry as Line
from rempart.desk.registers.lists.models import Entry, Subscription
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Fact, Vote
from rempart.desk.stages.intake import protecting
from tests.registers.bank.pictures import pdq, protect, sha256, submission, video
from tests.web.api.hands import Program, program, told

pytestmark = pytest.mark.django_db


def withdraw(one: Protection) -> None:
    steps.end(Protection.objects.filter(pk=one.pk), Fact.WITHDRAWAL, now=timezone.now())


def names(reader: Program) -> list[str]:
    return [entry["name"] for entry in told(reader.ours())["entries"]]


def test_an_entry_says_what_to_do() -> None:
    reader = program()
    protect("a")
    page = told(reader.ours())
    (entry,) = page["entries"]
    assert (page["list"], page["has_more"], page["distance"], page["least_quality"]) == ("minors", False, 31, 50)
    assert entry["advice"] == {"exact": "block", "near": "review"}
    assert (entry["state"], entry["kind"], entry["classification"], entry["trust"]) == (
        "listed",
        "picture",
        "minors",
        "self_declared",
    )
    assert (entry["sha256"], entry["pipeline"], entry["declared_at"], entry["own_vote"]) == (
        sha256("a").hex(),
        "full",
        "2026-03-02",
        None,
    )
    assert [(part["variant"], part["quality"]) for part in entry["pdqs"]] == [("whole", 90), ("mirror", 90)]
    assert len({part["pdq"] for part in entry["pdqs"]} | {pdq("a whole").hex(), pdq("a mirror").hex()}) == 4


def test_a_video_has_seconds() -> None:
    reader = program()
    protecting.protect(submission(video("v")), now=timezone.now(), code=None)
    (entry,) = told(reader.ours())["entries"]
    assert [part["second"] for part in entry["pdqs"]] == [0, 1, 2]


def test_names_differ_from_client_to_client() -> None:
    protect("a")
    assert not set(names(program())) & set(names(program("Fotoz")))


def test_pages_follow_each_other_and_a_delta_is_what_changed() -> None:
    reader = program()
    _, kept = protect(*"abcde")
    seen, after = [], None
    while True:
        page = told(reader.ours(limit="2", **({"after": after} if after else {})))
        assert len(page["entries"]) <= 2
        seen += page["entries"]
        after = page["next"]
        if not page["has_more"]:
            break
    assert len({entry["name"] for entry in seen}) == 5
    withdraw(kept[2])
    (gone,) = told(reader.ours(after=after))["entries"]
    assert gone["state"] == "withdrawn"
    assert set(gone) == {"name", "state", "kind", "updated_at"}
    assert gone["name"] in {entry["name"] for entry in seen}


def test_nothing_new_is_304() -> None:
    reader = program()
    protect("a")
    first = reader.ours()
    again = reader.ours(headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    protect("b")
    assert reader.ours(headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_is_packed_for_who_takes_it() -> None:
    reader = program()
    protect("a", "b")
    packed = reader.ours(headers={"Accept-Encoding": "gzip, deflate"})
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.content)
    assert told(packed) == told(reader.ours())
    assert "Content-Encoding" not in reader.ours(headers={"Accept-Encoding": "gzip;q=0"})


def test_a_cautious_reader_is_sent_what_is_confirmed() -> None:
    reader = program(is_cautious=True)
    _, (one,) = protect("a")
    assert [entry["state"] for entry in told(reader.ours())["entries"]] == ["not_listed"]
    facts.vouch(one.pk, by=1, now=timezone.now())
    assert [entry["state"] for entry in told(reader.ours())["entries"]] == ["listed"]


def test_each_reading_is_noted() -> None:
    reader = program()
    protect("a", "b")
    reader.ours(limit="1")
    line = Line.objects.filter(verb="list_read").latest("pk")
    assert (line.subject, line.detail["list"], line.detail["count"]) == (f"client:{reader.client.pk}", "minors", 1)
    assert Subscription.objects.get(client=reader.client).read_position == Entry.objects.order_by("position")[0].position


CURSORS = [
    "x",
    "2026-11-22T10:00:00.000000Z",
    ",5",
    "2026-13-22T10:00:00.000000Z,1",
    "2026-11-22T10:00:00.000000Z,-1",
    "9" * 5_000,
]


@pytest.mark.parametrize("cursor", [*CURSORS, "2026-11-22T10:00:00.000000Z,999999", "2999-11-22T10:00:00.000000Z,1"])
def test_hostile_cursors(cursor: str) -> None:
    reader = program()
    protect("a", "b")
    reader.ours()
    answer = reader.ours(after=cursor)
    assert answer.status_code == 400
    assert "begin again" in told(answer)["message"]
    assert cursor not in answer.content.decode()


@pytest.mark.parametrize("limit", ["0", "-1", "2001", "x", "", "1e3", "٣"])
def test_limits(limit: str) -> None:
    assert program().ours(limit=limit).status_code == 400


def test_results_are_counted_and_votes_move_the_trust() -> None:
    first, second = program(), program("Fotoz")
    _, (one,) = protect("a")
    answer = first.tell({"name": names(first)[0], "seen": 3, "accounts": "2-9", "outcome": "blocked"})
    assert told(answer) == {"taken": 1, "unknown": [], "repeated": False}
    kept = Feedback.objects.get()
    assert (kept.matches, kept.accounts_of_day, kept.vote, kept.platform_number) == (
        3,
        2,
        "blocked",
        first.client.platform_number,
    )
    second.tell({"name": names(second)[0], "outcome": "blocked"})
    assert Protection.objects.get(pk=one.pk).trust == "confirmed"


def test_a_platform_hears_its_own_vote_and_of_others_only_the_trust() -> None:
    first, second = program(), program("Fotoz")
    protect("a")
    first.tell({"name": names(first)[0], "outcome": "not_blocked", "reason": "not_intimate"})
    (mine,), (theirs,) = told(first.ours())["entries"], told(second.ours())["entries"]
    assert (mine["own_vote"], mine["advice"]) == ("not_blocked", {"exact": "count", "near": "count"})
    assert (theirs["own_vote"], theirs["advice"]) == (None, {"exact": "block", "near": "review"})
    assert "not_intimate" not in str(theirs)


def test_the_same_message_is_taken_once() -> None:
    reader = program()
    protect("a")
    result = {"name": names(reader)[0], "seen": 3}
    assert told(reader.tell(result))["repeated"] is False
    assert told(reader.tell(result))["repeated"] is True
    assert Feedback.objects.get().matches == 3
    other = reader.tell({**result, "seen": 4})
    assert (other.status_code, told(other)["error"]) == (409, "message_key_used")
    assert Feedback.objects.get().matches == 3


def test_messages_out_of_order() -> None:
    reader = program()
    protect("a")
    name, now = names(reader)[0], timezone.now()
    reader.tell({"name": name, "outcome": "blocked", "at": now.isoformat()}, key="message-2")
    earlier = (now - timedelta(hours=1)).isoformat()
    reader.tell({"name": name, "outcome": "not_blocked", "reason": "other", "at": earlier}, key="message-1")
    assert Feedback.objects.get().vote == Vote.BLOCKED


def test_names_of_others_are_unknown_and_the_rest_is_taken() -> None:
    reader, other = program(), program("Fotoz")
    protect("a")
    strange = names(other)[0]
    assert told(reader.tell({"name": strange, "seen": 1}, {"name": names(reader)[0], "seen": 1})) == {
        "taken": 1,
        "unknown": [strange],
        "repeated": False,
    }


def test_what_was_taken_back_meanwhile_is_taken_and_changes_nothing() -> None:
    reader = program()
    _, (one,) = protect("a")
    name = names(reader)[0]
    withdraw(one)
    assert told(reader.tell({"name": name, "outcome": "blocked"}))["taken"] == 1
    assert not Feedback.objects.exists()


NAME = "0" * 32
WRONG = [
    "",
    "[]",
    "{}",
    '{"results": []}',
    '{"results": [1]}',
    '{"results": [{"name": "x", "seen": 1}]}',
    f'{{"results": [{{"name": "{NAME}"}}]}}',
    f'{{"results": [{{"name": "{NAME}", "seen": -1}}]}}',
    f'{{"results": [{{"name": "{NAME}", "seen": true}}]}}',
    f'{{"results": [{{"name": "{NAME}", "seen": 1, "accounts": "3"}}]}}',
    f'{{"results": [{{"name": "{NAME}", "outcome": "not_blocked"}}]}}',
    f'{{"results": [{{"name": "{NAME}", "outcome": "blocked", "reason": "other"}}]}}',
    f'{{"results": [{{"name": "{NAME}", "outcome": [1]}}]}}',
    f'{{"results": [{{"name": "{NAME}", "outcome": "blocked", "at": "yesterday"}}]}}',
    f'{{"results": [{{"name": "{NAME}", "outcome": "blocked", "at": "2026-11-22T10:00:00"}}]}}',
    f'{{"results": [{{"name": "{NAME}", "seen": 1, "pdq": "{NAME}"}}]}}',
    "[" * 100_000,
]


@pytest.mark.parametrize("body", WRONG)
def test_results_that_are_none(body: str) -> None:
    answer = program().tell(raw=body)
    assert answer.status_code == 400
    assert NAME not in answer.content.decode()


def test_a_message_needs_a_name() -> None:
    assert told(program().tell({"name": NAME, "seen": 1}, key=""))["error"] == "message_key_missing"


def test_lists_are_apart() -> None:
    reader = program(lists=frozenset(ListName))
    protect("a")
    name = names(reader)[0]
    answer = reader.http.post(
        "/api/v1/lists/adults/results",
        {"results": [{"name": name, "seen": 1}]},
        content_type="application/json",
        headers=reader.bearer | {"Idempotency-Key": "message-1"},
    )
    assert told(answer)["unknown"] == [name]
    assert not told(reader.ours(list_name="adults"))["entries"]

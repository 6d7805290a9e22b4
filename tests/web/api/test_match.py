"""Look-up without the list: yes or no and advice, for those who may ask, about their lists; of one size, and kept nowhere."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rempart.desk.outlets.lists import match
from rempart.desk.outlets.lists.feed import Refused
from rempart.desk.outlets.lists.match import MOST_QUESTIONS, PADDED_BYTES, read_questions, write_answers
from rempart.desk.registers.bank import facts, steps
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.journal.models import Entry as Line
from rempart.desk.registers.lists import asking, canaries, clients, entries, scenes
from rempart.desk.registers.lists.asking import Answer, Match
from rempart.desk.registers.lists.models import Canary, Entry
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Act, Fact, Vote
from rempart.engine import Pdq, PdqFingerprint, Pipeline
from tests.registers.bank import pictures
from tests.registers.bank.pictures import near, pdq, protect, sha256
from tests.web.api.hands import Program, program, told

ADDRESS = "/api/v1/match"


@pytest.fixture(autouse=True)
def of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Keyring(tmp_path / "keyring.sqlite3")
    ring.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", ring)
    monkeypatch.setattr(asking, "_drawn", asking._Drawn())


@pytest.fixture
def asker(db: None) -> Program:
    """May ask, and hold nothing."""
    return program(may_hold_lists=False)


def post(asker: Program, questions: Any, **also: Any) -> HttpResponse:
    body = json.dumps({"questions": questions, **also})
    return asker.http.post(ADDRESS, body, content_type="application/json", headers=asker.bearer | {"Accept-Encoding": "gzip"})


def ask(asker: Program, *questions: Any, **also: Any) -> list[tuple[str, str]]:
    answer = post(asker, questions, **also)
    assert answer.status_code == 200, answer.content
    return [(one["match"], one["advice"]) for one in told(answer)["answers"]]


def of(one: Pdq) -> dict[str, str]:
    return {"pdq": one.hex()}


def file(name: str) -> dict[str, str]:
    return {"sha256": sha256(name).hex()}


def test_yes_or_no_and_what_to_do(asker: Program) -> None:
    protect("a")
    questions = [of(near(pdq("a whole"), 12)), file("a"), of(pdq("b whole")), file("b"), None]
    assert ask(asker, *questions) == [
        ("near", "review"),
        ("exact", "block"),
        ("none", "nothing"),
        ("none", "nothing"),
        ("none", "nothing"),
    ]


def test_nothing_else_is_told(asker: Program) -> None:
    protect("a")
    answer = told(post(asker, [of(pdq("a whole"))]))
    assert set(answer) == {"answers"}
    assert set(answer["answers"][0]) == {"match", "advice"}


def test_the_advice_follows_trust_and_the_platforms_own_people(asker: Program) -> None:
    _, (protected,) = protect("a")
    facts.vouch(protected.pk, by=1, now=timezone.now())
    assert ask(asker, of(pdq("a whole"))) == [("near", "block")]
    facts.note_feedback(protected.pk, asker.client.platform_number, now=timezone.now(), vote=Vote.NOT_BLOCKED)
    assert ask(asker, of(pdq("a whole")), file("a")) == [("near", "count"), ("exact", "count")]
    other = program("Clipolis", may_hold_lists=False)
    assert ask(other, of(pdq("a whole"))) == [("near", "block")]


def test_a_doubt_about_one_is_a_doubt_about_all(asker: Program) -> None:
    _, (protected,) = protect("a")
    protect("a")
    facts.raise_alarm(protected.pk, "popular", now=timezone.now())
    assert ask(asker, file("a"), of(pdq("a whole"))) == [("exact", "count"), ("near", "count")]


def test_what_is_taken_back_is_gone_at_once(asker: Program) -> None:
    protect("a")
    assert ask(asker, file("a"), of(pdq("a whole"))) == [("exact", "block"), ("near", "review")]
    steps.end(Protection.objects.all(), Fact.WITHDRAWAL, now=timezone.now())
    assert ask(asker, file("a"), of(pdq("a whole"))) == [("none", "nothing")] * 2


def test_only_its_lists(db: None) -> None:
    of_adults = program("Clipolis", lists=frozenset({ListName.ADULTS}), may_hold_lists=False)
    protect("a")
    assert ask(of_adults, file("a"), of(pdq("a whole"))) == [("none", "nothing")] * 2


def test_a_cautious_client_hears_of_what_is_confirmed(db: None) -> None:
    careful = program("Clipolis", is_cautious=True, may_hold_lists=False)
    _, (protected,) = protect("a")
    assert ask(careful, of(pdq("a whole")), file("a")) == [("none", "nothing")] * 2
    facts.vouch(protected.pk, by=1, now=timezone.now())
    assert ask(careful, of(pdq("a whole")), file("a")) == [("near", "block"), ("exact", "block")]


def test_degenerate_questions_are_answered_no(asker: Program) -> None:
    stripes = Pdq(bytes.fromhex("ffff0000" * 8))
    protect("a")
    assert ask(asker, of(stripes), of(Pdq(bytes(32)))) == [("none", "nothing")] * 2


def test_whoever_searches_for_the_edge_finds_its_own_mark(asker: Program) -> None:
    """Where *yes* ends is 31 bits around the marked copy: bits asked one by one give the copy, not the original."""
    protect("a")
    entries.catch_up(timezone.now())
    given_out = entries.published(Entry.objects.all(), asker.client)[0].parts[0].pdq
    assert given_out.distance(pdq("a whole")) == 4
    edges = [turned(given_out, bits) for bits in range(29, 35)]
    assert [match for match, _ in ask(asker, *map(of, edges))] == ["near"] * 3 + ["none"] * 3


def turned(one: Pdq, bits: int) -> Pdq:
    places = np.random.default_rng(7).permutation(256)[:bits]
    return Pdq((int.from_bytes(one.value) ^ sum(1 << int(place) for place in places)).to_bytes(32))


# --- canaries ---


@pytest.fixture
def canary(db: None, monkeypatch: pytest.MonkeyPatch) -> Canary:
    drawn = [PdqFingerprint(pictures.pdq("drawn"), 90, Pipeline.FULL, "whole")]
    monkeypatch.setattr(scenes, "fingerprints", lambda _chance: drawn)
    return canaries.make(ListName.MINORS, now=timezone.now())


def test_a_canary_rings_and_is_answered_like_the_others(canary: Canary) -> None:
    exact = {"sha256": canaries.opened(canary)[0].value.hex()}
    for number in range(4):
        asker = program(f"Platform {number}", may_hold_lists=False)
        assert ask(asker, of(near(pdq("drawn"), 3)), exact) == [("near", "review"), ("exact", "block")]
    assert Line.objects.filter(verb="canary_touched").count() == 4


def test_a_canary_that_stands_confirmed_is_answered_so(canary: Canary) -> None:
    Entry.objects.filter(canary_number=canary.pk).update(trust="confirmed")
    careful = program("Clipolis", is_cautious=True, may_hold_lists=False)
    assert ask(careful, of(pdq("drawn"))) == [("near", "block")]


def test_a_canary_of_another_list_is_nothing(canary: Canary) -> None:
    asker = program(lists=frozenset({ListName.ADULTS}), may_hold_lists=False)
    assert ask(asker, of(pdq("drawn"))) == [("none", "nothing")]
    assert not Line.objects.filter(verb="canary_touched").exists()


# --- of one size, and kept nowhere ---


def test_padded_answers_are_of_one_size(asker: Program) -> None:
    protect("a")
    sizes = {
        len(post(asker, questions, padded=True, padding="x" * length).content)
        for length, questions in enumerate([[None], [of(pdq("a whole"))] * 999, [file("a"), None], [of(pdq("b"))] * 1_000])
    }
    assert sizes == {PADDED_BYTES}


def test_the_longest_answer_fits() -> None:
    longest = [Answer(kind, act) for kind in Match for act in Act]
    longest.sort(key=lambda one: -len(one.match + one.advice))
    assert len(write_answers([longest[0]] * MOST_QUESTIONS, is_padded=True)) == PADDED_BYTES


def test_answers_are_never_packed(asker: Program) -> None:
    answer = post(asker, [of(pdq("a"))] * 500)
    assert "Content-Encoding" not in answer
    assert int(answer["Content-Length"]) == len(answer.content)


def test_the_question_is_kept_nowhere(asker: Program, caplog: pytest.LogCaptureFixture) -> None:
    protect("a")
    with caplog.at_level(logging.DEBUG):
        ask(asker, of(pdq("a whole")), file("a"), of(pdq("b")), None)
    (line,) = Line.objects.filter(verb="uploads_asked")
    assert (line.subject, line.detail) == (f"client:{asker.client.pk}", {"asked": 3, "found": 2})
    kept = caplog.text + "".join(str(one.detail) for one in Line.objects.all())
    assert pdq("a whole").hex() not in kept
    assert sha256("a").hex() not in kept


# --- who may ask, and how much ---


def test_who_may_not_ask_is_refused(db: None) -> None:
    holder = program(may_ask=False)
    answer = post(holder, [None])
    assert (answer.status_code, told(answer)["error"]) == (403, "asking_not_open")


def test_a_revoked_key_is_refused(asker: Program) -> None:
    clients.revoke(asker.client, by=None, now=timezone.now())
    answer = post(asker, [None])
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_quota_counts_questions_not_dummies(db: None) -> None:
    asker = program(may_hold_lists=False, questions_per_day=1_000)
    assert post(asker, [of(pdq("b"))] * 600 + [None] * 400).status_code == 200
    answer = post(asker, [of(pdq("b"))] * 401)
    assert (answer.status_code, told(answer)["error"]) == (429, "too_many_questions")
    assert int(answer["Retry-After"]) > 0
    assert post(asker, [of(pdq("b"))] * 400).status_code == 200


def test_other_methods(asker: Program) -> None:
    answer = asker.http.get(ADDRESS, headers=asker.bearer)
    assert (answer.status_code, told(answer)["error"]) == (405, "wrong_method")


def test_without_the_keyring_it_is_closed(asker: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    protect("a")
    ask(asker, of(pdq("a whole")))
    monkeypatch.setattr(settings, "REMPART_KEYRING", Keyring(tmp_path / "none.sqlite3"))
    assert post(asker, [of(pdq("a whole"))]).status_code == 503


# --- what is no question ---

GOOD = {"pdq": "0f" * 32}


@pytest.mark.parametrize(
    "questions",
    [
        None,
        [],
        {},
        "x",
        [1],
        [[]],
        [{}],
        [{"md5": "0" * 32}],
        [{"pdq": "0" * 63}],
        [{"pdq": 1}],
        [GOOD | {"x": 1}],
        [GOOD] * 1001,
    ],
)
def test_what_is_no_question_is_refused_whole(asker: Program, questions: Any) -> None:
    answer = post(asker, questions)
    assert answer.status_code == 400
    assert told(answer)["error"] == "bad_request"


@pytest.mark.parametrize("also", [{"padded": 1}, {"padded": None}, {"list": "minors"}])
def test_nothing_else_is_asked(asker: Program, also: dict[str, Any]) -> None:
    assert post(asker, [GOOD], **also).status_code == 400


def test_too_long_a_body(asker: Program) -> None:
    assert post(asker, [GOOD], padding="x" * match.MOST_BODY).status_code == 413


@hypothesis_settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(Refused):
        read_questions(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just("0f" * 32),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["pdq", "sha256", "questions", "padded", ""]), inner)
    ),
    max_leaves=12,
)


@given(json_values, json_values)
def test_any_json_is_read_or_refused(questions: Any, padded: Any) -> None:
    body = json.dumps({"questions": questions, "padded": padded}).encode()
    with suppress(Refused):
        assert len(read_questions(body).questions) == len(questions)

"""Our own paths, asked over HTTP of a real process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine import Pdq, Sha256
from rempart.matcher.lookup import ListRules, Lookup, Question
from tests.matcher.made import entry, gone, near, pdq
from tests.matcher.web.conftest import DRAWN, FILE
from tests.matcher.web.drawn import edited, photograph
from tests.matcher.web.served import ASKING_KEY, Told, Worker, hold, worker

VIDEO = Path(__file__).parents[2] / "data" / "videos" / "thirty.mp4"


def entries(told: Told) -> set[tuple[str, str]]:
    assert told.status == 200, told.body
    return {(one["list"], one["entry"]) for one in told.json["found"]}


def test_a_fingerprint_meets_entries_of_several_lists(served: Worker) -> None:
    told = served.post("/v1/match", {"pdq": near(pdq(1), 5).hex(), "quality": 90})
    assert entries(told) == {("minors", "a"), ("adult-lists", "c")}
    one = told.json["found"][0]
    assert (one["distance"], one["exact"], one["variant"], one["asked_view"], one["trust"]) == (
        5,
        False,
        "whole",
        "whole",
        "self_declared",
    )
    assert one["advice"] == {"exact": "block", "near": "review"}
    assert (told.json["outcome"], one["outcome"], one["because"], told.json["unready"]) == ("hold", "hold", "rule", [])
    assert told.headers["cache-control"] == "no-store"


def test_the_same_file_is_blocked_by_its_digest_alone(served: Worker) -> None:
    told = served.post("/v1/match", {"sha256": FILE.hex()})
    assert (told.json["outcome"], told.json["found"][0]["exact"], told.json["found"][0]["distance"]) == ("block", True, None)
    assert served.post("/v1/match", {"md5": "0" * 32}).json["outcome"] == "accept"


def test_many_at_once_are_answered_in_their_order(served: Worker) -> None:
    asked = [{"pdq": pdq(seed).hex()} for seed in (9, 1, 2, 4)] + [{"sha256": FILE.hex()}, {"pdq": pdq(3).hex(), "seed": "x"}]
    told = served.post("/v1/match", {"fingerprints": asked * 166})
    assert [{one["entry"] for one in each["found"]} for each in told.json["answers"]] == [
        set(),
        {"a", "c"},
        {"b"},
        set(),
        {"b"},
        {"flooded"},
    ] * 166
    assert len({each["trace_id"] for each in told.json["answers"]}) == 996


def test_a_picture_is_hashed_here_and_its_edits_are_found(served: Worker) -> None:
    [exact] = served.send("/v1/match", DRAWN).json["found"]
    assert (exact["entry"], exact["exact"], exact["outcome"]) == ("drawn", True, "block")
    for data in (edited(DRAWN), edited(DRAWN, mirror=True), edited(DRAWN, border=40)):
        told = served.send("/v1/match", data)
        assert entries(told) == {("minors", "drawn")}
        assert told.json["found"][0]["distance"] <= 31
        assert told.json["kind"] == "picture"
        assert told.json["views"] > 50
    assert served.send("/v1/match", edited(DRAWN, mirror=True)).json["found"][0]["asked_view"].endswith("mirror")
    assert entries(served.send("/v1/match", photograph(8))) == set()


def test_a_raw_body_is_taken_too_whatever_it_is_called(served: Worker) -> None:
    for kind in ("image/jpeg", "application/octet-stream", "video/mp4"):
        told = served.ask("POST", "/v1/match?account=someone", DRAWN, Content_Type=kind)
        assert entries(told) == {("minors", "drawn")}
    assert served.said()[-1]["account"] == "someone"


def test_a_video_is_asked_frame_by_frame(tmp_path: Path) -> None:
    pytest.importorskip("av")
    from rempart.engine import fingerprint_video

    frames = fingerprint_video(VIDEO).fingerprint.distinct()
    hold(tmp_path, entry("film", Pdq(frames.hashes[0].tobytes())))
    with worker(tmp_path) as served:
        told = served.send("/v1/match", VIDEO.read_bytes(), kind="video/mp4")
    assert entries(told) == {("minors", "film")}
    assert told.json["kind"] == "video"
    assert told.json["found"][0]["asked_view"] == f"second {frames.times[0]:.0f}"
    assert told.json["unready"] == ["adult-lists"]


def test_a_file_that_cannot_be_read_is_said_unless_it_is_itself_on_a_list(tmp_path: Path, served: Worker) -> None:
    broken = DRAWN[:300]
    told = served.send("/v1/match", broken)
    assert told.status == 422
    assert "picture" in told.json["error"]["message"]
    import hashlib

    hold(tmp_path, entry("half", sha256=Sha256(hashlib.sha256(broken).digest())))
    with worker(tmp_path) as other:
        told = other.send("/v1/match", broken)
    assert entries(told) == {("minors", "half")}
    assert told.json["note"]


def test_keys(served: Worker) -> None:
    content = {"pdq": pdq(1).hex()}
    for given_key in ("Bearer nobody's", "Basic bm9ib2R5OndpdGg=", "Basic !", "", "Bearer"):
        told = served.post("/v1/match", content, Authorization=given_key)
        assert told.status == 401
        assert told.headers["www-authenticate"] == "Bearer"
        assert told.json["error"]["code"] == "key_needed"
    assert served.post("/v1/match", content, Authorization=f"Bearer {ASKING_KEY}").status == 200
    decision = {"trace_id": "x", "verdict": "blocked"}
    assert served.post("/v1/decisions", decision, Authorization=f"Bearer {ASKING_KEY}").status == 403
    assert (
        served.post("/v1/entries/disable", {"list": "minors", "entry": "a"}, Authorization=f"Bearer {ASKING_KEY}").status == 403
    )
    assert served.get("/metrics", Authorization="").status == 401
    assert served.get("/", Authorization="").headers["www-authenticate"].startswith("Basic")
    assert served.get("/livez", Authorization="").status == 200


def test_decisions_and_switches_reach_those_who_keep_them(served: Worker) -> None:
    hit = served.post("/v1/match", {"pdq": pdq(1).hex(), "account": "someone"}).json
    assert {"hit": hit["trace_id"], "account": "someone", "entries": ["c", "a"]} in served.said()
    assert served.post("/v1/decisions", {"trace_id": hit["trace_id"], "verdict": "blocked"}).json == {"noted": True}
    told = served.post("/v1/decisions", {"list": "minors", "entry": "a", "verdict": "not_blocked", "reason": "well_known"})
    assert told.json == {"noted": True}
    assert served.post("/v1/entries/disable", {"list": "minors", "entry": "a", "why": "a meme"}).status == 200
    assert served.post("/v1/entries/enable", {"list": "minors", "entry": "a"}).status == 200
    said = served.said()
    assert {"decision": "not_blocked", "reason": "well_known", "trace_id": None, "list": "minors", "entry": "a"} in said
    assert {"switched": "off", "list": "minors", "entry": "a", "why": "a meme"} in said
    assert served.post("/v1/decisions", {"trace_id": "unknown", "verdict": "blocked"}).status == 404
    assert served.post("/v1/entries/enable", {"list": "nobody-s", "entry": "a"}).status == 404


@pytest.mark.parametrize(
    "content",
    [
        {"verdict": "blocked"},
        {"verdict": "blocked", "trace_id": "x", "list": "minors", "entry": "a"},
        {"verdict": "blocked", "list": "minors"},
        {"verdict": "not_blocked", "trace_id": "x"},
        {"verdict": "blocked", "trace_id": "x", "reason": "other"},
        {"verdict": "perhaps", "trace_id": "x"},
        {"verdict": "blocked", "trace_id": "x", "more": 1},
    ],
)
def test_a_decision_says_one_thing(served: Worker, content: object) -> None:
    assert served.post("/v1/decisions", content).status == 400


@pytest.mark.parametrize(
    "content",
    [
        *({}, [], None, "x", {"pdq": None}, {"pdq": "f" * 63}, {"pdq": "g" * 64}, {"pdq": "f" * 64 + "\n"}),
        *({"pdq": "f" * 64, "quality": 101}, {"more": 1}, {"pdq": "f" * 64, "seed": "x" * 201}),
        *({"fingerprints": []}, {"fingerprints": [{}]}, {"fingerprints": [{"pdq": "f" * 64}] * 1_001}),
        *({"pdq": "f" * 64, "fingerprints": [{"pdq": "f" * 64}]}, {"fingerprints": [{"fingerprints": []}]}),
    ],
)
def test_what_is_not_as_described_is_refused_in_a_sentence(served: Worker, content: object) -> None:
    told = served.post("/v1/match", content)
    assert told.status == 400
    assert told.json["error"]["message"].endswith(".")
    assert "ffff" not in told.body.decode()


def test_other_kinds_of_content_are_refused(served: Worker) -> None:
    assert served.ask("POST", "/v1/match", b"{", Content_Type="application/json").status == 400
    assert served.ask("POST", "/v1/match", b"[" * 100_000, Content_Type="application/json").status == 400
    assert served.ask("POST", "/v1/match", b"x", Content_Type="text/plain").status == 415
    assert served.ask("POST", "/v1/match", b"", Content_Type="image/png").status == 400
    assert served.ask("POST", "/v1/decisions", b"verdict=blocked", Content_Type="application/x-www-form-urlencoded").status == 415
    assert served.get("/v1/match").headers["allow"] == "POST"
    assert served.get("/v2/match").status == 404


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.booleans()), min_size=1, max_size=12))
def test_over_http_as_in_the_process(served: Worker, asked: list[tuple[int, int, bool]]) -> None:
    lookup = Lookup(
        [ListRules(name, served.folder / "lists" / name) for name in ("minors", "adult-lists")],
        is_flooded=lambda _list, one: one == "flooded",
    )
    hashes = [near(pdq(seed), bits, seed) for seed, bits, _ in asked]
    contents = [
        {"pdq": one.hex()} | ({"sha256": FILE.hex()} if with_file else {})
        for one, (_, _, with_file) in zip(hashes, asked, strict=True)
    ]
    together = served.post("/v1/match", {"fingerprints": contents}).json["answers"]
    for content, one, (_, _, with_file), told in zip(contents, hashes, asked, together, strict=True):
        row = np.frombuffer(one.value, np.uint8).reshape(1, 32)
        answer = lookup.ask(Question(row, ("whole",), (100,), (FILE,) if with_file else ()))
        expected = [(f.list_name, f.entry, f.is_exact, f.distance, f.outcome, f.because) for f in answer.found]
        for given_one in (told, served.post("/v1/match", content).json):
            keys = ("list", "entry", "exact", "distance", "outcome", "because")
            assert [tuple(f[key] for key in keys) for f in given_one["found"]] == expected
            assert given_one["outcome"] == answer.outcome
    lookup.close()


@pytest.mark.slow
def test_what_is_withdrawn_is_not_met_by_the_next_answer_of_any_worker(tmp_path: Path) -> None:
    hold(tmp_path, entry("a", pdq(1), sha256=FILE))
    with worker(tmp_path, slot=0) as first, worker(tmp_path, slot=1) as second:
        content = {"pdq": pdq(1).hex(), "sha256": FILE.hex()}
        for round_ in range(5):
            for one in (first, second):
                assert one.post("/v1/match", content).json["outcome"] == "block", round_
            hold(tmp_path, gone("a"))
            for one in (first, second):
                assert one.post("/v1/match", content).json["found"] == [], round_
                assert one.post("/v1/match", {"fingerprints": [content] * 10}).json["answers"][9]["found"] == [], round_
            hold(tmp_path, entry("a", pdq(1), sha256=FILE))
        counted = first.get("/metrics").body.decode()
    assert 'rempart_matcher_hits_total{list="minors",outcome="block",because="rule"} 10' in counted
    assert "rempart_matcher_questions_total 120" in counted

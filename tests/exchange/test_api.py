"""The extension as a library: what it asks, what it makes of answers, whatever they are."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import HTTPError
from threatexchange.exchanges.clients.ncmec.hash_api import FeedbackType, FingerprintType, NCMECEntryUpdate
from threatexchange.exchanges.fetch_state import AggregateSignalOpinionCategory
from threatexchange.exchanges.impl.ncmec_api import NCMECCheckpoint
from threatexchange.signal_type.pdq.signal import PdqSignal
from threatexchange.signal_type.sha256 import VideoSHA256Signal

from rempart.exchange import TX_MANIFEST, Credentials, ListClient, ListConfig, PhotoSha256Signal, RempartExchangeAPI
from rempart.exchange.api import Standing
from rempart.exchange.client import UnreadableAnswer, _without_namespaces, clean_base_url, utc
from tests.exchange.double import SECRET, USER, Desk, Shown, desk

ALL = (PdqSignal, PhotoSha256Signal, VideoSHA256Signal)
NOW = int(time.time())
WHERE = "https://desk.example.org/exchange/minors/hashsharing"


def exchange(told: Desk) -> RempartExchangeAPI:
    return RempartExchangeAPI.for_collab(ListConfig(name="MINORS", base_url=told.url), Credentials(USER, SECRET))


def read(
    told: Desk, checkpoint: NCMECCheckpoint | None = None, *, pages: int = 99
) -> tuple[dict[str, NCMECEntryUpdate], NCMECCheckpoint | None]:
    held: dict[str, NCMECEntryUpdate] = {}
    reading = exchange(told).fetch_iter(ALL, checkpoint)
    for _ in range(pages):
        delta = next(reading, None)
        if delta is None:
            break
        RempartExchangeAPI.naive_fetch_merge(held, delta.updates)
        checkpoint = delta.checkpoint
    return held, checkpoint


def image(name: str, *, at: int = NOW - 100, **fingerprints: str) -> Shown:
    return Shown(name, at, fingerprints)


def test_every_entry_is_read_once() -> None:
    with desk(*(image(f"e{n}", pdq=f"{n:064x}") for n in range(25)), page_size=10) as told:
        held, checkpoint = read(told)
        assert len(held) == 25
        assert len(told.asked) == 3
        assert checkpoint is not None
        assert checkpoint.paging_info is None
        assert NOW - 5 <= checkpoint.get_entries_max_ts <= time.time() - 5


def test_many_entries_of_one_second_are_three_pages() -> None:
    """The library throws pages away to find a range that fits one: 89 requests for the same."""
    with desk(*(image(f"e{n}", pdq=f"{n:064x}") for n in range(2500))) as told:
        held, _ = read(told)
        assert (len(held), len(told.asked)) == (2500, 3)


def test_an_empty_list_is_read_in_one_question() -> None:
    with desk() as told:
        held, checkpoint = read(told)
        assert (held, len(told.asked)) == ({}, 1)
        read(told, checkpoint)
        assert "from=1970-01-01T00%3A00%3A00Z" in told.asked[0]
        assert checkpoint is not None
        assert f"from={utc(checkpoint.get_entries_max_ts)}".replace(":", "%3A") in told.asked[1]


def test_a_page_that_the_desk_forgot_begins_the_range_again() -> None:
    with desk(*(image(f"e{n}", pdq=f"{n:064x}") for n in range(25)), page_size=10) as told:
        _, cut = read(told, pages=1)
        told.forgets_pages = True
        told.page_size = 100
        held, _ = read(told, cut)
        assert len(held) == 25


def test_an_old_page_is_not_asked_for() -> None:
    with desk(*(image(f"e{n}", pdq=f"{n:064x}") for n in range(25)), page_size=10) as told:
        _, cut = read(told, pages=1)
        assert cut is not None
        assert cut.paging_info is not None
        cut.paging_info.paging_url_ts -= 13 * 3600
        held, _ = read(told, cut)
        assert len(held) == 25


def test_a_tombstone_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(image("a", pdq="0" * 64)) as told:
        held, checkpoint = read(told)
        assert checkpoint is not None
        later = checkpoint.get_entries_max_ts + 60
        told.entries = [Shown("a", later, {})]
        monkeypatch.setattr("rempart.exchange.api.time.time", lambda: later + 60.0)
        for delta in exchange(told).fetch_iter(ALL, checkpoint):
            RempartExchangeAPI.naive_fetch_merge(held, delta.updates)
        assert held == {}


def converted(*entries: Shown, **config: object) -> dict[str, dict[str, Standing]]:
    with desk(*entries) as told:
        held, _ = read(told)
    wanted = ListConfig(name="MINORS", base_url=told.url, **config)
    found = RempartExchangeAPI.naive_convert_to_signal_type(ALL, wanted, held)
    return {signal.get_name(): values for signal, values in found.items()}


def test_fingerprints_become_signals() -> None:
    pdq, exact = "0" * 64, "1" * 64
    film = Shown("v", NOW - 9, {"sha256": "2" * 64, "tmk-pdqf": "?"}, kind="video")
    found = converted(image("a", pdq=pdq, sha256=exact, pdna="x"), image("b", pdq="not one"), film)
    assert {name: set(values) for name, values in found.items()} == {
        "pdq": {pdq},
        "photo_sha256": {exact},
        "video_sha256": {"2" * 64},
    }


def test_only_some_classifications() -> None:
    sure = Shown("a", NOW - 9, {"pdq": "0" * 64}, classification="Confirmed")
    other = Shown("b", NOW - 9, {"pdq": "1" * 64}, classification="")
    assert set(converted(sure, other, only_classifications={"confirmed"})["pdq"]) == {"0" * 64}
    assert set(converted(sure, other)["pdq"]) == {"0" * 64, "1" * 64}


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ({"confirmed"}, AggregateSignalOpinionCategory.POSITIVE_CLASS),
        ({"self_declared"}, AggregateSignalOpinionCategory.INVESTIGATION_SEED),
        ({"held"}, AggregateSignalOpinionCategory.NEGATIVE_CLASS),
        ({"disputed"}, AggregateSignalOpinionCategory.DISPUTED),
        ({""}, AggregateSignalOpinionCategory.INVESTIGATION_SEED),
        ({"confirmed", "self_declared"}, AggregateSignalOpinionCategory.POSITIVE_CLASS),
        ({"confirmed", "held"}, AggregateSignalOpinionCategory.DISPUTED),
    ],
)
def test_only_what_is_confirmed_counts_as_sure(words: set[str], category: AggregateSignalOpinionCategory) -> None:
    assert Standing(words).get_as_aggregate_opinion().category is category


def test_votes_and_their_reasons() -> None:
    with desk() as told:
        client = ListClient(USER, SECRET, told.url)
        assert client.feedback_reasons(FingerprintType.pdq) == {"11111111-2222-4333-8444-555555555555": "Not the same picture"}
        client.submit_upvote(42, "abc", FingerprintType.pdq)
        client.submit_feedback(42, "abc", FingerprintType.pdq, FeedbackType.downvote)
        (path, vote), (_, other) = told.votes
        assert path.endswith("/v2/entries/42/abc/PDQ/feedback")
        assert b"<affirmative" in vote
        assert b"11111111-2222-4333-8444-555555555555" in other


def test_a_refusal_is_not_taken_for_an_empty_list() -> None:
    with desk() as told, pytest.raises(HTTPError, match="401"):
        next(RempartExchangeAPI(ListConfig(name="M", base_url=told.url), USER, "wrong").fetch_iter(ALL, None))


@pytest.mark.parametrize("path", ["@evil.example/", "/v2/entries?a\nb", "https://evil.example/v2/entries?", "/v2/../x", "//evil"])
def test_a_next_page_is_never_elsewhere(path: str) -> None:
    with desk(image("a", pdq="0" * 64)) as told:
        told.next_path = path
        with pytest.raises(UnreadableAnswer):
            read(told)
        assert len(told.asked) == 1


@given(st.binary(max_size=60))
def test_no_answer_is_told_in_an_error(body: bytes) -> None:
    try:
        ElementTree.fromstring(body)
    except ElementTree.ParseError:
        with pytest.raises(UnreadableAnswer, match=r"^An answer of the desk is not XML\.$"):
            _without_namespaces(body)


@pytest.mark.parametrize("body", [b"<a/>", b"<queryResult><images><image/></images></queryResult>", b"\0", b""])
def test_an_answer_of_another_shape_is_refused(body: bytes) -> None:
    with desk() as told:
        told.raw = body
        with pytest.raises(UnreadableAnswer):
            read(told)


def test_fingerprints_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), desk(image("a", pdq="f" * 64), image("b", pdq="not a hash")) as told:
        held, _ = read(told)
        RempartExchangeAPI.naive_convert_to_signal_type(ALL, ListConfig(name="M", base_url=told.url), held)
    assert "f" * 64 not in caplog.text
    assert "not a hash" not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "desk.example.org",
        "ftp://desk.example.org/x",
        "http://desk.example.org/x",
        "https://k:s@desk.example.org/x",
        "https:///x",
        WHERE + "?a=b",
    ],
)
def test_an_address_that_would_give_the_secret_away_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"address of a list"):
        clean_base_url(wrong)


def test_a_right_address() -> None:
    assert clean_base_url(f" {WHERE}/ ") == WHERE
    assert clean_base_url("http://127.0.0.1:8000/x") == "http://127.0.0.1:8000/x"
    assert ListConfig(name="M", base_url=WHERE + "/").base_url == WHERE


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(Credentials(USER, SECRET))
    assert Credentials._from_str(f" {USER}:{SECRET}\n") == Credentials(USER, SECRET)


def test_the_manifest_is_whole() -> None:
    assert [api.get_name() for api in TX_MANIFEST.apis] == ["rempart"]
    assert [signal.get_name() for signal in TX_MANIFEST.signal_types] == ["photo_sha256"]


def test_the_engine_is_not_needed(tmp_path: Path) -> None:
    """Nothing of the desk or the engine is imported by the extension."""
    source = Path(__file__).parents[2] / "src" / "rempart" / "exchange"
    text = "".join(path.read_text() for path in source.glob("*.py"))
    assert "rempart.desk" not in text
    assert "rempart.engine" not in text

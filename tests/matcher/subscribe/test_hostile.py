"""Owners who send what they should not: bounded in time and memory, said in a sentence, and no bad record stops a list."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rempart.matcher.lists import Entry, Gone, Kind
from rempart.matcher.settings import ListSettings
from rempart.matcher.shelf.tables import MOST_PARTS
from rempart.matcher.shelf.writing import ShelfWriter
from rempart.matcher.subscribe import wire
from rempart.matcher.subscribe.interface import ListUnreachable, Reader
from rempart.matcher.subscribe.making import reader_of
from tests.matcher.made import NOW, pdq
from tests.matcher.subscribe.owners import owner, reader
from tests.ports import free_port

pytestmark = pytest.mark.slow

HEAD = '<?xml version="1.0"?><queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">'
SHAPES = ("rempart", "ncmec", "stopncii")


class Words:
    """An owner who says what a test wrote, whatever is asked."""

    def __init__(self) -> None:
        self.body, self.headers, self.status = b"", dict[str, str](), 200
        words = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(words.status)
                for name, value in {"Content-Length": str(len(words.body)), **words.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(words.body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.port = free_port()
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Door)

    def reader(self, shape: str) -> Reader:
        return reader_of(ListSettings("drawn", shape, f"http://127.0.0.1:{self.port}", user="double", password="drawn"))

    def read(self, shape: str) -> list[Entry | Gone]:
        return [change for batch in self.reader(shape).read(None, now=NOW) for change in batch.changes]


@pytest.fixture(scope="module")
def words() -> Iterator[Words]:
    one = Words()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.02,))
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def plain(words: Words) -> None:
    words.body, words.headers, words.status = b"", {}, 200


def listed(**more: Any) -> dict[str, Any]:
    return {
        "name": "a",
        "state": "listed",
        "kind": "picture",
        "updated_at": "2026-11-22T10:00:00Z",
        "classification": "minors",
        "trust": "confirmed",
        "advice": {"exact": "block", "near": "review"},
        "sha256": None,
        "pdqs": [{"pdq": pdq(1).hex(), "quality": 100, "variant": "whole"}],
        **more,
    }


def page(*entries: Any) -> bytes:
    return json.dumps({"entries": list(entries), "next": "2026-11-22T10:00:00Z,1", "has_more": False}).encode()


def record(**more: Any) -> dict[str, Any]:
    return {"lastModtimestamp": 1, "signalType": "ImagePDQ", "hashValue": pdq(1).hex(), "hashStatus": "Active"} | more


def fetched(*records: Any, **more: Any) -> bytes:
    said = {"count": 1, "nextPageToken": None, "nextSetTimestamp": 5, "hasMoreRecords": False, "hashRecords": list(records)}
    return json.dumps(said | more).encode()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"<html><body>hello</body></html>",
        b"<a>" * 50_000,
        b'<!DOCTYPE a [<!ENTITY x "y">]><queryResult>&x;</queryResult>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><queryResult/>'.encode("utf-16"),
        b"<" * 3_000_000,
        b"1e999",
        b"\xff\xfe",
    ],
    ids=range(13),
)
def test_what_is_no_page_is_said_and_changes_nothing(words: Words, shape: str, body: bytes) -> None:
    words.body = body
    with pytest.raises(ListUnreachable, match=r"^The list's owner .*\.$"):
        words.read(shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_that_unpacks_into_very_much(words: Words, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1 << 20)
    words.body, words.headers = gzip.compress(b" " * (1 << 24)), {"Content-Encoding": "gzip"}
    with pytest.raises(ListUnreachable, match="larger than 1 MiB"):
        words.read(shape)


def test_a_page_that_takes_for_ever(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAGE_SECONDS", -1.0)
    words.body = page()
    with pytest.raises(ListUnreachable, match="did not come"):
        words.read("rempart")


def test_credentials_do_not_follow_a_redirection(words: Words) -> None:
    words.status, words.headers = 302, {"Location": "http://127.0.0.1:1/"}
    with pytest.raises(ListUnreachable, match="status 302"):
        words.read("rempart")


BAD = [
    {"updated_at": "yesterday"},
    {"updated_at": 5},
    {"updated_at": "0001-01-01T00:00:00+23:00"},
    {"kind": "sound"},
    {"trust": []},
    {"advice": None},
    {"sha256": "zz"},
    {"pdqs": None},
    {"pdqs": [{"pdq": "zz", "quality": 1, "variant": "whole"}]},
    {"pdqs": [{"pdq": "0" * 64, "quality": None, "variant": "whole"}]},
    {"classification": "x" * 201},
    {"classification": "\ud800"},
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_entry_stops_no_other_and_matches_no_more(words: Words, bad: dict[str, Any], tmp_path: Path) -> None:
    words.body = page(listed(name="b", **bad), None, 5, {"name": "\ud800"}, listed())
    found = words.read("rempart")
    assert [(one.name, type(one)) for one in found] == [("b", Gone), ("a", Entry)]
    with ShelfWriter(tmp_path) as shelf:
        for batch in words.reader("rempart").read(None, now=NOW):
            shelf.take(batch, now=NOW)


def test_a_very_long_video_is_thinned_out_evenly(words: Words) -> None:
    parts = [{"pdq": pdq(1).hex(), "quality": 100, "second": second} for second in range(2 * MOST_PARTS + 1)]
    words.body = page(listed(kind="video", pdqs=parts))
    (one,) = words.read("rempart")
    assert isinstance(one, Entry)
    assert one.kind is Kind.VIDEO
    assert len(one.parts) <= MOST_PARTS
    assert [part.second for part in one.parts[:3]] == [0, 3, 6]


NCMEC_BAD = [
    "<image/>",
    '<image><member id="1"/></image>',
    "<image><id>x</id></image>",
    '<image><member id="1"/><id>x</id><timestamp>never</timestamp></image>',
    '<image><member id="1"/><id>x</id><fingerprints><pdq>zz</pdq></fingerprints></image>',
    '<deletedImage><member id="1"/></deletedImage>',
    "<sound/>",
]


@pytest.mark.parametrize("bad", NCMEC_BAD, ids=range(len(NCMEC_BAD)))
def test_a_bad_entry_of_ncmec_stops_no_other(words: Words, bad: str) -> None:
    good = f'<image><member id="1"/><id>a</id><fingerprints><pdq>{pdq(1).hex()}</pdq></fingerprints></image>'
    words.body = f"{HEAD}<images>{bad}{good}</images></queryResult>".encode()
    assert [one.name for one in words.read("ncmec") if isinstance(one, Entry)] == ["1-a"], "also without a date"


@pytest.mark.parametrize("following", ["https://elsewhere.test/v2/x", "//elsewhere.test/v2/", "/v1/x", "http://127.0.0.1/v2/"])
def test_a_next_page_elsewhere_is_not_asked(words: Words, following: str) -> None:
    words.body = f"{HEAD}<images/><paging><next>{following}</next></paging></queryResult>".encode()
    with pytest.raises(ListUnreachable, match="not below its own address"):
        words.read("ncmec")


RECORDS = [
    {"signalType": "Sound"},
    {"signalType": []},
    {"hashValue": 5},
    {"hashValue": "zz"},
    {"hashValue": "\ud800"},
    {"hashStatus": []},
    {"CSPFeedbacks": 5},
]


@pytest.mark.parametrize("bad", RECORDS, ids=range(len(RECORDS)))
def test_a_bad_record_of_stopncii_stops_no_other(words: Words, bad: dict[str, Any]) -> None:
    words.body = fetched(record(**bad), None, record(hashValue=pdq(2).hex(), lastModtimestamp="never", CSPFeedbacks=[5]))
    found = [one for one in words.read("stopncii") if isinstance(one, Entry)]
    assert [one.parts[0].pdq for one in found if one.parts][-1] == pdq(2)


def test_a_withdrawal_counts_whatever_else_is_wrong_with_it(words: Words) -> None:
    words.body = fetched(record(hashStatus="Withdrawn", lastModtimestamp=None, CSPFeedbacks=7))
    assert [type(one) for one in words.read("stopncii")] == [Gone]


def test_a_time_far_ahead_hides_nothing(words: Words) -> None:
    words.body = fetched(record(), nextSetTimestamp=10**30)
    (batch,) = words.reader("stopncii").read(None, now=NOW)
    assert json.loads(batch.checkpoint)[0] <= NOW.timestamp()


@pytest.mark.parametrize("shape", SHAPES)
def test_pages_that_lead_in_circles_are_left(words: Words, shape: str) -> None:
    bodies = {
        "rempart": json.dumps({"entries": [], "next": "x,1", "has_more": True}).encode(),
        "ncmec": f"{HEAD}<images/><paging><next>/v2/entries?a=1</next></paging></queryResult>".encode(),
        "stopncii": fetched(nextPageToken="t", hasMoreRecords=True),
    }
    words.body = bodies[shape]
    with pytest.raises(ListUnreachable, match="leads to itself"):
        words.read(shape)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("99999999999", 86_400), ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("soon", None), ("", None)],
)
def test_how_long_to_wait_has_a_limit(text: str, seconds: int | None) -> None:
    found = wire._retry_at(text)
    if seconds is None:
        assert found is None
    else:
        assert found is not None
        assert abs((found - datetime.now(UTC)).total_seconds() - seconds) < 60


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_values_are_read_or_refused_in_a_sentence(words: Words, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    shape = data.draw(st.sampled_from(["rempart", "stopncii"]))
    model: dict[str, Any] = listed() if shape == "rempart" else record(CSPFeedbacks=[])
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(model)), ANY, max_size=3))
    words.body = (page if shape == "rempart" else fetched)(model | changed, model)
    with ShelfWriter(tmp_path_factory.mktemp("shelf")) as shelf:
        for batch in words.reader(shape).read(None, now=NOW):
            shelf.take(batch, now=NOW)
        checkpoint = shelf.checkpoint
        list(words.reader(shape).read(checkpoint, now=NOW + timedelta(days=1)))


def test_a_wrong_key_is_said() -> None:
    with owner("rempart") as (double, _):
        double.user, double.password = "somebody", "else"
        with pytest.raises(Exception, match="refuses our credentials"):
            list(reader("rempart", double).read(None, now=NOW))

"""HMA's documented examples, one by one, with our prefix before the path. What HMA answered is in protocols and in its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from threatexchange.signal_type.pdq.signal import PdqSignal

from rempart.engine.files import pdq_of_file
from tests.matcher.made import entry, near, pdq
from tests.matcher.web.conftest import DRAWN
from tests.matcher.web.drawn import saved
from tests.matcher.web.served import Worker, hold, worker

BRIDGE = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
"""The example hash of threatexchange."""
OTHER = "d8f8f0cec0f4a84f0637022a278f67f0b36e2ed596621e1d33e6339c4e9c9b22"
FAR = "0" * 64
A, C = 4649616913811771, 7659516569191971
POLICY = """
[list.policy.self_declared]
near = "block"
ratio = 0.0
"""


def lookup(served: Worker, signal: str, more: str = "") -> object:
    return served.get(f"/hma/m/lookup?signal_type=pdq&signal={signal}{more}").json


def test_status(served: Worker, tmp_path: Path) -> None:
    assert (served.get("/hma/status/live").status, served.get("/hma/status/live").body) == (200, b"I-AM-ALIVE")
    with worker(tmp_path) as unread:
        assert (unread.get("/hma/status").status, unread.get("/hma/status").body) == (503, b"INDEX-NOT-LOADED")
        assert unread.get("/hma/status/ready").status == 503
        assert unread.get("/hma/status/live").status == 200
        told = unread.get("/hma/m/index/status").json
    assert told == {name: {"present": False, "built_to": -1, "size": 0} for name in ("pdq", "video_md5")}
    assert served.get("/hma/status").body == b"INDEX-STALE"


def test_lookup_of_a_signal(served: Worker) -> None:
    near_c = near(pdq(1), 4).hex()
    assert lookup(served, near_c) == {
        "ADULT_LISTS": [{"bank_content_id": C, "distance": "4"}],
        "MINORS": [{"bank_content_id": A, "distance": "4"}],
    }
    assert lookup(served, near_c, "&banks=MINORS,NO_SUCH&seed=7") == {"MINORS": [{"bank_content_id": A, "distance": "4"}]}
    assert lookup(served, FAR) == {}
    told = served.get(f"/hma/m/lookup?signal_type=pdq&signal={near_c}")
    assert served.post("/v1/decisions", {"trace_id": told.headers["x-rempart-trace"], "verdict": "blocked"}).status == 200


def test_raw_lookup(served: Worker) -> None:
    path = f"/hma/m/raw_lookup?signal_type=pdq&signal={pdq(1).hex()}"
    assert served.get(path).json == {"matches": [C, A]}
    assert served.get(path + "&banks=MINORS").json == {"matches": [A]}
    assert served.get(path + "&include_distance=true&banks=MINORS").json == {"matches": [{"bank_content_id": A, "distance": "0"}]}
    assert served.get("/hma/m/raw_lookup?signal_type=pdq").status == 422
    assert served.get("/hma/m/raw_lookup?signal_type=pdq").json[0]["loc"] == ["signal"]


def test_the_share_of_a_bank_and_how_it_is_passed_over(tmp_path: Path) -> None:
    hold(tmp_path, entry("rolled-out-to-nobody", pdq(1)), name="adult-lists")
    with worker(tmp_path, more=POLICY) as served:
        signal = pdq(1).hex()
        assert lookup(served, signal, "&seed=x") == {}
        assert list(lookup(served, signal, "&bypass_coinflip=true")) == ["ADULT_LISTS"]  # type: ignore[call-overload]
        assert len(served.get(f"/hma/m/raw_lookup?signal_type=pdq&signal={signal}").json["matches"]) == 1
        assert served.post("/v1/match", {"pdq": signal}).json["found"][0]["because"] == "roll_out"


def test_files_are_hashed_and_looked_up(served: Worker) -> None:
    assert served.send("/hma/h/hash", DRAWN, "photo").json == {"pdq": pdq_of_file(DRAWN).pdq.hex()}
    told = served.send("/hma/m/lookup", DRAWN, "photo").json
    assert list(told) == ["pdq"]
    assert told["pdq"]["MINORS"][0]["distance"] == "0"
    from PIL import Image

    assert served.send("/hma/h/hash", saved(Image.new("RGB", (99, 99))), "photo").json == {"pdq": ""}
    video = served.send("/hma/h/hash", b"anything", "video").json
    assert video == {"video_md5": "f0e166dc34d14d6c228ffac576c9a43c"}


def test_compare(served: Worker) -> None:
    for left, right in ((BRIDGE, OTHER), (BRIDGE, BRIDGE), (BRIDGE, FAR)):
        theirs = PdqSignal.compare_hash(left, right)
        assert served.post("/hma/m/compare", {"pdq": [left, right]}).json == {
            "pdq": [theirs.match, {"distance": theirs.distance.distance}]  # type: ignore[attr-defined]
        }
    assert served.post("/hma/m/compare", {"video_md5": ["0" * 32, "1" * 32]}).json == {"video_md5": [False, {}]}


def test_index_status(served: Worker) -> None:
    told = served.get("/hma/m/index/status").json
    assert told["pdq"]["present"] is True
    assert told["pdq"]["size"] == 5
    assert told["pdq"]["built_to"] == pytest.approx(1_795_348_800, abs=2)
    assert list(served.get("/hma/m/index/status?signal_type=video_md5").json) == ["video_md5"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/hma/m/lookup?signal_type=nope&signal=1", "No such SignalType 'nope'"),
        ("/hma/m/lookup?signal_type=pdq&signal=1", "invalid signal: invalid PDQ hash"),
        ("/hma/m/lookup?signal_type=pdq", "Either url or both signal and signal_type are required"),
        ("/hma/m/index/status?signal_type=nope", "No such signal type"),
    ],
)
def test_errors_are_said_as_hma_says_them(served: Worker, path: str, message: str) -> None:
    told = served.get(path)
    assert (told.status, told.json) == (400, {"message": message})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "Request input was not a dict"),
        ({"pdq": "x"}, "Comparison hashes for pdq was not a list"),
        ({"pdq": ["x"]}, "Comparison hash list length must be exactly 2"),
        ({"pdq": ["x", "y"]}, "Invalid pdq hash: invalid PDQ hash"),
        ({"nope": ["x", "y"]}, "No such SignalType 'nope'"),
    ],
)
def test_comparisons_that_cannot_be(served: Worker, content: object, message: str) -> None:
    told = served.post("/hma/m/compare", content)
    assert (told.status, told.json) == (400, {"message": message})


def test_files_that_cannot_be_taken(served: Worker) -> None:
    assert served.ask("POST", "/hma/h/hash").json == {"message": "Missing multipart/form-data file upload"}
    assert served.send("/hma/h/hash", DRAWN, "file").status == 400
    assert served.send("/hma/h/hash", b"no picture", "photo").status == 422
    assert "message" in served.send("/hma/m/lookup", b"no picture", "photo").json


def test_no_address_is_opened_for_anybody(served: Worker) -> None:
    for path in ("/hma/h/hash?url=http://127.0.0.1/", "/hma/m/lookup?url=http://169.254.169.254/", "/hma/h/hash"):
        told = served.get(path)
        assert told.status == 403
        assert list(told.json) == ["message"]


def test_a_key_is_needed_here_too(served: Worker) -> None:
    told = served.get(f"/hma/m/lookup?signal_type=pdq&signal={FAR}", Authorization="")
    assert told.status == 401
    assert list(told.json) == ["message"]
    assert served.get("/hma/status", Authorization="").status == 503

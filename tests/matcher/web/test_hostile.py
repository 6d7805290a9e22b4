"""Those who send what should not be sent: it costs them more than us."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.matcher.made import entry, pdq
from tests.matcher.web.drawn import bomb, photograph
from tests.matcher.web.served import KEY, Worker, hold, worker

MIB = 1 << 20


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """Takes files of 8 MB, in 2 seconds."""
    folder = tmp_path_factory.mktemp("small")
    hold(folder, entry("a", pdq(1)), entry("b", pdq(2)))
    with worker(folder, time_out="2 s", most="8 MB") as made:
        yield made


def sent(served: Worker, *pieces: bytes, pause: float = 0.0, wait: float = 15.0) -> bytes:
    """Pieces on a bare connection, and all that came back until it was closed or silent."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=wait) as connection:
        got = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            while more := connection.recv(65_536):
                got += more
        except (TimeoutError, ConnectionError, BrokenPipeError):
            pass
        return got


def head(length: int | None, kind: str = "image/png", path: str = "/v1/match") -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: {kind}\r\n{size}\r\n\r\n".encode()


def answers_still(served: Worker) -> None:
    assert served.post("/v1/match", {"pdq": pdq(1).hex()}).json["outcome"] == "hold"


@pytest.mark.slow
def test_too_large_is_said_before_it_arrived(small: Worker) -> None:
    began = time.monotonic()
    got = sent(small, head(10**12))
    assert got.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in got
    assert time.monotonic() - began < 5
    pieces = [b"%x\r\n%s\r\n" % (MIB, bytes(MIB))] * 9
    got = sent(small, head(None), *pieces)
    assert got.startswith(b"HTTP/1.1 413")
    assert sent(small, head(2 * MIB, "application/json")).startswith(b"HTTP/1.1 413")
    answers_still(small)


@pytest.mark.slow
def test_a_body_that_does_not_come_is_not_waited_for(small: Worker) -> None:
    began = time.monotonic()
    assert sent(small, head(1_000), b"half of it").startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 8
    answers_still(small)


def test_an_upload_that_breaks_off_is_forgotten(small: Worker) -> None:
    for _ in range(20):
        connection = socket.create_connection(("127.0.0.1", small.port))
        connection.sendall(head(8_000_000) + bytes(500_000))
        connection.close()
    answers_still(small)


@pytest.mark.slow
def test_a_head_that_does_not_end_is_not_waited_for(small: Worker) -> None:
    began = time.monotonic()
    assert sent(small, b"GET / HTT", wait=30) == b""
    assert 5 < time.monotonic() - began < 25
    assert sent(small, b"GET /livez HTTP/1.1\r\n", *[b"X-%d: %s\r\n" % (n, b"x" * 1_000) for n in range(2_000)], wait=30) == b""
    answers_still(small)


@pytest.mark.parametrize(
    "piece", [b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"]
)
def test_what_is_no_request_is_cut(small: Worker, piece: bytes) -> None:
    got = sent(small, piece)
    assert not got or got.startswith(b"HTTP/1.1 400")
    answers_still(small)


@pytest.mark.slow
def test_pictures_that_are_too_much(small: Worker) -> None:
    """A wall of one colour within the limit, one beyond, a picture with a page behind it, files cut anywhere."""
    good = photograph(5)
    before = small.memory()
    began = time.monotonic()
    assert small.send("/v1/match", bomb(60_000, 60_000)).status == 422
    assert small.send("/v1/match", bomb(9_000, 9_000)).status in {200, 422, 503}
    polyglot = good + b"<html><script>alert(1)</script>" + bytes(MIB)
    assert small.send("/v1/match", polyglot).json["kind"] == "picture"
    assert small.send("/v1/match", b"<html>" + good).status == 422
    for cut in (0, 1, 20, 300, len(good) // 2):
        assert small.send("/v1/match", good[:cut]).status in {400, 422}
    assert small.send("/v1/match", bytes(7 * MIB), kind="video/mp4").status in {415, 422}
    assert time.monotonic() - began < 60
    assert small.memory() - before < 1_000 * MIB
    answers_still(small)


@pytest.mark.slow
def test_a_hundred_megabytes_are_taken_or_refused_in_bounded_memory(tmp_path: Path) -> None:
    hold(tmp_path, entry("a", pdq(1)), entry("b", pdq(2)))
    with worker(tmp_path, time_out="30 s", most="100 MB") as served:
        data = photograph(5) + bytes(99 * 10**6)
        statuses: list[int] = []

        def send() -> None:
            try:
                statuses.append(served.send("/v1/match", data).status)
            except OSError:
                statuses.append(0)  # cut in the middle, after a refusal that was not read

        threads = [threading.Thread(target=send) for _ in range(6)]
        for thread in threads:
            thread.start()
        waits = []
        while any(thread.is_alive() for thread in threads):
            began = time.monotonic()
            answers_still(served)
            waits.append(time.monotonic() - began)
        assert set(statuses) <= {0, 200, 503}
        assert 200 in statuses
        assert max(waits) < 10
        assert served.memory() < 1_200 * MIB


@pytest.mark.slow
def test_a_flood_of_uploads_is_told_to_come_again(small: Worker) -> None:
    data = photograph(6, 3_000, 2_000)
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(small.send("/v1/match", data).status)) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 60
    assert set(statuses) <= {200, 503}
    answers_still(small)


def test_a_form_that_is_none(small: Worker) -> None:
    for body in (
        b"",
        b"--x",
        b"--x--",
        b"--x\r\n\r\n",
        b"x" * 1_000,
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--",
    ):
        told = small.ask("POST", "/v1/match", body, Content_Type="multipart/form-data; boundary=x")
        assert (told.status, told.json["error"]["code"]) == (400, "malformed")
    for boundary in ("", '"', "é", "x" * 100):
        assert (
            small.ask(
                "POST", "/v1/match", b"--x--", Content_Type=f"multipart/form-data; boundary={boundary}".encode().decode("latin-1")
            ).status
            == 400
        )


def test_nothing_that_was_sent_is_written_down(tmp_path: Path) -> None:
    """Marks in every place where something can be sent; then the whole folder, logs included, is searched for them."""
    hold(tmp_path, entry("a", pdq(1)), entry("b", pdq(2)))
    secret = "5ec7e7" * 10 + "abcd"
    with worker(tmp_path) as served:
        texts = [
            served.post("/v1/match", {"pdq": secret}),
            served.post("/v1/match", {"pdq": secret, "quality": "x"}),
            served.post("/v1/match", {"fingerprints": [{"pdq": secret, secret: 1}]}),
            served.post("/v1/match", {"pdq": secret + "0"}),
            served.post("/v1/match", {"sha256": secret, "seed": secret, "account": secret}),
            served.get(f"/hma/m/lookup?signal_type=pdq&signal={secret}"),
            served.get(f"/hma/m/lookup?signal_type={secret}&signal={secret}"),
            served.get(f"/hma/m/lookup?signal_type=pdq&signal={secret}0"),
            served.post("/hma/m/compare", {"pdq": [secret, secret + "0"]}),
            served.post("/hma/m/compare", {secret: [secret, secret]}),
            served.get(f"/{secret}"),
            served.get("/livez", Authorization=f"Bearer {secret}"),
            served.ask("POST", "/v1/match", secret.encode(), Content_Type=secret),
            served.send("/v1/match", b"\x89PNG\r\n\x1a\n" + secret.encode() * 10),
            served.send("/v1/match", photograph(3) + secret.encode()),
            served.post("/v1/decisions", {"trace_id": "x", "verdict": secret}),
            served.get("/metrics"),
            served.get("/"),
            served.get("/readyz"),
        ]
        sent(served, b"GET /" + secret.encode() + b"\0 HTTP/1.1\r\n\r\n", wait=2)
        assert len(served.said()) == 0
    for told in texts:
        assert secret.encode() not in told.body
        assert all(secret not in value for value in told.headers.values())
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert secret.encode() not in content, path.name
            assert bytes.fromhex(secret) not in content, path.name

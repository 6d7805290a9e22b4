"""What one look says, against real servers on 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from rempart.desk.outlets.look import Looked, look
from rempart.desk.outlets.look.wire import LONGEST_HEAD, Deadline
from rempart.desk.rules.notice import Seen
from tests.outlets.look.servers import Answer, by_method, by_path, raw, says, serving
from tests.ports import free_port


def look_here(url: str, seconds: float = 5.0) -> Looked:
    return look(url, allow_private=True, deadline=Deadline(seconds))


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        (200, Seen.ONLINE),
        (206, Seen.ONLINE),
        (404, Seen.MISSING),
        (410, Seen.MISSING),
        (451, Seen.MISSING),
        (401, Seen.UNCLEAR),
        (403, Seen.UNCLEAR),
        (416, Seen.UNCLEAR),
        (429, Seen.UNCLEAR),
        (500, Seen.UNCLEAR),
        (503, Seen.UNCLEAR),
    ],
)
def test_statuses(status: int, seen: Seen) -> None:
    with serving(says(status)) as server:
        assert look_here(server.url()) == Looked(seen, status)


def test_a_redirect_without_a_place_to_go_says_nothing() -> None:
    with serving(says(302)) as server:
        assert look_here(server.url()) == Looked(Seen.UNCLEAR, 302)


def test_a_plain_page_is_asked_for_once_and_says_nothing_about_us() -> None:
    with serving(says(200)) as server:
        look_here(server.url("/a?b=c#d"))
        assert server.methods == ["HEAD"]
        head = server.heads[0].decode()
    assert head.startswith("HEAD /a?b=c HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head
    assert "User-Agent: Mozilla/5.0\r\n" in head
    for word in ("cookie", "referer", "rempart", "python", "from:"):
        assert word not in head.lower()


@pytest.mark.parametrize("head_status", [400, 403, 404, 405, 501, 500])
def test_a_server_that_answers_about_head_is_asked_again_with_get(head_status: int) -> None:
    with serving(by_method({"HEAD": says(head_status), "GET": says(200)})) as server:
        assert look_here(server.url()).seen is Seen.ONLINE
        assert server.methods == ["HEAD", "GET"]
        assert b"Range: bytes=0-0\r\n" in server.heads[1]


def test_a_missing_page_is_only_believed_of_get() -> None:
    with serving(by_method({"HEAD": says(200), "GET": says(404)})) as server:
        assert look_here(server.url()).seen is Seen.ONLINE
    with serving(by_method({"HEAD": raw(b""), "GET": says(410)})) as server:
        assert look_here(server.url()) == Looked(Seen.MISSING, 410)


def test_a_huge_body_is_not_read() -> None:
    sent: list[int] = []
    done = threading.Event()

    def huge(connection: socket.socket, _: bytes) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
        total = 0
        try:
            while total < 200_000_000:
                connection.sendall(b"x" * 65_536)
                total += 65_536
        except OSError:
            pass
        sent.append(total)
        done.set()

    with serving(by_method({"HEAD": says(405), "GET": huge})) as server:
        assert look_here(server.url()).seen is Seen.ONLINE
        assert done.wait(5)
    # What lies in the buffers of the two kernels was sent, not read.
    assert sent[0] < 20_000_000


def test_interim_responses_are_skipped() -> None:
    with serving(raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 No\r\n\r\n")) as server:
        assert look_here(server.url()).seen is Seen.MISSING


@pytest.mark.parametrize(
    "data",
    [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 500, b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 200 OK\r\n"],
)
def test_garbage_says_nothing(data: bytes) -> None:
    with serving(raw(data)) as server:
        assert look_here(server.url()) == Looked(Seen.UNCLEAR, None, "garbage")


def test_endless_headers_are_left() -> None:
    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: and more\r\n" * 50)

    with serving(endless) as server:
        assert look_here(server.url()) == Looked(Seen.UNCLEAR, None, "too_much")


def test_endless_interim_responses_are_left() -> None:
    with serving(raw(b"HTTP/1.1 100 Continue\r\n\r\n" * LONGEST_HEAD)) as server:
        assert look_here(server.url()).trouble == "too_much"


def test_a_slow_loris_is_left_when_the_time_is_up() -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        for letter in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100:
            connection.sendall(bytes([letter]))
            time.sleep(0.02)

    with serving(drip) as server:
        # The whole head would take twelve seconds to come.
        start = time.monotonic()
        assert look_here(server.url(), seconds=0.5) == Looked(Seen.UNCLEAR, None, "timeout")
        assert time.monotonic() - start < 6


def test_a_silent_server_is_left_when_the_time_is_up() -> None:
    with serving(lambda connection, _: time.sleep(1)) as server:
        assert look_here(server.url(), seconds=0.3).trouble == "timeout"


def test_a_closed_port_says_nothing() -> None:
    assert look_here(f"http://127.0.0.1:{free_port()}/") == Looked(Seen.UNCLEAR, None, "refused")


# Redirects


def to(location: str, status: int = 302) -> Answer:
    return says(status, f"Location: {location}")


def test_a_redirect_inside_the_site_is_followed() -> None:
    pages = {"/page": to("/pages/page-title"), "/pages/page-title": says(200)}
    with serving(by_path(pages)) as server:
        assert look_here(server.url()) == Looked(Seen.ONLINE, 200)
    with serving(by_path({"/page": to("/new"), "/new": says(410)})) as server:
        assert look_here(server.url()) == Looked(Seen.MISSING, 410)


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("/", "home_page"),
        ("/fr/", "home_page"),
        ("/en-us", "home_page"),
        ("/index.html?from=page", "home_page"),
        ("/login?next=/page", "sign_in_page"),
        ("/users/sign_in", "sign_in_page"),
        ("/age-verify", "sign_in_page"),
        ("/404", "sorry_page"),
        ("/errors/not-found.html", "sorry_page"),
        ("/content-removed", "sorry_page"),
    ],
)
def test_a_redirect_to_a_page_that_says_nothing_is_never_called_gone(path: str, trouble: str) -> None:
    with serving(by_path({"/page": to(path), path: says(200)})) as server:
        assert look_here(server.url()) == Looked(Seen.UNCLEAR, 200, trouble)


def test_the_home_page_itself_may_be_what_was_reported() -> None:
    with serving(by_path({"/": to("/fr/"), "/fr/": says(200)})) as server:
        assert look_here(server.url("/")).seen is Seen.ONLINE


def test_a_loop_is_told() -> None:
    with serving(by_path({"/page": to("/other"), "/other": to("/page")})) as server:
        assert look_here(server.url()) == Looked(Seen.UNCLEAR, 302, "loop")
        assert len(server.heads) == 2


def test_a_long_walk_is_left_after_five_redirects() -> None:
    pages = {f"/{step}": to(f"/{step + 1}") for step in range(1, 20)}
    with serving(by_path(pages)) as server:
        assert look_here(server.url("/1")).trouble == "redirects"
        assert len(server.heads) == 6


def test_another_site_is_told_and_not_called() -> None:
    with serving(says(200)) as elsewhere:
        there = f"http://other.localhost:{elsewhere.port}/page"
        with serving(to(there)) as server:
            assert look_here(server.url(host="first.localhost")) == Looked(Seen.MOVED, 302)
        assert elsewhere.heads == []
    with serving(to("https://elsewhere.example/page", 301)) as server:
        assert look_here(server.url(host="first.localhost")) == Looked(Seen.MOVED, 301)


def test_another_name_of_the_same_site_is_followed() -> None:
    def answer(connection: socket.socket, head: bytes) -> None:
        is_www = b"Host: www.first.localhost" in head
        port = connection.getsockname()[1]
        (says(200) if is_www else to(f"http://www.first.localhost:{port}/page"))(connection, head)

    with serving(answer) as server:
        assert look_here(server.url(host="first.localhost")) == Looked(Seen.ONLINE, 200)
        assert len(server.heads) == 2


@pytest.mark.parametrize(
    ("location", "trouble"),
    [
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("http://[::ffff:169.254.169.254]/", "private_address"),
        ("http://10.0.0.1/", "private_address"),
        ("http://0xa9fea9fe/", "private_address"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://127.0.0.1/", "scheme"),
        ("http://router.local/", "private_name"),
        ("http://intranet/", "private_name"),
        ("http://abcdefabcdefabcd.onion/", "private_name"),
        ("http://first.localhost:25/", "port"),
        ("http://first.localhost:6379/", "port"),
    ],
)
def test_redirects_to_forbidden_places_are_not_followed(location: str, trouble: str) -> None:
    with serving(to(location)) as server:
        assert look_here(server.url(host="first.localhost")) == Looked(Seen.UNREACHABLE_BY_RULE, None, trouble)
        assert len(server.heads) == 1


def test_hostile_locations_never_raise() -> None:
    for location in ("http://[", "//", "http://a:99999/", "\x00\x01", "é" * 3000, "x" * 9000, "http://a b/", "?", "javascript:1"):
        with serving(to(location)) as server:
            assert look_here(server.url()).seen in {Seen.UNCLEAR, Seen.UNREACHABLE_BY_RULE}


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate nobody signed."""
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=first.localhost",
    ]
    subprocess.run([*command, "-keyout", str(folder / "key"), "-out", str(folder / "cert")], check=True, capture_output=True)
    both.write_text((folder / "key").read_text() + (folder / "cert").read_text())
    return both


def test_content_behind_a_bad_certificate_is_still_online(certificate: Path) -> None:
    with serving(says(200), tls=certificate) as server:
        assert look_here(server.url(scheme="https", host="first.localhost")) == Looked(Seen.ONLINE, 200, "certificate")


def test_gone_is_not_believed_behind_a_bad_certificate(certificate: Path) -> None:
    with serving(says(404), tls=certificate) as server:
        assert look_here(server.url(scheme="https", host="first.localhost")) == Looked(Seen.UNCLEAR, 404, "certificate")


def test_a_server_that_speaks_no_tls_says_nothing() -> None:
    with serving(says(200)) as server:
        assert look_here(server.url(scheme="https", host="first.localhost"), seconds=0.5).seen is Seen.UNCLEAR

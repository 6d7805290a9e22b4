"""A look never knocks at a private door, however the address is written."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.outlets.look import Looked, look
from rempart.desk.outlets.look import outlet as outlet_module
from rempart.desk.outlets.look.destinations import Target, is_public, system_resolve
from rempart.desk.outlets.look.wire import Deadline, Head
from rempart.desk.rules.notice import Seen
from tests.outlets.look.servers import says, serving

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:0a00:0001::1", "2002:7f00:0001::", "2002:a9fe:a9fe::1",
    # Teredo: a private server, then a private client (its bits are inverted).
    "2001:0:0a00:0001:0:0:3ffd:fffe", "2001:0:5cb8:7b01:0:0:f5ff:fffe",
]  # fmt: skip
PUBLIC = ["9.9.9.9", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "::ffff:9.9.9.9", "64:ff9b::909:909", "2002:909:909::1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_refused(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    host = f"[{text}]" if ":" in text else text
    assert look(f"http://{host}/", allow_private=False) == Looked(Seen.UNREACHABLE_BY_RULE, None, "private_address")


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_not(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://１２７.０.０.１/",
        "http://[::ffff:7f00:1]/",
    ],
)
def test_loopback_in_disguise_is_refused(url: str) -> None:
    assert look(url, allow_private=False).trouble == "private_address"


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("ftp://example.org/a", "scheme"),
        ("mailto:a@example.org", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://localhost/", "private_name"),
        ("http://a.localhost/", "private_name"),
        ("http://printer/", "private_name"),
        ("http://aaaaaaaaaaaaaaaa.onion/", "private_name"),
        ("http://www.aaaaaaaaaaaaaaaa.onion./", "private_name"),
        ("http://example.org:22/", "port"),
        ("http://example.org:0/", "port"),
        ("not a url", "unreadable"),
        ("", "unreadable"),
        ("http://", "unreadable"),
        ("http://example.org/" + "a" * 9000, "too_long"),
    ],
)
def test_what_is_refused_before_any_call(url: str, trouble: str) -> None:
    def never(host: str, seconds: float) -> Sequence[str]:
        raise AssertionError("the resolver was asked")

    assert look(url, allow_private=False, resolve=never) == Looked(Seen.UNREACHABLE_BY_RULE, None, trouble)


def test_a_name_with_a_private_address_is_refused() -> None:
    with serving(says(200)) as server:
        looked = look(
            f"http://site.example:{server.port}/", allow_private=False, resolve=lambda *_: ["127.0.0.1", "::1", "10.0.0.1"]
        )
        assert looked == Looked(Seen.UNREACHABLE_BY_RULE, None, "private_address")
        assert server.heads == []


def test_rehearsal_opens_loopback_and_nothing_else() -> None:
    assert look("http://10.0.0.1/", allow_private=True).trouble == "private_address"
    assert look("http://printer.local/", allow_private=True).trouble == "private_name"
    assert look("http://site.example/", allow_private=True, resolve=lambda *_: ["127.0.0.1"]).trouble == "private_address"


def test_the_address_checked_is_the_address_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer of the resolver would be private; nobody asks for it, nor for the system's own."""
    answers = iter([["9.9.9.9"], ["127.0.0.1"], ["127.0.0.1"]])
    called = []

    def call(method: str, target: Target, addresses: list[object], deadline: Deadline) -> Head:
        called.append((method, [str(address) for address in addresses]))
        return Head(404, None, has_bad_certificate=False)

    monkeypatch.setattr(outlet_module, "call", call)
    assert look("http://site.example/", allow_private=False, resolve=lambda *_: next(answers)).seen is Seen.MISSING
    assert called == [("HEAD", ["9.9.9.9"]), ("GET", ["9.9.9.9"])]


def test_each_hop_is_resolved_and_checked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"site.example": ["9.9.9.9"], "inside.site.example": ["192.168.0.1"]}
    monkeypatch.setattr(outlet_module, "call", lambda *_: Head(302, "http://inside.site.example/", has_bad_certificate=False))
    looked = look("http://site.example/", allow_private=False, resolve=lambda host, _: names[host])
    assert looked == Looked(Seen.UNREACHABLE_BY_RULE, None, "private_address")


def test_the_connection_goes_to_a_literal_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name reaches the socket: whatever resolves names there has no say."""
    seen: list[object] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        seen.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    look("https://site.example/", allow_private=False, resolve=lambda *_: ["2606:4700::1111", "9.9.9.9", "8.8.8.8"])
    assert seen == [("2606:4700::1111", 443), ("9.9.9.9", 443)]


def no_such_name(host: str, seconds: float) -> Sequence[str]:
    if host in {"example.org", "example.com"}:
        return ["9.9.9.9"]
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


def fails_with(code: int) -> outlet_module.Resolve:
    def resolve(host: str, seconds: float) -> Sequence[str]:
        raise socket.gaierror(code, "no")

    return resolve


def test_a_name_that_no_longer_exists_is_missing() -> None:
    assert look("http://site.example/", allow_private=False, resolve=no_such_name) == Looked(Seen.MISSING, None, "no_such_name")


def test_a_blind_resolver_never_makes_anything_gone() -> None:
    for code in (socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL):
        looked = look("http://site.example/", allow_private=False, resolve=fails_with(code))
        assert looked == Looked(Seen.UNCLEAR, None, "no_resolver")


def test_a_name_without_an_address_says_nothing() -> None:
    looked = look("http://site.example/", allow_private=False, resolve=fails_with(socket.EAI_NODATA))
    assert looked == Looked(Seen.UNCLEAR, None, "no_address")


def test_a_slow_resolver_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    free = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: free.wait(5) and [])
    try:
        with pytest.raises(TimeoutError):
            system_resolve("site.example", 0.1)
    finally:
        free.set()


def test_the_systems_own_resolver_is_asked() -> None:
    assert "127.0.0.1" in system_resolve("localhost", 5.0)


@given(st.text(max_size=300) | st.builds("http://{}".format, st.text(max_size=100)))
def test_no_text_raises_or_calls_anybody(text: str) -> None:
    looked = look(text, allow_private=False, resolve=lambda *_: ["127.0.0.1"])
    assert looked.seen is Seen.UNREACHABLE_BY_RULE or looked.trouble == "garbage"

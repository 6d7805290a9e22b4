"""One POST to the address that was checked; nothing private, no redirect, nobody waited for."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.outlets.look import wire as look_wire
from rempart.desk.outlets.webhooks import check_url, wire
from rempart.desk.registers.lists.errors import ClientRefused
from tests.outlets.look.servers import says, serving
from tests.outlets.look.test_destinations import PRIVATE
from tests.outlets.webhooks.receiver import receiving
from tests.ports import free_port


def send(url: str, *, allow_private: bool = True, **also: object) -> object:
    return wire.post(url, {"webhook-id": "evt_1"}, b"{}", allow_private=allow_private, **also)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 204, 302, 410, 500])
def test_the_status_comes_back_and_no_redirect_is_followed(status: int) -> None:
    with receiving() as receiver:
        receiver.statuses = [status]
        assert send(receiver.url("/hook?a=b")) == status
        assert [one.body for one in receiver.received] == [b"{}"]
        assert receiver.received[0].headers["webhook-id"] == "evt_1"


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_refused(text: str) -> None:
    host = f"[{text}]" if ":" in text else text
    assert send(f"https://{host}/", allow_private=False) == "private_address"
    with pytest.raises(ClientRefused, match="webhook_private"):
        check_url(f"https://{host}/", allow_private=False)


def test_a_name_is_resolved_once_and_what_was_checked_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, called = [], []

    def rebinds(host: str, seconds: float) -> Sequence[str]:
        asked.append(host)
        return ["9.9.9.9"] if len(asked) == 1 else ["127.0.0.1"]

    def refuse(target: tuple[str, int], timeout: float) -> socket.socket:
        called.append(target)
        raise ConnectionRefusedError

    monkeypatch.setattr(look_wire.socket, "create_connection", refuse)
    assert send("https://platform.example:8443/", allow_private=False, resolve=rebinds) == "refused"
    assert (asked, called) == (["platform.example"], [("9.9.9.9", 8443)])
    assert send("https://platform.example/", allow_private=False, resolve=lambda *_: ["10.0.0.1", "::1"]) == "private_address"
    assert len(called) == 1


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://platform.example/", "scheme"),
        ("https://platform.example:22/", "port"),
        ("https://localhost/", "private_name"),
        ("https://intranet/", "private_name"),
        ("ftp://platform.example/", "scheme"),
    ],
)
def test_refused_by_rule(url: str, word: str) -> None:
    assert send(url, allow_private=False) == word


def test_what_may_go_wrong_is_a_word() -> None:
    assert send(f"http://127.0.0.1:{free_port()}/") == "refused"
    with serving(says(b"SSH-2.0-x\r\n\r\n")) as server:
        assert send(server.url()) == "garbage"


def test_nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SECONDS", 0.2)
    with serving(lambda connection, _head: connection.recv(1) and None) as server:
        assert send(server.url()) == "timeout"


@pytest.mark.parametrize(
    "url",
    [
        "", "  ", "platform.example", "https://", "https://u:p@platform.example/", "https://p.example/#x",
        "https://p.example/" + "a" * 2_000, "https://p.example/a\r\nX: y", "https://p.example/a b", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_that_are_not_kept(url: str) -> None:
    with pytest.raises(ClientRefused):
        check_url(url, allow_private=False)
    with pytest.raises(ClientRefused):
        check_url(url, allow_private=True)


def test_an_address_is_kept_as_browsers_read_it() -> None:
    assert check_url(" https://Hooks.Example/Listes?k=1 ", allow_private=False) == "https://hooks.example/Listes?k=1"


@given(text=st.one_of(st.text(), st.from_regex(r"https?://[^\s]{0,80}")), allow_private=st.booleans())
def test_any_text_is_refused_or_kept_as_it_is_read_again(text: str, allow_private: bool) -> None:
    try:
        kept = check_url(text, allow_private=allow_private)
    except ClientRefused:
        return
    assert check_url(kept, allow_private=allow_private) == kept
    assert allow_private or kept.startswith("https://")

"""Without keys, a matcher answers its own machine only; what is asked never shows itself."""

from __future__ import annotations

import pytest

from rempart.matcher.settings import ApiKey, digest_of_key
from rempart.matcher.web import wire
from rempart.matcher.web.exchange import Refusal, Request, Room
from rempart.matcher.web.keys import Doorkeeper, Needs
from tests.matcher.made import pdq


async def nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


def asked(**headers: str) -> Request:
    given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"method": "GET", "path": "/", "headers": given, "query_string": b""}, nothing, Room(1))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8100", "localhost:8100", "LOCALHOST", "[::1]:8100", "[::1]", ""])
def test_its_own_names(host: str) -> None:
    for needs in Needs:
        Doorkeeper([]).check(asked(Host=host), needs)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[::2]", "["])
def test_a_name_that_somebody_made_lead_here(host: str) -> None:
    Doorkeeper([]).check(asked(Host=host), Needs.NOTHING)
    with pytest.raises(Refusal) as refused:
        Doorkeeper([]).check(asked(Host=host), Needs.KEY)
    assert refused.value.status == 403


def test_with_keys_any_name_and_only_a_key() -> None:
    keeper = Doorkeeper([ApiKey("a", digest_of_key("one")), ApiKey("b", digest_of_key("two"), may_decide=False)])
    for secret in ("one", "two"):
        keeper.check(asked(Host="matcher.example", Authorization=f"bearer  {secret} "), Needs.KEY)
    keeper.check(asked(Authorization="Bearer one"), Needs.DECIDE)
    for header in ("Bearer two", "Bearer", "Bearer three", "one", "Digest one"):
        with pytest.raises(Refusal):
            keeper.check(asked(Authorization=header), Needs.DECIDE)


def test_what_is_asked_is_silent() -> None:
    text = pdq(1).hex()
    one = wire.Asked(pdq=text, seed=text, fingerprints=[wire.Fingerprints(pdq=text)])
    assert text not in repr(one) + str(one) + repr(wire.Batch([one])) + repr([one])
    assert text not in repr(wire.question_of(wire.Fingerprints(pdq=text, sha256=text)))


def test_room_is_given_back() -> None:
    room = Room(10)
    room.take(10)
    with pytest.raises(Refusal):
        room.take(1)
    room.give(10)
    room.take(10)

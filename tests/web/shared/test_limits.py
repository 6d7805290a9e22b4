"""The limits: per hour, per network, without an address anywhere, with a simulated clock."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpRequest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.web.shared.limits import HourlyLimit, network_of

START = datetime(2026, 3, 4, 10, 12, tzinfo=UTC)
END = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


def test_each_network_has_its_share_until_the_hour_ends() -> None:
    limit = HourlyLimit(everybody=100, each=3)
    assert [limit.take("a", now=START) for _ in range(4)] == [None, None, None, END]
    assert limit.take("b", now=START) is None
    assert limit.refused_until("a", now=END - timedelta(seconds=1)) == END
    assert limit.take("a", now=END) is None


def test_everybody_together_has_a_share_too() -> None:
    limit = HourlyLimit(everybody=5, each=3)
    assert [limit.take(str(number), now=START) for number in range(6)] == [None] * 5 + [END]
    assert limit.take("new", now=END) is None


def test_asking_does_not_count() -> None:
    limit = HourlyLimit(everybody=2, each=2)
    for _ in range(10):
        assert limit.refused_until("a", now=START) is None


def test_no_address_is_kept_and_the_key_changes_every_hour() -> None:
    limit = HourlyLimit(everybody=100, each=3)
    limit.take("192.0.2.7", now=START)
    kept = set(limit._counts)
    assert all(b"192.0.2.7" not in mark and len(mark) == 8 for mark in kept)
    key = limit._key
    limit.take("192.0.2.7", now=END)
    assert limit._key != key
    assert not kept & set(limit._counts)


def test_memory_is_bounded_and_newcomers_still_count_with_everybody() -> None:
    limit = HourlyLimit(everybody=60, each=2, most_networks=10)
    answers = [limit.take(f"n{number}", now=START) for number in range(61)]
    assert answers == [None] * 60 + [END]
    assert len(limit._counts) == 10


def test_threads_never_pass_the_limit() -> None:
    limit = HourlyLimit(everybody=1_000, each=200)
    allowed: list[datetime | None] = []

    def hammer() -> None:
        allowed.extend(limit.take("a", now=START) for _ in range(100))

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed.count(None) == 200


def request_from(address: str, forwarded: str | None = None) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return request


def test_one_subscriber_is_one_network() -> None:
    assert network_of(request_from("2001:db8:1:2aa::1")) == network_of(request_from("2001:db8:1:2bb:ffff::9"))
    assert network_of(request_from("2001:db8:1:2aa::1")) != network_of(request_from("2001:db8:1:3aa::1"))
    assert network_of(request_from("::ffff:192.0.2.1")) == network_of(request_from("192.0.2.1"))
    assert network_of(request_from("192.0.2.1")) != network_of(request_from("192.0.2.2"))


def test_forwarded_addresses_count_only_behind_our_proxy_and_only_the_last(settings: object) -> None:
    request = request_from("10.0.0.1", "203.0.113.5, 198.51.100.7")
    assert network_of(request) == "10.0.0.1"
    settings.REMPART = replace(settings.REMPART, behind_proxy=True)  # type: ignore[attr-defined]
    assert network_of(request) == "198.51.100.7"
    assert network_of(request_from("10.0.0.1")) == "10.0.0.1"


@given(st.text(max_size=60))
def test_a_strange_address_never_raises(address: str) -> None:
    assert isinstance(network_of(request_from(address)), str)


@pytest.mark.parametrize("address", ["", "unix:", "300.1.1.1", "fe80::1%eth0"])
def test_unreadable_addresses_share_one_network_or_are_read(address: str) -> None:
    assert isinstance(network_of(request_from(address)), str)

"""How much the doors take per hour, without a third party and without keeping anybody's address.

Counts live in the memory of this process. A network address is never kept: it is cut short, hashed with a key drawn at random for
the running hour, and forgotten with that key when the hour ends.
"""

import secrets
import threading
from datetime import datetime, timedelta
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

HOUR = timedelta(hours=1)
MOST_NETWORKS = 50_000
"""Networks counted apart in one hour (a few megabytes). Beyond it newcomers count only with everybody."""
HOME_NETWORK = 56
"""Bits of an IPv6 address that name one subscriber; the rest changes at will."""


class HourlyLimit:
    """Counts gestures in the running hour, from everybody together and from each network. Safe between threads."""

    def __init__(self, everybody: int, each: int, most_networks: int = MOST_NETWORKS) -> None:
        self.everybody, self.each, self.most_networks = everybody, each, most_networks
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._begin(None)

    def take(self, network: str, *, now: datetime) -> datetime | None:
        """Count one gesture and allow it (None), or refuse it and say when to come back. Refused gestures are not counted."""
        with self._lock:
            until = self._refused_until(network, now)
            if until is None:
                self._count(network)
            return until

    def refused_until(self, network: str, *, now: datetime) -> datetime | None:
        """Whether a gesture would be refused now, without counting it."""
        with self._lock:
            return self._refused_until(network, now)

    def forget(self) -> None:
        """Start afresh."""
        with self._lock:
            self._begin(None)

    def _refused_until(self, network: str, now: datetime) -> datetime | None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._begin(hour)
        is_full = self._total >= self.everybody or self._counts.get(self._mark(network), 0) >= self.each
        return hour + HOUR if is_full else None

    def _begin(self, hour: datetime | None) -> None:
        self._hour = hour
        self._key = secrets.token_bytes(32)
        self._counts: dict[bytes, int] = {}
        self._total = 0

    def _count(self, network: str) -> None:
        self._total += 1
        mark = self._mark(network)
        if mark in self._counts or len(self._counts) < self.most_networks:
            self._counts[mark] = self._counts.get(mark, 0) + 1

    def _mark(self, network: str) -> bytes:
        return blake2b(network.encode(), key=self._key, digest_size=8).digest()


def network_of(request: HttpRequest) -> str:
    """The network a request comes from, cut to one subscriber; an empty text when it cannot be told."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.REMPART.behind_proxy:
        # Only the last hop was written by our own proxy; the ones before it were written by anybody.
        said = request.META.get("HTTP_X_FORWARDED_FOR", said).rpartition(",")[2]
    try:
        return _subscriber(ip_address(said.strip()))
    except ValueError:
        return ""


def _subscriber(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"{int(address) >> (128 - HOME_NETWORK):x}"
    return str(address)

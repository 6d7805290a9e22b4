"""Telling the platform's own address of each hit: signed as Standard Webhooks has it, again and again until it was received.

What is sent names things and shows nothing: a trace id, the list, the entry, the outcome.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import random
import socket
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from rempart.matcher.feedback.outbox import endpoint_of
from rempart.matcher.feedback.tables import open_tables, transaction
from rempart.matcher.settings import Webhook

logger = logging.getLogger("rempart.matcher.webhooks")

GIVEN_UP_AFTER = timedelta(days=3)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=2)
JITTER = 0.2
AT_ONCE = 200
SECONDS = 10.0
ENDED = 410
SECRET_PREFIX = "whsec_"  # noqa: S105  # how the standard begins a secret


class Unsent(RuntimeError):
    """It was not received; the text is a sentence that names no address."""


@dataclass(frozen=True, slots=True)
class EndpointState:
    """How one webhook goes. ``waiting``: events not received yet; ``lost``: given up after three days."""

    waiting: int
    sent: int
    lost: int
    trouble: str | None
    failing_since: datetime | None
    ended_at: datetime | None


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``. Raises ValueError where the secret is none of the standard's."""
    key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    signed = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + b64encode(signed).decode()


class Sender:
    """One webhook, in a thread of its own. ``resolve``: the addresses of a name."""

    def __init__(
        self,
        folder: Path,
        webhook: Webhook,
        *,
        draw: Callable[[], float] = random.random,
        resolve: Callable[[str, int], list[str]] | None = None,
    ) -> None:
        self._tables, self._webhook, self._draw = open_tables(folder), webhook, draw
        self._resolve = resolve or addresses_of
        self._endpoint = endpoint_of(webhook)
        self._tables.execute("INSERT OR IGNORE INTO endpoints (endpoint) VALUES (?)", (self._endpoint,))

    def close(self) -> None:
        """Send no more."""
        self._tables.close()

    def once(self, now: datetime, *, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Send what is due, in order, until one is not received. Returns how many were."""
        self._give_up((now - GIVEN_UP_AFTER).timestamp())
        sent = 0
        for number, message, body, tries in self._due(now):
            if should_stop():
                break
            try:
                status = self._post(message, body.encode(), now)
            except Unsent as error:
                self._note_failure(number, tries, str(error), now)
                break
            if status == ENDED:
                self._end(now)
                break
            self._note_sent(number)
            sent += 1
        return sent

    def _due(self, now: datetime) -> list[tuple[int, str, str, int]]:
        return self._tables.execute(
            "SELECT number, message, body, tries FROM events WHERE endpoint = ? AND next_at <= ?"
            " ORDER BY next_at, number LIMIT ?",
            (self._endpoint, now.timestamp(), AT_ONCE),
        ).fetchall()

    def _post(self, message: str, body: bytes, now: datetime) -> int:
        timestamp = int(now.timestamp())
        try:
            signed = signature(self._webhook.secret, message, timestamp, body)
        except ValueError:
            raise Unsent("Its secret is not written as whsec_ and base64.") from None
        found = urlsplit(self._webhook.url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "rempart-matcher",
            "Host": found.netloc,
            "webhook-id": message,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signed,
        }
        try:
            with self._pool() as pool:
                answer = pool.request(
                    "POST", found.path or "/", body=body, headers=headers, redirect=False, retries=False, preload_content=False
                )
                answer.close()  # what it says is not read
        except (HTTPError, OSError) as error:
            raise Unsent(f"It does not answer ({type(error).__name__}).") from None
        if not 200 <= answer.status < 300 and answer.status != ENDED:
            raise Unsent(f"It answered with status {answer.status}.")
        return answer.status

    def _pool(self) -> urllib3.HTTPConnectionPool:
        """To one address that was looked at: whoever answers for the name a moment later is not asked."""
        found = urlsplit(self._webhook.url)
        host, is_tls = found.hostname or "", found.scheme == "https"
        port = found.port or (443 if is_tls else 80)
        address = self._allowed(host, port)
        timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
        if not is_tls:
            return urllib3.HTTPConnectionPool(address, port, timeout=timeout)
        return urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host, assert_hostname=host)

    def _allowed(self, host: str, port: int) -> str:
        """A name must not lead into the platform's own network, unless the settings say so; an address written there may."""
        if _is_address(host):
            return host
        found = self._resolve(host, port)
        if not found:
            raise Unsent("Its name leads nowhere.")
        is_meant = self._webhook.is_private or host == "localhost"
        if not is_meant and not all(ipaddress.ip_address(one).is_global for one in found):
            raise Unsent("Its name leads to a private address: if that is meant, the settings must say “private = true”.")
        return found[0]

    # ── how it went ──

    def _note_sent(self, number: int) -> None:
        with transaction(self._tables):
            self._tables.execute("DELETE FROM events WHERE number = ?", (number,))
            self._tables.execute(
                "UPDATE endpoints SET sent = sent + 1, trouble = NULL, failing_since = NULL WHERE endpoint = ?", (self._endpoint,)
            )

    def _note_failure(self, number: int, tries: int, trouble: str, now: datetime) -> None:
        wait = min(FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT) * (1 + JITTER * (2 * self._draw() - 1))
        with transaction(self._tables):
            self._tables.execute(
                "UPDATE events SET tries = tries + 1, next_at = ? WHERE number = ?", ((now + wait).timestamp(), number)
            )
            self._tables.execute(
                "UPDATE endpoints SET trouble = ?, failing_since = coalesce(failing_since, ?) WHERE endpoint = ?",
                (trouble, now.timestamp(), self._endpoint),
            )
        logger.warning("A webhook was not received. %s", trouble)

    def _give_up(self, before: float) -> None:
        given_up = self._tables.execute(
            "DELETE FROM events WHERE endpoint = ? AND made_at < ?", (self._endpoint, before)
        ).rowcount
        if given_up:
            self._tables.execute("UPDATE endpoints SET lost = lost + ? WHERE endpoint = ?", (given_up, self._endpoint))
            logger.error("%d events of a webhook were given up after three days.", given_up)

    def _end(self, now: datetime) -> None:
        """It answered 410: it wants no more. Another address or secret in the settings begins again."""
        with transaction(self._tables):
            self._tables.execute("DELETE FROM events WHERE endpoint = ?", (self._endpoint,))
            self._tables.execute(
                "UPDATE endpoints SET ended_at = ?, trouble = ? WHERE endpoint = ?",
                (now.timestamp(), "It said that it wants no more (status 410).", self._endpoint),
            )
        logger.warning("A webhook said that it wants no more (status 410).")


def state_of(folder: Path, webhook: Webhook) -> EndpointState:
    """How it goes, for whoever looks."""
    tables, endpoint = open_tables(folder), endpoint_of(webhook)
    try:
        (waiting,) = tables.execute("SELECT count(*) FROM events WHERE endpoint = ?", (endpoint,)).fetchone()
        row = tables.execute(
            "SELECT sent, lost, trouble, failing_since, ended_at FROM endpoints WHERE endpoint = ?", (endpoint,)
        ).fetchone()
    finally:
        tables.close()
    sent, lost, trouble, failing_since, ended_at = row or (0, 0, None, None, None)
    return EndpointState(waiting, sent, lost, trouble, _moment(failing_since), _moment(ended_at))


def addresses_of(host: str, port: int) -> list[str]:
    """What a name leads to; nothing where it leads nowhere."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]).partition("%")[0] for *_, address in found]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

"""Where an event may go: public addresses, over HTTPS, to the very address that was checked; no redirect is followed.

A setting allows private addresses and plain HTTP, for a platform on the same network; a rehearsal allows them too.
"""

import ipaddress
from datetime import datetime

import ada_url
from django.conf import settings

from rempart.desk.outlets.look.destinations import (
    FIRST_FREE_PORT,
    IPAddress,
    Refused,
    Resolve,
    Target,
    addresses_of,
    check_name,
    read_target,
)
from rempart.desk.outlets.look.troubles import Trouble
from rempart.desk.registers.lists import webhooks
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.models import ListClient

LONGEST = 2_000
_REASONS = {
    Trouble.PRIVATE_ADDRESS: "webhook_private",
    Trouble.PRIVATE_NAME: "webhook_private",
    Trouble.SCHEME: "webhook_not_https",
}


def is_private_allowed() -> bool:
    """Whether events may stay inside our own network."""
    return bool(settings.REMPART.webhooks_to_private_addresses or settings.REMPART.is_rehearsal)


def point(client: ListClient, url: str, *, by: int | None, now: datetime) -> str | None:
    """Check the address, then tell this client there; see :func:`webhooks.point`. Raises :class:`ClientRefused`."""
    return webhooks.point(client, check_url(url, allow_private=is_private_allowed()), by=by, now=now)


def check_url(url: str, *, allow_private: bool) -> str:
    """The address as it is kept. Nothing is called or resolved. Raises :class:`ClientRefused`."""
    text = url.strip()
    if not text or len(text) > LONGEST or any(ord(sign) < 33 for sign in text):
        raise ClientRefused("webhook_unreadable")
    try:
        check(read_target(text), allow_private=allow_private)
        read = ada_url.URL(text)
    except Refused as refused:
        raise ClientRefused(_REASONS.get(refused.trouble, "webhook_unreadable")) from None
    except ValueError:
        raise ClientRefused("webhook_unreadable") from None
    # A password would be sent nowhere: the signature proves who we are.
    if read.username or read.password or read.hash or len(read.href) > LONGEST:
        raise ClientRefused("webhook_unreadable")
    return str(read.href)


def check(target: Target, *, allow_private: bool) -> None:
    """What can be refused before any resolver is asked. Raises :class:`Refused`."""
    if allow_private:
        return
    if target.scheme != "https":
        raise Refused(Trouble.SCHEME)
    if not target.has_usual_port and target.port < FIRST_FREE_PORT:
        raise Refused(Trouble.PORT)
    check_name(target, allow_private=False)


def addresses(target: Target, resolve: Resolve, seconds: float, *, allow_private: bool) -> list[IPAddress]:
    """The addresses that may be called, after one single resolution. Raises :class:`Refused`, or what ``resolve`` raises."""
    if not allow_private:
        return addresses_of(target, resolve, seconds, allow_private=False)
    if target.literal is not None:
        return [target.literal]
    return [ipaddress.ip_address(text) for text in resolve(target.host, seconds) if "%" not in text]

"""Who may ask. A key is compared with all keys, in a time that does not depend on how much of it is right."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from collections.abc import Sequence
from enum import StrEnum

from rempart.matcher.settings import ApiKey, digest_of_key
from rempart.matcher.web.exchange import Refusal, Request

MOST_KEY = 500
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Needs(StrEnum):
    """What a door asks of whoever comes."""

    NOTHING = "nothing"
    KEY = "key"
    """In ``Authorization: Bearer …``."""
    LOOK = "look"
    """For people: a browser asks for the key as a password."""
    DECIDE = "decide"
    """A key that may tell decisions."""


class Doorkeeper:
    """Without any key configured, everybody who reaches this machine's own address may ask."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys = tuple(keys)

    def check(self, request: Request, needs: Needs) -> None:
        """Raises Refusal (401, 403)."""
        if needs is Needs.NOTHING:
            return
        if not self._keys:
            _check_own(request)
            return
        key = self._found(_given(request.header(b"authorization")))
        if key is None:
            way = b'Basic realm="Rempart", charset="UTF-8"' if needs is Needs.LOOK else b"Bearer"
            sentence = (
                "This needs a key of this matcher, sent as “Authorization: Bearer …”; it was not sent, or is not known here."
            )
            raise Refusal(401, "key_needed", sentence, headers=[(b"www-authenticate", way)])
        if needs is Needs.DECIDE and not key.may_decide:
            raise Refusal(403, "not_allowed", "This key may ask, but not decide: another one is needed.")

    def _found(self, secret: str) -> ApiKey | None:
        digest, found = digest_of_key(secret), None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def _given(header: bytes) -> str:
    """The key, or an empty text, which no key is."""
    scheme, _, value = header[:MOST_KEY].decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""


def _check_own(request: Request) -> None:
    """A page of somebody else's that a browser on this machine has open must not reach us by a name of its own."""
    host = request.header(b"host").decode("latin-1").lower()
    name = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
    if host and name not in OWN_NAMES:
        raise Refusal(403, "not_allowed", "Without keys, this matcher answers to the names of its own machine only.")

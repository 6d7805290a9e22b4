"""Keys of one client, derived from the keys file: nothing to store, nothing to lose."""

import hmac
from enum import StrEnum

from django.conf import settings


class Purpose(StrEnum):
    """What a derived key serves for; each has its own."""

    ENTRY_NAMES = "entry names"
    WATERMARK = "watermark"
    CANARIES = "canaries"
    SECRETS = "secrets"
    SIGNATURES = "signatures"
    WEBHOOKS = "webhooks"


def client_key(client_number: int, purpose: Purpose) -> bytes:
    """32 bytes, the same each time for this client and purpose."""
    message = b"list client\0" + purpose.encode() + b"\0" + str(client_number).encode()
    return hmac.digest(settings.REMPART_KEYS.digest_key, message, "sha256")


def list_key(purpose: Purpose) -> bytes:
    """32 bytes for what is the same for all clients."""
    return hmac.digest(settings.REMPART_KEYS.digest_key, b"lists\0" + purpose.encode(), "sha256")

"""How an entry is called towards one client: another name for each client, so that two of them cannot compare notes by name.

A name is the entry's number, sealed so that the same client always gets the same one and nobody else can read or make it
(a synthetic tag, then the number under a mask drawn from it). Nothing is stored.
"""

import hmac

_HALF = 8
_ENTRY = b"entry\0"
_MASK = b"mask\0"


class NotOurName(ValueError):
    """This client was never given such a name."""


def name_of(entry: int, key: bytes) -> str:
    """32 hexadecimal signs. ``key``: the client's, for entry names."""
    number = entry.to_bytes(_HALF, "big")
    tag = hmac.digest(key, _ENTRY + number, "sha256")[:_HALF]
    return (tag + _masked(number, tag, key)).hex()


def entry_of(name: str, key: bytes) -> int:
    """The entry's number. Raises :class:`NotOurName`."""
    try:
        raw = bytes.fromhex(name)
    except ValueError:
        raise NotOurName("not a name of ours") from None
    if len(raw) != 2 * _HALF or name != raw.hex():
        raise NotOurName("not a name of ours")
    tag, number = raw[:_HALF], _masked(raw[_HALF:], raw[:_HALF], key)
    if not hmac.compare_digest(tag, hmac.digest(key, _ENTRY + number, "sha256")[:_HALF]):
        raise NotOurName("not a name of ours")
    return int.from_bytes(number, "big")


def _masked(half: bytes, tag: bytes, key: bytes) -> bytes:
    mask = hmac.digest(key, _MASK + tag, "sha256")[:_HALF]
    return bytes(a ^ b for a, b in zip(half, mask, strict=True))

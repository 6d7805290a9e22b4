"""What a client shows at the door: a name and a secret, made by chance; of the secret only a keyed digest is kept."""

import hmac
import re
import secrets
from zlib import crc32

from rempart.desk.registers.lists.keys import Purpose, list_key

PREFIX = "rempart_"
"""Programs that look for leaked secrets find ours by it, and by the checksum at the end (as GitHub's tokens have one)."""

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY_SIGNS = "23456789abcdefghijkmnpqrstuvwxyz"
_BY_CHANCE = 40
_CHECKSUM = 6
_KEY_ID = re.compile(r"k[2-9a-z]{12}")
NO_DIGEST = b"\0" * 32


def make_key_id() -> str:
    """The client's name on the wire: 13 letters and digits."""
    return "k" + "".join(secrets.choice(_KEY_SIGNS) for _ in range(12))


def make_secret() -> str:
    """238 bits of chance and a checksum, all letters and digits: nothing to escape in a URL, a shell, or a list with commas."""
    body = PREFIX + "".join(secrets.choice(_SIGNS) for _ in range(_BY_CHANCE))
    return body + _checksum(body)


def looks_like_a_secret(text: str) -> bool:
    """Whether this is written as our secrets are: for scanners, never at the door."""
    is_written_so = re.fullmatch(rf"{PREFIX}[0-9A-Za-z]{{{_BY_CHANCE + _CHECKSUM}}}", text) is not None
    return is_written_so and _checksum(text[:-_CHECKSUM]) == text[-_CHECKSUM:]


def _checksum(body: str) -> str:
    left, signs = crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        left, sign = divmod(left, len(_SIGNS))
        signs = _SIGNS[sign] + signs
    return signs


def digest(key_id: str, secret: str) -> bytes:
    """What is kept of a secret: 32 bytes that neither the database nor its backup can turn back."""
    message = f"{key_id}\0{secret}".encode("utf-8", "surrogatepass")
    return hmac.digest(list_key(Purpose.SECRETS), message, "sha256")


def is_key_id(text: str) -> bool:
    """Whether a client could be called so."""
    return _KEY_ID.fullmatch(text) is not None


def is_one_of(shown: bytes, *kept: bytes) -> bool:
    """Whether a digest is one of these, in the same time whichever it is."""
    found = False
    for one in kept:
        found |= hmac.compare_digest(shown, one)
    return found

"""Sealing of what people wrote and of every address, so that a stolen database reads nothing.

Public door: needs the intake *public* key only; what it seals it cannot open again. Worker and console hold the private key,
which lives in a file beside the settings, never in the database. Boxes are libsodium sealed boxes (X25519, XSalsa20-Poly1305)
through PyNaCl. Plaintexts are padded (ISO/IEC 7816-4) so that lengths tell little.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.utils import random as random_bytes

from rempart.desk.rules.code import CaseCode, code_signs, make_code

ADDRESS_STEP = 128
"""Addresses are padded to a multiple of this many bytes."""
WORDS_STEP = 1024
"""Stories and messages are padded to a multiple of this many bytes."""


class Unreadable(ValueError):
    """A sealed value cannot be opened with the key at hand."""


class NoPrivateKey(RuntimeError):
    """This process holds only the public half of the intake key."""


def _pad(data: bytes, step: int) -> bytes:
    return data + b"\x80" + b"\x00" * (-(len(data) + 1) % step)


def _unpad(data: bytes) -> bytes:
    body, mark, zeros = data.rpartition(b"\x80")
    if not mark or zeros.strip(b"\x00"):
        raise Unreadable("the padding of a sealed value is damaged")
    return body


def _seal(text: str, public: PublicKey, step: int) -> bytes:
    return SealedBox(public).encrypt(_pad(text.encode(), step))


def _open(sealed: bytes | memoryview, private: PrivateKey) -> str:
    try:
        return _unpad(SealedBox(private).decrypt(bytes(sealed))).decode()
    except (CryptoError, UnicodeDecodeError) as error:
        raise Unreadable("a sealed value does not open with this key") from error


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """What a case code unlocks: the look-up digest (32 bytes, stored) and the box key pair (private half never stored)."""

    lookup: bytes
    private: PrivateKey

    @property
    def public_bytes(self) -> bytes:
        """The 32 bytes stored with the case, to which answers are sealed."""
        return bytes(self.private.public_key)

    def open(self, sealed: bytes | memoryview) -> str:
        """Open what was sealed to this case. Raises :class:`Unreadable`."""
        return _open(sealed, self.private)


def new_case_code() -> CaseCode:
    """A fresh code with 80 bits from the operating system."""
    return make_code(random_bytes(10))


def case_keys(code: CaseCode) -> CaseKeys:
    """Derive the keys of a case from its code (HKDF-SHA256, two labels; 80 bits need no slow hash)."""
    secret = code_signs(code).encode()
    return CaseKeys(
        lookup=hashlib.sha256(_hkdf(secret, b"rempart case id")).digest(),
        private=PrivateKey(_hkdf(secret, b"rempart case box")),
    )


def _hkdf(secret: bytes, label: bytes) -> bytes:
    # RFC 5869 with an empty salt and one output block of 32 bytes.
    extracted = hmac.digest(b"\x00" * 32, secret, "sha256")
    return hmac.digest(extracted, label + b"\x01", "sha256")


@lru_cache(maxsize=4)
def _public(raw: bytes) -> PublicKey:
    return PublicKey(raw)


@lru_cache(maxsize=4)
def _private(raw: bytes) -> PrivateKey:
    return PrivateKey(raw)


def seal_address(text: str) -> bytes:
    """Seal one address to the intake key."""
    return _seal(text, _public(settings.REMPART_KEYS.intake_public), ADDRESS_STEP)


def seal_words(text: str) -> bytes:
    """Seal a story, a message, an e-mail address or a note to the intake key."""
    return _seal(text, _public(settings.REMPART_KEYS.intake_public), WORDS_STEP)


def seal_for_case(text: str, case_public: bytes) -> bytes:
    """Seal an answer so that only the holder of the case code opens it."""
    return _seal(text, PublicKey(bytes(case_public)), WORDS_STEP)


def unseal(sealed: bytes | memoryview) -> str:
    """Open what was sealed to the intake key. Raises :class:`Unreadable` or :class:`NoPrivateKey`."""
    raw = settings.REMPART_KEYS.intake_private
    if raw is None:
        raise NoPrivateKey("this process holds no private intake key")
    return _open(sealed, _private(raw))


def digest(purpose: str, value: str) -> bytes:
    """Keyed digest (HMAC-SHA256, 32 bytes) to tell *the same* without telling *which*. One purpose per kind of value."""
    return hmac.digest(settings.REMPART_KEYS.digest_key, f"{purpose}\x00{value}".encode(), "sha256")

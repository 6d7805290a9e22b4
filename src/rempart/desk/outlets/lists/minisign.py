"""Signatures that ``minisign`` verifies (Ed25519 over BLAKE2b-512, its "prehashed" format).

Source: https://jedisct1.github.io/minisign/, "Signature format" and "Public key format".
"""

import base64
import hashlib
from dataclasses import dataclass

from nacl.signing import SigningKey

from rempart.desk.registers.lists.keys import Purpose, list_key

_PREHASHED, _KEY = b"ED", b"Ed"
_NUMBER = 8


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """``seed``: 32 bytes that nobody else may have."""

    seed: bytes

    def __repr__(self) -> str:
        return "Signer(…)"

    @property
    def _key(self) -> SigningKey:
        return SigningKey(self.seed)

    @property
    def _number(self) -> bytes:
        """Tells one key from another."""
        return hashlib.blake2b(bytes(self._key.verify_key), digest_size=_NUMBER).digest()

    def public_key(self) -> str:
        """The one line that ``minisign -P`` takes."""
        return base64.b64encode(_KEY + self._number + bytes(self._key.verify_key)).decode()

    def public_file(self) -> str:
        """What ``minisign -p`` reads."""
        return f"untrusted comment: minisign public key {self._number[::-1].hex().upper()}\n{self.public_key()}\n"

    def sign(self, digest: bytes, comment: str) -> str:
        """The text of a ``.minisig`` file. ``digest``: BLAKE2b of 64 bytes; ``comment``: one line, covered by the signature."""
        if "\n" in comment or "\r" in comment:
            raise ValueError("a comment is one line")
        signature = self._key.sign(digest).signature
        whole = self._key.sign(signature + comment.encode()).signature
        first = base64.b64encode(_PREHASHED + self._number + signature).decode()
        return (
            f"untrusted comment: signature of a list of Rempart\n{first}\n"
            f"trusted comment: {comment}\n{base64.b64encode(whole).decode()}\n"
        )


def signer() -> Signer:
    """That of this installation."""
    return Signer(list_key(Purpose.SIGNATURES))

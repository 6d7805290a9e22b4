"""How fingerprints lie in the database: packed, sealed with the key of their protection, opened for the search alone.

The key that seals is made of two: one of the keyring, which can be forgotten, and one of the keys file. With a backup and a copy
of the keyring, but without the keys file, nobody reads anything.
"""

import hmac
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from nacl.exceptions import CryptoError

from rempart.desk.registers.bank.models import Fingerprint, FingerprintKind, Protection
from rempart.desk.registers.vault import keyring, sealing
from rempart.desk.rules.protection import Kind, SentFile, SentPdq
from rempart.engine import Pipeline, Sha256

_FRAME = struct.Struct("<IB32s")  # second, quality, PDQ


def file_digest(sha256: Sha256) -> bytes:
    """Tells the same file sent twice, to whoever holds the keys only."""
    return sealing.digest("protected file", sha256.hex())


def sealed_fingerprints(protection: Protection, file: SentFile, ring_key: bytes) -> list[Fingerprint]:
    """Everything one file sent, as rows not saved yet."""
    key = _key(ring_key)

    def row(kind: FingerprintKind, content: bytes, **also: Any) -> Fingerprint:
        return Fingerprint(protection=protection, kind=kind.value, sealed=keyring.seal(key, content), **also)

    exact = row(FingerprintKind.SHA256, file.sha256.value)
    if file.kind is Kind.VIDEO:
        return [exact, row(FingerprintKind.FRAMES, _packed(file.pdqs), pipeline=Pipeline.FULL.value)]
    views = (
        row(FingerprintKind.PDQ, one.pdq.value, pipeline=Pipeline.FULL.value, variant=one.variant, quality=one.quality)
        for one in file.pdqs
    )
    return [exact, *views]


class SealedRow(NamedTuple):
    """What the search reads of one fingerprint; the fields of a query, in this order."""

    protection: int
    key_number: int
    kind: str
    quality: int | None
    sealed: bytes | memoryview


class OpenedPdq(NamedTuple):
    """One PDQ in clear: for memory only."""

    protection: int
    pdq: bytes
    quality: int

    def __repr__(self) -> str:
        return "OpenedPdq(…)"


def opened_pdqs(rows: Iterable[SealedRow], ring_keys: Mapping[int, bytes]) -> Iterator[OpenedPdq]:
    """The PDQs of these rows. A row whose key is gone says nothing: it was forgotten."""
    keys = {number: _key(ring_key) for number, ring_key in ring_keys.items()}
    for row in rows:
        key = keys.get(row.key_number)
        content = None if key is None else _opened(key, row.sealed)
        if content is None:
            continue
        if row.kind == FingerprintKind.FRAMES:
            yield from (OpenedPdq(row.protection, pdq, quality) for _, quality, pdq in _FRAME.iter_unpack(content))
        else:
            yield OpenedPdq(row.protection, content, row.quality or 0)


class WholeRow(NamedTuple):
    """What the lists read of one fingerprint; the fields of a query, in this order, rows in the order in which they were made."""

    protection: int
    key_number: int
    kind: str
    variant: str
    quality: int | None
    sealed: bytes | memoryview


class OpenedView(NamedTuple):
    """One PDQ in clear and of which view it is, or one SHA-256 (``quality`` is then None): for memory, or to be sent."""

    protection: int
    value: bytes
    quality: int | None
    variant: str
    second: int | None

    def __repr__(self) -> str:
        return "OpenedView(…)"


def opened_views(rows: Iterable[WholeRow], ring_keys: Mapping[int, bytes]) -> Iterator[OpenedView]:
    """Everything these rows hold, in their order. A row whose key is gone says nothing: it was forgotten."""
    keys = {number: _key(ring_key) for number, ring_key in ring_keys.items()}
    for row in rows:
        key = keys.get(row.key_number)
        content = None if key is None else _opened(key, row.sealed)
        if content is None:
            continue
        if row.kind == FingerprintKind.FRAMES:
            frames = _FRAME.iter_unpack(content)
            yield from (OpenedView(row.protection, pdq, quality, "whole", second) for second, quality, pdq in frames)
        else:
            quality = None if row.kind == FingerprintKind.SHA256 else row.quality or 0
            yield OpenedView(row.protection, content, quality, row.variant, None)


def frames_in(sealed_length: int) -> int:
    """How many frames a sealed row holds, without opening it."""
    return (sealed_length - keyring.OVERHEAD) // _FRAME.size


def _opened(key: bytes, sealed: bytes | memoryview) -> bytes | None:
    try:
        return keyring.unseal(key, sealed)
    except CryptoError:
        return None


def _packed(frames: Iterable[SentPdq]) -> bytes:
    return b"".join(_FRAME.pack(one.second or 0, one.quality, one.pdq.value) for one in frames)


def _key(ring_key: bytes) -> bytes:
    return hmac.digest(settings.REMPART_KEYS.digest_key, b"fingerprint\0" + ring_key, "sha256")

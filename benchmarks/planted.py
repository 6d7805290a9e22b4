"""Protections by the hundred thousand, written in bulk as the steps of the desk write them one by one.

Their fingerprints are of no picture: 128 ones at places drawn by chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from rempart.desk.registers.bank import boxes, steps
from rempart.desk.registers.bank.models import Fingerprint, Protection
from rempart.desk.rules.protection import Age, Helper, Kind, SentFile, SentPdq
from rempart.engine import Pdq, Sha256

AT_ONCE = 5_000
VIEWS = ("whole", "mirror", "trimmed")


def plant(count: int, *, now: datetime, views: int = 1, seed: int = 1) -> None:
    """Protect ``count`` pictures on the list of minors, ``AT_ONCE`` in a transaction."""
    chance = np.random.default_rng(seed)
    for start in range(0, count, AT_ONCE):
        some = min(AT_ONCE, count - start)
        _plant_some([_file(pdqs, f"{seed} {start} {place}") for place, pdqs in enumerate(_pdqs(chance, some, views))], now, start)


def _pdqs(chance: np.random.Generator, count: int, views: int) -> Iterator[NDArray[np.uint8]]:
    bits = np.zeros((count * views, 256), np.uint8)
    bits[:, :128] = 1
    packed = np.packbits(chance.permuted(bits, axis=1), axis=1)
    yield from packed.reshape(count, views, 32)


def _file(pdqs: NDArray[np.uint8], name: str) -> SentFile:
    sent = tuple(SentPdq(Pdq(row.tobytes()), 90, view) for view, row in zip(VIEWS, pdqs, strict=False))
    return SentFile(Kind.PICTURE, Sha256(hashlib.sha256(name.encode()).digest()), sent)


@transaction.atomic
def _plant_some(files: list[SentFile], now: datetime, start: int) -> None:
    turn = steps.take_turn(is_edition=True)
    key_numbers = np.random.default_rng().integers(1, 1 << 62, len(files)).tolist()
    rows = Protection.objects.bulk_create(
        Protection(
            case_number=start + place,
            key_number=number,
            kind=file.kind,
            age=Age.FROM_13_TO_15,
            helper=Helper.NOBODY,
            is_device_shared=False,
            trust_at=now,
            declared_at=now,
            expires_at=now + timedelta(days=365),
            file_digest=boxes.file_digest(file.sha256),
            edition=turn.number,
            change=turn.changes,
        )
        for place, (file, number) in enumerate(zip(files, key_numbers, strict=True))
    )
    keys = steps.keyring().keys_for(key_numbers)
    sealed = [
        row
        for protection, file in zip(rows, files, strict=True)
        for row in boxes.sealed_fingerprints(protection, file, keys[protection.key_number])
    ]
    Fingerprint.objects.bulk_create(sealed, batch_size=AT_ONCE)

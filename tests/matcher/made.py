"""Entries made for tests: fingerprints of nothing, drawn by chance from a seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from rempart.engine import Pdq, Sha256
from rempart.matcher.lists import Act, Advice, Batch, Entry, Gone, Kind, Part, Trust

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADVISED = Advice(exact=Act.BLOCK, near=Act.REVIEW)


def pdq(seed: int) -> Pdq:
    return Pdq(random.Random(seed).randbytes(32))


def near(one: Pdq, bits: int, seed: int = 0) -> Pdq:
    """The same with so many bits changed."""
    number = int.from_bytes(one.value)
    for bit in random.Random(seed).sample(range(256), bits):
        number ^= 1 << bit
    return Pdq(number.to_bytes(32))


def entry(name: str, *pdqs: Pdq, trust: Trust = Trust.SELF_DECLARED, sha256: Sha256 | None = None) -> Entry:
    parts = tuple(Part(one, 100, "whole" if place == 0 else f"trim-{place}") for place, one in enumerate(pdqs))
    return Entry(name, Kind.PICTURE, parts, trust, ADVISED, NOW, sha256=sha256)


def batch(*changes: Entry | Gone, checkpoint: str = "1", is_last: bool = True, starts_afresh: bool = False) -> Batch:
    return Batch(checkpoint, changes, is_last, starts_afresh)


def gone(name: str) -> Gone:
    return Gone(name, NOW)

"""What every list looks like once it is read, whatever its owner's shape. Frozen values; no fingerprint shows itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rempart.engine.fingerprint import Md5, Pdq, Sha256


class Kind(StrEnum):
    """What an entry was made of."""

    PICTURE = "picture"
    VIDEO = "video"


class Trust(StrEnum):
    """How far the owner of the list says that an entry may be relied on."""

    SELF_DECLARED = "self_declared"
    HELD = "held"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    UNSTATED = "unstated"
    """The shape of the list does not say."""


class Act(StrEnum):
    """What is done, or advised, with an upload that matches; from the mildest."""

    NOTHING = "nothing"
    COUNT = "count"
    """Let it through; say how many."""
    REVIEW = "review"
    """Hold it until a person has looked."""
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Advice:
    """The owner's, for an exact copy of the file and for one that only looks like it."""

    exact: Act
    near: Act


UNSTATED_ADVICE = Advice(exact=Act.BLOCK, near=Act.REVIEW)
"""Where the shape of a list carries none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One PDQ of an entry. ``variant``: which view of the picture ("whole", "trim"…); ``second``: of a video."""

    pdq: Pdq
    quality: int
    variant: str = "whole"
    second: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture or video of a list. It replaces what the list said before under the same name."""

    name: str
    """The owner's own name for it, unique in the list."""
    kind: Kind
    parts: tuple[Part, ...]
    trust: Trust
    advice: Advice
    updated_at: datetime
    classification: str = ""
    sha256: Sha256 | None = None
    md5: Md5 | None = None
    reference: str = field(default="", repr=False)
    """What its owner wants to read in our answers, where that is not the name; may be a fingerprint."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A tombstone: the entry of this name must never match again."""

    name: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of a list. Once all of it is on the disk, ``checkpoint`` may be kept: reading goes on from there."""

    checkpoint: str
    changes: tuple[Entry | Gone, ...] = field(repr=False)
    """In order: of two of one name, the later one counts."""
    is_last: bool
    """The owner has nothing newer for now."""
    starts_afresh: bool = False
    """What is held and was not named since the first batch of this reading is no longer on the list (shapes without
    tombstones)."""
